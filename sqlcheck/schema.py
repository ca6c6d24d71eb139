"""Tables and columns as they are known without a warehouse: immutable values, and how those of several files join.

Names are as Snowflake stores them, folded. What a file leaves open is None: a type, whether a column can be
NULL, or the columns of a table. "Not described" is not "not there": see `Schema.covers`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple, TypeVar

from sqlcheck.model import FAMILIES, Place, Source, Span
from sqlcheck.names import needs_quotes, quote

Parts = tuple[str, ...]
Where = Span | tuple[str, ...] | Place
"""Where something stands: a span of its table's file, the keys that lead to it in JSON there, or a place elsewhere."""
T = TypeVar("T")
_BEGINNING = Span(0, 0)

_ALIASES = {
    "NUMBER": "DECIMAL DEC NUMERIC INT INTEGER BIGINT SMALLINT TINYINT BYTEINT",
    "FLOAT": "FLOAT4 FLOAT8 DOUBLE DOUBLE_PRECISION REAL DECFLOAT",
    "VARCHAR": "CHAR CHARACTER NCHAR STRING TEXT NVARCHAR NVARCHAR2 CHAR_VARYING NCHAR_VARYING CHARACTER_VARYING",
    "BOOLEAN": "BOOL",
    "BINARY": "VARBINARY",
    "TIMESTAMP_NTZ": "TIMESTAMPNTZ DATETIME TIMESTAMP TIMESTAMP_WITHOUT_TIME_ZONE",
    "TIMESTAMP_LTZ": "TIMESTAMPLTZ TIMESTAMP_WITH_LOCAL_TIME_ZONE",
    "TIMESTAMP_TZ": "TIMESTAMPTZ TIMESTAMP_WITH_TIME_ZONE",
}
TYPES = {name: name for name in FAMILIES} | {
    alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()
}
"""Type names as Snowflake takes them, with `_` for blanks → keys of `FAMILIES`; TIMESTAMP is NTZ by default.

https://docs.snowflake.com/en/sql-reference/intro-summary-data-types
"""
_SCALE = re.compile(r"[^(]*\(\s*\d+\s*,\s*(\d+)\s*\)")
_GROUP = re.compile(r"\([^()]*\)")
_NOTHING = re.compile(r"\s+NOT\s+NULL\s*\Z", re.IGNORECASE)
_PART = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^\W\d][\w$]*))\s*(?:(\.)|\Z)')


class SchemaColumn(NamedTuple):
    """A column of a table: its folded name, its type (a key of `FAMILIES`), whether it can be NULL.

    `scale` is how many digits behind the point a NUMBER has, as far as that is written.
    """

    name: str
    type: str | None = None
    nullable: bool | None = None
    comment: str = ""
    at: Where = _BEGINNING
    scale: int = 0


@dataclass(frozen=True)
class SchemaTable:
    """A table or view: one to three folded name parts and its columns, in order.

    `columns` is None where nothing is known of them; `complete` is False where there may be more. A view
    or CREATE TABLE AS has its SELECT in `query`, which the mapping resolves, and in `names` the names that
    an explicit column list gives to the outputs. `like` is the table that this one was copied from, when that
    one is not described.
    """

    parts: Parts
    columns: tuple[SchemaColumn, ...] | None
    source: Source
    at: Where = _BEGINNING
    kind: str = "table"
    complete: bool = True
    body: Place | None = None
    names: Parts = ()
    like: Parts = ()

    @property
    def name(self) -> str:
        """Give the name as it is written in SQL."""
        return dotted(self.parts)

    @property
    def place(self) -> Place:
        """Give where the table is described."""
        return locate(self.source, self.at)

    def place_of(self, column: SchemaColumn) -> Place:
        """Give where one of the columns is described."""
        return locate(self.source, column.at)

    @cached_property
    def query(self) -> Source | None:
        """Give the SELECT that the columns follow from, as a text whose spans lead back into the file."""
        if self.body is None:
            return None
        host, (start, end) = self.body.source, self.body.span
        return Source(host.path, host.text[start:end], host, tuple(range(start, end + 1)))

    @cached_property
    def by_name(self) -> dict[str, SchemaColumn]:
        """Give the known columns by name."""
        return {column.name: column for column in self.columns or ()}


