"""SQL files with CREATE TABLE, CREATE VIEW and what changes them → `Schema`.

The statements are taken in order, as a script would run: USE and CREATE SCHEMA complete the names behind them, ALTER,
DROP and CREATE OR REPLACE change what stands there. Statements that define no columns are passed over. One that
cannot be read is a problem, and the others count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlcheck.model import Place, Problem, Source, Span
from sqlcheck.schema import Parts, Schema, SchemaColumn, SchemaTable, dotted, split_name
from sqlcheck.schemas._alter import Alteration
from sqlcheck.schemas._columns import Columns, read_list
from sqlcheck.schemas._lexer import Cursor, UnreadableError
from sqlcheck.schemas.assembly import Assembly, copied

_MODIFIERS = frozenset(
    "OR REPLACE ALTER LOCAL GLOBAL TEMP TEMPORARY VOLATILE TRANSIENT HYBRID ICEBERG EXTERNAL DYNAMIC SECURE RECURSIVE "
    "MATERIALIZED INTERACTIVE EVENT READ ONLY".split()
)
_LISTLESS = frozenset({"EVENT", "EXTERNAL", "ICEBERG"})
"""Tables that have columns without a list of them."""
_CODE = frozenset({"PROCEDURE", "FUNCTION", "TASK"})
_CONTEXT = frozenset({"DATABASE", "SCHEMA", "ROLE", "WAREHOUSE", "SECONDARY"})
_NESTED = frozenset({"IF", "LOOP", "FOR", "WHILE", "REPEAT"})
"""Blocks of scripts whose END names them."""
_QUERY = ("SELECT", "WITH", "(", "VALUES")


def read(source: Source) -> Schema:
    """Read one file as if it stood alone."""
    assembly = Assembly()
    run(source, assembly)
    return assembly.schema()


def run(source: Source, assembly: Assembly) -> None:
    """Run the statements of a file on what is known already."""
    assembly.sources.append(source)
    _Script(source, assembly, Cursor(source.text)).run()


@dataclass
class _Script:
    """A file as it is read: where it has come to, and the database and schema that complete short names."""

    source: Source
    assembly: Assembly
    cursor: Cursor
    database: str | None = None
    schema: str | None = None

    def run(self) -> None:
        last: Span | None = None
        while True:
            try:
                if not self.cursor.next_statement():
                    return
                self._statement()
            except UnreadableError as error:
                if error.problem.span == last:
                    return
                last = error.problem.span
                self._refuse(error.problem)

    def _refuse(self, problem: Problem) -> None:
        self.assembly.refuse(Place(self.source, problem.span), problem.message, problem.help)

    def _statement(self) -> None:
        cursor = self.cursor
        if cursor.takes("CREATE"):
            self._create()
        elif cursor.takes("ALTER"):
            self._alter()
        elif cursor.takes("DROP"):
            self._drop()
        elif cursor.takes("USE"):
            word = cursor.takes_one_of(_CONTEXT)
            if word in (None, "DATABASE", "SCHEMA"):
                self._enter(is_schema=word == "SCHEMA")
        elif cursor.sees("DECLARE") or (cursor.sees("BEGIN") and not self._is_transaction()):
            self._skip_block()

    # What is passed over

    def _is_transaction(self) -> bool:
        at = self.cursor.at
        self.cursor.next()
        following = self.cursor.token
        self.cursor.at = at
        return following.kind == "end" or following.text in ("TRANSACTION", "WORK", "NAME")

    def _skip_code(self) -> None:
        """Pass over the body of a function, procedure or task, whose statements are not run here."""
        cursor = self.cursor
        while cursor.token.kind != "end":
            if cursor.takes("AS"):
                if cursor.sees("DECLARE") or cursor.sees("BEGIN"):
                    self._skip_block()
                return
            cursor.next()

    def _skip_block(self) -> None:
        """Pass over a block of Snowflake Scripting, to the END of its first BEGIN."""
        cursor = self.cursor
        depth = 0
        while cursor.token.kind != "end" or cursor.next_statement():
            word = cursor.next()
            if word.kind != "word":
                continue
            if word.text in ("BEGIN", "CASE"):
                depth += 1
            elif word.text == "END" and not cursor.takes_one_of(_NESTED):
                cursor.takes("CASE")
                depth -= 1
                if depth <= 0:
                    return

    # Names

    def _name(self, noun: str = "the name of a table") -> tuple[Parts, Span]:
        """Read a name and complete it by the database and schema in use."""
        parts, span, is_filled = self._written(noun)
        if not is_filled:
            return parts, span
        if "" in parts:
            parts = tuple(part or "PUBLIC" for part in parts)
        elif len(parts) == 1 and self.schema:
            parts = (self.schema, *parts)
        return ((self.database, *parts) if len(parts) == 2 and self.database else parts), span

    def _written(self, noun: str) -> tuple[Parts, Span, bool]:
        """Read a name as it is written; False when a placeholder stands before the parts that are known."""
        cursor = self.cursor
        start = cursor.token.span.start
        if cursor.takes("IDENTIFIER", "("):
            if cursor.token.kind != "string":
                cursor.refuse(f"{noun} in quotes")
            token = cursor.next()
            inner = Cursor(token.text)
            is_filled = not inner.takes_unfilled()
            parts = split_name(token.text[inner.at :])
            if parts is None or not cursor.takes(")"):
                raise UnreadableError(Problem(token.span, f"`{token.text}` is not {noun}"))
            return parts, token.span, is_filled
        is_filled = not cursor.takes_unfilled()
        found = [(token := cursor.name(noun)).text]
        while cursor.takes("."):
            if len(found) == 1 and cursor.takes("."):
                found.append("")
            if cursor.takes_unfilled():
                is_filled, found = False, []
            token = cursor.name(noun)
            found.append(token.text)
        span = Span(start, token.span.end)
        if len(found) > 3:
            written = self.source.text[span.start : span.end]
            raise UnreadableError(Problem(span, f"`{written}` has more parts than database, schema and name"))
        return tuple(found), span, is_filled

    def _enter(self, *, is_schema: bool) -> None:
        """Make a database or schema the current one; a database begins with its schema PUBLIC."""
        try:
            parts, _, is_filled = self._written("a name")
        except UnreadableError:
            # the name comes from a variable: what is current behind it is not known
            self.database = self.schema = None
            return
        if len(parts) > 1:
            self.database, self.schema = parts[-2:]
        elif not is_filled:
            self.database, self.schema = None, parts[0]
        elif is_schema:
            self.schema = parts[0]
        else:
            self.database, self.schema = parts[0], "PUBLIC"

    # CREATE

    def _create(self) -> None:
        cursor = self.cursor
        modifiers = set()
        while word := cursor.takes_one_of(_MODIFIERS):
            modifiers.add(word)
        if cursor.takes("TABLE"):
            self._create_table(modifiers)
        elif cursor.takes("VIEW"):
            self._create_view(modifiers)
        elif cursor.takes("STREAM"):
            cursor.takes("IF", "NOT", "EXISTS")
            parts, span = self._name("the name of a stream")
            self._take(SchemaTable(parts, None, self.source, span, "stream", complete=False), replacing=True)
        elif word := cursor.takes_one_of(frozenset({"DATABASE", "SCHEMA"})):
            cursor.takes("IF", "NOT", "EXISTS")
            self._enter(is_schema=word == "SCHEMA")
        elif cursor.takes_one_of(_CODE):
            self._skip_code()

    def _create_table(self, modifiers: set[str]) -> None:
        cursor = self.cursor
        cursor.takes("IF", "NOT", "EXISTS")
        parts, span = self._name()
        kind = next((f"{word.lower()} table" for word in ("DYNAMIC", "EXTERNAL") if word in modifiers), "table")
        table = SchemaTable(parts, None, self.source, span, kind, complete=False)
        if cursor.takes("LIKE") or cursor.takes("CLONE"):
            origin = self._name()[0]
            known = self.assembly.find(origin)
            self._take(copied(table, known) if known else replace(table, like=origin), "REPLACE" in modifiers)
        elif cursor.token.kind == "end" and not modifiers & _LISTLESS:
            cursor.refuse("the list of columns")
        else:
            self._fill(table, "REPLACE" in modifiers)

    def _create_view(self, modifiers: set[str]) -> None:
        cursor = self.cursor
        cursor.takes("IF", "NOT", "EXISTS")
        parts, span = self._name("the name of a view")
        kind = "materialized view" if "MATERIALIZED" in modifiers else "view"
        view = SchemaTable(parts, None, self.source, span, kind, complete=False)
        if self._fill(view, "REPLACE" in modifiers).body is None:
            cursor.refuse("`AS` with a query")

    def _fill(self, table: SchemaTable, replacing: bool) -> SchemaTable:
        """Read the columns of a table or view, and its query, and take it; what could be read of it counts."""
        found = Columns()
        try:
            is_listed = self.cursor.sees("(")
            if is_listed:
                read_list(self.cursor, found)
            table = _defined(table, found.settled() if is_listed else None, self._body())
        except UnreadableError:
            table = replace(table, columns=found.settled() or None)
            raise
        finally:
            for problem in found.problems:
                self._refuse(problem)
            self._take(table, replacing)
        return table

    def _body(self) -> Place | None:
        """Go to the end of the statement, and give the query that stands behind AS."""
        cursor = self.cursor
        while cursor.token.kind != "end":
            if cursor.takes("AS"):
                if any(cursor.sees(word) for word in _QUERY):
                    return self._query()
            elif cursor.sees("("):
                cursor.group()
            elif cursor.sees(")"):
                cursor.refuse("the end of the statement")
            else:
                cursor.next()
        return None

    def _query(self) -> Place:
        start = self.cursor.token.span.start
        end = start
        while (token := self.cursor.next()).kind != "end":
            end = token.span.end
        return Place(self.source, Span(start, end))

    def _take(self, table: SchemaTable, replacing: bool) -> None:
        """Take a table; a script may replace its own, but two files must agree."""
        self._report_twins(table)
        old = self.assembly.tables.get(table.parts)
        if replacing and old is not None and old.source is self.source:
            self.assembly.put(table)
        else:
            self.assembly.add(table)

    def _report_twins(self, table: SchemaTable) -> None:
        seen = set()
        for column in table.columns or ():
            if column.name in seen:
                message = f"`{table.name}` has a column `{dotted((column.name,))}` already"
                self.assembly.contradict(table.place_of(column), message)
            seen.add(column.name)

    # ALTER and DROP

    def _changed(self) -> SchemaTable | None:
        """Read what an ALTER or DROP is about: a table as it is known, or one of which nothing is known."""
        cursor = self.cursor
        while cursor.takes_one_of(_MODIFIERS):
            pass
        if not (cursor.takes("TABLE") or cursor.takes("VIEW")):
            return None
        cursor.takes("IF", "EXISTS")
        parts, span = self._name()
        return self.assembly.find(parts) or SchemaTable(parts, None, self.source, span, complete=False)

    def _alter(self) -> None:
        table = self._changed()
        if table is not None:
            Alteration(self.source, self.assembly, self.cursor, table, lambda: self._name()[0]).run()

    def _drop(self) -> None:
        table = self._changed()
        if table is not None:
            self.assembly.drop(table.parts)


def _defined(table: SchemaTable, columns: tuple[SchemaColumn, ...] | None, body: Place | None) -> SchemaTable:
    """Give a table its columns: those that are written, or the outputs of its query under the names written."""
    if columns is not None and (body is None or any(column.type is not None for column in columns)):
        if table.kind == "external table":
            columns = (SchemaColumn("VALUE", "VARIANT", True, at=table.at), *columns)
        return replace(table, columns=columns, complete=True, body=body)
    return replace(table, complete=body is not None, body=body, names=tuple(column.name for column in columns or ()))
