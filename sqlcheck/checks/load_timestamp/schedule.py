"""Does the query itself let through all that its pipelines ask for?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.apis.facts import Api
from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding
from sqlcheck.resolution.facts import unwrap
from sqlcheck.resolution.predicates import conjuncts
from sqlcheck.resolution.scopes import Output, Scope
from sqlcheck.settings import Model

_HOUR, _DAY = 3600, 86_400
_LENGTHS = {"hourly": _HOUR, "daily": _DAY, "weekly": 7 * _DAY, "monthly": 31 * _DAY}
_UNITS = {
    **dict.fromkeys(("SECOND", "SECONDS", "S", "SEC", "SECS"), 1),
    **dict.fromkeys(("MINUTE", "MINUTES", "M", "MI", "MIN", "MINS"), 60),
    **dict.fromkeys(("HOUR", "HOURS", "H", "HH", "HR", "HRS"), _HOUR),
    **dict.fromkeys(("DAY", "DAYS", "D", "DD", "DAYOFMONTH"), _DAY),
    **dict.fromkeys(("WEEK", "WEEKS", "W", "WK"), 7 * _DAY),
    **dict.fromkeys(("MONTH", "MONTHS", "MM", "MON", "MONS"), 31 * _DAY),
    **dict.fromkeys(("QUARTER", "QUARTERS", "Q", "QTR", "QTRS"), 92 * _DAY),
    **dict.fromkeys(("YEAR", "YEARS", "Y", "YY", "YYY", "YYYY", "YR", "YRS"), 366 * _DAY),
}
_ROUNDINGS = (
    exp.Cast,
    exp.TsOrDsToDate,
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.Date,
    exp.UnixToTime,
)
_OPPOSITES: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GTE,
    exp.LTE: exp.GT,
    exp.GT: exp.LTE,
    exp.GTE: exp.LT,
}
"""Comparison → what NOT makes of it."""
_STEP = re.compile(r"([0-9.]+)\s*([a-z]*)", re.IGNORECASE)


def narrowed_load_timestamp(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a filter on the load timestamp that lets through less than a pipeline asks for."""
    column = mapping.load_timestamp
    intervals = {p.interval.value for p in model.pipelines if p.interval is not None and p.interval.value in _LENGTHS}
    if column is None or not intervals:
        return
    length, longest = max((_LENGTHS[interval], interval) for interval in intervals)
    caught_up, catching = max((api.catch_up_days.get(interval, 0), interval) for interval in intervals)
    for scope, output in _path(column.output):
        for part in _conditions(scope):
            width = _width(part, output, scope)
            if width is None or width >= max(length, caught_up * _DAY):
                continue
            if width < length:
                message = f"this filter lets through less than the interval of a pipeline that runs {longest}"
            else:
                message = (
                    f"this filter cuts off rows that a pipeline running {catching} would catch up on: "
                    f"it goes back {caught_up} days"
                )
            advice = "remove it: mParticle filters by the interval itself"
            yield Finding(mapping.query.span(part), message, advice, column=column.name)


def _path(output: Output) -> Iterator[tuple[Scope, Output]]:
    """Yield the outputs through which the load timestamp passes, each with its SELECT."""
    stack, seen = [output], set()
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if not current.branches and current.inherited is None and current.scope is not None:
            yield current.scope, current
        stack.extend(reversed(current.inner()))


def _conditions(scope: Scope) -> Iterator[exp.Expr]:
    joins = scope.node.args.get("joins") or ()
    if not any(join.side for join in joins):
        for join in joins:
            if join.args.get("on") is not None:
                yield from conjuncts(join.args["on"])
    for key in ("where", "having", "qualify"):
        clause = scope.node.args.get(key)
        if clause is not None:
            yield from conjuncts(clause.this)


def _width(part: exp.Expr, output: Output, scope: Scope) -> float | None:
    """Tell how many seconds back from now a condition lets the load timestamp be, None for any other condition."""
    kind: type[exp.Expr] | None = type(part)
    if kind is exp.Not:
        part = unwrap(part.this)
        kind = _OPPOSITES.get(type(part))
    if kind is exp.Between:
        is_difference = isinstance(part.this, exp.DateDiff)
        later, earlier = (part.args["high"], part.this) if is_difference else (part.this, part.args["low"])
        return _since(later, earlier, output, scope)
    if kind not in (exp.EQ, *_OPPOSITES):
        return None
    left, right = part.this, part.expression
    found = _since(left, right, output, scope) if kind in (exp.EQ, exp.GT, exp.GTE) else None
    return _since(right, left, output, scope) if found is None and kind in (exp.EQ, exp.LT, exp.LTE) else found


