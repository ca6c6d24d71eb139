"""Snapshots: what `schema pull` found in a warehouse, kept in a small text file that shows well in a diff.

    snapshot: 1
    pulled: 2026-01-05
    tables:
      MP.CRM.PLANS:
        kind: view
        columns:
          PLAN: VARCHAR
      MP.CRM.USERS:
        columns:
          CUSTOMER_ID: NUMBER not null
          "MixedCase": VARCHAR comment 'as the source has it'

`snapshot` is the version of the format, `pulled` the day in UTC. Tables are sorted by name and written as in SQL:
what is not all upper case stands in double quotes. Columns are in the order of the table, by their bare name. The
value of a column is its type, `unknown` where there is none, then `not null`, or `maybe null` where that is not known,
then its comment. Of sizes only digits behind the point are kept, as `NUMBER(38,4)`. `kind` is left out for tables,
`complete: false` says that there may be more columns, and no `columns` at all that none is known. JSON of the same
shape is read as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlcheck.apis.facts import Field
from sqlcheck.documents.document import read_document
from sqlcheck.documents.nodes import Node
from sqlcheck.documents.shape import Reading, anchor_of, faults
from sqlcheck.model import Place, Source, Span
from sqlcheck.names import needs_quotes
from sqlcheck.schema import Parts, Schema, SchemaColumn, SchemaTable, scale_of, split_name, type_name
from sqlcheck.schemas.assembly import Assembly

KEY = "snapshot"
"""The key by which a snapshot is known."""
VERSION = 1

_MOST_DIGITS = 38
"""The precision of a NUMBER that names none."""
_WORDS = frozenset("Y N YES NO ON OFF TRUE FALSE NULL".split())
"""Names that readers of YAML 1.1 take for something else."""
_VALUE = re.compile(
    r"(?P<type>[^']*?)(?P<null>\s+not\s+null|\s+maybe\s+null)?(?:\s+comment\s+'(?P<comment>(?:[^']|'')*)')?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_SAFE = re.compile(r"[A-Za-z_][\w ,()$]*\Z", re.ASCII)
_HEAD = re.compile(r"(?:#[^\n]*\n)*snapshot: 1\npulled: (\d{4}-\d\d-\d\d)\ntables:\n")
_KEY = r"(?:(?P<name>[A-Z_][\w$.]*)|\"(?P<quoted>(?:[^\"\\\n]|\\[\"\\])+)\")"
_TABLE = re.compile(
    rf"  {_KEY}:\n(?:    kind: (?P<kind>[a-z ]+)\n)?(?P<part>    complete: false\n)?    columns:\n", re.ASCII
)
_COLUMN = re.compile(
    rf"      {_KEY}: (?:(?P<plain>[A-Za-z_][\w ,()]*)|\"(?P<value>(?:[^\"\\\n]|\\[\"\\])+)\")\n", re.ASCII
)
_ESCAPE = re.compile(r"\\(.)")
_TEXT = Field("", ("string",))
_SHAPE = Field(
    "",
    ("object",),
    fields=(
        Field(KEY, ("integer",), required=True, description="the version of the format"),
        Field("pulled", ("string",), required=True, description="the day of the pull, as 2026-01-05"),
        Field(
            "tables",
            ("object",),
            required=True,
            description="the tables by name",
            others=Field(
                "",
                ("object", "null"),
                fields=(
                    Field("kind", ("string",)),
                    Field("complete", ("boolean",)),
                    Field("columns", ("object",), others=_TEXT),
                ),
            ),
        ),
    ),
)


def write(schema: Schema, pulled: date) -> str:
    """Write the columns of all tables as a snapshot; the same tables give the same text."""
    lines = [f"{KEY}: {VERSION}", f"pulled: {pulled.isoformat()}", "tables:" if schema.tables else "tables: {}"]
    for table in sorted(schema.tables, key=lambda table: table.parts):
        body = list(_lines(table))
        lines += [f"  {_key(table.name)}:", *body] if body else [f"  {_key(table.name)}: {{}}"]
    return "\n".join([*lines, ""])


def _lines(table: SchemaTable) -> Iterator[str]:
    if table.kind != "table":
        yield f"    kind: {_scalar(table.kind)}"
    if table.columns is None:
        return
    if not table.complete:
        yield "    complete: false"
    yield "    columns:" if table.columns else "    columns: {}"
    for column in table.columns:
        yield f"      {_key(column.name)}: {_scalar(_value(column))}"


def _value(column: SchemaColumn) -> str:
    null = {None: " maybe null", True: "", False: " not null"}[column.nullable]
    comment = "'" + column.comment.replace("'", "''") + "'"
    size = f"({_MOST_DIGITS},{column.scale})" if column.scale else ""
    return (column.type or "unknown") + size + null + (f" comment {comment}" if column.comment else "")


def _key(name: str) -> str:
    plain = all(part and not needs_quotes(part) and part not in _WORDS for part in name.split("."))
    return name if plain else _quoted(name)


def _scalar(text: str) -> str:
    return text if _SAFE.match(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Write a string between double quotes, with what cannot be seen as escapes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def read(source: Source) -> Schema:
    """Read a snapshot; one that is as `write` gives it line by line, any other as a document."""
    return _read_lines(source) or _Reader(source, Assembly(sources=[source])).read()


def _read_lines(source: Source) -> Schema | None:
    """Read the form that `write` gives to what has columns; None when a line is otherwise, or says too much.

    As a document, YAML of 50,000 columns takes two seconds.
    """
    text = source.text
    head = _HEAD.match(text)
    day = _day(head[1]) if head else None
    if head is None or day is None:
        return None
    tables: dict[Parts, SchemaTable] = {}
    at = head.end()
    while at < len(text):
        found = _TABLE.match(text, at)
        parts = split_name(_bare(found)) if found else None
        if found is None or parts is None or parts in tables or len(parts) > 3:
            return None
        columns: dict[str, SchemaColumn] = {}
        at = found.end()
        while line := _COLUMN.match(text, at):
            name, facts = _bare(line), _facts(line["plain"] or _ESCAPE.sub(r"\1", line["value"]))
            if facts is None or name in columns:
                return None
            columns[name] = facts._replace(name=name, at=_span(line))
            at = line.end()
        if not columns:
            return None
        kind, complete = found["kind"] or "table", found["part"] is None
        tables[parts] = SchemaTable(parts, tuple(columns.values()), source, _span(found), kind, complete=complete)
    return Schema(tuple(tables.values()), (), (source,), day)


def _bare(found: re.Match[str]) -> str:
    return found["name"] or _ESCAPE.sub(r"\1", found["quoted"])


def _span(found: re.Match[str]) -> Span:
    """Give the span of a key with its quotes, as the reader of documents does."""
    if found["name"]:
        return Span(*found.span("name"))
    return Span(found.start("quoted") - 1, found.end("quoted") + 1)


@lru_cache(maxsize=1024)
def _facts(value: str) -> SchemaColumn | None:
    """Read type, nullability and comment of a column, as one without a name; None when the type is none."""
    found = _VALUE.match(value)
    if found is None:
        return None
    type_ = type_name(found["type"])
    if type_ is None and found["type"].strip().lower() != "unknown":
        return None
    null = (found["null"] or "").lower().split()
    nullable = {"not": False, "maybe": None}.get(null[0]) if null else True
    comment = (found["comment"] or "").replace("''", "'")
    return SchemaColumn("", type_, nullable, comment, scale=scale_of(found["type"]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass
class _Reader:
    """Read a snapshot as a document, with all that may be wrong in it."""

    source: Source
    assembly: Assembly

    def read(self) -> Schema:
        document = read_document(self.source)
        root = document.root
        for problem in document.problems:
            self.assembly.refuse(Place(self.source, problem.span), problem.message, problem.help)
        if root is not None and root.kind == "object":
            version = root.get(KEY)
            if version is not None and version.kind == "integer" and version.value != VERSION:
                message = f"this snapshot is of version {version.value}; version {VERSION} is read here"
                self._refuse(version.span, message, "take another version of sqlcheck, or pull the schema again")
            else:
                self._check(root, document.language == "yaml")
                self._root(root)
        return self.assembly.schema()

    def _refuse(self, span: Span, message: str, help: str | None = None) -> None:
        self.assembly.refuse(Place(self.source, span), message, help)

    def _check(self, root: Node, yaml: bool) -> None:
        for fault in faults(root, _SHAPE, "the snapshot", anchor_of(root), Reading(yaml=yaml)):
            self._refuse(fault.span, fault.message, fault.help)

    def _root(self, root: Node) -> None:
        pulled = root.get("pulled")
        if pulled is not None and pulled.text:
            self.assembly.pulled = _day(pulled.text)
            if self.assembly.pulled is None:
                self._refuse(pulled.span, f"`{pulled.text}` is no day", "write it as 2026-01-05")
        tables = root.get("tables")
        for key, node in tables.items if tables else ():
            parts = split_name(str(key.value))
            if parts is None or len(parts) > 3:
                self._refuse(key.span, f"`{key.value}` is not the name of a table", "write `database.schema.table`")
                continue
            kind = node.get("kind")
            complete = node.get("complete")
            listed = node.get("columns")
            columns = None
            if listed is not None and listed.kind == "object":
                columns = tuple(self._columns(listed))
            self.assembly.add(
                SchemaTable(
                    parts,
                    columns,
                    self.source,
                    key.span,
                    (kind.text if kind else None) or "table",
                    complete=columns is not None and not (complete is not None and complete.value is False),
                )
            )

    def _columns(self, listed: Node) -> Iterator[SchemaColumn]:
        for key, node in listed.items:
            facts = _facts(node.text or "unknown")
            if facts is None:
                message = f"`{node.text}` does not begin with a type of Snowflake"
                self._refuse(
                    node.span, message, "write `unknown` where there is none, `not null` and a comment behind it"
                )
            yield (facts or SchemaColumn(""))._replace(name=str(key.value), at=key.span)
