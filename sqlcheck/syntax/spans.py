"""The exact text of a node: the span of its leaves, grown by the tokens that leave no leaf.

sqlglot keeps positions on identifiers, literals, stars and function names. Brackets, keywords, casts,
NULL and TRUE have none, so the tokens around the leaves are read to complete the span.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from sqlcheck.model import Span
from sqlcheck.syntax.layout import CLOSING, OPENING

_CAST_NAMES = frozenset({"CAST", "TRY_CAST"})
_IS_TAIL = frozenset({TokenType.IS, TokenType.NOT, TokenType.NULL, TokenType.TRUE, TokenType.FALSE})
_LEAFLESS: dict[type[exp.Expr], frozenset[TokenType]] = {
    exp.Null: frozenset({TokenType.NULL}),
    exp.Boolean: frozenset({TokenType.TRUE, TokenType.FALSE}),
}
_PREFIXES: dict[type[exp.Expr], str] = {
    exp.Not: "NOT",
    exp.Neg: "-",
    exp.Interval: "INTERVAL",
    exp.Exists: "EXISTS",
}
UNPOSITIONED: dict[type[exp.Expr], str] = {
    exp.GroupConcat: "LISTAGG",
    exp.ArgMax: "MAX_BY",
    exp.ArgMin: "MIN_BY",
    exp.Extract: "EXTRACT",
    exp.Ceil: "CEIL",
    exp.Floor: "FLOOR",
    exp.Chr: "CHR",
    exp.Decode: "DECODE",
    exp.DecodeCase: "DECODE",
    exp.Initcap: "INITCAP",
    exp.JSONObject: "OBJECT_CONSTRUCT_KEEP_NULL",
    exp.StrPosition: "POSITION",
    exp.Substring: "SUBSTRING",
    exp.CurrentTimestamp: "CURRENT_TIMESTAMP",
    exp.CurrentDate: "CURRENT_DATE",
    exp.CurrentTime: "CURRENT_TIME",
    exp.CurrentUser: "CURRENT_USER",
    exp.CurrentRole: "CURRENT_ROLE",
    exp.Localtime: "LOCALTIME",
    exp.Localtimestamp: "LOCALTIMESTAMP",
}
"""Functions that sqlglot gives no position: written without brackets, or with a syntax of their own."""


def leaves(node: exp.Expr) -> tuple[int, int] | None:
    """Give the first and the last offset (inclusive) of the positioned nodes below, or None without any."""
    low, high = None, -1
    stack = [node]
    while stack:
        current = stack.pop()
        meta = current._meta
        if meta:
            start = meta.get("start")
            if start is not None:
                low = start if low is None or start < low else low
                high = max(high, meta["end"])
        for value in current.args.values():
            if type(value) is list:
                stack.extend(child for child in value if isinstance(child, exp.Expr))
            elif isinstance(value, exp.Expr):
                stack.append(value)
    return None if low is None else (low, high)


def of(node: exp.Expr, tokens: Sequence[Token], token_at: Callable[[int], int]) -> Span:
    """Give the span of a node; one without any positioned leaf has that of its nearest relative."""
    extent = leaves(node)
    if extent is None:
        return _relative(node, tokens, token_at)
    first, last = _grow(node, tokens, token_at(extent[0]), token_at(extent[1]))
    return Span(tokens[first].start, tokens[last].end + 1)


def _grow(node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    first, last = balance(tokens, first, last)
    start = (node._meta or {}).get("start")
    is_positioned = start is not None
    if start == tokens[last].start and _kind(tokens, last + 1) == TokenType.L_PAREN:
        last = matching(tokens, last + 1)
    if type(node) in UNPOSITIONED and not is_positioned:
        first, last = _enclose(tokens, first, last)
        first = _with_name(tokens, first)
    elif not (is_positioned and isinstance(node, exp.Array | exp.Struct)):
        grower = next((grower for kinds, grower in _GROWERS if isinstance(node, kinds)), None)
        first, last = grower(node, tokens, first, last) if grower else (first, last)
    if _kind(tokens, last + 1) == TokenType.L_PAREN and _kind(tokens, last + 2) == TokenType.R_PAREN:
        last += 2
    return balance(tokens, first, last)


def _called(_node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    if _kind(tokens, last + 1) == TokenType.L_PAREN:
        last = matching(tokens, last + 1)
    return first, _call_tail(tokens, last)


def _path(_node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    return first, path_end(tokens, last)


def _is(_node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    while _kind(tokens, last + 1) in _IS_TAIL:
        last += 1
    return first, last


def _tuple(_node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    return _enclose(tokens, first, last)


def _collection(_node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    return _enclose(tokens, first, last, kinds=OPENING)


def _operator(node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    return _leafless_left(node, tokens, first), _leafless_right(node, tokens, last)


def _leafless_left(node: exp.Expr, tokens: Sequence[Token], first: int) -> int:
    """Take in a left operand that has no leaf of its own, such as CURRENT_TIMESTAMP."""
    left = node.this
    if not isinstance(node, exp.Binary | exp.Between) or type(left) not in UNPOSITIONED or leaves(left) is not None:
        return first
    at = first - 2
    if _kind(tokens, at) == TokenType.R_PAREN and _kind(tokens, at - 1) == TokenType.L_PAREN:
        at -= 2
    return max(at, 0)


def _leafless_right(node: exp.Expr, tokens: Sequence[Token], last: int) -> int:
    """Take in a right operand that has no leaf of its own: NULL, TRUE, CURRENT_TIMESTAMP or a cast's type."""
    right = node.args.get("high" if isinstance(node, exp.Between) else "expression")
    is_sided = isinstance(node, exp.Binary | exp.Between)
    if is_sided and isinstance(right, exp.Expr) and type(right) in UNPOSITIONED and leaves(right) is None:
        return min(last + 2, len(tokens) - 1)
    if isinstance(right, exp.Null | exp.Boolean) and _kind(tokens, last + 2) in _LEAFLESS[type(right)]:
        return last + 2
    if isinstance(right, exp.Cast) and _kind(tokens, last + 1) == TokenType.DCOLON:
        return _type_end(tokens, last + 1)
    if isinstance(right, exp.Interval):
        return _interval_end(tokens, last)
    if isinstance(right, exp.Add | exp.Sub):
        is_leafless = leaves(right) is None and type(right.this) in UNPOSITIONED
        return _leafless_right(right, tokens, last + 2 if is_leafless else last)
    return last


