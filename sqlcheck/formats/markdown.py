"""Markdown for a comment on a pull request or a job's summary: a table a file, and the rules explained on demand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlcheck import rulebook
from sqlcheck.formats._checkout import Checkout
from sqlcheck.formats._screen import told, visible
from sqlcheck.formats.text import summary_line
from sqlcheck.model import Diagnostic, Report

_CODE = re.compile(r"((?<!`)`[^`]+`(?!`))")
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&#$]")


def render(report: Report, /, *, checkout: Checkout = Checkout(), **_look: object) -> str:
    """Write the sum, a table for each file, what could not be read or written, and an explanation of each rule."""
    blocks = [f"**sqlcheck**: {escaped(summary_line(report) or 'nothing could be checked')}"]
    if report.failures:
        blocks.append("\n".join(f"- {escaped(failure)}" for failure in report.failures))
    for path, among in groupby(report.diagnostics, key=lambda diagnostic: diagnostic.source.path):
        blocks.append("\n".join(_table(path, list(among), checkout)))
    blocks += map(_explained, sorted({diagnostic.rule for diagnostic in report.diagnostics}))
    return "\n\n".join(blocks) + "\n"


def _table(path: str, diagnostics: Sequence[Diagnostic], checkout: Checkout) -> Iterator[str]:
    yield f"### [{escaped(checkout.path(path))}]({checkout.link(path)})"
    yield ""
    yield "| Line | Severity | Problem | Rule |"
    yield "| ---: | --- | --- | --- |"
    for diagnostic in diagnostics:
        line = diagnostic.start.line
        place = f"[{line}]({checkout.link(path, line)})"
        yield f"| {place} | {diagnostic.severity.label} | {escaped(told(diagnostic))} | {diagnostic.rule} |"


def _explained(name: str) -> str:
    """Fold what a rule's page says in its first lines; blank lines let what is inside be Markdown again."""
    rule = rulebook.rule(name)
    head = f"<details>\n<summary>{name}</summary>"
    return "\n\n".join([head, rule.summary, rule.why, f"[Source]({rule.source})", "</details>"])


def escaped(text: str) -> str:
    """Write a text as Markdown for a cell of a table: what stands in backticks is code, the rest means itself."""
    parts = _CODE.split(visible(text))
    parts[::2] = (_SPECIAL.sub(r"\\\g<0>", part) for part in parts[::2])
    parts[1::2] = (part.replace("|", r"\|") for part in parts[1::2])
    return "".join(parts)
