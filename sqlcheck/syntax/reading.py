"""One pass over the tokens of a query, and what is known at each of them: the brackets around, the CASEs open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from sqlglot.tokens import Token, TokenType

from sqlcheck.model import Span
from sqlcheck.syntax.layout import SET_OPERATORS

T = TokenType
CLAUSES = frozenset({T.FROM, T.WHERE, T.GROUP_BY, T.HAVING, T.QUALIFY, T.ORDER_BY, T.ON, T.JOIN, T.USING})
LIKE_CLAUSES = frozenset({T.LIMIT, T.OFFSET, T.FETCH})
"""Clause keywords that may also be names of columns."""
ENDS = CLAUSES | LIKE_CLAUSES | SET_OPERATORS | {T.R_PAREN}
"""What ends an expression and cannot begin one."""
VALUE_ENDS = frozenset({T.VAR, T.IDENTIFIER, T.STRING, T.NUMBER, T.R_PAREN, T.R_BRACKET, T.STAR, T.NULL, T.TRUE,
                        T.FALSE, T.END, T.DATE, T.TIMESTAMP, T.TIME, T.TEXT, T.INT})  # fmt: skip
"""What can be the last token of an expression."""


class Slip(NamedTuple):
    """A place that Snowflake refuses; `structural` when a clause or item is empty, doubled or out of order."""

    first: int
    """Index of the first token concerned, `last` of the last one."""
    last: int
    message: str
    help: str | None = None
    structural: bool = False

    def span(self, tokens: Sequence[Token]) -> Span:
        """Give the place in the text."""
        return Span(tokens[self.first].start, tokens[self.last].end + 1)


@dataclass(eq=False)
class Frame:
    """What is known of the bracket that is being read: a query, a function's arguments, or something else."""

    opener: int
    call: str = ""
    """The name in front of the bracket, in upper case."""
    select: int | None = None
    rank: int = 0
    last: int = 0
    listing: bool = False
    """Whether a select list is being read."""
    ordered: int | None = None
    seen: dict[TokenType, int] = field(default_factory=dict)


class Reading:
    """The tokens of a statement and the state of the pass over them."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.kinds = [token.token_type for token in tokens]
        self.frames = [Frame(-1)]
        self.heads: list[int] = []
        """Each open CASE, or -1 for one that has had a branch."""
        self.cases: list[int | None] = []
        """For each open CASE the WHEN that waits for its THEN."""
        self.found: list[Slip] = []
        self.until = -1
        """Tokens up to this one are left out."""

    @cached_property
    def has_stage(self) -> bool:
        """Tell whether the statement may name a stage, whose path has signs of its own."""
        return any(token.text == "@" for token in self.tokens)

    def kind(self, index: int) -> TokenType | None:
        """Give a token's type; None outside the text."""
        return self.kinds[index] if 0 <= index < len(self.kinds) else None

    def word(self, index: int) -> str:
        """Give a token's text in upper case; blank outside the text."""
        return self.tokens[index].text.upper() if 0 <= index < len(self.kinds) else ""

    def is_name(self, index: int) -> bool:
        """Tell whether a keyword is a step of a path, and thus a name."""
        return self.kind(index - 1) in (TokenType.DOT, TokenType.COLON) and self.glued(index)

    def glued(self, index: int) -> bool:
        """Tell whether no blank stands in front of a token."""
        return index > 0 and self.tokens[index - 1].end + 1 == self.tokens[index].start

    def slip(self, first: int, message: str, help: str | None = None, *, last: int | None = None) -> None:
        """Note a slip."""
        self.found.append(Slip(first, first if last is None else last, message, help))

    def structural(self, first: int, message: str, help: str | None = None) -> None:
        """Note that a clause or an item is empty, doubled or out of order."""
        self.found.append(Slip(first, first, message, help, True))
