"""How the tables of several files become one schema: what is described twice is compared and joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from sqlcheck.model import Place, Source
from sqlcheck.schema import Parts, Schema, SchemaColumn, SchemaProblem, SchemaTable, dotted, fitting

T = TypeVar("T")


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
