"""A schema as plain values, without the places."""

from __future__ import annotations

from pathlib import Path

from sqlcheck.model import Source
from sqlcheck.schema import Schema, SchemaColumn, SchemaTable

FIXTURES = Path(__file__).parents[1] / "fixtures" / "schemas"
Column = tuple[str, str | None, bool | None, str]


def source(name: str) -> Source:
    """Give a fixture as it is read from disk."""
    return Source(name, (FIXTURES / name).read_text(encoding="utf-8"))


def columns(table: SchemaTable | None) -> list[Column] | None:
    """Give name, type with its scale, nullability and comment of the columns of a table."""
    if table is None or table.columns is None:
        return None
    return [(each.name, _typed(each), each.nullable, each.comment) for each in table.columns]


def _typed(column: SchemaColumn) -> str | None:
    return f"{column.type}(38,{column.scale})" if column.scale else column.type


def tables(schema: Schema) -> dict[str, tuple[str, bool, list[Column] | None]]:
    """Give kind, completeness and columns of all tables."""
    return {table.name: (table.kind, table.complete, columns(table)) for table in schema.tables}


def problems(schema: Schema) -> list[tuple[str, str, str, str, str | None]]:
    """Give kind, line, marked text, message and help of all problems."""
    return [
        (
            problem.kind,
            problem.place.line,
            problem.place.source.text[slice(*problem.place.span)],
            problem.message,
            problem.help,
        )
        for problem in schema.problems
    ]


def written(table: SchemaTable) -> list[str]:
    """Give the text at which each column of a table stands."""
    places = [table.place_of(column) for column in table.columns or ()]
    return [place.source.text[slice(*place.span)] for place in places]
