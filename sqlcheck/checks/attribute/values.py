"""Whether the values of attributes can be sent, and say anything."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding
from sqlcheck.outputs import is_literal
from sqlcheck.resolution.evidence import of_type, of_values
from sqlcheck.resolution.facts import arguments, unwrap
from sqlcheck.resolution.members import type_name
from sqlcheck.resolution.scopes import Output, Scope
from sqlcheck.settings import Model

_NESTED = {"object": "an OBJECT", "map": "a MAP", "variant": "a VARIANT"}
_UNSENDABLE = {
    "binary": ("a BINARY", "send it as text: HEX_ENCODE or BASE64_ENCODE"),
    "geo": ("a {}", "send its coordinates as two numbers, or ST_ASTEXT of it"),
    "vector": ("a VECTOR", "leave it out"),
    "file": ("a FILE", "leave it out, or send its path"),
}
_COLLECTS = frozenset({"ARRAY_AGG", "ARRAYAGG", "ARRAY_UNIQUE_AGG", "TO_ARRAY"})
_LISTS = frozenset({"ARRAY_CONSTRUCT", "ARRAY_CONSTRUCT_COMPACT"})
_HANDS_ON = frozenset(
    "ARRAY_DISTINCT ARRAY_COMPACT ARRAY_SORT ARRAY_SLICE ARRAY_REVERSE ARRAY_REMOVE ARRAY_REMOVE_AT ARRAY_EXCEPT "
    "ARRAY_INTERSECTION ARRAY_APPEND ARRAY_PREPEND ARRAY_CAT MAX MIN ANY_VALUE".split()
)
_TEXT_LISTS = frozenset("SPLIT STRTOK_TO_ARRAY OBJECT_KEYS REGEXP_SUBSTR_ALL REGEXP_EXTRACT_ALL".split())
"""Functions that give an array of plain texts or numbers."""


def nested_attribute(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an attribute that is no scalar and no list of scalars."""
    typed = {attribute.name for attribute in model.declared if attribute.type is not None}
    for column in mapping.attributes:
        if column.output.is_bare:
            continue
        for side in column.output.written:
            what = _nested(side)
            # an OBJECT is never what is declared: that it is mistyped says enough
            if what is None or (what in (_NESTED["object"], _NESTED["map"]) and column.name in typed):
                continue
            message = f"`{column.name}` is {what}, and an attribute is a scalar or a list of scalars"
            advice = "cast the value or its elements to a scalar type, such as `::string`"
            evidence = of_type(side)
            if what.startswith("an array") and side.scope is not None:
                evidence = of_values(side.expression, side.scope)
            yield Finding(side.expression_span, message, advice, evidence=evidence, column=column.name)
            break


def _nested(side: Output) -> str | None:
    """Say how a value is nested; None when it is not, or cannot be told."""
    family = side.family
    if family == "array":
        for origin in side.origins():
            inner = _element(origin.expression, origin.scope) if origin.scope is not None else None
            if inner is not None:
                return f"an array of {inner}"
        return None
    if family == "variant" and all(_is_text_element(o) for o in side.origins() or (side,)):
        return None
    return _NESTED.get(family or "")


_MAX_STEPS = 30
"""How many references are followed; lateral aliases can run in a circle."""


def _element(node: exp.Expr, scope: Scope, steps: int = 0) -> str | None:
    """Say what an array holds if that is nested."""
    node = unwrap(node)
    if steps > _MAX_STEPS:
        return None
    if isinstance(node, exp.Cast):
        inner = node.to.expressions[:1]
        return {"OBJECT": "objects", "VARIANT": "VARIANTs", "MAP": "maps", "ARRAY": "arrays"}.get(
            type_name(inner[0]) or "" if inner else ""
        )
    if isinstance(node, exp.Column):
        reference = scope.reference(node)
        origins = reference.output.origins() if reference is not None and reference.output is not None else ()
        found = (_element(o.expression, o.scope, steps + 1) for o in origins if o.scope is not None)
        return next((kind for kind in found if kind), None)
    name = scope.query.function_name(node) if isinstance(node, exp.Func) else None
    if name in _COLLECTS:
        return _kind(next(iter(arguments(node)), None), scope)
    if isinstance(node, exp.Array) or name in _LISTS:
        return next((kind for item in node.expressions if (kind := _kind(item, scope))), None)
    if name in _HANDS_ON:
        first = next(iter(arguments(node)), None)
        return _element(first, scope, steps) if first is not None else None
    return None


def _kind(item: exp.Expr | None, scope: Scope) -> str | None:
    if item is None:
        return None
    item = unwrap(item)
    if isinstance(item, exp.Distinct):
        item = item.expressions[0]
    if _is_text_item(item, scope):
        return None
    family = scope.facts(item).family or ""
    return {"object": "objects", "map": "maps", "variant": "VARIANTs", "array": "arrays"}.get(family)


def _is_text_element(origin: Output) -> bool:
    return origin.scope is not None and _is_text_item(unwrap(origin.expression), origin.scope)


def _is_text_item(node: exp.Expr, scope: Scope) -> bool:
    """Tell whether a VARIANT is an element of an array of texts, such as `SPLIT(name, ' ')[0]`."""
    is_get = isinstance(node, exp.Func) and scope.query.function_name(node) == "GET"
    if not isinstance(node, exp.Bracket) and not is_get:
        return False
    array = unwrap(node.this if isinstance(node, exp.Bracket) else next(iter(arguments(node))))
    return isinstance(array, exp.Func) and scope.query.function_name(array) in _TEXT_LISTS


def unsendable_attribute(mapping: Mapping) -> Iterator[Finding]:
    """Report an attribute of a type that has no place in a profile."""
    for column in mapping.attributes:
        if column.output.is_bare:
            continue
        for side in column.output.written:
            found = _UNSENDABLE.get(side.family or "")
            if found is not None:
                message = f"`{column.name}` is {found[0].format(side.type)}, which cannot be sent"
                evidence = of_type(side)
                yield Finding(side.expression_span, message, found[1], evidence=evidence, column=column.name)
                break


def constant_attribute(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an attribute that has one literal value for everybody."""
    declared = {attribute.name for attribute in model.declared}
    for column in mapping.attributes:
        output = column.output
        if output.is_bare or (not output.facts.constant and not output.inner()):
            continue
        origins = column.output.origins()
        if not origins or not all(is_literal(o) and o.expression == origins[0].expression for o in origins):
            continue
        first = origins[0]
        is_null = _is_null(first.expression)
        # a tag is an attribute whose value is NULL; who declares the attribute knows
        if is_null and column.name in declared:
            continue
        what = "NULL" if is_null else "the same value"
        advice = "leave it out" if is_null else "leave it out, or select the column that tells users apart"
        yield Finding(first.expression_span, f"`{column.name}` is {what} in every row", advice, column=column.name)


def _is_null(node: exp.Expr) -> bool:
    node = unwrap(node)
    while isinstance(node, exp.Cast):
        node = unwrap(node.this)
    return isinstance(node, exp.Null)
