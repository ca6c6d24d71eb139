"""Words and operators of other warehouses, and words of Snowflake in company that it does not allow."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot.tokens import TokenType

from sqlcheck.names import closest
from sqlcheck.syntax.layout import CLOSING, OPENING
from sqlcheck.syntax.reading import ENDS, VALUE_ENDS, Reading, T

_FOREIGN_OPERATORS = {
    T.CARET: "use BITXOR or POWER", T.PIPE: "use BITOR, or `||` to join texts", T.AMP: "use BITAND",
    T.TILDE: "use BITNOT, or RLIKE to match a pattern", T.NULLSAFE_EQ: "use EQUAL_NULL or IS NOT DISTINCT FROM",
    T.IRLIKE: "use REGEXP_LIKE with the parameter 'i'", T.XOR: "use BOOLXOR", T.SIMILAR_TO: "use RLIKE",
    T.OVERLAPS: "compare the ends of the two periods", T.DQMARK: "use COALESCE", T.COLON_EQ: "use `=` to compare",
    T.DARROW: "use a path, as in `column:key`", T.DIV: "use FLOOR or TRUNC of the quotient",
    T.DAMP: "use AND", T.PIPE_GT: "nest the steps as subqueries",
}  # fmt: skip
_OPERANDS = frozenset({T.VAR, T.IDENTIFIER, T.STRING, T.NUMBER})
_NO_LIMIT = ENDS | {T.COMMA, T.OR, T.THEN, T.ELSE, T.END, T.BETWEEN}
"""What cannot stand between the two limits of BETWEEN."""
_FOREIGN_WORDS = {
    T.APPLY: "use JOIN LATERAL", T.STRAIGHT_JOIN: "use JOIN", T.CLUSTER_BY: "use ORDER BY",
    T.SORT_BY: "use ORDER BY", T.DISTRIBUTE_BY: "leave it out", T.NATIONAL_STRING: "leave out the N",
}  # fmt: skip


def inside(reading: Reading, index: int) -> None:
    """Look at what IN compares with."""
    following = reading.kind(index + 1)
    if following in (T.L_PAREN, None, T.COLON, T.PLACEHOLDER, T.PARAMETER) or following in ENDS:
        return
    if reading.frames[-1].call != "POSITION" and not reading.is_name(index):
        reading.slip(index + 1, "`IN` takes a list or a query in brackets")


def being(reading: Reading, index: int) -> None:
    """Look at what IS asks."""
    at = index + 2 if reading.kind(index + 1) == T.NOT else index + 1
    if at < len(reading.tokens) and reading.kind(at) not in (T.NULL, T.TRUE, T.FALSE, T.DISTINCT) and not (
        reading.is_name(index) or reading.kind(at) in ENDS
    ):  # fmt: skip
        guess = closest(reading.word(at), ("NULL", "TRUE", "FALSE", "DISTINCT"))
        advice = f"did you mean `{guess}`?" if guess else "use `=` to compare values"
        reading.slip(at, f"`IS` cannot be followed by `{reading.tokens[at].text}`", advice)


def null_test(reading: Reading, index: int) -> None:
    """Look for ISNULL and NOTNULL as operators."""
    if reading.kind(index - 1) in VALUE_ENDS and reading.kind(index + 1) != T.L_PAREN:
        wanted = "IS NULL" if reading.kind(index) == T.ISNULL else "IS NOT NULL"
        reading.slip(index, f"`{reading.tokens[index].text}` is no test in Snowflake", f"write {wanted}")


def equal(reading: Reading, index: int) -> None:
    """Look for `==`."""
    if reading.tokens[index].text == "==":
        # the tokenizer takes `===` for two operators
        is_strict = reading.kind(index + 1) == T.EQ and reading.glued(index + 1)
        last = index + is_strict
        reading.slip(index, f"`{'===' if is_strict else '=='}` is no operator in Snowflake", "write `=`", last=last)


def operator(reading: Reading, index: int) -> None:
    """Look for an operator of another warehouse."""
    kind = reading.kind(index)
    if kind == T.TILDE and reading.kind(index - 1) == T.PARAMETER:
        return
    if kind in (T.DIV, T.XOR) and reading.kind(index - 1) not in VALUE_ENDS:
        return
    if kind in _FOREIGN_OPERATORS and not reading.is_name(index):
        reading.slip(index, f"`{reading.tokens[index].text}` is no operator in Snowflake", _FOREIGN_OPERATORS[kind])


def greater(reading: Reading, index: int) -> None:
    """Look for `>>`."""
    if reading.kind(index - 1) == T.GT and reading.frames[-1].call not in ("ARRAY", "STRUCT", "MAP"):
        reading.slip(index - 1, "`>>` is no operator in Snowflake", "use BITSHIFTRIGHT", last=index)


def _is_second_operand(reading: Reading, index: int) -> bool:
    kinds = reading.kind(index - 2), reading.kind(index - 1), reading.kind(index)
    return kinds[1] in _OPERANDS and kinds[2] in _OPERANDS and kinds[0] != T.INTERVAL


def between(reading: Reading, index: int) -> None:
    """Look for the AND that belongs to BETWEEN."""
    if reading.word(index - 1) in ("ROWS", "RANGE") or reading.is_name(index):
        return
    depth = 0
    for at in range(index + 1, len(reading.kinds)):
        kind = reading.kinds[at]
        if depth == 0 and kind == T.AND:
            return
        if depth == 0 and (kind in _NO_LIMIT or _is_second_operand(reading, at)):
            if at > index + 1:
                reading.slip(at, "`AND` is due here: it belongs to BETWEEN", "write BETWEEN … AND …")
            return
        depth += (kind in OPENING or kind == T.CASE) - (kind in CLOSING or kind == T.END)


def arrow(reading: Reading, index: int) -> None:
    """Look for `->` outside of a lambda."""
    if not any(frame.call for frame in reading.frames) or reading.kind(index + 1) == T.STRING:
        reading.slip(index, "`->` is no operator in Snowflake", "use a path, as in `column:key`")


def foreign(reading: Reading, index: int) -> None:
    """Look for a word of another warehouse."""
    kind = reading.kind(index)
    if kind is not None and not reading.is_name(index):
        shown = reading.word(index) if kind != T.NATIONAL_STRING else "N'…'"
        reading.slip(index, f"`{shown}` is not known to Snowflake", _FOREIGN_WORDS[kind])


def half_join(reading: Reading, index: int) -> None:
    """Look for LEFT SEMI JOIN and its like."""
    if T.JOIN in (reading.kind(index + 1), reading.kind(index + 2)) or reading.kind(index - 1) == T.LEFT:
        wanted = "EXISTS" if reading.kind(index) == T.SEMI else "NOT EXISTS"
        reading.slip(index, f"Snowflake has no `{reading.word(index)}` join", f"use {wanted} in WHERE")


def lateral(reading: Reading, index: int) -> None:
    """Look for LATERAL VIEW."""
    if reading.kind(index + 1) == T.VIEW:
        reading.slip(index, "`LATERAL VIEW` is not known to Snowflake", "use LATERAL FLATTEN(…)", last=index + 1)


def joined_with(reading: Reading, index: int) -> None:
    """Look for WITH behind a table or a clause."""
    following = reading.word(index + 1)
    if following in ("ROLLUP", "CUBE", "TOTALS", "TIES") and reading.kind(index - 1) != T.L_PAREN and index:
        advice = f"write GROUP BY {following} (…)" if following in ("ROLLUP", "CUBE") else None
        reading.slip(index, f"`WITH {following}` is not known to Snowflake", advice, last=index + 1)
    elif following == "(" and index and reading.word(index - 1) != "START":
        reading.slip(index, "Snowflake takes no hints behind a table", "remove WITH (…)", last=index + 1)


def using(reading: Reading, index: int) -> None:
    """Look at what USING names."""
    if reading.kind(index + 1) not in (T.L_PAREN, None) and reading.kind(index + 1) not in ENDS:
        reading.slip(index + 1, "`USING` takes columns in brackets")


HANDLERS: dict[TokenType, Callable[[Reading, int], None]] = {
    **dict.fromkeys(_FOREIGN_OPERATORS, operator),
    **dict.fromkeys(_FOREIGN_WORDS, foreign),
    **dict.fromkeys((T.SEMI, T.ANTI), half_join),
    **dict.fromkeys((T.ISNULL, T.NOTNULL), null_test),
    T.IN: inside, T.IS: being, T.EQ: equal, T.GT: greater, T.ARROW: arrow, T.LATERAL: lateral, T.WITH: joined_with,
    T.USING: using, T.BETWEEN: between,
}  # fmt: skip
"""Token → what looks at it."""