@dataclass(frozen=True)
class SchemaProblem:
    """What is wrong in a file that describes tables."""

    kind: Literal["unreadable", "contradictory"]
    place: Place
    message: str
    help: str | None = None


@dataclass(frozen=True, eq=False)
class Schema:
    """The tables that are described, what is wrong with the description, and the files that it comes from.

    `pulled` is the day on which the oldest snapshot among them was taken.
    """

    tables: tuple[SchemaTable, ...] = ()
    problems: tuple[SchemaProblem, ...] = ()
    sources: tuple[Source, ...] = ()
    pulled: date | None = None

    @cached_property
    def _by_last(self) -> dict[str, list[SchemaTable]]:
        found: dict[str, list[SchemaTable]] = {}
        for table in self.tables:
            found.setdefault(table.parts[-1], []).append(table)
        return found

    @cached_property
    def _qualifiers(self) -> tuple[frozenset[str], frozenset[str]]:
        """Give the databases and the schemas that have tables here."""
        databases = frozenset(table.parts[0] for table in self.tables if len(table.parts) == 3)
        return databases, frozenset(table.parts[-2] for table in self.tables if len(table.parts) > 1)

    def _fitting(self, parts: Parts) -> list[SchemaTable]:
        parts = _written_out(parts)
        return fitting(parts, self._by_last.get(parts[-1], ())) if parts else []

    def find(self, parts: Parts, near: Parts = ()) -> SchemaTable | None:
        """Give the table that a name stands for; None when there is none, or when it could be one of several.

        Where one name has fewer parts than the other, the last parts decide; the same number of parts wins.
        `near` is the name of the view in which a name stands: its database and schema complete a short name.
        """
        found = self._fitting(parts)
        for whole in ((*near[: -len(parts)], *_written_out(parts)) if near else (), _written_out(parts)):
            for table in found:
                if table.parts == whole:
                    return table
        return found[0] if len(found) == 1 else None

    def covers(self, parts: Parts) -> bool:
        """Tell whether a name that stands for no table here is an error: its database is described.

        With fewer parts the schema decides, and for a bare name anything that is described. Nothing is
        covered while a file could not be read: the table may stand in there.
        """
        parts = _written_out(parts)
        if not parts or not self.tables or self._fitting(parts) or "INFORMATION_SCHEMA" in parts[:-1]:
            return False
        if any(problem.kind == "unreadable" for problem in self.problems):
            return False
        databases, schemas = self._qualifiers
        if len(parts) == 3 and databases:
            return parts[0] in databases
        return parts != ("DUAL",) if len(parts) == 1 or not schemas else parts[-2] in schemas

    def candidates(self, parts: Parts) -> tuple[str, ...]:
        """Give the names that a wrong one may have meant, with as many parts; neighbours in its own schema first."""
        parts = _written_out(parts)
        names = dict.fromkeys(table.parts[-len(parts) :] for table in self.tables) if parts else {}
        return tuple(map(dotted, sorted(names, key=lambda name: name[:-1] != parts[-len(name) : -1])))


def fitting(parts: Parts, tables: Iterable[SchemaTable]) -> list[SchemaTable]:
    """Keep the tables whose name agrees with another one as far as both are written."""
    return [table for table in tables if all(a == b for a, b in zip(parts[::-1], table.parts[::-1], strict=False))]


def _written_out(parts: Parts) -> Parts:
    """Fill in the schema of `database..table`."""
    return tuple(part or "PUBLIC" for part in parts)