def _interval_end(tokens: Sequence[Token], last: int) -> int:
    """Take in `- INTERVAL '1 day'`, of which sqlglot keeps no position once it has split the text in two."""
    operator = last + 1
    if _kind(tokens, operator) == TokenType.L_PAREN and _kind(tokens, operator + 1) == TokenType.R_PAREN:
        operator += 2
    is_whole = _kind(tokens, operator + 1) == TokenType.INTERVAL and _kind(tokens, operator + 2) == TokenType.STRING
    return operator + 2 if is_whole else last


def _kind(tokens: Sequence[Token], index: int) -> TokenType | None:
    return tokens[index].token_type if 0 <= index < len(tokens) else None


def matching(tokens: Sequence[Token], index: int) -> int:
    """Give the index of the bracket that closes the one at `index`."""
    depth = 0
    for at in range(index, len(tokens)):
        kind = tokens[at].token_type
        if kind in OPENING:
            depth += 1
        elif kind in CLOSING:
            depth -= 1
            if depth == 0:
                return at
    return len(tokens) - 1


def opening(tokens: Sequence[Token], index: int) -> int:
    """Give the index of the bracket that opens the one closed at `index`."""
    depth = 0
    for at in range(index, -1, -1):
        kind = tokens[at].token_type
        if kind in CLOSING:
            depth += 1
        elif kind in OPENING:
            depth -= 1
            if depth == 0:
                return at
    return 0


