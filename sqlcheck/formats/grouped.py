"""A compact report for people: the problems of a file below its name, a line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from sqlcheck.formats._screen import BOLD, hyperlink, paint, visible
from sqlcheck.formats.text import COLOURS, summary_line
from sqlcheck.model import Diagnostic, Report


def render(
    report: Report, /, *, colour: bool = False, link: Callable[[str], str] | None = None, **_look: object
) -> str:
    """Write a block for each file with problems, and the line that sums up."""
    blocks = [
        "".join(f"{line}\n" for line in _block(path, list(among), colour, link))
        for path, among in groupby(report.diagnostics, key=lambda diagnostic: diagnostic.source.path)
    ]
    if line := summary_line(report):
        blocks.append(f"{line}\n")
    return "\n".join(blocks)


def _block(
    path: str, diagnostics: Sequence[Diagnostic], colour: bool, link: Callable[[str], str] | None
) -> Iterator[str]:
    yield paint(visible(path), BOLD, colour)
    places = [f"{diagnostic.start.line}:{diagnostic.start.column}" for diagnostic in diagnostics]
    width = max(map(len, places))
    severities = max(len(diagnostic.severity.label) for diagnostic in diagnostics)
    rules = max(len(diagnostic.rule) for diagnostic in diagnostics)
    for place, diagnostic in zip(places, diagnostics, strict=True):
        label = paint(f"{diagnostic.severity.label:<{severities}}", COLOURS[diagnostic.severity], colour)
        rule = hyperlink(diagnostic.rule, link(diagnostic.rule)) if link else diagnostic.rule
        rest = " " * (rules - len(diagnostic.rule))
        yield f"  {place:>{width}}  {label}  {rule}{rest}  {visible(diagnostic.message)}"
