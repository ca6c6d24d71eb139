"""What all views show: a query's mapping, with the findings beside the columns that they are about."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from sqlcheck.formats._screen import visible
from sqlcheck.lineage import Node, trace
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Diagnostic, Source, Span

NULLABLE = {True: "yes", False: "no", None: "?"}
CLIPPED = 72

_NOTES = {
    "derived": "derived table, line {}",
    "cte": "CTE, line {}",
    "lateral": "lateral subquery, line {}",
    "subquery": "line {}",
    "side": "line {}",
    "alias": "alias, line {}",
    "view": "view",
    "rows": "rows of a table function, line {}",
    "values": "VALUES, line {}",
    "open": "cannot tell from which table",
}


class Sheet:
    """One mapped query; a finding is about the columns whose name it says, or else about those that it points into."""

    def __init__(self, source: Source, model: str | None, mapping: Mapping, found: Iterable[Diagnostic]) -> None:
        self.source = source
        self.model = model
        self.mapping = mapping
        self.others: list[Diagnostic] = []
        self._by_name: defaultdict[str, list[Diagnostic]] = defaultdict(list)
        self._by_place: defaultdict[tuple[int, int], list[Diagnostic]] = defaultdict(list)
        names = {column.name for column in mapping.columns}
        places = sorted({self._place(column) for column in mapping.columns})
        for diagnostic in found:
            if diagnostic.column in names:
                self._by_name[str(diagnostic.column)].append(diagnostic)
            elif place := self._around(diagnostic, places):
                self._by_place[place].append(diagnostic)
            else:
                self.others.append(diagnostic)

    @property
    def title(self) -> str:
        """Name the query."""
        return f"{self.source.path}{f' (model {self.model})' if self.model else ''}"

    @cached_property
    def paths(self) -> tuple[Node, ...]:
        """Give the path of each output column."""
        return trace(self.mapping)

    def problems(self, column: OutputColumn) -> list[Diagnostic]:
        """Give the findings about a column."""
        return [*self._by_name.get(column.name, ()), *self._by_place.get(self._place(column), ())]

    def rules(self, column: OutputColumn) -> list[str]:
        """Name the rules that found something about a column."""
        return list(dict.fromkeys(found.rule for found in self.problems(column)))

    def origin(self, column: OutputColumn) -> str:
        """Name the base columns of an output; `?` when there are some that cannot be told."""
        return ", ".join(column.sources) or ("" if column.output.facts.constant else "?")

    def line(self, span: Span) -> int:
        """Give the line of the file that a span begins on."""
        source, at = self.source.resolve(span)
        return source.lines.position(at.start).line

    def text(self, span: Span | None) -> str:
        """Give the author's text as one short line, without characters that a screen would obey."""
        if span is None:
            return ""
        words = " ".join(self.source.shown[span.start : min(span.end, span.start + 20 * CLIPPED)].split())
        return visible(words if len(words) <= CLIPPED else words[: CLIPPED - 1] + "…")

    def note(self, node: Node) -> str:
        """Say what a step is, and where it stands."""
        return _NOTES.get(node.kind, "").format(self.line(node.span))

    def _place(self, column: OutputColumn) -> tuple[int, int]:
        _, (start, end) = self.source.resolve(column.span)
        return start, end

    def _around(self, found: Diagnostic, places: list[tuple[int, int]]) -> tuple[int, int] | None:
        """Find the select item that a finding points into; items do not overlap."""
        if found.source is not (self.source.host or self.source):
            return None
        at = bisect_right(places, found.span.start, key=lambda place: place[0]) - 1
        return places[at] if at >= 0 and found.span.end <= places[at][1] else None
