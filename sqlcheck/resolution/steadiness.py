"""Which expressions give every row the same value in one run, such as the time of the run."""

from __future__ import annotations

from sqlglot import exp

from sqlcheck.knowledge.functions import AGGREGATES, FUNCTIONS, RANKINGS
from sqlcheck.resolution.answers import Answers
from sqlcheck.resolution.facts import arguments, case_results, unwrap
from sqlcheck.resolution.scopes import Scope

_NOW = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.CurrentDatetime, exp.Localtime, exp.Localtimestamp)
_OF_ROWS = (exp.Star, exp.Parameter, exp.Placeholder, exp.Dot)
_OPERATORS = (exp.Cast, exp.Connector, exp.Predicate, exp.Max, exp.Min, exp.AnyValue, exp.FirstValue, exp.LastValue)


def is_steady(node: exp.Expr, scope: Scope, known: Answers[bool] | None = None) -> bool:
    """Tell whether an expression of a scope does not depend on the row; `known` are the outputs on the way here."""
    node = unwrap(node)
    known = Answers(False) if known is None else known
    if isinstance(node, exp.Column):
        return _is_steady_column(node, scope, known)
    if isinstance(node, exp.Query):
        return scope.facts(node).constant
    if isinstance(node, exp.Coalesce):
        return _is_steady_choice(node, scope, known)
    if isinstance(node, exp.Case | exp.If | exp.Nvl2):
        return _has_steady_results(node, scope, known)
    if isinstance(node, _OF_ROWS):
        return False
    if isinstance(node, exp.Func) and not isinstance(node, _OPERATORS):
        name = scope.query.function_name(node) or ""
        if name in AGGREGATES or name in RANKINGS or (isinstance(node, exp.Anonymous) and name not in FUNCTIONS):
            return False
    return all(is_steady(argument, scope, known) for argument in arguments(node))


def tells_now(node: exp.Expr, scope: Scope) -> bool:
    """Tell whether a steady expression is made from the time of the run."""
    if node.find(*_NOW) is not None:
        return True
    for column in node.find_all(exp.Column):
        reference = scope.reference(column)
        if reference is not None and reference.output is not None:
            for origin in reference.output.origins():
                if origin.scope is not None and origin.expression.find(*_NOW) is not None:
                    return True
    return False


def _is_steady_column(node: exp.Column, scope: Scope, known: Answers[bool]) -> bool:
    reference = scope.reference(node)
    if reference is None or reference.output is None:
        return False
    origins = reference.output.origins()
    if len(origins) != 1:
        return False
    origin = origins[0]
    inner = origin.scope
    if inner is None or origin.expression is node:
        return False
    return known.of(origin, lambda: is_steady(origin.expression, inner, known))


def _is_steady_choice(node: exp.Coalesce, scope: Scope, known: Answers[bool]) -> bool:
    """Tell whether the first argument that is never NULL, and all in front of it, are steady."""
    for argument in (node.this, *node.expressions):
        if not is_steady(argument, scope, known):
            return False
        if scope.facts(argument).nullable is False:
            return True
    return True


def _has_steady_results(node: exp.Case | exp.If | exp.Nvl2, scope: Scope, known: Answers[bool]) -> bool:
    """Tell whether whatever is chosen is the time of the run, or whether even the choice is steady."""
    if all(is_steady(argument, scope, known) for argument in arguments(node)):
        return True
    if isinstance(node, exp.Case):
        results = case_results(node)
    else:
        results = [node.args[key] for key in ("true", "false") if node.args.get(key) is not None]
    return all(is_steady(result, scope, known) and tells_now(result, scope) for result in results)
