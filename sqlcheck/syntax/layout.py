"""Where each SELECT stands in the text: its keyword, its items and its clauses, found on the tokens.

sqlglot's tree has positions on leaves only. The tokens have all of them, and their brackets nest as the
tree does, so one pass over the tokens finds every SELECT with its extent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlglot.tokens import Token, TokenType

from sqlcheck.model import Span

OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
SET_OPERATORS = frozenset({TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT})

_CLAUSES = {
    TokenType.FROM: "from",
    TokenType.WHERE: "where",
    TokenType.GROUP_BY: "group by",
    TokenType.HAVING: "having",
    TokenType.QUALIFY: "qualify",
    TokenType.ORDER_BY: "order by",
    TokenType.LIMIT: "limit",
    TokenType.FETCH: "fetch",
    TokenType.OFFSET: "offset",
    TokenType.CONNECT_BY: "connect by",
    TokenType.WINDOW: "window",
    TokenType.INTO: "into",
}
_WORDS = SET_OPERATORS | _CLAUSES.keys() | {TokenType.SELECT}
_NAMES = frozenset({TokenType.LIMIT, TokenType.FETCH, TokenType.OFFSET, TokenType.WINDOW})
"""Clauses whose word may also name a column: Snowflake does not reserve it."""
_BEHIND_RANK = frozenset({"OVER", "IGNORE", "RESPECT"})
_BEFORE_KEY = frozenset({TokenType.COLON, TokenType.DOT})
"""What stands in front of a key of a semi-structured path, which may be a word of the language."""
_STRUCTURE = OPENING | CLOSING | _WORDS | {TokenType.COMMA}


@dataclass(eq=False)
class Frame:
    """A SELECT of the text; positions are token indices, ends exclusive."""

    keyword: int
    item: int | None
    """Where the select item starts that is being read; None behind the select list."""
    end: int = 0
    items: list[tuple[int, int]] = field(default_factory=list)
    clauses: dict[str, int] = field(default_factory=dict)
    children: list[Frame] = field(default_factory=list)
    taken: bool = False

    def finish_item(self, index: int) -> None:
        """Let the select item that is being read end before token `index`."""
        if self.item is not None and self.item < index:
            self.items.append((self.item, index))
        self.item = None


class ItemText(NamedTuple):
    """A select item in the text; `name` is its alias or the last part of a plain column."""

    span: Span
    expression: Span
    name: Span | None


class SelectText(NamedTuple):
    """A SELECT in the text; `clauses` holds the keywords' spans by lower-case name."""

    keyword: Span
    items: tuple[ItemText, ...]
    clauses: dict[str, Span]
    body: Span


def frames(tokens: Sequence[Token]) -> list[Frame]:
    """Find the SELECTs of a statement that stand in no other one, in text order, with those inside as children."""
    roots: list[Frame] = []
    groups: list[Frame | None] = [None]
    for index, kind in enumerate([token.token_type for token in tokens]):
        if kind not in _STRUCTURE or (kind in _WORDS and index and tokens[index - 1].token_type in _BEFORE_KEY):
            continue
        if kind in OPENING:
            groups.append(None)
        elif kind in CLOSING:
            if len(groups) > 1:
                _close(groups.pop(), index)
        elif kind == TokenType.SELECT:
            _close(groups[-1], index)
            outer = next((frame for frame in reversed(groups[:-1]) if frame is not None), None)
            groups[-1] = frame = Frame(index, _first_item(tokens, index + 1))
            (roots if outer is None else outer.children).append(frame)
        elif (current := groups[-1]) is not None:
            groups[-1] = _advance(current, tokens, index)
    for group in groups:
        _close(group, len(tokens))
    return roots


def _advance(frame: Frame, tokens: Sequence[Token], index: int) -> Frame | None:
    """Let a SELECT take in a comma or keyword of its own level; None when a set operator ends it."""
    kind = tokens[index].token_type
    if kind in SET_OPERATORS:
        _close(frame, index)
        return None
    if kind == TokenType.COMMA:
        if frame.item is not None:
            frame.finish_item(index)
            frame.item = index + 1
    elif not _is_no_clause(tokens, index) and not (kind in _NAMES and frame.item == index):
        frame.finish_item(index)
        frame.clauses.setdefault(_CLAUSES[kind], index)
    return frame


def _close(frame: Frame | None, index: int) -> None:
    if frame is not None:
        frame.finish_item(index)
        frame.end = index


def _first_item(tokens: Sequence[Token], index: int) -> int:
    """Skip what may stand between SELECT and its first item: DISTINCT, ALL, TOP n."""
    while index < len(tokens) and tokens[index].token_type in (TokenType.DISTINCT, TokenType.ALL):
        index += 1
    is_top = index + 1 < len(tokens) and tokens[index].text.upper() == "TOP"
    if is_top and tokens[index + 1].token_type == TokenType.NUMBER:
        index += 2
    return index


def _is_no_clause(tokens: Sequence[Token], index: int) -> bool:
    """Tell IS [NOT] DISTINCT FROM and NTH_VALUE(…) FROM FIRST from the clause."""
    before = tokens[index - 1].token_type
    if before == TokenType.DISTINCT:
        return tokens[index - 2].text.upper() in ("IS", "NOT")
    if tokens[index].token_type != TokenType.FROM or before != TokenType.R_PAREN or index + 2 >= len(tokens):
        return False
    return tokens[index + 1].text.upper() in ("FIRST", "LAST") and tokens[index + 2].text.upper() in _BEHIND_RANK
