"""ALTER TABLE: what it changes in the columns of a table that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlcheck.model import Place, Problem, Source
from sqlcheck.schema import Parts, SchemaColumn, SchemaTable, dotted, locate
from sqlcheck.schemas._columns import Columns, is_column, read_column, read_names, read_type
from sqlcheck.schemas._lexer import Cursor, Token
from sqlcheck.schemas.assembly import Assembly

_OTHER = frozenset(
    "CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK SEARCH ROW AGGREGATION JOIN DATA CLUSTERING ALL STORAGE PARTITION "
    "VECTORS FILES REPLACE TAG".split()
)
"""What ADD and DROP may name that is no column, unless it is followed as one."""


@dataclass
class Alteration:
    """One ALTER TABLE, read behind the table's name; `name` reads the name of another table."""

    source: Source
    assembly: Assembly
    cursor: Cursor
    table: SchemaTable
    name: Callable[[], Parts]

    def run(self) -> None:
        """Change the table as far as the statement is about its columns or its name."""
        cursor = self.cursor
        self.assembly.put(self.table)
        if cursor.takes("ADD"):
            self._add()
        elif cursor.takes("DROP"):
            self._drop()
        elif cursor.takes("RENAME", "COLUMN"):
            self._rename_column()
        elif cursor.takes("RENAME", "TO"):
            self._rename()
        elif cursor.takes("SWAP", "WITH"):
            self._swap()
        elif cursor.takes("ALTER") or cursor.takes("MODIFY"):
            self._modify()

    def _put(self, columns: tuple[SchemaColumn, ...]) -> None:
        self.table = replace(self.table, columns=columns)
        self.assembly.put(self.table)

    def _change(self, name: Token, how: Callable[[SchemaColumn], SchemaColumn]) -> None:
        if self.table.columns is not None:
            self._put(tuple(how(column) if column.name == name.text else column for column in self.table.columns))

    def _is_about_columns(self) -> bool:
        token = self.cursor.token
        return (
            self.cursor.takes("COLUMN") or not (token.kind == "word" and token.text in _OTHER) or is_column(self.cursor)
        )

    def _expect(self, name: Token) -> None:
        """Note that a column is not there, when all columns are known."""
        table = self.table
        if table.columns is not None and table.complete and name.text not in table.by_name:
            message = f"`{table.name}` has no column `{dotted((name.text,))}`"
            self.assembly.contradict(Place(self.source, name.span), message)

    def _add(self) -> None:
        cursor = self.cursor
        if not self._is_about_columns():
            self._require()
            return
        problems: list[Problem] = []
        while True:
            cursor.takes("COLUMN")
            is_lenient = cursor.takes("IF", "NOT", "EXISTS")
            self._add_column(read_column(cursor, problems), is_lenient)
            if not cursor.takes(","):
                break
        self._refuse(problems)

    def _add_column(self, column: SchemaColumn, is_lenient: bool) -> None:
        place = locate(self.source, column.at)
        if column.name not in self.table.by_name:
            self._put((*(self.table.columns or ()), column._replace(at=place)))
        elif not is_lenient:
            message = f"`{self.table.name}` has a column `{dotted((column.name,))}` already"
            self.assembly.contradict(place, message)

    def _require(self) -> None:
        """Take the columns of a new primary key as NOT NULL."""
        cursor = self.cursor
        found = Columns(list(self.table.columns or ()))
        while cursor.token.kind != "end":
            if cursor.takes("PRIMARY", "KEY"):
                found.required |= read_names(cursor)
            else:
                cursor.next()
        if found.required and self.table.columns is not None:
            self._put(found.settled())

    def _drop(self) -> None:
        cursor = self.cursor
        if not self._is_about_columns():
            return
        while True:
            is_lenient = cursor.takes("IF", "EXISTS")
            name = cursor.name("the name of a column")
            if not is_lenient:
                self._expect(name)
            if self.table.columns is not None:
                self._put(tuple(column for column in self.table.columns if column.name != name.text))
            if not cursor.takes(","):
                break

    def _rename_column(self) -> None:
        old = self.cursor.name("the name of a column")
        if not self.cursor.takes("TO"):
            self.cursor.refuse("`TO`")
        new = self.cursor.name("the new name")
        self._expect(old)
        self._change(old, lambda column: column._replace(name=new.text))

    def _rename(self) -> None:
        parts = self.name()
        self.assembly.drop(self.table.parts)
        self.assembly.put(replace(self.table, parts=(*self.table.parts[: -len(parts)], *parts)))

    def _swap(self) -> None:
        other = self.assembly.find(self.name())
        if other is not None:
            self.assembly.put(replace(self.table, parts=other.parts))
            self.assembly.put(replace(other, parts=self.table.parts))

    def _modify(self) -> None:
        cursor = self.cursor
        bracket = cursor.takes("(")
        while True:
            cursor.takes("COLUMN")
            name = cursor.name("the name of a column")
            self._modify_column(name)
            while cursor.token.kind != "end" and not (cursor.sees(",") or cursor.sees(")")):
                if cursor.sees("("):
                    cursor.group()
                else:
                    cursor.next()
            if not cursor.takes(","):
                break
            if not cursor.takes("ALTER"):
                cursor.takes("MODIFY")
        if bracket and not cursor.takes(")"):
            cursor.refuse("`,` or `)`")

    def _modify_column(self, name: Token) -> None:
        cursor = self.cursor
        self._expect(name)
        if cursor.takes("DROP", "NOT", "NULL"):
            self._change(name, lambda column: column._replace(nullable=True))
            return
        cursor.takes("SET")
        if cursor.takes("NOT", "NULL"):
            self._change(name, lambda column: column._replace(nullable=False))
        elif cursor.takes("DATA", "TYPE") or cursor.takes("TYPE"):
            problems: list[Problem] = []
            type_, scale = read_type(cursor, problems)
            self._refuse(problems)
            self._change(name, lambda column: column._replace(type=type_, scale=scale))

    def _refuse(self, problems: list[Problem]) -> None:
        for problem in problems:
            self.assembly.refuse(Place(self.source, problem.span), problem.message, problem.help)
