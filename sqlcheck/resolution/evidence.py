"""What a conclusion rests on: the text alone, or what the schema tells of tables and columns."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from sqlcheck.model import Evidence
from sqlcheck.resolution.answers import Answers
from sqlcheck.resolution.facts import UNKNOWN, Facts, Known
from sqlcheck.resolution.inference import Inference
from sqlcheck.resolution.scopes import Output, Reference, Scope, identifier
from sqlcheck.resolution.types import NULL_TYPE, common


def of_name(output: Output) -> Evidence:
    """Tell what it rests on that there is an output of this name: those of a table's star are in the schema."""
    stack, seen = [output], set[int]()
    while stack:
        current = stack.pop()
        if current.table is not None:
            return "schema"
        if id(current) in seen:
            continue
        seen.add(id(current))
        if current.branches:
            stack += current.branches
        elif current.inherited is not None and current.star is not None:
            stack.append(current.inherited[1])
    return "static"


def of_names(outputs: Iterable[Output]) -> Evidence:
    """Tell what it rests on that these outputs are known to be all."""
    return "schema" if any(of_name(output) == "schema" for output in outputs) else "static"


def of_type(output: Output) -> Evidence:
    """Tell what the type of an output rests on."""
    return "static" if _written_type(output, Answers(None)) == output.type and of_name(output) == "static" else "schema"


def of_reference(reference: Reference, scope: Scope) -> Evidence:
    """Tell what it rests on which source a column belongs to; a qualifier says it, and that there is but one source."""
    if reference.qualifier is not None or reference.output is None or reference.output.table is None:
        return "static"
    return "schema" if len(scope.relations) > 1 else of_meaning(reference, scope)


def of_meaning(reference: Reference, scope: Scope) -> Evidence:
    """Tell what it rests on that a name means a column of a source and not the select item that is called so."""
    if reference.qualifier is not None or reference.output is None or reference.output.table is None:
        return "static"
    computed = (output for output in scope.outputs if output.name == reference.name and output.star is None)
    return "static" if all(_is_itself(output) for output in computed) else "schema"


def _is_itself(output: Output) -> bool:
    """Tell whether an output is a plain column under its own name."""
    node = output.expression
    return isinstance(node, exp.Column) and identifier(node.this) == output.name


def of_expression(node: exp.Expr, scope: Scope) -> Evidence:
    """Tell what it rests on whose columns an expression of a scope reads."""
    references = map(scope.reference, node.find_all(exp.Column))
    return "schema" if any(each and of_reference(each, scope) == "schema" for each in references) else "static"


def of_values(node: exp.Expr, scope: Scope) -> Evidence:
    """Tell what it rests on what is known of the values that an expression reads."""
    outputs = (reference.output for column in node.find_all(exp.Column) if (reference := scope.reference(column)))
    return "schema" if any(output is not None and output.table is not None for output in outputs) else "static"


def _written_type(output: Output, known: Answers[str | None]) -> str | None:
    """Give the type that the text alone shows."""
    return known.of(output, lambda: _find_written_type(output, known))


def _find_written_type(output: Output, known: Answers[str | None]) -> str | None:
    if output.table is not None:
        return None
    if output.known is not None:
        return output.known.type
    if output.branches:
        return common(_written_type(branch, known) for branch in output.branches)
    if output.inherited is not None:
        return _written_type(output.inherited[1], known)
    scope = output.scope
    if scope is None:
        return None

    def column(node: exp.Column) -> Facts:
        reference = scope.reference(node)
        return _as_written(reference.output if reference is not None else None, known)

    def subquery(node: exp.Expr) -> Facts:
        result = scope.results.get(id(node)) or scope.results.get(id(node.this))
        return _as_written(result.outputs[0] if result is not None and result.outputs else None, known)

    kind = Inference(column, subquery, scope.query.function_name, lambda _: None).type(output.expression)
    return None if kind == NULL_TYPE else kind


def _as_written(output: Output | None, known: Answers[str | None]) -> Facts:
    return UNKNOWN if output is None else Known(_written_type(output, known), structure=output.facts.structure)