def _since(later: exp.Expr, earlier: exp.Expr, output: Output, scope: Scope) -> float | None:
    """Read `<load timestamp> >= <moment>`, of which `DATEDIFF(…) <= n` is a form."""
    if isinstance(earlier, exp.DateDiff):
        return _difference(earlier, later, output, scope)
    ahead = _ahead(later, output, scope)
    age = _age(earlier) if ahead is not None else None
    return None if ahead is None or age is None else age + ahead


def _difference(node: exp.DateDiff, bound: exp.Expr, output: Output, scope: Scope) -> float | None:
    """Read `DATEDIFF(day, <load timestamp>, <now>) <= n`."""
    count, unit = _number(bound), _UNITS.get(node.text("unit").upper())
    if count is None or unit is None or _age(node.this) is None:
        return None
    return count * unit if _is_meant(node.expression, output, scope) else None


def _ahead(node: exp.Expr, output: Output, scope: Scope) -> float | None:
    """Tell by how many seconds an expression is ahead of the load timestamp, None when it is not made from it."""
    ahead = 0.0
    while not _is_meant(node, output, scope):
        moved = _moved(_unrounded(node))
        if moved is None:
            return None
        node, ahead = moved[0], ahead + moved[1]
    return ahead


def _is_meant(node: exp.Expr, output: Output, scope: Scope) -> bool:
    """Tell whether a side of a condition is the load timestamp, rounded or not."""
    node = _unrounded(node)
    wanted = _unrounded(output.expression)
    if isinstance(node, exp.Column):
        reference = scope.reference(node)
        if reference is None:
            return False
        if reference.output is output:
            return True
        if not isinstance(wanted, exp.Column):
            return False
        other = scope.reference(wanted)
        return other is not None and (other.relation, other.name) == (reference.relation, reference.name)
    return node == wanted


def _unrounded(node: exp.Expr) -> exp.Expr:
    """Step into casts, roundings, and what makes an epoch number of a moment or the reverse."""
    node = unwrap(node)
    while (inner := _rounded(node)) is not None:
        node = unwrap(inner)
    return node


def _rounded(node: exp.Expr) -> exp.Expr | None:
    inner: object = None
    if isinstance(node, exp.ConvertTimezone):
        inner = node.args.get("timestamp")
    elif isinstance(node, exp.Extract):
        inner = node.expression if node.this.name.upper().startswith("EPOCH") else None
    elif isinstance(node, exp.Anonymous):
        is_maker = node.name.upper().startswith(("TO_TIMESTAMP", "TRY_TO_TIMESTAMP"))
        inner = node.expressions[0] if is_maker and node.expressions else None
    elif isinstance(node, exp.Subquery):
        select = node.this
        is_bare = isinstance(select, exp.Select) and not (select.args.get("from_") or select.args.get("from"))
        inner = select.expressions[0].unalias() if is_bare and len(select.expressions) == 1 else None
    elif isinstance(node, _ROUNDINGS):
        inner = node.this
    return inner if isinstance(inner, exp.Expr) else None


def _age(node: exp.Expr) -> float | None:
    """Tell how many seconds before now an expression lies, None when it is not counted back from now."""
    age = 0.0
    while not isinstance(node := _unrounded(node), exp.CurrentTimestamp | exp.CurrentDate | exp.CurrentDatetime):
        moved = _moved(node)
        if moved is None:
            return None
        node, age = moved[0], age - moved[1]
    return age


def _moved(node: exp.Expr) -> tuple[exp.Expr, float] | None:
    """Read an addition to a moment: the moment, and the seconds that are added."""
    seconds = None
    if isinstance(node, exp.DateAdd | exp.TimestampAdd | exp.TimeAdd):
        seconds = _times(_number(node.expression), _UNITS.get(node.text("unit").upper()))
    elif isinstance(node, exp.AddMonths):
        seconds = _times(_number(node.expression), 31 * _DAY)
    elif isinstance(node, exp.Add | exp.Sub):
        seconds = _times(_step(node.expression), 1 if isinstance(node, exp.Add) else -1)
    return None if seconds is None else (node.this, seconds)


def _times(count: float | None, unit: int | None) -> float | None:
    return None if count is None or unit is None else count * unit


def _step(node: exp.Expr) -> float | None:
    """Read an interval, or a number of days, as seconds."""
    if not isinstance(node, exp.Interval):
        days = _number(node)
        return None if days is None else days * _DAY
    unit = node.text("unit")
    if not isinstance(node.this, exp.Literal):
        return None
    found = 0.0
    for count, word in _STEP.findall(node.this.name):
        seconds = _UNITS.get((word or unit or "second").upper())
        if seconds is None:
            return None
        found += float(count) * seconds
    return -found if node.this.name.lstrip().startswith("-") else found


def _number(node: exp.Expr) -> float | None:
    node = unwrap(node)
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return None if inner is None else -inner
    if not isinstance(node, exp.Literal):
        return None
    try:
        return float(node.name)
    except ValueError:
        return None