def dotted(parts: Parts) -> str:
    """Write a folded name as SQL."""
    return ".".join(quote(part) if needs_quotes(part) else part for part in parts)


def split_name(text: str) -> Parts | None:
    """Read a name as SQL writes it, folded; None when it is none."""
    parts, at = [], 0
    while found := _PART.match(text, at):
        parts.append(found[1].replace('""', '"') if found[1] else found[2].upper())
        at = found.end()
        if not found[3]:
            return tuple(parts)
    return None


@lru_cache(maxsize=4096)
def type_name(text: str) -> str | None:
    """Give the key of `FAMILIES` for a type as Snowflake or a catalog writes it; None for one that is not known."""
    bare, inner = _NOTHING.sub("", text), ""
    while bare != inner:
        bare, inner = _GROUP.sub(" ", bare), bare
    return TYPES.get("_".join(bare.upper().split()))


def scale_of(text: str) -> int:
    """Give how many digits behind the point a type such as `NUMBER(38, 4)` names."""
    found = _SCALE.match(text)
    return int(found[1]) if found and type_name(text) == "NUMBER" else 0


def locate(source: Source, at: Where) -> Place:
    """Give the place of something that a file describes."""
    if isinstance(at, Place):
        return at
    return Place(source, at if isinstance(at, Span) else _key_in(source.text, at))


_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\n\r]*")
_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*")


def _key_in(text: str, keys: tuple[str, ...]) -> Span:
    """Find the key at the end of a path; what lies beside the path is passed over by the decoder in C."""
    span, at = Span(0, 1), 0
    for key in keys:
        at = _after(_BLANK, text, at)
        if text[at : at + 1] != "{":
            return span
        at = _after(_BLANK, text, at + 1)
        while text[at : at + 1] == '"':
            name, end = _DECODER.raw_decode(text, at)
            value = _after(_COLON, text, end)
            if name == key:
                span, at = Span(at, end), value
                break
            at = _after(_COMMA, text, _DECODER.raw_decode(text, value)[1])
        else:
            return span
    return span


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


@dataclass
class Assembly:
    """The tables as they come, file by file: what is described twice is compared and joined."""

    tables: dict[Parts, SchemaTable] = field(default_factory=dict)
    problems: list[SchemaProblem] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    pulled: date | None = None
    _by_last: dict[str, dict[Parts, None]] = field(default_factory=dict)

    def find(self, parts: Parts) -> SchemaTable | None:
        """Give the one table that a name can stand for."""
        if parts in self.tables:
            return self.tables[parts]
        found = fitting(parts, [self.tables[name] for name in self._by_last.get(parts[-1], ())])
        return found[0] if len(found) == 1 else None

    def put(self, table: SchemaTable) -> None:
        """Take a table as it is, in place of one of the same name."""
        self.tables[table.parts] = table
        self._by_last.setdefault(table.parts[-1], {})[table.parts] = None

    def drop(self, parts: Parts) -> None:
        """Forget a table."""
        if self.tables.pop(parts, None):
            del self._by_last[parts[-1]][parts]

    def add(self, table: SchemaTable) -> None:
        """Take a table; when it is described already, the two must agree."""
        old = self.tables.get(table.parts)
        if old is None:
            self.put(table)
            return
        clash = next(_clashes(old, table), None)
        if clash is not None:
            self.problems.append(clash)
        self.put(_joined(old, table))

    def refuse(self, place: Place, message: str, help: str | None = None) -> None:
        """Note what cannot be read."""
        self.problems.append(SchemaProblem("unreadable", place, message, help))

    def contradict(self, place: Place, message: str, help: str | None = None) -> None:
        """Note what cannot be true beside something else."""
        self.problems.append(SchemaProblem("contradictory", place, message, help))

    def include(self, schema: Schema) -> None:
        """Take all that another schema says."""
        for table in schema.tables:
            self.add(table)
        self.problems += schema.problems
        self.sources += schema.sources
        days = [day for day in (self.pulled, schema.pulled) if day is not None]
        self.pulled = min(days) if days else None

    def schema(self) -> Schema:
        """Give what was gathered; a table that was copied from another one has its columns."""
        for table in list(self.tables.values()):
            origin = self.find(table.like) if table.like else None
            if origin is not None and origin is not table:
                self.put(copied(table, origin))
        return Schema(tuple(self.tables.values()), tuple(self.problems), tuple(self.sources), self.pulled)


