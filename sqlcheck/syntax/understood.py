"""The tokens as sqlglot is given them: it does not read some of Snowflake's forms, and some take it for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot.tokens import Token, TokenType

MOST_BARE = 4
"""With so many joins without a condition sqlglot's way to read them is still fast."""

_MEMBERED = frozenset({TokenType.ARRAY, TokenType.MAP})
_CONDITIONS = frozenset({TokenType.ON, TokenType.USING})
_KINDS = frozenset({TokenType.INNER, TokenType.OUTER, TokenType.SEMI, TokenType.ANTI})
_SETTLED = frozenset({TokenType.CROSS, TokenType.NATURAL, TokenType.ASOF})
"""What tells sqlglot that no condition of an outer join comes behind the inner one."""


def understood(tokens: Sequence[Token], kinds: Sequence[TokenType]) -> list[Token]:
    """Give tokens that sqlglot reads as Snowflake reads the author's, of these types, each where it stands."""
    kept = list(tokens)
    if not _MEMBERED.isdisjoint(kinds):
        kept = _without_not_null(kept)
    if TokenType.STRAIGHT_JOIN in kinds:
        # a word of MySQL's, and a name like any other here
        kept = [_as(TokenType.VAR, each) if each.token_type == TokenType.STRAIGHT_JOIN else each for each in kept]
    if kinds.count(TokenType.JOIN) > MOST_BARE:
        bare = frozenset(_bare_joins(kept))
        kept = list(_settled(kept, bare)) if len(bare) > MOST_BARE else kept
    return kept


def _without_not_null(tokens: list[Token]) -> list[Token]:
    """Leave out the NOT NULL of ARRAY(T NOT NULL) and MAP(K, V NOT NULL), which sqlglot does not read.

    https://docs.snowflake.com/en/sql-reference/data-types-structured#specifying-a-structured-type
    """
    kept: list[Token] = []
    opened: list[str] = []
    for token in tokens:
        if token.token_type == TokenType.L_PAREN:
            opened.append(kept[-1].text.upper() if kept else "")
        elif token.token_type == TokenType.R_PAREN and opened:
            ends = [last.token_type for last in kept[-2:]]
            if opened.pop() in ("ARRAY", "MAP") and ends == [TokenType.NOT, TokenType.NULL]:
                del kept[-2:]
        kept.append(token)
    return kept


def _bare_joins(tokens: list[Token]) -> Iterator[int]:
    """Find the JOINs without a condition; each condition belongs to the last JOIN in front of it that has none."""
    opened: list[list[int]] = [[]]
    for index, token in enumerate(tokens):
        kind = token.token_type
        if kind == TokenType.JOIN:
            opened[-1].append(index)
        elif kind in _CONDITIONS and opened[-1]:
            opened[-1].pop()
        elif kind == TokenType.L_PAREN:
            opened.append([])
        elif kind == TokenType.R_PAREN and len(opened) > 1:
            yield from opened.pop()
    for joins in opened:
        yield from joins


def _settled(tokens: list[Token], bare: frozenset[int]) -> Iterator[Token]:
    """Settle of each bare JOIN that it is one, by a kind that sqlglot takes for CROSS, in the author's own words.

    Otherwise it reads all that follows as joins within this one first, and then again: twice as long for each of them.
    """
    behind = {_end_of_kind(tokens, index) for index in bare}
    for index, token in enumerate(tokens):
        if index + 1 in behind and token.token_type in _KINDS:
            yield _as(TokenType.CROSS, token)
            continue
        if index in behind and not (index and tokens[index - 1].token_type in _KINDS | _SETTLED):
            yield _as(TokenType.CROSS, token, "")
        yield token


def _end_of_kind(tokens: list[Token], index: int) -> int:
    """Give where the kind of a join ends: in front of JOIN, or of DIRECTED JOIN."""
    return index - 1 if index and tokens[index - 1].text.upper() == "DIRECTED" else index


def _as(kind: TokenType, token: Token, text: str | None = None) -> Token:
    return Token(kind, token.text if text is None else text, token.line, token.col, token.start, token.end)
