"""Statements that are no queries, told by their keywords."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot.tokens import Token, TokenType

from sqlcheck.syntax.layout import CLOSING, OPENING

_STATEMENTS = frozenset(
    "INSERT UPDATE DELETE MERGE TRUNCATE CREATE ALTER DROP UNDROP GRANT REVOKE CALL EXECUTE EXEC SHOW DESCRIBE DESC "
    "USE EXPLAIN SET UNSET BEGIN DECLARE COMMIT ROLLBACK COPY PUT GET LIST LS REMOVE RM COMMENT LET RETURN IF FOR "
    "WHILE LOOP REPEAT VALUES START REPLACE RENAME ANALYZE VACUUM REFRESH PRAGMA UPSERT LOCK KILL CACHE UNCACHE "
    "SUMMARIZE OPEN CLOSE RAISE ABORT SAVEPOINT END DO".split()
)
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "CREATE"})
_PATH_SIGNS = frozenset({TokenType.DOT, TokenType.COLON})


def foreign_statement(tokens: Sequence[Token]) -> int | None:
    """Give the index of the keyword that makes a text something else than a query."""
    first = next((i for i, token in enumerate(tokens) if token.token_type != TokenType.L_PAREN), 0)
    word = tokens[first].text.upper()
    if tokens[first].token_type not in (TokenType.IDENTIFIER, TokenType.STRING) and word in _STATEMENTS:
        return first
    if tokens[first].token_type == TokenType.WITH:
        return _after_with(tokens, first)
    if tokens[first].token_type == TokenType.SELECT:
        return _into(tokens, first)
    return None


def bracketed_statement(tokens: Sequence[Token]) -> int:
    """Give the index of the keyword that begins something else than a query inside of a WITH clause."""
    begins = (TokenType.ALIAS, TokenType.L_PAREN)
    opened = [i for i in range(2, len(tokens)) if (tokens[i - 2].token_type, tokens[i - 1].token_type) == begins]
    return next((i for i in opened if tokens[i].text.upper() in _STATEMENTS), 0)


def _into(tokens: Sequence[Token], first: int) -> int | None:
    """Find the INTO of a SELECT that fills a table or the variables of a script; the word names nothing unquoted."""
    kinds = [token.token_type for token in tokens]
    if TokenType.INTO not in kinds:
        return None
    depth = 0
    for index in range(first, len(kinds)):
        kind = kinds[index]
        depth += (kind in OPENING) - (kind in CLOSING)
        if depth == 0 and kind == TokenType.INTO and tokens[index - 1].token_type not in _PATH_SIGNS:
            return index
    return None


def _after_with(tokens: Sequence[Token], first: int) -> int | None:
    """Find the statement that a WITH clause belongs to, if it changes data."""
    depth = 0
    for index in range(first, len(tokens)):
        kind = tokens[index].token_type
        depth += (kind in OPENING) - (kind in CLOSING)
        if depth == 0 and kind == TokenType.SELECT:
            return None
        if depth == 0 and tokens[index - 1].token_type == TokenType.R_PAREN and tokens[index].text.upper() in _CHANGES:
            return index
    return None
