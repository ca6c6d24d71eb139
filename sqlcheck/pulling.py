"""Session → Schema: the columns of tables as the account knows them, and how far a snapshot has drifted from that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Source, Span
from sqlcheck.names import quote
from sqlcheck.sample import Row
from sqlcheck.schema import Parts, Schema, SchemaColumn, SchemaTable, dotted, type_name
from sqlcheck.warehouses import refusals
from sqlcheck.warehouses.session import RefusedError

if TYPE_CHECKING:
    from sqlcheck.warehouses.session import Session

MOST = 1_000_000
"""How many columns are read at the most from one database."""


def pull(session: Session, tables: Sequence[Parts], databases: Sequence[str] = ()) -> Schema:
    """Ask for the columns of tables with three-part names, or of all in whole databases: one statement a database."""
    found: list[SchemaTable] = []
    wanted = {database: [t for t in tables if t[0] == database] for database in sorted({t[0] for t in tables})}
    for database in databases:
        wanted[database] = []
    for database, names in sorted(wanted.items()):
        rows = _fetch(session, database, _columns(database, names))
        found += (_table(database, list(group)) for _, group in groupby(rows, lambda row: row[:2]))
    return Schema(tuple(found))


def _fetch(session: Session, database: str, sql: str) -> tuple[Row, ...]:
    try:
        return session.fetch(sql, MOST).rows
    except RefusedError as error:
        refusal = refusals.translate(error, sql, Span(0, 0), session.traits.role)
        advice = "".join(f"; {grant}" for grant in refusal.grants)
        raise SqlcheckError(f"the columns in `{database}` cannot be read: {refusal.message}{advice}") from error


def _columns(database: str, tables: Sequence[Parts]) -> str:
    """Ask for the columns of some tables of a database, of all its tables where none is named."""
    view = f"{quote(database)}.INFORMATION_SCHEMA"
    listed = ", ".join(f"({_text(schema)}, {_text(name)})" for _, schema, name in tables)
    where = f"(C.TABLE_SCHEMA, C.TABLE_NAME) IN ({listed})" if tables else "C.TABLE_SCHEMA <> 'INFORMATION_SCHEMA'"
    return (
        "SELECT C.TABLE_SCHEMA, C.TABLE_NAME, T.TABLE_TYPE, C.COLUMN_NAME, C.DATA_TYPE, C.NUMERIC_SCALE, "
        "C.IS_NULLABLE, C.COMMENT\n"
        f"FROM {view}.COLUMNS AS C\n"
        f"JOIN {view}.TABLES AS T ON T.TABLE_SCHEMA = C.TABLE_SCHEMA AND T.TABLE_NAME = C.TABLE_NAME\n"
        f"WHERE {where}\n"
        "ORDER BY C.TABLE_SCHEMA, C.TABLE_NAME, C.ORDINAL_POSITION"
    )


def _text(value: str) -> str:
    """Write a string of SQL; Snowflake reads backslashes in it."""
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _table(database: str, rows: list[Row]) -> SchemaTable:
    schema, name, kind = (str(value) for value in rows[0][:3])
    columns = tuple(
        SchemaColumn(
            str(column),
            type_name(str(kind)),
            str(nullable).upper() != "NO",
            str(comment or ""),
            scale=int(str(scale or 0)),
        )
        for _, _, _, column, kind, scale, nullable, comment in rows
    )
    short = kind.lower().removeprefix("base ")
    return SchemaTable((database, schema, name), columns, Source("", ""), kind=short)


def drift(old: Schema, new: Schema) -> Iterator[str]:
    """Say in a line each what a snapshot tells otherwise than the account."""
    before, after = _by_name(old.tables), _by_name(new.tables)
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"{name}: the account has no such table, or the role does not see it"
        elif name not in before:
            yield f"{name}: not in the snapshot"
        else:
            yield from (f"{name}: {line}" for line in _changes(before[name], after[name]))


def _changes(old: SchemaTable, new: SchemaTable) -> Iterator[str]:
    for name, column in new.by_name.items():
        other = old.by_name.get(name)
        shown = dotted((name,))
        if other is None:
            yield f"column {shown} was added"
            continue
        if (other.type, other.scale) != (column.type, column.scale):
            yield f"column {shown} is {_typed(column)}, not {_typed(other)}"
        if other.nullable != column.nullable:
            yield f"column {shown} {'can be NULL' if column.nullable else 'cannot be NULL'} now"
    for name in old.by_name:
        if name not in new.by_name:
            yield f"column {dotted((name,))} was dropped"


def _typed(column: SchemaColumn) -> str:
    """Write a type; a NUMBER without a scale has none behind the point."""
    return f"{column.type or 'of no known type'}{f' with scale {column.scale}' if column.scale else ''}"


def _by_name(tables: Iterable[SchemaTable]) -> dict[str, SchemaTable]:
    return {table.name: table for table in tables}
