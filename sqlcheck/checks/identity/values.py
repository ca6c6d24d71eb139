"""Whether the value of an identity can be one."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.apis.facts import Api
from sqlcheck.knowledge.vocabulary import is_ordinary_word
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Finding
from sqlcheck.outputs import NEVER_IDS, cannot_identify, canonical, digest, is_empty, leaves
from sqlcheck.resolution.answers import Answers
from sqlcheck.resolution.evidence import of_type
from sqlcheck.resolution.facts import unwrap
from sqlcheck.resolution.scopes import Output, Relation, Scope
from sqlcheck.settings import Model

_NO_ID = {
    **NEVER_IDS,
    "array": "an array",
    "object": "an object",
    "map": "a map",
    "binary": "binary",
    "geo": "a shape on the map",
    "vector": "a vector",
    "file": "a file",
}
_ACCIDENTAL = frozenset({"boolean", "date", "time", "timestamp_ntz", "timestamp_ltz", "timestamp_tz"})
_HASHED_IN_CLEAR = frozenset({"email", "mobile_number", "phone_number_2", "phone_number_3"})
"""User identities that are matched by their clear value; the device's all are."""


def empty_identity(mapping: Mapping) -> Iterator[Finding]:
    """Report an identity that is NULL, or the same for everybody."""
    for column in mapping.identities:
        if not is_empty(column.output):
            continue
        origin = column.output.origins()[0]
        is_null = all(isinstance(node, exp.Null) for node, _ in leaves(column.output))
        what = "NULL in every row" if is_null else "the same in every row"
        consequence = "it identifies nobody" if is_null else "all rows go to one profile"
        message = f"the identity `{column.name}` is {what}: {consequence}"
        advice = "select the column that holds it, or leave it out"
        yield Finding(origin.expression_span, message, advice, column=column.name)


def mistyped_identity(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report an identity whose type cannot be that of an id."""
    listed = {canonical(entry.value, api) for entry in model.identities or ()}
    for column in mapping.identities:
        if is_empty(column.output) or _is_hashed(column):
            continue
        by_chance = is_ordinary_word(column.name) and canonical(column.name, api) not in listed
        for side in column.output.written:
            if by_chance and (side.family in _ACCIDENTAL or cannot_identify(side) is not None):
                break
            problem = _wrong_type(column, side)
            if problem is not None:
                message = f"the identity `{column.name}` is {problem}"
                advice = "an mpid is a 64-bit integer" if _is_mpid(column) else "an identity is a text or a number"
                at = _site(side).expression_span
                yield Finding(at, message, advice, evidence=of_type(side), column=column.name)
                break


def _wrong_type(column: OutputColumn, side: Output) -> str | None:
    family = side.family
    if family in _NO_ID:
        return _NO_ID[family]
    if not _is_mpid(column):
        return None
    if family == "text":
        return "a text"
    return "a number with a fraction" if side.type == "FLOAT" or side.facts.scale else None


def _is_mpid(column: OutputColumn) -> bool:
    return column.name.lower() == "mpid"


def _site(side: Output) -> Output:
    """Give the output inside a derived table where the value gets the identity's name, if it has it there."""
    inner = side.inner()
    while len(inner) == 1 and inner[0].name.lower() == side.name.lower():
        side = inner[0]
        inner = side.inner()
    return side


def hashed_identity(mapping: Mapping) -> Iterator[Finding]:
    """Report a hash where the clear value is expected."""
    for column in mapping.identities:
        if not _is_hashed(column):
            continue
        found = digest(column.output)
        if found is not None:
            message = f"the identity `{column.name}` is a hash, which matches no profile known by the clear value"
            advice = "send the clear value, or the hash as `other` or another `other_id_…`"
            yield Finding(found, message, advice, column=column.name)


def _is_hashed(column: OutputColumn) -> bool:
    wants_clear = column.role == "device_identity" or column.name.lower() in _HASHED_IN_CLEAR
    return wants_clear and digest(column.output) is not None


def nullable_identity(mapping: Mapping) -> Iterator[Finding]:
    """Report identities that are all missing in the rows for which an outer join finds no match."""
    if not mapping.complete or not mapping.identities:
        return
    known = Answers[Relation | None](None)
    relations = [_outer_joined(column.output, known) for column in mapping.identities]
    if not all(relations) or not all(column.nullable for column in mapping.identities):
        return
    column, relation = mapping.identities[0], relations[0]
    where = f" in `{relation.name}`" if relation is not None and relation.name else ""
    message = f"`{column.name}` is the only identity, and NULL in rows that have no match{where}"
    if len(mapping.identities) > 1:
        names = ", ".join(f"`{each.name}`" for each in mapping.identities)
        message = f"the identities {names} are all NULL in rows for which an outer join finds no match"
    at = column.output.written[0].expression_span
    advice = "take the identity from the other side, or use an inner join"
    yield Finding(at, message, advice, evidence=mapping.evidence, column=column.name)


def _outer_joined(output: Output, known: Answers[Relation | None]) -> Relation | None:
    """Give the outer-joined relation that all columns of a value come through, if there is one on every way."""
    return known.of(output, lambda: _find_outer_joined(output, known))


def _find_outer_joined(output: Output, known: Answers[Relation | None]) -> Relation | None:
    if output.branches:
        found = [_outer_joined(branch, known) for branch in output.branches]
        return found[0] if all(found) else None
    if output.inherited is not None:
        relation, inner = output.inherited
        return relation if relation.optional else _outer_joined(inner, known)
    node = unwrap(output.expression)
    if output.scope is None:
        return None
    if not isinstance(node, exp.Column):
        relations = [_outer_column(column, output.scope, known) for column in node.find_all(exp.Column)]
        return relations[0] if relations and all(relations) and node.find(exp.Query) is None else None
    return _outer_column(node, output.scope, known)


def _outer_column(node: exp.Column, scope: Scope, known: Answers[Relation | None]) -> Relation | None:
    reference = scope.reference(node)
    if reference is None:
        return None
    if reference.relation is not None and reference.relation.optional:
        return reference.relation
    inner = reference.output
    return _outer_joined(inner, known) if inner is not None and inner.known is None else None


def device_only_identity(mapping: Mapping) -> Iterator[Finding]:
    """Report a query that identifies devices alone."""
    if not mapping.complete or not mapping.identities:
        return
    if all(column.role == "device_identity" for column in mapping.identities):
        names = ", ".join(f"`{column.name}`" for column in mapping.identities)
        verb = "are device identities" if len(mapping.identities) > 1 else "is a device identity"
        message = f"{names} {verb}, and no user identity is in the output"
        advice = "add a user identity such as `customer_id`, if there is one"
        yield Finding(mapping.keyword, message, advice, evidence=mapping.evidence)
