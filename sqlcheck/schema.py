"""Tables and columns as they are known without a warehouse: immutable values, and how those of several files join.

Names are as Snowflake stores them, folded. What a file leaves open is None: a type, whether a column can be
NULL, or the columns of a table. "Not described" is not "not there": see `Schema.covers`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
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
