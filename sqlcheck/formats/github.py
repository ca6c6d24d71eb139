"""Annotations of GitHub Actions: the runner reads them from what a step prints, and shows them beside the lines.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlcheck.formats._checkout import Checkout
from sqlcheck.formats._screen import told, visible
from sqlcheck.formats.text import summary_line
from sqlcheck.model import Diagnostic, Report, Severity

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice", Severity.OFF: "notice"}

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(report: Report, /, *, checkout: Checkout = Checkout(), **_look: object) -> str:
    """Write an annotation for each diagnostic and each file that could not be read or written, and a summing line."""
    lines = [_annotation(diagnostic, checkout) for diagnostic in report.diagnostics]
    lines += [_command("error", {"title": "sqlcheck"}, visible(failure)) for failure in report.failures]
    lines += filter(None, [summary_line(report)])
    return "".join(f"{line}\n" for line in lines)


def _annotation(diagnostic: Diagnostic, checkout: Checkout) -> str:
    """Name the place in the text as well: the log of a step shows nothing else."""
    path, start = checkout.path(diagnostic.source.path), diagnostic.start
    properties = {"file": path, **dict(_range(diagnostic)), "title": diagnostic.rule}
    text = f"{visible(path)}:{start.line}:{start.column}: {told(diagnostic)}"
    return _command(COMMANDS[diagnostic.severity], properties, text)


def _range(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    """Give lines and columns; the runner takes columns within one line only."""
    start, end = diagnostic.start, diagnostic.end
    one_line = start.line == end.line
    yield "line", str(start.line)
    if one_line:
        yield "col", str(start.column)
    yield "endLine", str(end.line)
    if one_line:
        yield "endColumn", str(end.column)


def _command(name: str, properties: dict[str, str], data: str) -> str:
    shown = ",".join(f"{key}={value.translate(_PROPERTY)}" for key, value in properties.items())
    return f"::{name} {shown}::{data.translate(_DATA)}"
