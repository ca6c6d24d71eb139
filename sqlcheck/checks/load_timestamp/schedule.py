"""Does the query itself let through all that its pipelines ask for?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.facts import unwrap
from sqlcheck.mapping import Mapping
from sqlcheck.model import Api, Finding, Model
from sqlcheck.predicates import conjuncts
from sqlcheck.scopes import Output, Scope

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
    exp.ConvertTimezone,
    exp.Date,
)


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
    for key in ("where", "having", "qualify"):
        clause = scope.node.args.get(key)
        if clause is not None:
            yield from conjuncts(clause.this)


def _width(part: exp.Expr, output: Output, scope: Scope) -> float | None:
    """Tell how many seconds back from now a condition lets the load timestamp be, None for any other condition."""
    if isinstance(part, exp.Between):
        return _age(part.args["low"]) if _is_meant(part.this, output, scope) else None
    if isinstance(part, exp.GT | exp.GTE | exp.EQ) and _is_meant(part.this, output, scope):
        return _age(part.expression)
    if isinstance(part, exp.LT | exp.LTE | exp.EQ) and _is_meant(part.expression, output, scope):
        return _age(part.this)
    if isinstance(part, exp.LT | exp.LTE) and isinstance(part.this, exp.DateDiff):
        return _difference(part.this, part.expression, output, scope)
    if isinstance(part, exp.GT | exp.GTE) and isinstance(part.expression, exp.DateDiff):
        return _difference(part.expression, part.this, output, scope)
    return None


def _difference(node: exp.DateDiff, bound: exp.Expr, output: Output, scope: Scope) -> float | None:
    """Read `DATEDIFF(day, <load timestamp>, <now>) <= n`."""
    count, unit = _number(bound), _UNITS.get(node.text("unit").upper())
    if count is None or unit is None or _age(node.this) is None:
        return None
    return count * unit if _is_meant(node.expression, output, scope) else None


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
    node = unwrap(node)
    while isinstance(node, _ROUNDINGS):
        inner = node.args.get("timestamp") if isinstance(node, exp.ConvertTimezone) else node.this
        if not isinstance(inner, exp.Expr):
            break
        node = unwrap(inner)
    return node


def _age(node: exp.Expr) -> float | None:
    """Tell how many seconds before now an expression lies, None when it is not counted back from now."""
    node = _unrounded(node)
    if isinstance(node, exp.DateAdd | exp.TimestampAdd | exp.TimeAdd):
        return _moved(node.this, node.expression, _UNITS.get(node.text("unit").upper()))
    if isinstance(node, exp.AddMonths):
        return _moved(node.this, node.expression, 31 * _DAY)
    if isinstance(node, exp.Add | exp.Sub):
        sign = 1 if isinstance(node, exp.Sub) else -1
        base, step = _age(node.this), node.expression
        if isinstance(step, exp.Interval):
            count, unit = _number(step.this), _UNITS.get(step.text("unit").upper())
        else:
            count, unit = _number(step), _DAY
        return None if base is None or count is None or unit is None else base + sign * count * unit
    return 0 if isinstance(node, exp.CurrentTimestamp | exp.CurrentDate | exp.CurrentDatetime) else None


def _moved(base: exp.Expr, count: exp.Expr, unit: int | None) -> float | None:
    age, steps = _age(base), _number(count)
    return None if age is None or steps is None or unit is None else age - steps * unit


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
