"""Rule pages → `Rule`. A page is documentation, metadata and tests of one rule: `rules/<family>/<name>.md`."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Literal, cast

from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Block, Evidence, Example, Rule, Settled, Severity
from sqlcheck.names import closest

FIXES = ("safe", "unsafe", "none")
EVIDENCE = ("static", "schema", "live")
SETTLED = ("compile", "describe")
SEVERITIES = {severity.label: severity for severity in Severity if severity is not Severity.OFF}
FILES = {"sql": "query.sql", "yaml": "sqlcheck.yaml", "json": "payload.json", "csv": "rows.csv"}
"""Language of an example → the path under which it is checked, unless the fence names another."""

_REQUIRED = ("severity", "since", "source", "fix", "evidence")
_FIELDS = frozenset({*_REQUIRED, "settled"})
_CHOICES: dict[str, Collection[str]] = {
    "severity": SEVERITIES,
    "fix": FIXES,
    "evidence": EVIDENCE,
    "settled": SETTLED,
}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_KINDS: dict[str, Literal["bad", "good", "fixed"]] = {"Bad": "bad", "Good": "good", "Fixed": "fixed"}


def home() -> str:
    """Find the folder of the pages: inside the package when installed, beside it in a checkout."""
    package = os.path.dirname(__file__)
    inside = os.path.join(package, "rules")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "rules")


@cache
def names() -> dict[str, str]:
    """Give every rule's name and the path of its page, family by family, without opening a page."""
    found: dict[str, str] = {}
    root = home()
    for family in _folders(root):
        folder = os.path.join(root, family)
        for entry in sorted(os.listdir(folder)):
            if entry.endswith(".md") and _NAME.match(entry[:-3]):
                found[entry[:-3]] = os.path.join(folder, entry)
    return found


@cache
def rules() -> dict[str, Rule]:
    """Read every page."""
    return {name: read(path) for name, path in names().items()}


@cache
def rule(name: str) -> Rule:
    """Read the page of one rule."""
    path = names().get(name)
    if path is None:
        guess = closest(name, names())
        advice = f"did you mean `{guess}`?" if guess else "`sqlcheck rules` lists them all"
        raise SqlcheckError(f"there is no rule `{name}`; {advice}")
    return read(path)


@cache
def select(words: tuple[str, ...]) -> frozenset[str]:
    """Give the rules meant by a list of rule names and family names."""
    chosen: set[str] = set()
    known = names() if words else {}
    families = {os.path.basename(os.path.dirname(path)) for path in known.values()}
    for word in words:
        if word in families:
            chosen.update(name for name, path in known.items() if os.path.basename(os.path.dirname(path)) == word)
        elif word in known:
            chosen.add(word)
        else:
            guess = closest(word, [*known, *families])
            advice = f"did you mean `{guess}`?" if guess else "`sqlcheck rules` lists them all"
            raise SqlcheckError(f"there is no rule or family `{word}`; {advice}")
    return frozenset(chosen)


