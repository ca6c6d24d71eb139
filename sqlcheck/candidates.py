"""Which columns were meant to be the load timestamp that the output lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlglot import exp

from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.names import distance, needs_quotes, quote, skeleton
from sqlcheck.resolution.answers import Answers
from sqlcheck.resolution.facts import unwrap
from sqlcheck.resolution.members import type_name
from sqlcheck.resolution.scopes import Output, Scope
from sqlcheck.settings import Model


class Unselected(NamedTuple):
    """The text of a column that the outermost SELECT could add, and whether it may stand beside a GROUP BY.

    `table` is the name of the table that has it, where the schema knows that.
    """

    text: str
    is_key: bool
    table: str | None = None


def lacking(mapping: Mapping, model: Model) -> str | None:
    """Give the name of the load timestamp, in upper case, when no output column has it."""
    declared = model.load_timestamp.field
    if declared is None or mapping.load_timestamp is not None or not mapping.complete:
        return None
    return declared.value.strip().upper() or None


def renamed(mapping: Mapping, field: str) -> list[OutputColumn]:
    """Find output columns that are the wanted column under another name."""
    known = Answers(False)
    attributes = (column for column in mapping.columns if column.role == "attribute")
    return [column for column in attributes if _hands_on(column.output, field, known)]


def unselected(mapping: Mapping, field: str) -> list[Unselected]:
    """Find columns of the wanted name that the outermost query could select."""
    found: dict[str, Unselected] = {}
    for candidate in _reachable(mapping.selects[0], field):
        found.setdefault(candidate.text.upper(), candidate)
    return list(found.values())


def near(mapping: Mapping, field: str) -> list[OutputColumn]:
    """Find output columns whose name is a slip of the wanted one."""
    wanted = skeleton(field)
    limit = 1 if len(wanted) < 12 else 2
    return [
        column
        for column in mapping.columns
        if column.named and column.role == "attribute" and distance(wanted, skeleton(column.name), limit) <= limit
    ]


def meant(mapping: Mapping, model: Model) -> list[OutputColumn]:
    """Give the output columns that `missing-load-timestamp` tells to rename: what else is wrong with them can wait."""
    field = lacking(mapping, model)
    if field is None:
        return []
    return renamed(mapping, field) or ([] if unselected(mapping, field) else near(mapping, field))


def _hands_on(output: Output, field: str, known: Answers[bool]) -> bool:
    """Tell whether an output hands on the moment of a column of that name, as `MAX(updated_at)` does."""

    def find() -> bool:
        inner = output.branches or (output.inherited[1:] if output.inherited is not None else ())
        columns = [] if inner or output.scope is None else list(_moments(output.expression))
        if any(column.name.upper() == field for column in columns):
            return True
        return any(_hands_on(each, field, known) for each in (*inner, *_behind(output.scope, columns)))

    return known.of(output, find)


def _behind(scope: Scope | None, columns: Iterable[exp.Column]) -> Iterator[Output]:
    """Yield the outputs that columns of a SELECT name."""
    for column in columns:
        reference = scope.reference(column) if scope is not None else None
        if reference is not None and reference.output is not None:
            yield reference.output


def _moments(node: exp.Expr) -> Iterator[exp.Column]:
    """Yield the columns of which an expression hands on the moment."""
    node = unwrap(node)
    if isinstance(node, exp.Column):
        yield node
    elif isinstance(node, exp.Greatest | exp.Coalesce):
        for argument in (node.this, *node.expressions):
            yield from _moments(argument)
    elif isinstance(node, exp.ConvertTimezone):
        yield from _moments(node.args["timestamp"])
    elif isinstance(node, exp.Max | exp.AnyValue) or (
        isinstance(node, exp.Cast) and (type_name(node.to) or "").startswith("TIMESTAMP")
    ):
        yield from _moments(node.this)


def _reachable(scope: Scope, field: str) -> Iterator[Unselected]:
    seen = set()
    for reference in scope.references:
        if reference.name.upper() == field and reference.status in ("open", "resolved"):
            seen.add(id(reference.relation))
            table = reference.output.table if reference.output is not None else None
            yield Unselected(scope.query.slice(reference.span), reference.clause == "group", table)
    for relation in scope.relations:
        output = (relation.columns or {}).get(field)
        if output is not None and id(relation) not in seen:
            name = quote(relation.name) if needs_quotes(relation.name) else relation.name.lower()
            text = f"{name}.{field}" if relation.name and len(scope.relations) > 1 else field
            yield Unselected(text, False, output.table)
