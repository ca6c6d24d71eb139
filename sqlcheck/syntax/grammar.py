"""What the parser forgives and Snowflake refuses: slips that show on the tokens of a query.

sqlglot reads many dialects at once and drops what it does not need: doubled commas, empty clauses,
clauses out of order, words of other warehouses. One pass over the tokens finds them again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from sqlglot.tokens import Token, TokenType

from sqlcheck.syntax import neighbours, phrases
from sqlcheck.syntax.layout import CLOSING, OPENING, SET_OPERATORS
from sqlcheck.syntax.reading import VALUE_ENDS, Frame, Reading, Slip, T

_RANK = {T.FROM: 1, T.WHERE: 2, T.GROUP_BY: 3, T.HAVING: 4, T.QUALIFY: 5, T.ORDER_BY: 6, T.LIMIT: 7}
_EMPTY_BRACKETS = frozenset({T.IN, T.FROM, T.USING, T.VALUES, T.TABLE_SAMPLE, T.ALIAS, T.WHERE, T.SELECT, T.ON})
_NO_CALL = frozenset({T.IN, T.ALIAS, T.FROM, T.COMMA, T.L_PAREN, T.EQ, T.AND, T.OR, T.JOIN, T.ON, T.WHERE})
_ORDERED_BRACKETS = frozenset({"", "OVER", "GROUP", "MATCH_RECOGNIZE"})
_BEHIND_LIMIT = frozenset({T.DOT, T.COMMA, T.EQ, T.R_PAREN, None})
_BEFORE_LIMIT = VALUE_ENDS | {T.ASC, T.DESC, T.FIRST, T.ALL}


def slips(tokens: Sequence[Token]) -> tuple[Slip, ...]:
    """Find what Snowflake refuses in a statement, in text order; one slip for a culprit."""
    reading = Reading(tokens)
    kinds, handlers = reading.kinds, _HANDLERS
    bad = neighbours.BAD
    suspects = {index for index, pair in enumerate(pairwise(kinds), 1) if pair in bad}
    for index in [index for index, kind in enumerate(kinds) if kind in handlers or index in suspects]:
        if index <= reading.until:
            continue
        if index in suspects and not reading.is_name(index - 1) and not neighbours.is_excused(reading, index):
            neighbours.pair(reading, index)
        handler = handlers.get(kinds[index])
        if handler is not None:
            handler(reading, index)
    neighbours.final(reading)
    culprits: dict[int, Slip] = {}
    for slip in reading.found:
        culprits.setdefault(slip.first, slip)
    return tuple(sorted(culprits.values()))


def _open(reading: Reading, index: int) -> None:
    kind, before = reading.kinds[index], reading.kind(index - 1)
    name = ""
    if kind == T.L_PAREN and before is not None and before not in _NO_CALL:
        name = reading.tokens[index - 1].text.upper()
        name = name if name[:1].isalpha() or name[:1] == "_" else ""
    reading.frames.append(Frame(index, name))
    if before in _EMPTY_BRACKETS and reading.kind(index + 1) in CLOSING:
        reading.slip(index, f"these brackets behind `{reading.word(index - 1)}` are empty", last=index + 1)
    elif kind == T.L_BRACKET and reading.kind(index + 1) == T.R_BRACKET and reading.kind(index - 2) == T.DCOLON:
        reading.slip(index, "`[]` makes no type in Snowflake", "cast to ARRAY", last=index + 1)
    elif name == "PATTERN" and any(frame.call == "MATCH_RECOGNIZE" for frame in reading.frames):
        _skip_pattern(reading, index)


def _skip_pattern(reading: Reading, index: int) -> None:
    """Leave out the row pattern of MATCH_RECOGNIZE, whose signs are quantifiers."""
    depth = 0
    for at in range(index, len(reading.kinds)):
        depth += (reading.kinds[at] in OPENING) - (reading.kinds[at] in CLOSING)
        if depth == 0:
            reading.until = at
            break
    reading.frames.pop()


def _close(reading: Reading, index: int) -> None:  # noqa: ARG001 - all handlers are called alike
    if len(reading.frames) > 1:
        reading.frames.pop()


def _select(reading: Reading, index: int) -> None:
    frame = reading.frames[-1]
    if frame.select is None and T.FROM in frame.seen and not reading.is_name(index):
        reading.structural(frame.seen[T.FROM], "`FROM` stands before `SELECT`", "begin with SELECT")
    frame.select, frame.listing, frame.rank, frame.ordered = index, True, 0, None
    frame.seen = {}


def _clause(reading: Reading, index: int) -> None:
    """Look whether a clause stands behind those that come before it."""
    kind, frame = reading.kinds[index], reading.frames[-1]
    if reading.is_name(index) or (kind == T.FROM and _is_no_clause(reading, index)):
        return
    if frame.select is None:
        if kind == T.ORDER_BY:
            _order_in_call(reading, index, frame)
        elif kind == T.FROM and not frame.call:
            frame.seen.setdefault(kind, index)
        return
    rank, word = _RANK[kind], reading.word(index)
    frame.listing = False
    if kind in frame.seen:
        reading.structural(index, f"a second `{word}` in one SELECT", "join the two")
    elif rank < frame.rank:
        reading.structural(index, f"`{word}` stands behind `{reading.word(frame.last)}`", "put it before")
    if rank >= frame.rank:
        frame.rank, frame.last = rank, index
    frame.seen.setdefault(kind, index)
    if kind in (T.ORDER_BY, T.LIMIT) and frame.ordered is None:
        frame.ordered = index


def _is_no_clause(reading: Reading, index: int) -> bool:
    """Tell IS DISTINCT FROM and NTH_VALUE(…) FROM FIRST from the clause."""
    if reading.word(index - 1) == "DISTINCT":
        return reading.kind(index - 2) in (T.IS, T.NOT)
    return reading.word(index + 1) in ("FIRST", "LAST") and reading.kind(index - 1) == T.R_PAREN


def _order_in_call(reading: Reading, index: int, frame: Frame) -> None:
    if frame.opener < 0 or frame.opener == index - 1 or frame.call in _ORDERED_BRACKETS:
        return
    if T.PARTITION_BY not in reading.kinds[frame.opener : index]:
        message = f"`ORDER BY` cannot stand inside the brackets of {frame.call}"
        reading.slip(index, message, "write WITHIN GROUP (ORDER BY …) behind them")


def _join(reading: Reading, index: int) -> None:
    frame = reading.frames[-1]
    if frame.select is not None and frame.rank > 1 and not reading.is_name(index):
        reading.structural(index, f"`JOIN` stands behind `{reading.word(frame.last)}`", "put it behind FROM")


def _limit(reading: Reading, index: int) -> None:
    following, value = reading.kind(index + 1), reading.kind(index - 1) in VALUE_ENDS
    if following is None and value and reading.frames[-1].seen:
        reading.structural(index, "`LIMIT` has nothing behind it", "write a number of rows")
    if reading.kind(index - 1) not in _BEFORE_LIMIT or following in _BEHIND_LIMIT:
        return
    _clause(reading, index)
    if following in (T.VAR, T.DASH, T.ALL) and reading.kind(index + 2) != T.COLON:
        last = index + 2 if following == T.DASH else index + 1
        reading.slip(index + 1, "`LIMIT` takes a whole number written out", last=last)
    elif reading.kind(index + 2) == T.COMMA and following == T.NUMBER:
        last = min(index + 3, len(reading.kinds) - 1)
        reading.slip(index + 1, "Snowflake's `LIMIT` takes one number", "write LIMIT … OFFSET …", last=last)


def _set_operator(reading: Reading, index: int) -> None:
    frame = reading.frames[-1]
    if reading.is_name(index) or (reading.kind(index - 1) == T.STAR and reading.kind(index + 1) == T.L_PAREN):
        return
    word = reading.word(index)
    if reading.kind(index + 1) == T.ALL and reading.kinds[index] != T.UNION:
        reading.slip(index + 1, f"Snowflake's `{word}` takes no `ALL`")
    elif reading.kind(index + 1) in SET_OPERATORS:
        reading.structural(index, f"`{word}` has no query behind it")
    if frame.select is not None and frame.ordered is not None:
        message = f"`{reading.word(frame.ordered)}` stands before `{word}`"
        reading.structural(frame.ordered, message, "put this SELECT in brackets, or the clause behind the last one")
    frame.select, frame.listing, frame.rank, frame.ordered, frame.seen = None, False, 0, None, {}


def _case(reading: Reading, index: int) -> None:
    if not reading.is_name(index):
        reading.heads.append(index)
        reading.cases.append(None)


def _branch(reading: Reading, index: int) -> None:
    """Take WHEN or ELSE, in front of which the last WHEN must have had its THEN."""
    if reading.cases and not reading.is_name(index):
        _miss_then(reading)
        reading.cases[-1] = index if reading.kinds[index] == T.WHEN else None
        reading.heads[-1] = -1


def _then(reading: Reading, index: int) -> None:
    if reading.cases and not reading.is_name(index):
        if reading.cases[-1] is None and reading.heads[-1] >= 0:
            reading.slip(reading.heads[-1], "this `CASE` has a `THEN` and no `WHEN` in front of it")
        reading.cases[-1] = None


def _end(reading: Reading, index: int) -> None:
    if reading.cases and not reading.is_name(index):
        _miss_then(reading)
        reading.cases.pop()
        reading.heads.pop()


def _miss_then(reading: Reading) -> None:
    waiting = reading.cases[-1]
    if waiting is not None:
        reading.slip(waiting, "this `WHEN` has no `THEN`")


_HANDLERS: dict[TokenType, Callable[[Reading, int], None]] = {
    **phrases.HANDLERS,
    **dict.fromkeys(OPENING, _open),
    **dict.fromkeys(CLOSING, _close),
    **dict.fromkeys((T.FROM, T.WHERE, T.GROUP_BY, T.HAVING, T.QUALIFY, T.ORDER_BY), _clause),
    **dict.fromkeys(SET_OPERATORS, _set_operator),
    **dict.fromkeys((T.WHEN, T.ELSE), _branch),
    T.SELECT: _select,
    T.JOIN: _join,
    T.LIMIT: _limit,
    T.CASE: _case,
    T.THEN: _then,
    T.END: _end,
}