def balance(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """Widen a run of tokens until each bracket in it has its partner."""
    depth = missing = 0
    for index in range(first, last + 1):
        kind = tokens[index].token_type
        if kind in OPENING:
            depth += 1
        elif kind in CLOSING:
            depth -= 1
            missing = max(missing, -depth)
    depth += missing
    at = first
    while missing and at > 0:
        at -= 1
        kind = tokens[at].token_type
        missing += (kind in CLOSING) - (kind in OPENING)
    first = _with_name(tokens, at) if at < first else first
    while depth and last + 1 < len(tokens):
        last += 1
        kind = tokens[last].token_type
        depth += (kind in OPENING) - (kind in CLOSING)
    return first, last


def _with_name(tokens: Sequence[Token], index: int) -> int:
    """Step back from a bracket over the name that was called with it."""
    before = tokens[index - 1] if index else None
    is_call = before is not None and before.end + 1 == tokens[index].start and before.text[-1:].isalnum()
    return index - 1 if is_call else index


def _call_tail(tokens: Sequence[Token], last: int) -> int:
    """Take in what follows a call: WITHIN GROUP (…), IGNORE NULLS, OVER (…)."""
    while True:
        word = tokens[last + 1].text.upper() if last + 1 < len(tokens) else ""
        if word in ("IGNORE", "RESPECT"):
            last += 2
        elif word == "WITHIN":
            last = matching(tokens, last + 3)
        elif word in ("OVER", "FILTER"):
            opens = _kind(tokens, last + 2) == TokenType.L_PAREN
            last = matching(tokens, last + 2) if opens else last + 2
        else:
            return min(last, len(tokens) - 1)


def _cast(_node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    if first > 1 and tokens[first - 2].text.upper() in _CAST_NAMES and _kind(tokens, first - 1) == TokenType.L_PAREN:
        return first - 2, matching(tokens, first - 1)
    if tokens[first].text.upper() in _CAST_NAMES:
        return first, max(last, matching(tokens, first + 1))
    last = path_end(tokens, last)
    last = _call_tail(tokens, last)
    while _kind(tokens, last + 1) == TokenType.DCOLON:
        last = _type_end(tokens, last + 1)
    if first and first == last and tokens[first - 1].text.upper() in ("DATE", "TIME", "TIMESTAMP"):
        first -= 1
    return first, last


def _type_end(tokens: Sequence[Token], colons: int) -> int:
    """Give the index of the last token of the type behind `::`, parameters included."""
    last = min(colons + 1, len(tokens) - 1)
    if (
        tokens[last].text.upper() == "DOUBLE"
        and last + 1 < len(tokens)
        and tokens[last + 1].text.upper() == "PRECISION"
    ):
        last += 1
    return matching(tokens, last + 1) if _kind(tokens, last + 1) == TokenType.L_PAREN else last


def path_end(tokens: Sequence[Token], last: int) -> int:
    """Take in the steps of a semi-structured path: `:a`, `.b`, `['c']`, `[0]`."""
    while True:
        kind = _kind(tokens, last + 1)
        if kind == TokenType.L_BRACKET:
            last = matching(tokens, last + 1)
        elif kind in (TokenType.COLON, TokenType.DOT) and last + 2 < len(tokens):
            last += 2
        else:
            return last


def _case(_node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    depth = 0
    while first >= 0:
        kind = tokens[first].token_type
        depth += (kind == TokenType.CASE) - (kind == TokenType.END)
        if depth == 1:
            break
        first -= 1
    first = max(first, 0)
    depth = 0
    for index in range(first, len(tokens)):
        kind = tokens[index].token_type
        depth += (kind == TokenType.CASE) - (kind == TokenType.END)
        if depth == 0:
            return first, index
    return first, last


def _bracketed(node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """Give the brackets around a subquery or an expression, without the alias behind them."""
    inner = leaves(node.this)
    if inner is None:
        return first, last
    low, high = (bisect_right(tokens, offset, key=lambda token: token.start) - 1 for offset in inner)
    return _enclose(tokens, *_grow(node.this, tokens, low, high), own=True)


def _query(node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """Step back from the first leaf of a query to its SELECT or WITH."""
    wanted = TokenType.WITH if node.args.get("with_") is not None else TokenType.SELECT
    depth, at = 0, first
    while at > 0 and not (tokens[at].token_type == wanted and depth <= 0):
        at -= 1
        kind = tokens[at].token_type
        depth += (kind in CLOSING) - (kind in OPENING)
    return at, last


def _enclose(
    tokens: Sequence[Token],
    first: int,
    last: int,
    *,
    own: bool = False,
    kinds: frozenset[TokenType] = frozenset({TokenType.L_PAREN}),
) -> tuple[int, int]:
    """Take in the brackets around; unless `own` is set, a run that already starts with its brackets has them."""
    if not own and _kind(tokens, first) in kinds and matching(tokens, first) >= last:
        return first, max(last, matching(tokens, first))
    at = first - 1
    while at >= 0 and tokens[at].token_type not in kinds:
        at -= 1
    return (at, max(last, matching(tokens, at))) if at >= 0 else (first, last)


def _prefixed(node: exp.Expr, tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    if isinstance(node, exp.Exists):
        first, last = _enclose(tokens, first, last)
    word = _PREFIXES[type(node)]
    if isinstance(node, exp.Not):
        first, last = _grow(node.this, tokens, first, last)
    if first and tokens[first - 1].text.upper() == word:
        first -= 1
    return first, last


def _relative(node: exp.Expr, tokens: Sequence[Token], token_at: Callable[[int], int]) -> Span:
    """Find a leafless node by its token between its siblings, or fall back to the parent's span."""
    parent = node.parent
    if parent is None:
        return Span(tokens[0].start, tokens[-1].end + 1) if tokens else Span(0, 0)
    whole = of(parent, tokens, token_at)
    kinds = _LEAFLESS.get(type(node))
    if kinds is None:
        return whole
    for index in range(token_at(whole.start), min(token_at(whole.end - 1) + 1, len(tokens))):
        if tokens[index].token_type in kinds:
            return Span(tokens[index].start, tokens[index].end + 1)
    return whole


_Grower = Callable[[exp.Expr, Sequence[Token], int, int], tuple[int, int]]
_GROWERS: tuple[tuple[tuple[type[exp.Expr], ...], _Grower], ...] = (
    ((exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Filter), _called),
    ((exp.Cast,), _cast),
    ((exp.JSONExtract, exp.Bracket, exp.Dot), _path),
    ((exp.Is,), _is),
    ((exp.Case,), _case),
    ((exp.Subquery, exp.Paren), _bracketed),
    ((exp.Tuple,), _tuple),
    ((exp.Array, exp.Struct), _collection),
    ((exp.Query,), _query),
    ((exp.Not, exp.Neg, exp.Interval, exp.Exists), _prefixed),
    ((exp.Binary, exp.Func, exp.Between), _operator),
)
"""How a node's run of tokens is completed; the first kind that fits counts."""
