"""Is the load timestamp among the output columns, and under a name that the generated filter finds?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from sqlcheck.apis.facts import Api
from sqlcheck.candidates import Unselected, lacking, near, renamed, unselected
from sqlcheck.knowledge.moments import FAMILIES, UNITS, change_rank, epoch_unit, speaks_of_days
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Edit, Finding, Span
from sqlcheck.names import needs_quotes
from sqlcheck.resolution.facts import unwrap
from sqlcheck.resolution.scopes import Output, Scope, identifier
from sqlcheck.settings import Model

_TEMPORAL = frozenset({"timestamp_ntz", "timestamp_ltz", "timestamp_tz", "date"})
_KEYWORD_LIKE = frozenset({"DATE", "TIME", "TIMESTAMP"})


class _Candidate(NamedTuple):
    """A way to deliver the load timestamp: what is wrong, what to do, and the edit that does it."""

    message: str
    advice: str
    edit: Edit | None


def missing_load_timestamp(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report that no output column has the name of the load timestamp."""
    field = lacking(mapping, model)
    if field is None:
        return
    found = _renamed(mapping, field) or _unselected(mapping, field) or _near(mapping, field)
    if len(found) == 1:
        edits = (found[0].edit,) if found[0].edit and len(mapping.selects) == 1 else ()
        message, advice = found[0].message, found[0].advice
    elif found:
        message, advice, edits = found[0].message, "; or ".join(candidate.advice for candidate in found[:3]), ()
    else:
        message = f"no output column is named `{field}`, the load timestamp of the model"
        advice, edits = _far(mapping, field), ()
    yield Finding(mapping.keyword, message, advice, edits, evidence=mapping.evidence, column=field)


def _far(mapping: Mapping, field: str) -> str:
    """Say where the column is to come from when the outermost SELECT cannot just add it."""
    holders = dict.fromkeys(
        output.table
        for scope in mapping.scopes
        for relation in scope.relations
        if (output := (relation.columns or {}).get(field)) is not None and output.table is not None
    )
    if holders:
        return f"{' and '.join(f'`{table}`' for table in holders)} has it: hand it on through the inner query"
    likely = _likely(mapping)
    instead = f"declare {likely} instead" if likely else ""
    is_nowhere = all(relation.columns is not None for scope in mapping.selects for relation in scope.relations)
    if is_nowhere and likely:
        return f"no source has it: {instead}"
    return f"add it to the SELECT list{f', or {instead}' if instead else ''}"


