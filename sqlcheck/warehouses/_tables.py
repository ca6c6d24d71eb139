"""The tables of the embedded warehouse: made when a statement first names them, from files, views or invention."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlcheck.errors import SqlcheckError
from sqlcheck.names import closest, quote
from sqlcheck.schema import Parts, Schema, SchemaColumn, SchemaTable, dotted
from sqlcheck.warehouses import _invent, _rows
from sqlcheck.warehouses.session import RefusedError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

DATABASE, SCHEMA = "SQLCHECK", "PUBLIC"
"""Where the engine stands: there it has what is described or written with a short name."""

_STAGING = "_sqlcheck_rows"
_NUMBERED = "_sqlcheck_row"
_PART = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_PARTS = re.compile(_PART)
_NAME = re.compile(rf"{_PART}(?:\s*\.\s*{_PART}){{0,2}}")
_TYPES = {
    "FLOAT": "DOUBLE",
    "VARCHAR": "VARCHAR",
    "BOOLEAN": "BOOLEAN",
    "BINARY": "BLOB",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP_NTZ": "TIMESTAMP",
    "TIMESTAMP_LTZ": "TIMESTAMPTZ",
    "TIMESTAMP_TZ": "TIMESTAMPTZ",
    "GEOGRAPHY": "VARCHAR",
    "GEOMETRY": "VARCHAR",
}
"""Type → that of DuckDB; the others, which hold more than one value, become JSON, and NUMBER depends on its rows."""
_MOST_DIGITS = 12
"""How many digits behind the point are kept of a NUMBER: files that describe tables are read without its scale."""


class Tables:
    """Makes the tables that statements name; `invented` are the names of those whose rows are made up."""

    def __init__(
        self,
        engine: DuckDBPyConnection,
        make_view: Callable[[str], None],
        schema: Schema,
        rows: Mapping[Parts, str],
        database: str | None,
        now: datetime,
    ) -> None:
        self._engine = engine
        self._make_view = make_view
        self._schema = schema
        self._near = (database, SCHEMA, "") if database else ()
        self._now = now
        self._paths = {self._described(parts).parts: path for parts, path in rows.items()}
        self._own = {_whole(table.parts) for table in schema.tables}
        self._made: dict[Parts, bool] = {}
        self._short: dict[Parts, Parts] = {}
        self.invented: frozenset[str] = frozenset()

    def _described(self, parts: Parts) -> SchemaTable:
        table = self._schema.find(parts)
        if table is None:
            guess = closest(dotted(parts), self._schema.candidates(parts))
            advice = f"; did you mean `{guess}`?" if guess else ""
            raise SqlcheckError(f"there are rows for `{dotted(parts)}`, which the schema does not describe{advice}")
        return table

    def prepare(self, sql: str) -> None:
        """Make the tables that a statement may read: those whose names stand in it, wherever that is."""
        for written in _names(sql):
            if not self._offer(written, self._near):
                raise RefusedError(
                    f"`{dotted(written)}` is a table here and another one in a view: write its full name"
                )

    def _offer(self, written: Parts, near: Parts) -> bool:
        """Make the table that a name stands for, under this name as well; False when another one has the name."""
        table = self._schema.find(written, near)
        if table is None:
            return True
        target = _whole(table.parts)
        if target not in self._made:
            _refuse_twins(map(dotted, (*self._made, target)))
            self._made[target] = False  # a view that reads itself must come to an end
            try:
                self._made[target] = self._make(table, target)
            except BaseException:
                del self._made[target]  # so that the next statement hears of it as well
                raise
        name = _whole(written)
        if name == target or not self._made[target]:
            return True
        if name in self._own or self._short.setdefault(name, target) != target:
            return False
        self._house(name)
        self._engine.execute(f"CREATE OR REPLACE VIEW {_sql(name)} AS SELECT * FROM {_sql(target)}")
        return True

    def _make(self, table: SchemaTable, target: Parts) -> bool:
        self._house(target)
        path = self._paths.get(table.parts)
        if path is None and table.query is not None and self._view(table, target):
            return True
        if path is None and table.columns is None:
            return False
        semi_structured = frozenset(c.name for c in table.columns or () if _engine_type(c) == "JSON")
        if path is not None:
            self._load(table, target, _rows.read(path, semi_structured), path)
            return True
        import pyarrow as pa

        values = _invent.invent(table, self._now)
        self._load(table, target, pa.table({n: pa.array(v, pa.string()) for n, v in values.items()}), "invented rows")
        self.invented |= {table.name}
        return True

    def _house(self, name: Parts) -> None:
        """Make the database and the schema of a table."""
        database, schema, _ = name
        self._engine.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {quote(database)}")
        self._engine.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(database)}.{quote(schema)}")

    def _view(self, table: SchemaTable, target: Parts) -> bool:
        """Make a view of the SELECT that it is described by; tell whether the engine takes it."""
        assert table.query is not None
        body = table.query.text
        if not all(self._offer(written, table.parts) for written in _names(body)):
            return False  # a short name means one table in the view, and another one outside
        names = f" ({', '.join(map(quote, table.names))})" if table.names else ""
        try:
            self._make_view(f"CREATE VIEW {_sql(target)}{names} AS\n{body}")
        except RefusedError:
            return False
        return True

    def _load(self, table: SchemaTable, target: Parts, found: pa.Table, origin: str) -> None:
        """Put rows into a table of the described types; the first value that does not fit stops it."""
        import pyarrow as pa

        columns = _matched(table, found.column_names, origin)
        _refuse_twins(dotted((column.name,)) for column, _ in columns)
        numbers = pa.array(range(1, found.num_rows + 1), pa.int64())
        self._engine.register(_STAGING, found.append_column(_NUMBERED, numbers))
        try:
            values = [self._conversion(column, source, found) for column, source in columns]
            self._refuse_misfits(columns, values, origin)
            listed = ", ".join(f"{value} AS {quote(c.name)}" for (c, _), value in zip(columns, values, strict=True))
            self._engine.execute(f"CREATE OR REPLACE TABLE {_sql(target)} AS SELECT {listed} FROM {_STAGING}")
        finally:
            self._engine.unregister(_STAGING)

    def _conversion(self, column: SchemaColumn, source: str | None, found: pa.Table) -> str:
        """Write what turns a column of the file into its type, or into NULL where it cannot be turned."""
        if source is None:
            return f"CAST(NULL AS {_engine_type(column)})"
        import pyarrow as pa

        name, kind = quote(source), found.schema.field(source).type
        written = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if column.type is None:
            return name
        if column.type == "NUMBER":
            text = f"CAST({name} AS VARCHAR)"
            return f"TRY_CAST({text} AS {self._number_type(text)})"
        wanted = _engine_type(column)
        if written and wanted == "BLOB":
            return f"TRY(unhex({name}))"
        if written and wanted == "TIMESTAMPTZ":
            # Snowflake writes offsets as +0000, which DuckDB does not read
            return rf"TRY_CAST(regexp_replace({name}, ' ?([+-]\d\d):?(\d\d)$', '\1:\2') AS TIMESTAMPTZ)"
        if not written and wanted == "JSON":
            return f"to_json({name})"
        return f"TRY_CAST({name} AS {wanted})"

    def _number_type(self, text: str) -> str:
        """Choose the type that holds all numbers of a column with their digits."""
        digits = rf"length(rtrim(regexp_extract({text}, '\.(\d+)', 1), '0'))"
        ((scale, short),) = self._engine.execute(
            f"SELECT max(CASE WHEN {text} ILIKE '%e-%' THEN {_MOST_DIGITS} ELSE {digits} END), "
            f"bool_and({text} IS NULL OR TRY_CAST({text} AS BIGINT) IS NOT NULL) FROM {_STAGING}"
        ).fetchall()
        return "BIGINT" if short in (True, None) and not scale else f"DECIMAL(38, {min(scale or 0, _MOST_DIGITS)})"

    def _refuse_misfits(self, columns: list[tuple[SchemaColumn, str | None]], values: list[str], origin: str) -> None:
        """Find the first row of each column whose value is missing or of another type."""
        checks = []
        for (column, source), value in zip(columns, values, strict=True):
            if source is not None:
                missing = f"{quote(source)} IS NULL" if column.nullable is False else "false"
                wrong = f"({quote(source)} IS NOT NULL AND {value} IS NULL)"
                checks.append((column, f"min(CASE WHEN {wrong} THEN {_NUMBERED} END)", "is no {}"))
                checks.append((column, f"min(CASE WHEN {missing} THEN {_NUMBERED} END)", "is NULL, but it is NOT NULL"))
        if not checks:
            return
        found = self._engine.execute(f"SELECT {', '.join(test for _, test, _ in checks)} FROM {_STAGING}").fetchall()
        for (column, _, fault), row in zip(checks, found[0], strict=True):
            if row is not None:
                what = fault.format(column.type)
                raise SqlcheckError(f"{origin}: row {row}: the value of `{dotted((column.name,))}` {what}")


def _whole(parts: Parts) -> Parts:
    """Complete a name with the database and schema in which the engine stands."""
    return (*(DATABASE, SCHEMA)[: 3 - len(parts)], *parts)


def _names(sql: str) -> Iterator[Parts]:
    """Give all that could be the name of a table, folded: also aliases, columns and words of texts."""
    for chain in dict.fromkeys(_NAME.findall(sql)):
        words = _PARTS.findall(chain)
        yield tuple(word[1:-1].replace('""', '"') if word.startswith('"') else word.upper() for word in words)


def _matched(table: SchemaTable, names: list[str], origin: str) -> list[tuple[SchemaColumn, str | None]]:
    """Give each column of a table with the name that it has in a file, by folding; None where the file lacks it.

    A name that is not even near to a known one is not told: in a file without a header it is a value.
    """
    known, found = table.by_name, dict[str, str]()
    extra = []
    for number, name in enumerate(names, 1):
        folded = name if name in known else name.upper()
        if folded in found:
            which = f"`{folded}`" if folded in known else f"of one name, the second of them being number {number}"
            raise SqlcheckError(f"{origin}: there are two columns {which}")
        found[folded] = name
        if folded not in known:
            extra.append(SchemaColumn(folded))
            if table.columns is not None and table.complete:
                guess = closest(folded, known)
                which = (
                    f"`{name}`; did you mean `{guess}`?" if guess else f"with the name of the file's column {number}"
                )
                raise SqlcheckError(f"{origin}: `{table.name}` has no column {which}")
    for column in table.columns or ():
        if column.nullable is False and column.name not in found:
            raise SqlcheckError(f"{origin}: the column `{column.name}` is missing, which is NOT NULL in `{table.name}`")
    return [(column, found.get(column.name)) for column in (*(table.columns or ()), *extra)]


def _refuse_twins(names: Iterable[str]) -> None:
    """Stop at names that are one to DuckDB, which does not heed case."""
    known: dict[str, str] = {}
    for name in names:
        twin = known.setdefault(name.replace('"', "").lower(), name)
        if twin != name:
            raise RefusedError(f"the embedded warehouse does not tell `{name}` from `{twin}`")


def _engine_type(column: SchemaColumn) -> str:
    return _TYPES.get(column.type or "VARCHAR", "DECIMAL(38, 0)" if column.type == "NUMBER" else "JSON")


def _sql(name: Parts) -> str:
    return ".".join(map(quote, name))
