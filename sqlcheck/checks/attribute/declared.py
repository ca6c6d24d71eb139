"""Whether the output keeps what the model declares of its attributes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Api, DeclaredAttribute, Finding, Model
from sqlcheck.names import closest
from sqlcheck.outputs import misspelt
from sqlcheck.scopes import Output, Scope

_FAMILIES = {
    "text": frozenset({"text"}),
    "number": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "timestamp": frozenset({"timestamp_ntz", "timestamp_ltz", "timestamp_tz"}),
    "list": frozenset({"array"}),
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
    if not model.attributes or not mapping.complete:
        return
    missing = _undelivered(mapping, model)
    declared = {attribute.name for attribute in model.attributes or ()}
    spare = [column for column in mapping.attributes if column.named and column.name not in declared]
    for attribute in missing:
        twin = next((column for column in spare if column.name.lower() == attribute.name.lower()), None)
        guess = closest(attribute.name, [column.name for column in spare])
        if twin is not None:
            advice = f"the output has `{twin.name}`, and custom attributes are case-sensitive"
        else:
            advice = f"the output has `{guess}`: is that the one?" if guess else "select it, or drop the declaration"
        at = attribute.place if attribute.place is not None else mapping.keyword
        yield Finding(at, f"the declared attribute `{attribute.name}` is not in the output", advice)


def _undelivered(mapping: Mapping, model: Model) -> list[DeclaredAttribute]:
    attributes = {column.name for column in mapping.attributes}
    # the load timestamp and identities are found in any case of letters
    others = {column.name.lower() for column in mapping.columns if column.role != "attribute"}
    declared = model.attributes or ()
    return [each for each in declared if each.name not in attributes and each.name.lower() not in others]


def undeclared_attribute(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report an attribute that the model does not declare."""
    if model.attributes is None:
        return
    declared = {attribute.name for attribute in model.attributes}
    missing = [attribute.name for attribute in _undelivered(mapping, model)]
    recased = {name.lower() for name in missing}
    for column in mapping.attributes:
        if column.name in declared or not column.named:
            continue
        # that case was lost by folding is said once, at the declaration that is not kept
        if not column.quoted and column.name.lower() in recased:
            continue
        if misspelt(column, mapping, model, api) is not None:
            continue
        guess = closest(column.name, missing)
        advice = f"did you mean `{guess}`?" if guess else "declare it, or leave it out"
        message = f"the model does not declare the attribute `{column.name}`: it would be created on the fly"
        yield Finding(column.name_span, message, advice, column=column.name)


def mistyped_attribute(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an attribute whose type differs from the declared one."""
    for attribute, column in _delivered(mapping, model):
        wanted = _FAMILIES.get(attribute.type.value) if attribute.type is not None else None
        if attribute.type is None or wanted is None:
            continue
        for side in column.output.written():
            family = side.family
            if family is not None and family not in wanted and family not in _LEFT_TO_OTHERS:
                declared = attribute.type.value
                found = _WORDS.get(family, family)
                message = f"`{column.name}` is declared as {_article(declared)}, and this is {_article(found)}"
                yield Finding(side.expression_span, message, "cast it, or change the declaration", column=column.name)
                break


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def missourced_attribute(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an attribute that is not made from the column that it is declared to come from."""
    for attribute, column in _delivered(mapping, model):
        if attribute.origin is None or not _is_traced(column.output):
            continue
        wanted = [part.strip('" ').upper() for part in attribute.origin.value.split(".")]
        if any(_matches(wanted, source.upper().split(".")) for source in column.sources):
            continue
        sources = " and ".join(f"`{source}`" for source in column.sources[:3]) or "no column at all"
        message = f"`{column.name}` is declared to come from `{attribute.origin.value}`, and comes from {sources}"
        at = column.output.written()[0].expression_span
        yield Finding(at, message, "select the declared column, or change the declaration", column=column.name)


def _matches(wanted: list[str], source: list[str]) -> bool:
    """Compare two dotted names as far as both are written."""
    size = min(len(wanted), len(source))
    return wanted[-size:] == source[-size:]


def _delivered(mapping: Mapping, model: Model) -> Iterator[tuple[DeclaredAttribute, OutputColumn]]:
    if model.attributes:
        declared = {attribute.name: attribute for attribute in model.attributes}
        for column in mapping.attributes:
            if column.name in declared:
                yield declared[column.name], column


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
                return False
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
