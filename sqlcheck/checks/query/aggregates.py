"""Where aggregates and window functions may stand."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.checks.query import _calls
from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding, Span
from sqlcheck.parse import Query
from sqlcheck.resolution.facts import arguments
from sqlcheck.resolution.scopes import Scope

_ELSEWHERE = ("from_", "joins", "laterals", "match")
_FOREIGN_TO_CLAUSE = {"where": "WHERE", "on": "ON", "group": "GROUP BY", "having": "HAVING"}


def misplaced_aggregate(query: Query, mapping: Mapping) -> Iterator[Finding]:
    """Report aggregates in WHERE, ON and GROUP BY or inside another, and window functions that stand too deep."""
    yield from _misplaced_calls(query)
    for scope in mapping.scopes:
        for span, item, name, clause in _stand_ins(query, scope):
            what = _computed_from_rows(query, item)
            if what is not None:
                yield Finding(span, *_too_late(name, what, clause))


def _computed_from_rows(query: Query, item: exp.Expr) -> str | None:
    """Tell whether a select item holds an aggregate or a window function of its own SELECT."""
    found: str | None = None
    stack = [item]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Window):
            return "window function"
        if _calls.is_aggregate(query, node):
            found = "aggregate"
        if not isinstance(node, exp.Query):
            stack.extend(arguments(node))
    return found


def _stand_ins(query: Query, scope: Scope) -> Iterator[tuple[Span, exp.Expr, str, str]]:
    """Yield the aliases and numbers that stand for a select item in a clause that is read before the list."""
    for reference in scope.references:
        output, clause = reference.output, _FOREIGN_TO_CLAUSE.get(reference.clause)
        if reference.status != "alias" or output is None or clause is None or reference.clause == "having":
            continue
        # a name that the item itself reads is a column of the table, and WHERE means that one
        if output.scope is scope and not _reads(output.expression, reference.name):
            yield reference.span, output.expression, f"`{query.slice(reference.span)}`", clause
    group, items = scope.node.args.get("group"), scope.node.expressions
    for key in group.expressions if group is not None else ():
        at = int(key.name) if isinstance(key, exp.Literal) and key.is_int else 0
        if 1 <= at <= len(items) and not any(_calls.is_star(item) for item in items[:at]):
            yield query.span(key), items[at - 1], f"column {at}", "GROUP BY"


def _too_late(name: str, what: str, clause: str) -> tuple[str, str]:
    article = "an" if what == "aggregate" else "a"
    if clause == "GROUP BY":
        advice = "group by the other columns alone"
    elif what == "aggregate":
        advice = "filter groups with HAVING"
    else:
        advice = "filter its result with QUALIFY, or in an outer query"
    return f"{name} is {article} {what}, which {clause} cannot hold", advice


def _reads(node: exp.Expr, name: str) -> bool:
    return any(_calls.column_name(column) == name for column in node.find_all(exp.Column))


def _misplaced_calls(query: Query) -> Iterator[Finding]:
    for node in _calls.aggregates(query):
        owner, clause = query.index.owners[id(node)]
        if owner is None or _calls.window_of(node) is not None:
            continue
        if clause in ("where", "on", "group"):
            message = f"{_FOREIGN_TO_CLAUSE[clause]} is read before rows are grouped: it cannot hold an aggregate"
            yield Finding(_call(query, node), message, _clause_advice(clause))
        elif clause not in _ELSEWHERE and (outer := _enclosing_aggregate(query, node)) is not None:
            name = query.function_name(outer) or "the outer one"
            message = f"an aggregate cannot stand inside another one (`{name}`)"
            yield Finding(_call(query, node), message, "compute the inner one in a subquery")
    for window in query.index.by_type[exp.Window]:
        owner, clause = query.index.owners[id(window)]
        if owner is None:
            continue
        if clause in _FOREIGN_TO_CLAUSE:
            message = f"{_FOREIGN_TO_CLAUSE[clause]} cannot hold a window function"
            yield Finding(query.span(window), message, "filter its result with QUALIFY, or in an outer query")
        elif clause not in _ELSEWHERE and _is_inside_call(query, window):
            message = "a window function cannot stand inside an aggregate or another window function"
            yield Finding(query.span(window), message, "compute the inner one in a subquery")


def _clause_advice(clause: str) -> str:
    return "filter groups with HAVING" if clause == "where" else "compute it in a subquery"


def _enclosing_aggregate(query: Query, node: exp.Expr) -> exp.Expr | None:
    """Give the aggregate, not used as a window function, whose argument a node is."""
    current = node.parent
    while current is not None and not isinstance(current, exp.Query):
        if _calls.is_aggregate(query, current) and _calls.window_of(current) is None:
            return current
        current = current.parent
    return None


def _is_inside_call(query: Query, window: exp.Expr) -> bool:
    if _enclosing_aggregate(query, window) is not None:
        return True
    current: exp.Expr | None = window.parent
    while current is not None and not isinstance(current, exp.Query):
        if isinstance(current, exp.Window):
            return True
        current = current.parent
    return False


def _call(query: Query, node: exp.Expr) -> Span:
    parent = node.parent
    return query.span(parent if isinstance(parent, _calls.CALL_PARTS) else node)
