"""The part of a source that a diagnostic is about: its lines with carets under the span, and patches.

Work and output do not grow with the length of a line: what lies far from the span is never touched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from sqlcheck.formats._screen import cells, visible
from sqlcheck.model import Edit, Source, Span

WIDTH = 120
"""A longer line is cut around the span."""
SHOWN_LINES = 6
"""Of a longer span only the first and the last lines are shown."""
PATCH_LINES = 24

_LINE_ENDING = re.compile(r"\r\n|\r|\n")


class Row(NamedTuple):
    """One row of an excerpt: what stands in the gutter, the text, and what kind of row it is."""

    gutter: str
    sign: str
    text: str


def excerpt(source: Source, span: Span) -> Iterator[Row]:
    """Show the source lines of a span, with marks under exactly the characters that it covers."""
    first, last = _line_range(source, span)
    if first == last:
        yield from _single(source, first, span)
    elif max(len_of(source.lines.span(first)), len_of(source.lines.span(last))) > WIDTH:
        yield from _single(source, first, Span(span.start, source.lines.span(first).end))
        yield Row("...", "", "")
    else:
        yield from _several(source, first, last, span)


def len_of(span: Span) -> int:
    """Give the number of characters in a span."""
    return span.end - span.start


def _line_range(source: Source, span: Span) -> tuple[int, int]:
    first = source.lines.position(span.start).line
    last = source.lines.position(max(span.start, span.end - 1)).line
    return first, last


def _window(source: Source, line: Span, span: Span) -> Span:
    """Choose the part of a line to show, so that the span's beginning and some surroundings are seen."""
    if len_of(line) <= WIDTH:
        return line
    room = WIDTH - min(len_of(span), WIDTH * 2 // 3)
    start = max(line.start, min(span.start - room // 2, line.end - WIDTH))
    while line.start < start < span.start and _joins(source.shown[start]):
        start += 1
    return Span(start, min(line.end, start + WIDTH))


def _joins(character: str) -> bool:
    return unicodedata.combining(character) > 0 or unicodedata.category(character) in ("Mn", "Me", "Cf")


def _single(source: Source, number: int, span: Span) -> Iterator[Row]:
    line = source.lines.span(number)
    span = Span(min(span.start, line.end), min(span.end, line.end))
    window = _window(source, line, span)
    lead = "…" if window.start > line.start else ""
    tail = "…" if window.end < line.end else ""
    before = cells(lead + visible(source.shown[window.start : span.start]))
    through = cells(lead + visible(source.shown[window.start : min(span.end, window.end)]))
    yield Row(str(number), "|", lead + visible(source.shown[window.start : window.end]) + tail)
    yield Row("", "|", " " * before + "^" * max(1, through - before))


def _several(source: Source, first: int, last: int, span: Span) -> Iterator[Row]:
    """Draw a bracket from the first character of the span to its last."""
    head, foot = source.lines.span(first), source.lines.span(last)
    end = min(span.end, foot.end)
    before = cells(visible(source.shown[head.start : span.start]))
    through = max(1, cells(visible(source.shown[foot.start : end])))
    if source.shown[head.start : span.start].strip():
        yield Row(str(first), "|", "  " + _shown(source, first))
        yield Row("", "|", " " + "_" * (before + 1) + "^")
    else:
        yield Row(str(first), "|", "/ " + _shown(source, first))
    for number in _inner(first, last):
        yield Row(str(number), "|", "| " + _shown(source, number)) if number else Row("...", "|", "|")
    yield Row(str(last), "|", "| " + _shown(source, last))
    yield Row("", "|", "|" + "_" * through + "^")


def _inner(first: int, last: int) -> Iterator[int]:
    """Number the lines between two lines; 0 stands for those left out."""
    if last - first < SHOWN_LINES:
        yield from range(first + 1, last)
        return
    yield from range(first + 1, first + 3)
    yield 0
    yield last - 1


def _shown(source: Source, number: int) -> str:
    line = source.lines.span(number)
    return _clipped(source.shown[line.start : min(line.end, line.start + WIDTH + 1)])


def _clipped(text: str) -> str:
    return visible(text) if len(text) <= WIDTH else visible(text[:WIDTH]) + "…"


def patch(source: Source, edits: tuple[Edit, ...]) -> Iterator[Row]:
    """Show what edits change: the lines before (`-`) and after (`+`)."""
    rows = [row for hunk in _hunks(source, edits) for row in hunk]
    yield from rows[:PATCH_LINES]
    if len(rows) > PATCH_LINES:
        yield Row("...", "", f"{len(rows) - PATCH_LINES} more lines")


def _hunks(source: Source, edits: tuple[Edit, ...]) -> Iterator[list[Row]]:
    shift = 0
    for group in _groups(source, edits):
        first = source.lines.position(group[0].span.start).line
        block, lead, tail = _touched(source, group)
        old = _LINE_ENDING.split(lead + source.shown[block.start : block.end] + tail)
        new = _LINE_ENDING.split(lead + _applied(source.shown, block, group) + tail)
        same = _common(old, new)
        ending = _common(old[same:][::-1], new[same:][::-1])
        yield [
            *_signed("-", first + same, old[same : len(old) - ending]),
            *_signed("+", first + same + shift, new[same : len(new) - ending]),
        ]
        shift += len(new) - len(old)


def _touched(source: Source, group: list[Edit]) -> tuple[Span, str, str]:
    """Give the lines that edits touch; of one long line only what is around them, with the signs of the cuts."""
    start, end = group[0].span.start, max(edit.span.end for edit in group)
    head = source.lines.span(source.lines.position(start).line)
    foot = source.lines.span(source.lines.position(end).line)
    if head != foot or len_of(head) <= WIDTH:
        return Span(head.start, foot.end), "", ""
    block = Span(max(head.start, start - WIDTH // 2), min(head.end, end + WIDTH // 2))
    return block, "…" if block.start > head.start else "", "…" if block.end < head.end else ""


def _groups(source: Source, edits: tuple[Edit, ...]) -> Iterator[list[Edit]]:
    """Put edits together that touch the same lines."""
    group: list[Edit] = []
    last = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if group and source.lines.position(edit.span.start).line > last:
            yield group
            group = []
        group.append(edit)
        last = max(last, source.lines.position(edit.span.end).line)
    if group:
        yield group


def _applied(text: str, block: Span, edits: list[Edit]) -> str:
    parts, at = [], block.start
    for edit in edits:
        parts += [text[at : edit.span.start], edit.text]
        at = max(at, edit.span.end)
    return "".join(parts) + text[at : block.end]


def _common(left: list[str], right: list[str]) -> int:
    """Count the equal lines at the beginning."""
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count


def _signed(sign: str, first: int, lines: list[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, first):
        yield Row(str(number), sign, visible(line) if len(line) <= 2 * WIDTH else visible(line[: 2 * WIDTH]) + "…")
