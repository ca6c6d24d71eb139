"""The clauses of the outermost query, found on the tokens: a set operation's own are not in any SELECT."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot.tokens import TokenType

from sqlcheck.model import Edit, Span
from sqlcheck.parse import Query
from sqlcheck.syntax.layout import CLOSING, OPENING, SET_OPERATORS

LIMITS = frozenset({TokenType.LIMIT, TokenType.OFFSET, TokenType.FETCH, TokenType.TOP, TokenType.TABLE_SAMPLE})
_NEXT_CLAUSE = SET_OPERATORS | frozenset(
    {TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.QUALIFY, TokenType.ORDER_BY, TokenType.FROM}
)
_COUNTS = frozenset({TokenType.NUMBER, TokenType.PARAMETER, TokenType.STRING, TokenType.COLON, TokenType.PLACEHOLDER})
_NO_COUNTS = frozenset({TokenType.NULL, TokenType.RAW_STRING, TokenType.NUMBER})
_SAMPLE_WORDS = frozenset({"BERNOULLI", "SYSTEM", "ROW", "BLOCK", "SEED", "REPEATABLE"})


def indices(query: Query) -> Iterator[int]:
    """Yield the indices of the tokens that stand in no subquery, call or CTE."""
    outer = [True]
    for index, token in enumerate(query.tokens):
        kind = token.token_type
        if kind in OPENING:
            outer.append(outer[-1] and _wraps_a_query(query, index))
        elif kind in CLOSING:
            if len(outer) > 1:
                outer.pop()
        elif outer[-1]:
            yield index


def _wraps_a_query(query: Query, index: int) -> bool:
    """Tell whether a bracket, itself outermost, holds a SELECT that is the query or one side of it."""
    if index == 0:
        return True
    before = query.tokens[index - 1].token_type
    if before == TokenType.R_PAREN:
        return True  # behind the last CTE
    return (
        before == TokenType.L_PAREN
        or before in SET_OPERATORS
        or (before in (TokenType.ALL, TokenType.DISTINCT) and query.tokens[index - 2].token_type in SET_OPERATORS)
    )


def limit_end(query: Query, index: int) -> int | None:
    """Give the last token of the row limit that begins at a token, or None when that is no row limit."""
    tokens = query.tokens
    kind = tokens[index].token_type
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None or index == 0 or tokens[index - 1].token_type in (TokenType.DOT, TokenType.COLON):
        return None
    if kind == TokenType.TOP:
        if following.token_type == TokenType.L_PAREN and index + 3 < len(tokens):
            return index + 3
        return index + 1 if following.token_type == TokenType.NUMBER else None
    if kind == TokenType.TABLE_SAMPLE:
        return _sample_end(query, index)
    if kind == TokenType.FETCH:
        return clause_end(query, index)
    if following.token_type not in _COUNTS or (kind == TokenType.OFFSET and following.text == "0"):
        return None
    return clause_end(query, index)


def dropped(query: Query, span: Span) -> Edit:
    """Take a clause out, with the blanks in front of it."""
    before = query.before(span.start)
    start = before.end + 1 if before is not None else span.start
    gap = query.text[start : span.start]
    return Edit(span if gap.strip() else Span(start, span.end), "")


def clause_end(query: Query, index: int) -> int:
    """Give the last token of the clause that begins at a token."""
    depth = 0
    starts_with = query.tokens[index].token_type
    stops = _NEXT_CLAUSE if starts_with != TokenType.ORDER_BY else _NEXT_CLAUSE | LIMITS
    for at in range(index + 1, len(query.tokens)):
        kind = query.tokens[at].token_type
        if depth == 0 and (kind in CLOSING or (kind in stops and _begins_a_clause(query, at))):
            return at - 1
        depth += (kind in OPENING) - (kind in CLOSING)
    return len(query.tokens) - 1


def _begins_a_clause(query: Query, index: int) -> bool:
    """Tell a clause keyword from a column of that name."""
    if query.tokens[index - 1].token_type == TokenType.DOT:
        return False
    is_idle = index + 1 < len(query.tokens) and query.tokens[index + 1].token_type in _NO_COUNTS
    return query.tokens[index].token_type not in LIMITS or is_idle or limit_end(query, index) is not None


def _sample_end(query: Query, index: int) -> int | None:
    """Give the end of SAMPLE [method] (…) [SEED (…)]."""
    tokens = query.tokens
    last, at = None, index + 1
    while at < len(tokens):
        if tokens[at].token_type == TokenType.L_PAREN:
            while at < len(tokens) and tokens[at].token_type != TokenType.R_PAREN:
                at += 1
            last = min(at, len(tokens) - 1)
        elif tokens[at].text.upper() not in _SAMPLE_WORDS:
            break
        at += 1
    return last
