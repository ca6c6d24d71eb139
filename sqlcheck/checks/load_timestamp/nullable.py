"""Can the load timestamp be NULL, so that a row is never sent?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding, Severity, Span
from sqlcheck.resolution.facts import arguments, unwrap
from sqlcheck.resolution.scopes import Output, Reference, Relation, Scope, identifier
from sqlcheck.resolution.steadiness import is_steady


def nullable_load_timestamp(mapping: Mapping) -> Iterator[Finding]:
    """Report a load timestamp that can be NULL."""
    column = mapping.load_timestamp
    if column is None or _is_plain(column.output) or not column.nullable:
        return
    for output, span, relation in _culprits(column.output):
        if output.scope is not None and is_steady(output.expression, output.scope):
            continue
        shown = mapping.query.slice(span)
        shown = f"`{shown}`" if len(shown) <= 50 and "\n" not in shown else "the load timestamp"
        stored = _stored(output) if relation is None else []
        if stored:
            names = " and ".join(f"`{name}`" for name in dict.fromkeys(stored))
            message = f"{names} can be NULL, as the table is defined, and such a row is never sent"
            advice = _advice(output, None)
            yield Finding(span, message, advice, (), Severity.INFO, "schema", column=column.name)
            continue
        message = f"{shown} is NULL {_reason(output, relation)}, and such a row is never sent"
        yield Finding(span, message, _advice(output, relation), column=column.name)


def _stored(output: Output) -> list[str]:
    """Give the columns that may be NULL as the schema tells, if nothing else makes the value NULL."""
    if output.table is not None:
        return [f"{output.table}.{output.inherited[1].name if output.inherited else output.name}"]
    scope, names = output.scope, list[str]()
    for cause in _causes(output.expression, scope) if scope is not None else ():
        reference = scope.reference(cause) if scope is not None and isinstance(cause, exp.Column) else None
        if reference is None or reference.output is None or scope is None or _may_lack_rows(reference, scope):
            return []
        below = [name for origin in reference.output.origins() for name in _stored(origin)]
        if not below:
            return []
        names += below
    return names


def _may_lack_rows(reference: Reference, scope: Scope) -> bool:
    """Tell whether an outer join can fill in NULL for a column, and no filter drops these rows."""
    relation = reference.relation
    return relation is not None and relation.optional and not scope.keeps(relation)


def _is_plain(output: Output) -> bool:
    """Tell, without a look at all facts, that the text gives no reason for a NULL."""
    if output.branches or output.inherited is not None or output.scope is None:
        return False
    return _is_as_stored(output.expression, output.scope)


def _is_as_stored(node: exp.Expr, scope: Scope) -> bool:
    """Tell whether a value is a table's column as the table has it, or can be nothing else in the end."""
    while isinstance(node, exp.Paren | exp.Cast) and not isinstance(node, exp.TryCast):
        node = node.this
    if isinstance(node, exp.Greatest) and not node.args.get("ignore_nulls"):
        return all(_is_as_stored(argument, scope) for argument in (node.this, *node.expressions))
    if isinstance(node, exp.Coalesce) and node.expressions:
        return _is_as_stored(node.expressions[-1], scope)
    reference = scope.reference(node) if isinstance(node, exp.Column) else None
    if reference is None or reference.output is not None:
        return False
    return reference.relation is None or not reference.relation.optional


def _culprits(output: Output) -> Iterator[tuple[Output, Span, Relation | None]]:
    """Yield the outputs that let NULL in, and the relation by whose join they do."""
    seen: set[int] = set()
    stack = [output]
    while stack:
        current = stack.pop()
        if id(current) in seen or not current.nullable:
            continue
        seen.add(id(current))
        if current.branches:
            stack.extend(reversed(current.branches))
            continue
        relation = _outer_joined(current)
        inner = current.inner()
        if relation is not None:
            span = current.span if current.inherited is not None else current.expression_span
            yield current, span, relation
        elif inner and not current.is_last_name:
            stack.extend(reversed(inner))
        else:
            yield current, current.expression_span, None


def _outer_joined(output: Output) -> Relation | None:
    """Give the optional relation that a plainly handed on column comes from."""
    if output.inherited is not None:
        relation = output.inherited[0]
        return relation if relation.optional else None
    node = unwrap(output.expression)
    if output.scope is None or not isinstance(node, exp.Column) or not output.scope.nullness.of(node):
        return None
    reference = output.scope.reference(node)
    return reference.relation if reference is not None and _may_lack_rows(reference, output.scope) else None


def _reason(output: Output, relation: Relation | None) -> str:
    if relation is not None:
        return f"where the outer join finds no row of `{_name(relation)}`"
    if output.scope is None:
        return "in some rows"
    cause = next(_causes(output.expression, output.scope), None)
    if cause is None:
        return "in some rows"
    return _cause_in_words(cause, output.scope)


def _cause_in_words(node: exp.Expr, scope: Scope) -> str:
    name = scope.query.function_name(node) if isinstance(node, exp.Func) else None
    if isinstance(node, exp.Column):
        reference = scope.reference(node)
        relation = reference.relation if reference is not None else None
        if relation is not None and relation.optional:
            return f"where the outer join finds no row of `{_name(relation)}`"
        return f"where `{identifier(node.this)}` is"
    if isinstance(node, exp.Case):
        return "where no WHEN of the CASE applies, as it has no ELSE"
    if isinstance(node, exp.Query):
        return "where the subquery finds no row"
    if isinstance(node, exp.Nullif):
        return "where NULLIF finds its two arguments equal"
    if isinstance(node, exp.Lag | exp.Lead):
        return f"in the rows at the edge, for which {name or 'LAG'} has no default"
    if isinstance(node, exp.TryCast) or (name or "").startswith("TRY_"):
        return f"where {name or 'TRY_CAST'} cannot convert"
    return "in some rows"


def _causes(node: exp.Expr, scope: Scope) -> Iterator[exp.Expr]:
    """Yield what can be NULL and makes the whole NULL, from left to right."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, exp.Column | exp.Query):
            if scope.nullness.of(current):
                yield current
            continue
        if isinstance(current, exp.Null):
            continue
        is_failing = isinstance(current, exp.TryCast | exp.Nullif) or (
            isinstance(current, exp.Func) and (scope.query.function_name(current) or "").startswith("TRY_")
        )
        is_open = isinstance(current, exp.Case | exp.Lag | exp.Lead) and current.args.get("default") is None
        if is_failing or is_open:
            yield current
            continue
        stack.extend(reversed(list(arguments(current))))


def _advice(output: Output, relation: Relation | None) -> str:
    if relation is not None:
        return (
            f"give it another value with COALESCE, or leave out the rows without `{_name(relation)}` by an inner join"
        )
    node = unwrap(output.expression)
    if isinstance(node, exp.Greatest | exp.Least):
        return "it is NULL as soon as one argument is: wrap that argument in COALESCE"
    if isinstance(node, exp.Case):
        return "give it an ELSE that is never NULL"
    return "give it another value with COALESCE, or filter such rows out with IS NOT NULL"


def _name(relation: Relation) -> str:
    return relation.name or "the joined rows"