def undeclared_load_timestamp(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report that the model names no load timestamp."""
    declared = model.load_timestamp.field
    # in the body of a data model it is a missing field, and reported as such
    hosted = mapping.query.source.host is not None
    if not hosted and (declared is None or not declared.value.strip()):
        likely = _likely(mapping)
        advice = "name the column by which changed rows are found"
        yield Finding(mapping.keyword, "no load timestamp is declared", f"{advice}: {likely}?" if likely else advice)


def quoted_load_timestamp(mapping: Mapping) -> Iterator[Finding]:
    """Report a load timestamp whose name Snowflake keeps in lower or mixed case."""
    column = mapping.load_timestamp
    if column is None or not column.quoted or column.name == column.name.upper():
        return
    folded, is_starred = column.name.upper(), column.output.written[0].inherited is not None
    edits = () if needs_quotes(folded) or folded in _KEYWORD_LIKE or is_starred else (_unquoted(column.output),)
    yield Finding(
        column.name_span,
        f'the generated filter asks for `{folded}` and does not find `"{column.name}"`',
        f'name the columns, this one as `"{column.name}" AS {column.name}`'
        if is_starred
        else f"write the name without quotes, as an alias: `AS {column.name}`",
        edits,
        evidence=column.evidence,
        column=column.name,
    )


def epoch_named_timestamp(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a name that speaks of an epoch number where the declared type does not, or of another unit."""
    column, declared = mapping.load_timestamp, model.load_timestamp.type
    if column is None or declared is None or declared.value not in api.timestamp_types:
        return
    for name, span, output in _named(column):
        message = _contradiction(name, declared.value, output)
        if message is not None:
            epoch, unit = epoch_unit(name)
            right = next((word for word, counted in UNITS.items() if counted == unit), "timestamp_unixtime_ms")
            advice = f"declare `{right}`, or show the type with a cast" if epoch else "declare the type of the column"
            yield Finding(span, message, advice, evidence=column.evidence, column=column.name)
            return


def _named(column: OutputColumn) -> Iterator[tuple[str, Span, Output]]:
    """Yield the name of the output, then those of the columns behind it, each with where it stands."""
    origins = column.output.origins()
    yield column.name, column.name_span, origins[0]
    for origin in origins:
        node = unwrap(origin.expression)
        if isinstance(node, exp.Column):
            yield identifier(node.this), origin.expression_span, origin


def _contradiction(name: str, declared: str, origin: Output) -> str | None:
    epoch, unit = epoch_unit(name)
    wanted = UNITS.get(declared)
    if not epoch:
        if wanted and speaks_of_days(name) and origin.family is None:
            return f"`{name}` speaks of a date, but the model declares `{declared}`"
        return None
    spoken = unit or "an epoch"
    if wanted is None:
        shown = origin.family is not None
        return (
            None
            if shown or declared not in FAMILIES
            else f"`{name}` speaks of {spoken}, but the model declares `{declared}`"
        )
    if unit is None or unit == wanted or not isinstance(_inside_casts(origin.expression), exp.Column):
        return None
    return f"`{name}` speaks of {unit}, but the model declares `{declared}`, which counts {wanted}"


def _inside_casts(node: exp.Expr) -> exp.Expr:
    node = unwrap(node)
    while isinstance(node, exp.Cast | exp.Max | exp.Min):
        node = unwrap(node.this)
    return node


def _unquoted(output: Output) -> Edit:
    """Unquote an alias; a plain column keeps its quotes and gets an alias."""
    name = output.name if not needs_quotes(output.name.upper()) else output.name.upper()
    if output.inherited is not None:
        inner = output.inherited[1]
        if inner.name == output.name:
            return _unquoted(inner)
    if output.name_span.end == output.expression_span.end:
        return Edit(Span(output.expression_span.end, output.expression_span.end), f" AS {name}")
    return Edit(output.name_span, name)


def _renamed(mapping: Mapping, field: str) -> list[_Candidate]:
    found = []
    for column in renamed(mapping, field):
        name = f"under another name, `{column.name}`" if column.named else "without a name"
        message = f"the load timestamp `{field}` is selected {name}"
        found.append(_Candidate(message, f"name it: `AS {field}`", _alias(column.output, field)))
    return found


def _unselected(mapping: Mapping, field: str) -> list[_Candidate]:
    message = f"the load timestamp `{field}` is not selected"
    return [
        _Candidate(
            message,
            f"{f'`{column.table}` has it: ' if column.table else ''}add `{column.text}` to the SELECT list",
            _insertion(mapping.selects[0], column),
        )
        for column in unselected(mapping, field)
    ]


def _insertion(scope: Scope, column: Unselected) -> Edit | None:
    node = scope.node
    grouped = node.args.get("group") is not None or any(item.find(exp.AggFunc) for item in node.expressions)
    if (grouped and not column.is_key) or node.args.get("distinct") or not scope.text.items:
        return None
    start = scope.text.items[0].span.start
    return Edit(Span(start, start), f"{column.text}, ")


def _near(mapping: Mapping, field: str) -> list[_Candidate]:
    found = []
    for column in near(mapping, field):
        message = f"no output column is named `{field}`, the load timestamp of the model"
        advice = f"did you mean `{column.name}`? name the column `{field}`, or declare the other name"
        found.append(_Candidate(message, advice, _alias(column.output, field)))
    return found


def _alias(output: Output, field: str) -> Edit | None:
    if needs_quotes(field) or output.known is not None:
        return None
    if output.inherited is not None:
        inner = output.inherited[1]
        return _alias(inner, field) if inner.name == output.name else None
    if not output.named or output.name_span.end == output.expression_span.end:
        return Edit(Span(output.expression_span.end, output.expression_span.end), f" AS {field}")
    return Edit(output.name_span, field)


def _likely(mapping: Mapping) -> str:
    """Name the output columns that may be the load timestamp, the likeliest alone if there are such."""
    ranked = []
    for column in mapping.columns:
        if column.role == "attribute" and column.named and len(column.name) <= 60:
            rank = change_rank(column.name) + (2 if column.family in _TEMPORAL else 0)
            ranked.append((rank, column.name))
    best = max((rank for rank, _ in ranked), default=0)
    names = [f"`{name}`" for rank, name in ranked if rank == best] if best else []
    return " or ".join(dict.fromkeys(names[:3]))
