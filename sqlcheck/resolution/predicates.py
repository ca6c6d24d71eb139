"""Conditions in three-valued logic: which columns cannot be NULL in the rows that a condition keeps."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.resolution.facts import operands

_HIDES_NULL = (
    exp.Coalesce,
    exp.Case,
    exp.If,
    exp.Nvl2,
    exp.DecodeCase,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Is,
    exp.Anonymous,
    exp.AnonymousAggFunc,
    exp.Query,
    exp.Window,
    exp.AggFunc,
    exp.Array,
    exp.Struct,
    exp.ConcatWs,
    exp.Exists,
    exp.Dot,
)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.RegexpLike)


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the parts of a condition that must all be true."""
    stack = [node]
    while stack:
        current = stack.pop()
        while isinstance(current, exp.Paren):
            current = current.this
        if isinstance(current, exp.And):
            stack.extend(reversed(operands(current)))
        else:
            yield current


def never_null(condition: exp.Expr) -> list[exp.Column]:
    """Give the columns that are not NULL in any row for which the condition is true."""
    found: list[exp.Column] = []
    for part in conjuncts(condition):
        if not is_outer_join(part):
            found += _of_part(part)
    return found


def is_outer_join(part: exp.Expr) -> bool:
    """Tell the condition of an outer join that WHERE holds, as `a.id = b.id (+)`: it drops no row."""
    sides = (part.args.get("this"), part.args.get("expression"))
    return any(isinstance(side, exp.Column) and bool(side.args.get("join_mark")) for side in sides)


def _of_part(part: exp.Expr) -> list[exp.Column]:
    if isinstance(part, exp.Or):
        sides = [never_null(side) for side in operands(part)]
        shared = set.intersection(*({_key(column) for column in side} for side in sides))
        return [column for column in sides[0] if _key(column) in shared]
    if isinstance(part, exp.Not):
        return _of_negation(part.this)
    if isinstance(part, exp.Is):
        return strict(part.this) if isinstance(part.expression, exp.Boolean) else []
    if isinstance(part, _COMPARISONS):
        return [*strict(part.this), *strict(part.expression)]
    if isinstance(part, exp.Between):
        return [*strict(part.this), *strict(part.args["low"]), *strict(part.args["high"])]
    if isinstance(part, exp.In):
        return strict(part.this)
    if isinstance(part, exp.Column):
        return [part]
    return []


def _of_negation(inner: exp.Expr) -> list[exp.Column]:
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Is):
        return strict(inner.this) if isinstance(inner.expression, exp.Null) else []
    if isinstance(inner, exp.Or):
        return [column for side in operands(inner) for column in _of_negation(side)]
    if isinstance(inner, (*_COMPARISONS, exp.Between, exp.In, exp.Column)):
        return _of_part(inner)
    return []


def strict(node: exp.Expr) -> list[exp.Column]:
    """Give the columns that make the expression NULL when they are NULL."""
    found: list[exp.Column] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, exp.Column):
            found.append(current)
        elif isinstance(current, _HIDES_NULL) or (isinstance(current, exp.Greatest | exp.Least) and _ignores(current)):
            continue
        else:
            for value in current.args.values():
                if type(value) is list:
                    stack.extend(child for child in value if isinstance(child, exp.Expr))
                elif isinstance(value, exp.Expr):
                    stack.append(value)
    return found


def _ignores(node: exp.Expr) -> bool:
    return bool(node.args.get("ignore_nulls"))


def _key(column: exp.Column) -> tuple[str, str]:
    return column.table.upper(), column.name.upper()


def not_null_in(select: exp.Select) -> Iterator[exp.Expr]:
    """Yield the values that are not NULL in the rows that the filters and the inner joins of a SELECT keep."""
    conditions: list[exp.Expr] = []
    for join in select.args.get("joins") or ():
        if join.side in ("RIGHT", "FULL"):
            conditions.clear()
        elif not join.side and join.method.upper() != "ASOF" and join.args.get("on") is not None:
            conditions.append(join.args["on"])
    filters = (select.args.get(key) for key in ("where", "having", "qualify"))
    conditions.extend(clause.this for clause in filters if clause is not None)
    for condition in conditions:
        yield from when_true(condition)


def when_true(condition: exp.Expr) -> list[exp.Expr]:
    """Give the columns, and the values compared, that are not NULL where the condition is true."""
    found: list[exp.Expr] = [*never_null(condition)]
    for part in conjuncts(condition):
        if is_outer_join(part):
            continue
        inner = part.this if isinstance(part, exp.Not) else part
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if isinstance(inner, exp.Is):
            is_not = isinstance(part, exp.Not) and isinstance(inner.expression, exp.Null)
            found += [inner.this] if is_not or isinstance(inner.expression, exp.Boolean) else []
        elif isinstance(inner, _COMPARISONS):
            found += [inner.this, inner.expression]
        elif isinstance(inner, exp.Between | exp.In):
            found.append(inner.this)
    return [value for value in found if not isinstance(value, exp.Literal)]


def unless_true(condition: exp.Expr) -> list[exp.Expr]:
    """Give the columns and values that are not NULL where the condition is false or NULL."""
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if isinstance(condition, exp.Or):
        return [value for side in operands(condition) for value in unless_true(side)]
    if isinstance(condition, exp.Is) and isinstance(condition.expression, exp.Null):
        return [condition.this, *strict(condition.this)]
    return []


def hedged(condition: exp.Expr) -> list[exp.Expr]:
    """Give the columns for which a condition has a substitute, as in `COALESCE(ts, '1970-01-01') > …`."""
    return [column for choice in condition.find_all(exp.Coalesce) for column in choice.find_all(exp.Column)]