def read(path: str) -> Rule:
    """Read one page; a page that does not have the agreed form stops the run."""
    try:
        with open(path, "rb") as file:
            page = file.read().decode("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SqlcheckError(f"{path}: the rule page cannot be read: {error}") from error
    fields, line, start = _front_matter(path, page)
    text = page[start:]
    folder, name = os.path.split(path[:-3])
    summary = _summary(path, name, text, line)
    return Rule(
        name=name,
        family=os.path.basename(folder),
        severity=SEVERITIES[fields["severity"]],
        since=fields["since"],
        summary=summary,
        text=text,
        path=path,
        line=line,
        source=fields["source"],
        fix=cast(Literal["safe", "unsafe", "none"], fields["fix"]),
        evidence=cast(Evidence, fields["evidence"]),
        settled=cast(Settled, fields.get("settled", "")),
    )


def examples(rule: Rule) -> tuple[Example, ...]:
    """Read the examples of a page, in its order."""
    found: list[Example] = []
    for kind, blocks in _sections(rule):
        group: list[Block] = []
        for block, companion in blocks:
            if block.language == "text":
                if kind != "bad" or not group:
                    raise _broken(rule.path, block.line - 1, "a `text` block is the report of a bad example before it")
                found.append(Example(kind, tuple(group), block))
                group = []
                continue
            if group and not companion:
                found.append(_complete(rule, kind, group))
                group = []
            group.append(block)
        if group:
            found.append(_complete(rule, kind, group))
    return tuple(found)


def _complete(rule: Rule, kind: Literal["bad", "good", "fixed"], group: list[Block]) -> Example:
    if kind == "bad":
        raise _broken(rule.path, group[0].line - 1, "a bad example wants a `text` block with its report behind it")
    return Example(kind, tuple(group))


def _sections(rule: Rule) -> Iterator[tuple[Literal["bad", "good", "fixed"], list[tuple[Block, bool]]]]:
    kind: Literal["bad", "good", "fixed"] | None = None
    blocks: list[tuple[Block, bool]] = []
    lines = rule.text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            end = number + 1
            while end < len(lines) and lines[end] != "```":
                end += 1
            if end == len(lines):
                raise _broken(rule.path, rule.line + number, "the block is never closed")
            if kind:
                blocks.append(_block(rule, line, lines[number + 1 : end], number))
            number = end
        elif line.startswith("## "):
            if kind and blocks:
                yield kind, blocks
            kind, blocks = _KINDS.get(line[3:].strip()), []
        number += 1
    if kind and blocks:
        yield kind, blocks


def _block(rule: Rule, fence: str, lines: list[str], number: int) -> tuple[Block, bool]:
    words = fence[3:].split()
    language = words[0] if words else ""
    if language != "text" and language not in FILES:
        why = f"the examples are `sql`, `yaml`, `json` or `csv`, not `{language}`"
        raise _broken(rule.path, rule.line + number, why)
    path = words[1] if len(words) > 1 else FILES.get(language, "")
    text = "".join(line + "\n" for line in lines)
    return Block(language, path, text, rule.line + number + 1), len(words) > 1


def _front_matter(path: str, page: str) -> tuple[dict[str, str], int, int]:
    end = page.find("\n---\n", 3)
    if not page.startswith("---\n") or end < 0:
        raise _broken(path, 1, "the page does not begin with front matter between two `---` lines")
    fields: dict[str, str] = {}
    lines = page[4:end].split("\n")
    for number, line in enumerate(lines, 2):
        key, _, value = line.partition(":")
        if key not in _FIELDS or key in fields:
            raise _broken(
                path, number, f"`{key}` is no field, or stands there twice; {', '.join(_REQUIRED)} are wanted"
            )
        value = value.strip()
        if not value:
            raise _broken(path, number, f"`{key}` has no value")
        allowed = _CHOICES.get(key)
        if allowed is not None and value not in allowed:
            raise _broken(path, number, f"`{key}` is one of {', '.join(allowed)}")
        fields[key] = value
    missing = [key for key in _REQUIRED if key not in fields]
    if missing:
        raise _broken(path, len(lines) + 2, f"the front matter lacks `{missing[0]}`")
    return fields, len(lines) + 3, end + 5


def _summary(path: str, name: str, text: str, line: int) -> str:
    heading, _, rest = text.lstrip("\n").partition("\n")
    if heading != f"# {name}":
        raise _broken(path, line, f"the heading is not `# {name}`")
    summary = " ".join(rest.lstrip("\n").split("\n\n", 1)[0].split())
    if not summary or summary.startswith("#"):
        raise _broken(path, line + 1, "the page has no summary below its heading")
    return summary


def _folders(root: str) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(root) if entry.is_dir() and _NAME.match(entry.name))
    except OSError as error:
        raise SqlcheckError(f"the rule pages are not at {root}: the installation is incomplete") from error


def _broken(path: str, line: int, why: str) -> SqlcheckError:
    return SqlcheckError(f"{path}:{line}: {why}")
