"""What stands between the brackets of CREATE TABLE or behind ADD COLUMN: columns and constraints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlcheck.model import Problem, Span
from sqlcheck.names import closest
from sqlcheck.schema import TYPES, SchemaColumn, scale_of, type_name
from sqlcheck.schemas._lexer import Cursor, Token, UnreadableError

_PLAIN = re.compile(
    r"\s*+(?P<name>[^\W\d][\w$]*+|\"[^\"]++\")\s++(?P<type>[^\W\d]\w*+)(?P<size>\([\d\s,]*+\))?(?P<null>\s++NOT\s++NULL)?"
    r"(?:\s++COMMENT\s++'(?P<comment>[^'\\]*+)')?\s*+(?:(?P<comma>,)|(?=\)))",
    re.IGNORECASE,
)
"""A column as most of them are written, with the comma behind it: read at once, not token by token."""

_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX"})
_MORE_TYPE = frozenset({"PRECISION", "VARYING"})
_ATTRIBUTES = frozenset(
    "NOT NULL DEFAULT AUTOINCREMENT IDENTITY COMMENT COLLATE WITH MASKING PROJECTION POLICY TAG CONSTRAINT PRIMARY KEY "
    "UNIQUE REFERENCES FOREIGN CHECK AS ENFORCED DEFERRABLE INITIALLY RELY NORELY VALIDATE NOVALIDATE START INCREMENT "
    "ORDER NOORDER USING ON MATCH DELETE UPDATE ENABLE DISABLE DEFERRED IMMEDIATE CASCADE RESTRICT SET NO ACTION FULL "
    "SIMPLE PARTIAL CONTACT".split()
)
"""The words that say more of a column."""
_NAMING = frozenset({"DEFAULT", "POLICY", "CONSTRAINT", "REFERENCES", "AS", "COLLATE"})
"""Those among them behind which other names may stand."""
_SINGLE_TYPES = frozenset(name for name in TYPES if "_" not in name or name.startswith("TIMESTAMP_"))


@dataclass
class Columns:
    """The columns of a list, those that its constraints make NOT NULL, and what is wrong with some of them."""

    columns: list[SchemaColumn] = field(default_factory=list)
    required: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def settled(self) -> tuple[SchemaColumn, ...]:
        """Give the columns, those of a primary key as NOT NULL."""
        if not self.required:
            return tuple(self.columns)
        return tuple(
            column._replace(nullable=False) if column.name in self.required else column for column in self.columns
        )


def read_list(cursor: Cursor, found: Columns) -> None:
    """Read a list of columns and constraints, from its opening bracket to behind the closing one."""
    opening = cursor.next()
    while True:
        plain = _PLAIN.match(cursor.text, cursor.at)
        if plain and plain["type"].upper() in TYPES and plain["name"].upper() not in _CONSTRAINTS:
            found.columns.append(_plain_column(plain))
            cursor.at = plain.end()
            if plain["comma"]:
                continue
        else:
            _read_item(cursor, found)
        token = cursor.token
        if token.text == ")" and token.kind == "mark":
            cursor.next()
            return
        if token.kind == "end":
            raise UnreadableError(Problem(opening.span, "this bracket is never closed"))
        if token.text == ",":
            cursor.next()


def _plain_column(plain: re.Match[str]) -> SchemaColumn:
    name, type_, size, nothing, comment = plain.group("name", "type", "size", "null", "comment")
    name = name[1:-1] if name[0] == '"' else name.upper()
    at, scale = Span(*plain.span("name")), scale_of(type_ + size) if size else 0
    return SchemaColumn(name, TYPES[type_.upper()], nothing is None, comment or "", at, scale)


def _read_item(cursor: Cursor, found: Columns) -> None:
    token = cursor.token
    if token.kind == "word" and token.text in _CONSTRAINTS and not is_column(cursor):
        _read_constraint(cursor, found)
    else:
        found.columns.append(read_column(cursor, found.problems))


def is_column(cursor: Cursor) -> bool:
    """Tell a name that has a type behind it, as the column `index NUMBER`, from the beginning of something else."""
    at = cursor.at
    cursor.next()
    following = cursor.next()
    cursor.at = at
    return following.kind == "word" and following.text in _SINGLE_TYPES


def _read_constraint(cursor: Cursor, found: Columns) -> None:
    while not _ends_item(cursor):
        if cursor.takes("PRIMARY", "KEY"):
            found.required |= read_names(cursor)
        elif cursor.sees("("):
            cursor.group()
        else:
            cursor.next()


def read_names(cursor: Cursor) -> set[str]:
    """Read a list of names in brackets."""
    names: set[str] = set()
    if cursor.takes("("):
        names.add(cursor.name("a column").text)
        while cursor.takes(","):
            names.add(cursor.name("a column").text)
        if not cursor.takes(")"):
            cursor.refuse("`,` or `)`")
    return names


def read_column(cursor: Cursor, problems: list[Problem]) -> SchemaColumn:
    """Read a column with all that is said of it, to the comma or bracket behind it."""
    name = cursor.name("the name of a column")
    type_, scale = read_type(cursor, problems)
    nullable, comment = True, ""
    is_settled = type_ is not None
    before = ""
    while not _ends_item(cursor):
        if cursor.takes("NOT", "NULL") or cursor.takes("PRIMARY", "KEY"):
            nullable, is_settled = False, True
        elif cursor.takes("COMMENT"):
            cursor.takes("=")
            comment = cursor.next().text if cursor.token.kind == "string" else comment
        elif cursor.sees("("):
            cursor.group()
        elif _begins_column(cursor, is_settled, before):
            token = cursor.token
            problems.append(Problem(token.span, f"a comma is missing before `{_written(token, cursor)}`"))
            break
        else:
            before = cursor.next().text
            is_settled = is_settled and before not in _NAMING
    return SchemaColumn(name.text, type_, nullable, comment, name.span, scale)


def _begins_column(cursor: Cursor, is_settled: bool, before: str) -> bool:
    """Tell a name that cannot belong to the column before it; `is_settled` when no expression may stand here."""
    token = cursor.token
    if not token.is_name or (token.kind == "word" and token.text in _ATTRIBUTES):
        return False
    return is_settled or (before not in ("DEFAULT", ".", ":") and is_column(cursor))


def _ends_item(cursor: Cursor) -> bool:
    token = cursor.token
    return token.kind == "end" or (token.kind == "mark" and token.text in ",)")


def read_type(cursor: Cursor, problems: list[Problem]) -> tuple[str | None, int]:
    """Read a type with its parameters, and its scale; None when none stands there, or one that is not known."""
    first = cursor.token
    if first.kind != "word" or first.text in _ATTRIBUTES:
        return None, 0
    words = [cursor.next().text]
    while more := cursor.takes_one_of(_MORE_TYPE):
        words.append(more)
    if cursor.sees("("):
        cursor.group()
    scale = scale_of(cursor.text[first.span.start : cursor.token.span.start])
    if words[0] in ("TIMESTAMP", "TIME"):
        words += _time_zone(cursor)
    found = type_name(" ".join(words))
    guess = closest(words[0], _SINGLE_TYPES) if found is None and len(words) == 1 and not cursor.sees(".") else None
    if guess:
        written = _written(first, cursor)
        problems.append(Problem(first.span, f"`{written}` is not a type of Snowflake", f"did you mean `{guess}`?"))
    return found, scale


def _time_zone(cursor: Cursor) -> list[str]:
    for words in (("WITH", "LOCAL", "TIME", "ZONE"), ("WITH", "TIME", "ZONE"), ("WITHOUT", "TIME", "ZONE")):
        if cursor.takes(*words):
            return list(words)
    return []


def _written(token: Token, cursor: Cursor) -> str:
    return cursor.text[token.span.start : token.span.end]
