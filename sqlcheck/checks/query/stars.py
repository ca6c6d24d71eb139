"""What a `*` in the outermost SELECT list sends."""

from __future__ import annotations

from collections.abc import Iterator

from sqlcheck.checks.query._sources import written
from sqlcheck.mapping import Mapping
from sqlcheck.model import Edit, Finding
from sqlcheck.names import is_plain, quote
from sqlcheck.resolution.evidence import of_names
from sqlcheck.resolution.references import merged_columns
from sqlcheck.resolution.scopes import Output, Scope, Star

_WIDTH = 80


def select_star(mapping: Mapping) -> Iterator[Finding]:
    """Report stars of the outermost SELECT whose columns this query does not name itself."""
    for scope in mapping.selects:
        for star in scope.stars:
            outputs = [output for output in scope.outputs if star.span.contains(output.span)]
            if star.expanded and of_names(outputs) == "static":
                continue
            shown = mapping.query.slice(star.span).split(None, 1)[0]
            message = f"`{shown}` sends whatever columns the table has on the day"
            edits = _expansion(scope, star, outputs) if star.expanded and outputs else ()
            yield Finding(star.span, message, "name the columns that the profile is to have", edits)


def _expansion(scope: Scope, star: Star, outputs: list[Output]) -> tuple[Edit, ...]:
    """Write the columns of a star by name; none when one of them cannot be named."""
    merged = merged_columns(scope.relations)
    items = [_item(scope, output, merged) for output in outputs]
    written_out = [item for item in items if item is not None]
    if len(written_out) < len(items):
        return ()
    column = scope.query.source.lines.position(star.span.start).column
    is_short = column + len(", ".join(written_out)) <= _WIDTH
    separator = ", " if is_short else ",\n" + " " * (column - 1)
    return (Edit(star.span, separator.join(written_out)),)


def _item(scope: Scope, output: Output, merged: frozenset[str]) -> str | None:
    if output.inherited is None:
        return scope.query.slice(output.span)
    relation, inner = output.inherited
    if sum(each.name == inner.name for each in relation.listing or ()) > 1:
        return None
    item = _identifier(inner.name)
    if len(scope.relations) > 1 and inner.name not in merged:
        if not relation.name:
            return None
        alias = written(relation)
        item = f"{alias if alias.upper() == relation.name and is_plain(alias) else quote(relation.name)}.{item}"
    return item if output.name == inner.name else f"{item} AS {_identifier(output.name)}"


def _identifier(name: str) -> str:
    return name if name == name.upper() and is_plain(name) else quote(name)
