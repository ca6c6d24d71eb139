"""Pairs of tokens that no query of Snowflake has side by side."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot.tokens import TokenType

from sqlcheck.syntax.layout import SET_OPERATORS
from sqlcheck.syntax.reading import CLAUSES, ENDS, LIKE_CLAUSES, Reading, T
from sqlcheck.syntax.spans import opening

_COMPARE = frozenset({T.EQ, T.NEQ, T.LT, T.GT, T.LTE, T.GTE})
_MATCH = frozenset({T.LIKE, T.ILIKE, T.RLIKE, T.BETWEEN})
_INFIX = _COMPARE | _MATCH | {T.SLASH, T.DPIPE, T.MOD, T.AND, T.OR, T.IN, T.IS}
_LINKS = _COMPARE | _MATCH | {T.PLUS, T.DASH, T.SLASH, T.DPIPE, T.MOD, T.AND, T.OR, T.NOT, T.FARROW}
_ARITHMETIC = frozenset({T.PLUS, T.DASH, T.SLASH, T.DPIPE, T.MOD})
_JOIN_KINDS = frozenset({T.LEFT, T.RIGHT, T.INNER, T.FULL, T.CROSS, T.NATURAL})
_BRANCH = frozenset({T.WHEN, T.THEN, T.ELSE})
_NEEDY = frozenset({T.WHERE, T.HAVING, T.QUALIFY, T.GROUP_BY, T.ORDER_BY, T.PARTITION_BY, T.CONNECT_BY, T.ON, T.FROM,
                    T.JOIN, T.SELECT, T.DISTINCT, T.TABLE_SAMPLE})  # fmt: skip
_CALLED_BY_NONE = CLAUSES | {T.COMMA, T.LATERAL, T.AND, T.OR, T.NOT, T.IN, T.EXISTS, T.VALUES}
"""Words in front of a bracket that is no call."""
_STAR_WORDS = frozenset({"EXCLUDE", "RENAME", "REPLACE", "ILIKE"})


def _pairs() -> frozenset[tuple[TokenType, TokenType]]:
    """List the neighbours that no query of Snowflake has, or only where `_excused` knows of it."""
    ends = ENDS | _JOIN_KINDS | {T.THEN, T.ELSE, T.WHEN, T.END, T.ALIAS}
    found = {(left, right) for left in _LINKS | _BRANCH | {T.CASE, T.DCOLON} for right in ends}
    found |= {(left, right) for left in _LINKS | _BRANCH for right in _INFIX | {T.COMMA}}
    found |= {(left, right) for left in _NEEDY for right in ENDS | _JOIN_KINDS | _INFIX | {T.COMMA, T.ALIAS}}
    found |= {(T.COMMA, right) for right in ENDS | _INFIX | {T.COMMA, T.ALIAS}}
    found |= {(left, right) for left in (T.L_PAREN, T.L_BRACKET) for right in _INFIX | {T.COMMA, T.FROM, T.WHERE}}
    found |= {(T.ALIAS, right) for right in ENDS | {T.COMMA, T.STRING, T.NUMBER, T.PARAMETER}}
    found |= {(T.DCOLON, right) for right in (T.COLON, T.DCOLON, T.STRING, T.NUMBER)}
    found |= {(T.DOT, right) for right in CLAUSES | SET_OPERATORS | _INFIX}
    found |= {(T.COLON, right) for right in CLAUSES | SET_OPERATORS}
    found |= {(T.NOT, T.NULL), (T.DISTINCT, T.DISTINCT), (T.STRING, T.STRING), (T.STAR, T.ALIAS), (T.STAR, T.EXCEPT)}
    found |= {(T.ASC, T.DESC), (T.DESC, T.ASC), (T.INTERVAL, T.NUMBER), (T.PARAMETER, T.PARAMETER), (T.FOR, T.UPDATE)}
    found |= {(T.VAR, T.TIME), (T.NUMBER, T.PERCENT), (T.STAR, T.VAR), (T.STAR, T.IDENTIFIER)}
    found |= {(left, T.STAR) for left in _ARITHMETIC}
    found |= {(T.OVER, right) for right in CLAUSES | SET_OPERATORS | {T.COMMA, T.R_PAREN}}
    found |= {(T.LT, T.LT), (T.STAR, T.STAR), (T.SELECT, T.ALIAS), (T.GROUP_BY, T.PARTITION_BY)}
    found -= {(T.CASE, T.WHEN)}
    found -= {(T.NOT, right) for right in (T.LIKE, T.ILIKE, T.RLIKE, T.BETWEEN, T.IN)}
    return frozenset(found)


BAD = _pairs()


def is_excused(reading: Reading, index: int) -> bool:
    """Tell whether two suspicious neighbours are right here."""
    left, right = reading.kind(index - 1), reading.kind(index)
    if left in (T.DOT, T.COLON):
        return reading.glued(index) and right not in _COMPARE
    if right in _MATCH and reading.kind(index + 1) == T.L_PAREN:
        return True  # LIKE(…) and its kin are functions as well
    if left == T.OVER:
        return not _wants_window(reading, index - 1)
    if left in (T.SLASH, T.DASH) and reading.has_stage:
        return True  # the path of a stage
    if right in LIKE_CLAUSES:
        return reading.kind(index + 1) not in (T.NUMBER, T.FIRST, T.NEXT)
    if right in _JOIN_KINDS:
        return reading.kind(index + 1) == T.L_PAREN or left in (T.SELECT, T.DISTINCT)
    if right in (T.END, T.WHEN, T.THEN, T.ELSE):
        return not reading.cases
    if right == T.R_PAREN and left in (T.PLUS, T.DASH, T.DISTINCT):
        return reading.kind(index - 2) == T.L_PAREN and left == T.PLUS
    return _is_excused_by_words(reading, index, left, right)


def _is_excused_by_words(reading: Reading, index: int, left: TokenType | None, right: TokenType | None) -> bool:
    frame = reading.frames[-1]
    if (left, right) == (T.ALIAS, T.STRING):
        return any(outer.call == "UNPIVOT" for outer in reading.frames)
    if left == T.DISTINCT and right == T.FROM:
        return reading.kind(index - 2) in (T.IS, T.NOT)
    if left == T.COMMA and right == T.FROM:
        return frame.listing
    if left == T.COMMA and right == T.R_PAREN:
        return frame.listing
    if left == T.L_PAREN and right == T.FROM:
        return frame.call == "TRIM"
    if (left, right) == (T.NOT, T.NULL):
        return reading.kind(index - 2) == T.IS or frame.call in ("ARRAY", "OBJECT", "MAP")
    if (left, right) == (T.STAR, T.EXCEPT):
        return reading.kind(index + 1) != T.L_PAREN or reading.kind(index + 2) in (T.SELECT, T.WITH, T.L_PAREN)
    if left == T.STAR and right == T.STAR:
        return not reading.glued(index)
    if right == T.TIME:
        return reading.word(index - 1) != "AT" or reading.word(index + 1) != "ZONE"
    if left == T.STAR and right in (T.VAR, T.IDENTIFIER):
        return reading.kind(index - 2) not in (T.SELECT, T.DOT, T.COMMA) or reading.word(index) in _STAR_WORDS
    if left == T.ORDER_BY or left == T.GROUP_BY:
        return right == T.ALL
    return False


def pair(reading: Reading, index: int) -> None:
    """Say which of two neighbours is wrong."""
    left, right = reading.kind(index - 1), reading.kind(index)
    before, here = reading.tokens[index - 1].text.upper(), reading.tokens[index].text.upper()
    special = _SPECIAL.get((left, right))
    if special is not None:
        special(reading, index)
    elif left == T.COMMA and right == T.COMMA:
        reading.structural(index, "nothing stands between two commas", "remove one, or add what is missing")
    elif left == T.COMMA:
        reading.structural(index - 1, f"nothing stands between this comma and `{here}`", "remove the comma")
    elif right == T.COMMA and left in _NEEDY | {T.L_PAREN, T.L_BRACKET}:
        reading.structural(index, f"nothing stands between `{before}` and this comma", "remove the comma")
    elif left == T.ALIAS:
        reading.slip(index - 1, "no name stands behind `AS`", "write the alias, or leave out AS")
    elif left == T.OVER:
        _without_window(reading, index - 1)
    elif left in (T.SELECT, T.DISTINCT):
        reading.structural(index - 1, f"nothing is selected between `{before}` and `{here}`")
    elif left == right and left in CLAUSES:
        reading.structural(index, f"`{here}` stands twice", "remove one")
    elif _is_second(left, right):
        meant = _merged(reading, index)
        first = index - 1 if meant and reading.glued(index) else index
        reading.slip(first, f"`{here}` cannot follow `{before}`", meant, last=index)
    elif left in CLAUSES or left in (T.PARTITION_BY, T.CONNECT_BY, T.TABLE_SAMPLE):
        reading.structural(index - 1, f"`{before}` has nothing behind it", _EMPTY_HELP.get(left or T.VAR))
    elif left in (T.DOT, T.COLON):
        reading.slip(index - 1, f"no name stands behind `{before}`")
    else:
        reading.slip(index - 1, f"a value is missing between `{before}` and `{here}`")


def _is_second(left: TokenType | None, right: TokenType | None) -> bool:
    """Tell whether the second of two operators side by side is the one too many."""
    if right == T.STAR:
        return left in _ARITHMETIC
    return right in _INFIX and left not in (T.DOT, T.COLON) and not (left in _COMPARE and right in (T.AND, T.OR))


def _merged(reading: Reading, index: int) -> str | None:
    """Name the operator that two characters were meant to be."""
    written = reading.tokens[index - 1].text + reading.tokens[index].text
    meant = {"=<": "<=", "><": "<>", "=>": ">=", "<=": "<=", ">=": ">=", "<>": "<>", "==": "="}.get(written)
    return f"write `{meant}`" if meant else None


def final(reading: Reading) -> None:
    """Look at the last token, which nothing follows."""
    last = len(reading.tokens) - 1
    kind = reading.kind(last)
    if reading.kind(0) == T.FROM and reading.frames[0].select is None:
        reading.structural(0, "no `SELECT` stands in front of `FROM`", "begin with SELECT")
    if last < 0 or reading.is_name(last) or last <= reading.until:
        return
    word = reading.word(last)
    if kind == T.COMMA and not (len(reading.frames) == 1 and reading.frames[0].listing):
        reading.structural(last, "nothing stands behind this comma", "remove the comma")
    elif kind in CLAUSES | {T.SELECT, T.CONNECT_BY} | SET_OPERATORS:
        reading.structural(last, f"`{word}` has nothing behind it", _EMPTY_HELP.get(kind))
    elif kind == T.ALIAS:
        reading.slip(last, "no name stands behind `AS`", "write the alias, or leave out AS")
    elif kind == T.OVER and _wants_window(reading, last):
        _without_window(reading, last)
    elif kind == T.ALL and reading.kind(last - 1) in SET_OPERATORS:
        reading.structural(last - 1, f"`{reading.word(last - 1)} ALL` has nothing behind it")
    elif kind in (_LINKS - {T.SLASH, T.DASH}) | _BRANCH | {T.DCOLON, T.IN, T.IS}:
        reading.slip(last, f"a value is missing behind `{word}`")


def _wants_window(reading: Reading, index: int) -> bool:
    """Tell whether an OVER stands behind the call of a function; elsewhere the word is a name."""
    if reading.kind(index - 1) == T.R_PAREN:
        opened = opening(reading.tokens, index - 1)
        return reading.word(opened - 1).isidentifier() and reading.kind(opened - 1) not in _CALLED_BY_NONE
    return reading.word(index - 1) in ("NULLS", "FIRST", "LAST")


def _without_window(reading: Reading, index: int) -> None:
    reading.slip(index, "no window stands behind `OVER`", "write OVER (PARTITION BY …), or OVER () for all rows")


def _distinct_on(reading: Reading, index: int) -> None:
    reading.slip(index - 1, "`DISTINCT ON` is not known to Snowflake",
              "use QUALIFY ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) = 1", last=index)  # fmt: skip


def _filtered(reading: Reading, index: int) -> None:
    first = index - 2 if reading.word(index - 2) == "FILTER" else index
    reading.slip(first, "Snowflake's aggregates take no FILTER", "use COUNT_IF, or IFF inside the aggregate")


def _two_strings(reading: Reading, index: int) -> None:
    frame = reading.frames[-1]
    in_list = frame.select is None and (frame.call or reading.kind(frame.opener - 1) == T.IN)
    advice = "put a comma between them" if in_list else "join them with `||`"
    reading.slip(index, "two strings stand side by side", advice)


def _named_by_number(reading: Reading, index: int) -> None:
    last = index + 1 if reading.kind(index + 1) == T.VAR and reading.glued(index + 1) else index
    advice = 'begin it with a letter, or put it in double quotes: `"…"`'
    reading.slip(index, "an alias without quotes cannot begin with a digit", advice, last=last)


def _named_by_dollar(reading: Reading, index: int) -> None:
    last = index + 1 if reading.glued(index + 1) else index
    advice = f'put it in double quotes: `"${reading.tokens[last].text}"`' if last > index else None
    reading.slip(index, "an alias without quotes cannot begin with `$`", advice, last=last)


def _nothing(reading: Reading, index: int) -> None:
    """Leave it to another slip."""


def _says(
    message: str, help: str | None = None, *, back: int = 0, both: bool = False
) -> Callable[[Reading, int], None]:
    def say(reading: Reading, index: int) -> None:
        reading.slip(index - back, message, help, last=index if both else None)

    return say


_SPECIAL: dict[tuple[TokenType | None, TokenType | None], Callable[[Reading, int], None]] = {
    (T.DISTINCT, T.ON): _distinct_on,
    (T.L_PAREN, T.WHERE): _filtered,
    (T.L_PAREN, T.FROM): _nothing,
    (T.DISTINCT, T.DISTINCT): _says("`DISTINCT` stands twice"),
    (T.STRING, T.STRING): _two_strings,
    (T.ALIAS, T.STRING): _says("an alias is no string", 'put it in double quotes: `"…"`'),
    (T.ALIAS, T.NUMBER): _named_by_number,
    (T.ALIAS, T.PARAMETER): _named_by_dollar,
    **{(T.DCOLON, right): _says("no type stands between `::` and this") for right in (T.COLON, T.DCOLON)},
    **{(T.DCOLON, right): _says("a type is due behind `::`") for right in (T.STRING, T.NUMBER)},
    (T.STAR, T.ALIAS): _says("a star takes no alias"),
    (T.STAR, T.EXCEPT): _says("Snowflake leaves columns out with EXCLUDE", "write `* EXCLUDE (…)`"),
    (T.NOT, T.NULL): _says("`NOT NULL` is no test in Snowflake", "write IS NOT NULL", back=1, both=True),
    (T.ASC, T.DESC): _says("a direction stands twice"),
    (T.DESC, T.ASC): _says("a direction stands twice"),
    (T.INTERVAL, T.NUMBER): _says("an interval is written as a string", "write INTERVAL '1 day'"),
    (T.PARAMETER, T.PARAMETER): _says("`@@` is not known to Snowflake", back=1, both=True),
    (T.FOR, T.UPDATE): _says("a query that is wrapped in another cannot lock rows", back=1, both=True),
    (T.LT, T.LT): _says("`<<` is no operator in Snowflake", "use BITSHIFTLEFT", back=1, both=True),
    (T.STAR, T.STAR): _says("`**` is no operator in Snowflake", "use POWER", back=1, both=True),
    (T.VAR, T.TIME): lambda reading, index: reading.slip(
        index - 1, "`AT TIME ZONE` is not known to Snowflake", "use CONVERT_TIMEZONE", last=index + 1
    ),
    (T.STAR, T.VAR): _says("a star takes no alias"),
    (T.STAR, T.IDENTIFIER): _says("a star takes no alias"),
    (T.NUMBER, T.PERCENT): _says("Snowflake counts rows, not percents", "use SAMPLE for a share of the rows"),
    (T.SELECT, T.ALIAS): _says("`SELECT AS` is not known to Snowflake", back=1, both=True),
}
_EMPTY_HELP = {
    T.FROM: "name a table or a query", T.JOIN: "name what is joined", T.ON: "write the join's condition",
    T.WHERE: "write the condition, or remove it", T.GROUP_BY: "name what to group by, or remove it",
    T.ORDER_BY: "name what to order by, or remove it",
}  # fmt: skip
