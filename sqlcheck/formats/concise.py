"""One line a diagnostic: `path:line:column: severity[rule] message`, for editors and grep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlcheck.formats._screen import BOLD, hyperlink, paint, visible
from sqlcheck.formats.text import COLOURS
from sqlcheck.model import Diagnostic, Report


def render(
    report: Report, /, *, colour: bool = False, link: Callable[[str], str] | None = None, **_look: object
) -> str:
    """Write a line for each diagnostic and nothing else."""
    return "".join(f"{line}\n" for line in _lines(report.diagnostics, colour, link))


def _lines(diagnostics: Sequence[Diagnostic], colour: bool, link: Callable[[str], str] | None) -> Iterator[str]:
    for diagnostic in diagnostics:
        source, span = diagnostic.source.resolve(diagnostic.span)
        start = source.lines.position(span.start)
        rule = hyperlink(diagnostic.rule, link(diagnostic.rule)) if link else diagnostic.rule
        label = paint(f"{diagnostic.severity.label}[{rule}]", COLOURS[diagnostic.severity], colour)
        place = paint(visible(source.path), BOLD, colour)
        yield f"{place}:{start.line}:{start.column}: {label} {visible(diagnostic.message)}"
