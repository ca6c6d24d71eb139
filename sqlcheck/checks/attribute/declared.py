"""Whether the output keeps what the model, or a data plan, declares of its attributes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sqlglot import exp

from sqlcheck.apis.facts import Api
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Evidence, Finding
from sqlcheck.names import closest
from sqlcheck.outputs import labels, misspelt
from sqlcheck.resolution.evidence import of_name, of_reference, of_type
from sqlcheck.resolution.scopes import Output, Scope
from sqlcheck.settings import DeclaredAttribute, Model

_FAMILIES = {
    "text": frozenset({"text"}),
    "number": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "timestamp": frozenset({"timestamp_ntz", "timestamp_ltz", "timestamp_tz"}),
    "list": frozenset({"array"}),
    # of a data plan: JSON has no dates, so that these are sent as strings
    "string": frozenset({"text", "date", "time", "timestamp_ntz", "timestamp_ltz", "timestamp_tz"}),
}
"""Declared type → the families of the Snowflake types that hold it."""
_WORDS = {
    "timestamp_ntz": "timestamp",
    "timestamp_ltz": "timestamp",
    "timestamp_tz": "timestamp",
    "array": "list",
}
# what may hold a value of any type, and what cannot be sent at all: other rules speak about them
_LEFT_TO_OTHERS = frozenset({"variant", "binary", "geo", "vector", "file"})


def undelivered_attribute(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report a declared attribute that is not among the output columns."""
    if not model.declared or not mapping.complete:
        return
    missing = [attribute for attribute in _undelivered(mapping, model) if attribute.required]
    declared = {_key(attribute.name) for attribute in model.declared}
    spare = [column for column in mapping.attributes if column.named and _key(column.name) not in declared]
    for attribute in missing:
        twin = next((column for column in spare if column.name.lower() == attribute.name.lower()), None)
        guess = closest(attribute.name, [column.name for column in spare])
        if twin is not None:
            advice = f"the output has `{twin.name}`, and custom attributes are case-sensitive"
        else:
            advice = f"the output has `{guess}`: is that the one?" if guess else f"select it, or {_change(attribute)}"
        at = attribute.place if attribute.place is not None else mapping.keyword
        message = f"the declared attribute `{attribute.name}` is not in the output"
        if attribute.planned:
            message = f"the data plan requires the attribute `{attribute.name}`, which is not in the output"
        yield Finding(at, message, _cited(advice, attribute), evidence=mapping.evidence)


def _change(attribute: DeclaredAttribute) -> str:
    return "no longer require it in the data plan" if attribute.planned else "drop the declaration"


def _cited(advice: str, attribute: DeclaredAttribute) -> str:
    """Name the place in the data plan behind an advice about what is declared there."""
    return f"{advice} (see `{attribute.planned.line}`)" if attribute.planned else advice


def _key(name: str) -> str:
    """Give what names are compared by: custom attributes have a case, those of mParticle have none."""
    return name.lower() if name.startswith("$") else name


def _undelivered(mapping: Mapping, model: Model) -> list[DeclaredAttribute]:
    attributes = {_key(column.name) for column in mapping.attributes}
    # the load timestamp and identities are found in any case of letters
    others = {column.name.lower() for column in mapping.columns if column.role != "attribute"}
    return [each for each in model.declared if _key(each.name) not in attributes and each.name.lower() not in others]