def combine(*schemas: Schema) -> Schema:
    """Join what several files say: the same table twice must have the same columns."""
    assembly = Assembly()
    for schema in schemas:
        assembly.include(schema)
    return assembly.schema()


def copied(table: SchemaTable, origin: SchemaTable) -> SchemaTable:
    """Give a table the columns of the one that it was made like; they stand where they stand there."""
    columns = origin.columns
    if columns is not None:
        columns = tuple(column._replace(at=origin.place_of(column)) for column in columns)
    return replace(
        table, columns=columns, complete=origin.complete, body=origin.body, names=origin.names, like=origin.like
    )


def _joined(old: SchemaTable, new: SchemaTable) -> SchemaTable:
    """Give what two descriptions of a table say together; what they do not agree on is not known."""
    if old.columns is None or new.columns is None:
        base, other = (new, old) if old.columns is None and new.columns is not None else (old, new)
        return replace(base, body=other.body, names=other.names) if base.body is None else base
    base, other = (new, old) if new.complete and not old.complete else (old, new)
    known = other.by_name
    columns = tuple(
        _filled(column, known[column.name], base.complete and other.complete) if column.name in known else column
        for column in base.columns or ()
    )
    extra = tuple(column for column in other.columns or () if column.name not in base.by_name)
    same = not extra and (not other.complete or len(columns) == len(known))
    return replace(base, columns=(*columns, *extra), complete=base.complete and same)


def _filled(column: SchemaColumn, other: SchemaColumn, equal: bool) -> SchemaColumn:
    """Fill the gaps of a column from another description; of two equal ones neither wins."""
    return column._replace(
        type=_settled(column.type, other.type, equal),
        nullable=_settled(column.nullable, other.nullable, equal),
        comment=column.comment or other.comment,
        scale=column.scale or other.scale,
    )


def _settled(one: T | None, other: T | None, equal: bool) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return one if one == other or not equal else None


def _clashes(old: SchemaTable, new: SchemaTable) -> Iterator[SchemaProblem]:
    """Find where two full descriptions of a table contradict each other; one that is not full only fills gaps."""
    if old.columns is None or new.columns is None or not (old.complete and new.complete):
        return
    for column in new.columns:
        other = old.by_name.get(column.name)
        said = f"`{dotted((column.name,))}` of `{new.name}`"
        if other is None:
            yield _clash(new.place_of(column), f"{said} stands here, but not in", old.place)
        elif None not in (column.type, other.type) and column.type != other.type:
            message = f"{said} is {column.type} here, but {other.type} in"
            yield _clash(new.place_of(column), message, old.place_of(other))
        elif None not in (column.nullable, other.nullable) and column.nullable != other.nullable:
            here, there = ("can be NULL", "NOT NULL") if column.nullable else ("is NOT NULL", "can be NULL")
            yield _clash(new.place_of(column), f"{said} {here} here, but {there} in", old.place_of(other))
    for column in old.columns:
        if column.name not in new.by_name:
            message = f"`{new.name}` has no column `{dotted((column.name,))}` here, but has it in"
            yield _clash(new.place, message, old.place_of(column))


def _clash(place: Place, message: str, other: Place) -> SchemaProblem:
    line = other.source.lines.position(other.span.start).line
    where = f"line {line}" if other.source is place.source else f"{other.source.path}:{line}"
    return SchemaProblem("contradictory", place, f"{message} {where}", "remove the description that is out of date")
