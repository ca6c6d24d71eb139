"""The mapping for programs: version 1 of the JSON contract; keys may be added, none changes or goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlcheck.lineage import Node, steps
from sqlcheck.views._sheet import Sheet

VERSION = 1


def render(sheets: Sequence[Sheet], /, *, lineage: bool = False) -> str:
    """Write one JSON object, with an object for each column; lines and columns count from 1 in characters.

    With `lineage` there is a list of all steps, in which a column's `lineage` is the place, from 0, of its own.
    """
    all_steps = _Steps() if lineage else None
    columns = [entry for sheet in sheets for entry in _objects(sheet, all_steps)]
    found: dict[str, object] = {"version": VERSION, "columns": columns}
    if all_steps is not None:
        found["lineage"] = all_steps.found
    return json.dumps(found, indent=2) + "\n"


def _objects(sheet: Sheet, all_steps: _Steps | None) -> Iterator[dict[str, object]]:
    places = all_steps.add(sheet) if all_steps is not None else {}
    for at, column in enumerate(sheet.mapping.columns):
        source, span = sheet.source.resolve(column.span)
        start = source.lines.position(span.start)
        entry: dict[str, object] = {
            "position": column.position,
            "name": column.name,
            "role": column.role,
            "target": column.target,
            "type": column.type,
            "nullable": column.nullable,
            "sources": list(column.sources),
            "line": start.line,
            "column": start.column,
            "file": source.path,
            "model": sheet.model,
            "problems": sheet.rules(column),
        }
        yield {**entry, "lineage": places[id(sheet.paths[at])]} if places else entry


class _Steps:
    """The steps of all paths, each once; `from` gives the places of what a step reads."""

    def __init__(self) -> None:
        self.found: list[dict[str, object]] = []

    def add(self, sheet: Sheet) -> dict[int, int]:
        """Add the steps of a query, and give their places by identity."""
        nodes = list(steps(sheet.paths))
        places = {id(node): place for place, node in enumerate(nodes, len(self.found))}
        self.found += [_step(sheet, node, places) for node in nodes]
        return places


def _step(sheet: Sheet, node: Node, places: dict[int, int]) -> dict[str, object]:
    shown, made = sheet.source.shown, node.expression
    return {
        "label": node.label,
        "kind": node.kind,
        "expression": shown[made.start : made.end] if made is not None else None,
        "line": sheet.line(node.span),
        "from": [places[id(child)] for child in node.children],
    }