def undeclared_attribute(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report an attribute that the model, or a data plan that lets in no others, does not declare."""
    closed = model.plan.closed_attributes if model.plan else None
    if model.attributes is None and closed is None:
        return
    declared = {_key(attribute.name) for attribute in model.declared}
    missing = _undelivered(mapping, model)
    recased = {attribute.name.lower() for attribute in missing if attribute.required}
    folded = {attribute.name for attribute in missing if attribute.planned}
    for column in mapping.attributes:
        if _key(column.name) in declared or not column.named:
            continue
        # that case was lost by folding is said once, by `folded-attribute` or at the declaration that is not kept
        if not column.quoted and (column.name.lower() in recased or mapping.query.slice(column.name_span) in folded):
            continue
        if misspelt(column, mapping, model, api) is not None:
            continue
        guess = closest(column.name, [attribute.name for attribute in missing])
        meant = next((attribute for attribute in missing if attribute.name == guess), None)
        if model.attributes is None and closed is not None:
            message = f"the data plan has no attribute `{column.name}`, and lets in no others than its own"
            advice = f"add it to the plan, or leave it out (see `{closed.line}`)"
        else:
            message = f"the model does not declare the attribute `{column.name}`: it would be created on the fly"
            advice = "declare it, or leave it out"
        advice = _cited(f"did you mean `{meant.name}`?", meant) if meant else advice
        yield Finding(column.name_span, message, advice, evidence=column.evidence, column=column.name)


def mistyped_attribute(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an attribute whose type differs from the declared one."""
    for attribute, column in _delivered(mapping, model):
        wanted = _FAMILIES.get(attribute.type.value) if attribute.type is not None else None
        if attribute.type is None or wanted is None:
            continue
        for side in column.output.written:
            family = side.family
            if family is not None and family not in wanted and family not in _LEFT_TO_OTHERS:
                declared = attribute.type.value
                found = _WORDS.get(family, family)
                how = "planned" if attribute.planned else "declared"
                message = f"`{column.name}` is {how} as {_article(declared)}, and this is {_article(found)}"
                advice = f"cast it, or change the {'data plan' if attribute.planned else 'declaration'}"
                advice = _cited(advice, attribute)
                yield Finding(side.expression_span, message, advice, evidence=of_type(side), column=column.name)
                break


def unplanned_value(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report a literal that is none of the values that the data plan lists for an attribute."""
    for attribute, column in _delivered(mapping, model):
        for node, scope in labels(column.output) if attribute.values is not None else ():
            wanted = _comparable(node, attribute.values or ())
            if not wanted or _value(node) in wanted or scope is None:
                continue
            texts = [str(value) for value in wanted]
            guess = closest(str(_value(node)), texts)
            shown = ", ".join(f"`{text}`" for text in texts[:5]) + (" …" if len(texts) > 5 else "")
            advice = f"did you mean `{guess}`?" if guess else f"its values are {shown}"
            message = f"`{_value(node)}` is not among the values that the data plan lists for `{column.name}`"
            yield Finding(scope.query.span(node), message, _cited(advice, attribute), column=column.name)


def _value(node: exp.Expr) -> str | bool | Decimal:
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    return node.name if node.is_string else Decimal(node.name)


def _comparable(node: exp.Expr, values: tuple[object, ...]) -> list[str | bool | Decimal]:
    """Give the values of the same kind as a literal; that the kind is wrong is said by `mistyped-attribute`."""
    if isinstance(node, exp.Boolean):
        return [value for value in values if isinstance(value, bool)]
    if node.is_string:
        return [value for value in values if isinstance(value, str)]
    return [Decimal(str(value)) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def missourced_attribute(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an attribute that is not made from the column that it is declared to come from."""
    for attribute, column in _delivered(mapping, model):
        if attribute.origin is None or not _is_traced(column.output):
            continue
        wanted = [part.strip('" ').upper() for part in attribute.origin.value.split(".")]
        read = list(_read(column.output))
        stored = [f"{output.table}.{output.name}" for output, _ in read if output.table is not None]
        if any(_matches(wanted, source.upper().split(".")) for source in (*column.sources, *stored)):
            continue
        sources = " and ".join(f"`{source}`" for source in column.sources[:3]) or "no column at all"
        message = f"`{column.name}` is declared to come from `{attribute.origin.value}`, and comes from {sources}"
        at = column.output.written[0].expression_span
        advice = "select the declared column, or change the declaration"
        evidence = column.evidence if all(basis == "static" for _, basis in read) else "schema"
        yield Finding(at, message, advice, evidence=evidence, column=column.name)


def _read(output: Output) -> Iterator[tuple[Output, Evidence]]:
    """Yield the columns that a value is made from, those of views and derived tables too, and what shows that."""
    stack, seen = [output], set()
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if current.inherited is not None:
            yield current.inherited[1], of_name(current)
        for origin in current.origins():
            scope = origin.scope
            for column in origin.expression.find_all(exp.Column) if scope is not None else ():
                reference = scope.reference(column) if scope is not None else None
                if reference is not None and reference.output is not None and scope is not None:
                    yield reference.output, of_reference(reference, scope)
                    stack.append(reference.output)


def _matches(wanted: list[str], source: list[str]) -> bool:
    """Compare two dotted names as far as both are written."""
    size = min(len(wanted), len(source))
    return wanted[-size:] == source[-size:]


def _delivered(mapping: Mapping, model: Model) -> Iterator[tuple[DeclaredAttribute, OutputColumn]]:
    if model.declared:
        declared = {_key(attribute.name): attribute for attribute in model.declared}
        for column in mapping.attributes:
            if _key(column.name) in declared:
                yield declared[_key(column.name)], column


def _is_traced(output: Output) -> bool:
    """Tell whether every column behind a value is known with its table."""
    stack, seen = [output], set()
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        for origin in current.origins():
            if origin.scope is None or origin.known is not None:
                if not origin.facts.sources:
                    return False
                continue
            inner = _inner_outputs(origin.expression, origin.scope)
            if inner is None:
                return False
            stack += inner
    return True


def _inner_outputs(node: exp.Expr, scope: Scope) -> list[Output] | None:
    """Give the outputs of derived tables that an expression reads; None when it reads what cannot be traced."""
    found = []
    for part in node.walk():
        if isinstance(part, exp.Query):
            return None
        if isinstance(part, exp.Column):
            reference = scope.reference(part)
            if reference is None:
                return None
            if reference.output is not None and reference.output.known is None:
                found.append(reference.output)
            elif reference.relation is None or reference.relation.kind != "table":
                return None
    return found
