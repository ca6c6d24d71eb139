"""Is the load timestamp among the output columns, and under a name that the generated filter finds?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from sqlcheck.facts import type_name, unwrap
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Api, Edit, Finding, Model, Span
from sqlcheck.moments import FAMILIES, UNITS, change_rank, epoch_unit, speaks_of_days
from sqlcheck.names import distance, needs_quotes, quote, skeleton
from sqlcheck.scopes import Output, Scope, identifier

_TEMPORAL = frozenset({"timestamp_ntz", "timestamp_ltz", "timestamp_tz", "date"})
_KEYWORD_LIKE = frozenset({"DATE", "TIME", "TIMESTAMP"})


@dataclass(frozen=True)
class _Candidate:
    """A way to deliver the load timestamp: what is wrong, what to do, and the edit that does it."""

    message: str
    advice: str
    edit: Edit | None


def missing_load_timestamp(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report that no output column has the name of the load timestamp."""
    declared = model.load_timestamp.field
    if declared is None or not declared.value.strip() or mapping.load_timestamp is not None or not mapping.complete:
        return
    field = declared.value.strip().upper()
    found = _renamed(mapping, field) or _unselected(mapping, field) or _near(mapping, field)
    if len(found) == 1:
        edits = (found[0].edit,) if found[0].edit and len(mapping.selects) == 1 else ()
        yield Finding(mapping.keyword, found[0].message, found[0].advice, edits, column=field)
    elif found:
        several = "; or ".join(candidate.advice for candidate in found[:3])
        yield Finding(mapping.keyword, found[0].message, several, column=field)
    else:
        likely = _likely(mapping)
        advice = f"add it to the SELECT list{f', or declare {likely} instead' if likely else ''}"
        message = f"no output column is named `{field}`, the load timestamp of the model"
        yield Finding(mapping.keyword, message, advice, column=field)


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
    folded = column.name.upper()
    yield Finding(
        column.name_span,
        f'the generated filter asks for `{folded}` and does not find `"{column.name}"`',
        f"write the name without quotes, as an alias: `AS {column.name}`",
        () if needs_quotes(folded) or folded in _KEYWORD_LIKE else (_unquoted(column.output),),
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
            yield Finding(span, message, advice, column=column.name)
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
    """Find output columns that are the wanted column under another name."""
    found = []
    for column in mapping.columns:
        if column.role != "attribute" or field not in _handed_on(column.expression):
            continue
        name = f"under another name, `{column.name}`" if column.named else "without a name"
        message = f"the load timestamp `{field}` is selected {name}"
        found.append(_Candidate(message, f"name it: `AS {field}`", _alias(column.output, field)))
    return found


def _handed_on(node: exp.Expr) -> set[str]:
    """Give the columns, in upper case, whose moment an expression hands on, such as that of `MAX(updated_at)`."""
    node = unwrap(node)
    if isinstance(node, exp.Column):
        return {node.name.upper()}
    if isinstance(node, exp.Greatest | exp.Coalesce):
        return set().union(*(_handed_on(argument) for argument in (node.this, *node.expressions)))
    if isinstance(node, exp.ConvertTimezone):
        return _handed_on(node.args["timestamp"])
    is_temporal_cast = isinstance(node, exp.Cast) and (type_name(node.to) or "").startswith("TIMESTAMP")
    return _handed_on(node.this) if is_temporal_cast or isinstance(node, exp.Max | exp.AnyValue) else set()


def _unselected(mapping: Mapping, field: str) -> list[_Candidate]:
    """Find columns of the wanted name that the outermost query could select."""
    found: dict[str, _Candidate] = {}
    message = f"the load timestamp `{field}` is not selected"
    for scope in mapping.selects[:1]:
        for text, is_key in _reachable(scope, field):
            advice = f"add `{text}` to the SELECT list"
            found.setdefault(text.upper(), _Candidate(message, advice, _insertion(scope, text, is_key)))
    return list(found.values())


def _reachable(scope: Scope, field: str) -> Iterator[tuple[str, bool]]:
    """Yield the text of every column of that name, and whether it may stand beside a GROUP BY."""
    seen = set()
    for reference in scope.references:
        if reference.name.upper() == field and reference.status in ("open", "resolved"):
            seen.add(id(reference.relation))
            yield scope.query.slice(reference.span), reference.clause == "group"
    for relation in scope.relations:
        output = (relation.columns or {}).get(field)
        if output is not None and id(relation) not in seen:
            name = quote(relation.name) if needs_quotes(relation.name) else relation.name.lower()
            yield (f"{name}.{field}" if relation.name and len(scope.relations) > 1 else field), False


def _insertion(scope: Scope, text: str, is_key: bool) -> Edit | None:
    node = scope.node
    grouped = node.args.get("group") is not None or any(item.find(exp.AggFunc) for item in node.expressions)
    if (grouped and not is_key) or node.args.get("distinct") or not scope.text.items:
        return None
    start = scope.text.items[0].span.start
    return Edit(Span(start, start), f"{text}, ")


def _near(mapping: Mapping, field: str) -> list[_Candidate]:
    """Find output columns whose name is a slip of the wanted one."""
    wanted = skeleton(field)
    limit = 1 if len(wanted) < 12 else 2
    found = []
    for column in mapping.columns:
        if column.named and column.role == "attribute" and distance(wanted, skeleton(column.name), limit) <= limit:
            message = f"no output column is named `{field}`, the load timestamp of the model"
            advice = f"did you mean `{column.name}`? name the column `{field}`, or declare the other name"
            found.append(_Candidate(message, advice, _alias(column.output, field)))
    return found


def _alias(output: Output, field: str) -> Edit | None:
    if needs_quotes(field):
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
