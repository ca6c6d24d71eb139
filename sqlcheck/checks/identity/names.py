"""Which reserved names the output has, and which the model lists."""

from __future__ import annotations

from collections.abc import Iterator

from sqlcheck.apis.facts import Api
from sqlcheck.knowledge.vocabulary import NearMiss, is_ordinary_word, near_identity
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Finding, Place, Severity, Span
from sqlcheck.names import closest
from sqlcheck.outputs import cannot_identify, canonical, is_empty, misspelt
from sqlcheck.resolution.evidence import of_type
from sqlcheck.settings import Model, Value


def missing_identity(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a query without any identity among its output columns."""
    if mapping.identities or not mapping.complete:
        return
    near = [(c, miss) for c in mapping.attributes if (miss := misspelt(c, mapping, model, api)) and miss.identity]
    listed = [entry.value for entry in model.identities or () if entry.value.lower() in api.identities]
    if near:
        advice = " and ".join(f"`{column.name}` looks like `{miss.identity}`" for column, miss in near[:3])
    elif listed:
        advice = f"select {_listing(listed)}, as the model lists"
    else:
        advice = "select one under its reserved name, such as `customer_id`, `email` or `mpid`"
    message = "no output column is an identity, so no row can be tied to a profile"
    yield Finding(mapping.keyword, message, advice, evidence=mapping.evidence)


def misspelt_identity(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report an attribute whose name was probably meant to be that of an identity."""
    for column in mapping.attributes:
        miss = misspelt(column, mapping, model, api)
        if miss is None:
            continue
        edits = mapping.rename(column, miss.identity) if _is_free(miss, column, mapping, model, api) else ()
        message = f"`{column.name}` {_REASONS[miss.reason]}, so it becomes a user attribute"
        advice = f"name it `{miss.identity}`" if miss.identity else "nothing stands for it here: give it another name"
        if miss.reason in ("elsewhere", "typo", "number") and miss.identity:
            advice += ", or declare the attribute if that is what it is"
        yield Finding(column.name_span, message, advice, edits, evidence=column.evidence, column=column.name)


_REASONS = {
    "elsewhere": "is not the name of an identity in Warehouse Sync",
    "prefix": "keeps its prefix and is thus no identity",
    "number": "is not one of the numbered identities",
    "writing": "is not how the identity is written",
    "typo": "is almost the name of an identity, but not quite",
}


def _is_free(miss: NearMiss, column: OutputColumn, mapping: Mapping, model: Model, api: Api) -> bool:
    """Tell whether the identity is still to be had: no other column has it or was meant to have it."""
    if not miss.identity or any(canonical(other.name, api) == miss.identity for other in mapping.identities):
        return False
    others = (misspelt(other, mapping, model, api) for other in mapping.attributes if other is not column)
    return all(other is None or other.identity != miss.identity for other in others)


def duplicate_identity(mapping: Mapping, api: Api) -> Iterator[Finding]:
    """Report a second output column for one identity."""
    seen: dict[str, OutputColumn] = {}
    names: set[str] = set()
    for column in mapping.identities:
        identity = canonical(column.name, api)
        first = seen.setdefault(identity, column)
        # the very same name twice is another matter: the wrap cannot tell the two apart
        if first is not column and column.name not in names:
            message = f"`{column.name}` is the same identity as `{first.name}`, and only one of the two can count"
            advice = "keep one of them, or combine both with COALESCE: which one counts is not documented"
            yield Finding(column.name_span, message, advice, evidence=column.evidence, column=column.name)
        names.add(column.name)


def undeclared_identity(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report an identity of the output that the model, or a data plan that lets in no others, does not list."""
    if model.identities is None:
        yield from _unplanned(mapping, model, api)
        return
    listed = _meant(model.identities, api)
    for column in mapping.identities:
        if canonical(column.name, api) in listed or _is_accident(column):
            continue
        names = [entry.value for entry in model.identities]
        message = f"`{column.name}` is an identity that the model does not list"
        where = f"add it to {_listing(names)}" if names else "list it"
        yield Finding(
            column.name_span, message, f"{where}, or leave the column out", evidence=column.evidence, column=column.name
        )


def _unplanned(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    plan = model.plan
    if plan is None or plan.closed_identities is None:
        return
    planned = _meant(plan.identities, api)
    for column in mapping.identities:
        # mParticle's own id is no identity of a plan
        if canonical(column.name, api) not in (*planned, "mpid") and not _is_accident(column):
            message = f"`{column.name}` is an identity that the data plan does not have"
            advice = f"add it to the plan, or leave the column out (see `{plan.closed_identities.line}`)"
            yield Finding(column.name_span, message, advice, evidence=column.evidence, column=column.name)


def undelivered_identity(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report an identity that the model lists, or a data plan requires, and that is not in the output."""
    if not mapping.complete or not mapping.identities:
        return
    delivered = {canonical(column.name, api) for column in mapping.identities}
    for entry in model.plan.required_identities if model.plan and model.identities is None else ():
        if canonical(entry.value, api) not in delivered and entry.place is not None:
            message = f"the data plan requires the identity `{entry.value}`, which is not in the output"
            yield Finding(mapping.keyword, message, f"select it (see `{entry.place.line}`)", evidence=mapping.evidence)
    for entry in model.identities or ():
        identity = canonical(entry.value, api)
        if identity in delivered or entry.value.lower() not in api.identities:
            continue
        advice = "select it, or take it off the list"
        for column in mapping.attributes:
            miss = misspelt(column, mapping, model, api)
            if miss is not None and miss.identity == identity:
                advice = f"`{column.name}` looks like it: name that column `{entry.value.lower()}`"
                break
        message = f"the listed identity `{entry.value}` is not in the output"
        yield Finding(_place(entry, mapping), message, advice, evidence=mapping.evidence)


def unknown_identity(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a listed name that is not reserved for an identity."""
    for entry in model.identities or ():
        if entry.value.lower() in api.identities:
            continue
        guess = _guess(entry.value, api)
        advice = f"did you mean `{guess}`?" if guess else "`customer_id`, `email`, `mpid` and `other` are some that are"
        at = _place(entry, mapping)
        for column in mapping.columns:
            if entry.place is None and column.name.lower() == entry.value.lower():
                at = column.name_span
        yield Finding(at, f"`{entry.value}` is not a reserved name of an identity", advice)


def accidental_identity(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a column that has an identity's name by chance: its value cannot identify anybody."""
    listed = _meant(model.identities or (), api)
    for column in mapping.identities:
        if canonical(column.name, api) in listed or not _is_accident(column):
            continue
        kind = cannot_identify(column.output)
        written = column.name.lower()
        name = f"{written}_{_SUFFIXES.get(kind or '', 'value')}"
        message = f"`{column.name}` is reserved for an identity, but its value is {kind}"
        advice = f"give the column another name, such as `{name}`"
        # where identities are listed, one that is not on the list is certainly wrong
        severity = Severity.ERROR if model.identities is not None else None
        edits, evidence = mapping.rename(column, name), of_type(column.output)
        yield Finding(column.name_span, message, advice, edits, severity, evidence, column=column.name)


_SUFFIXES = {
    "true or false": "flag",
    "a date": "date",
    "a time of day": "time",
    "a point in time": "time",
    "a count": "count",
    "a rank": "rank",
    "a list of values": "list",
    "one of a few labels": "label",
}


def _is_accident(column: OutputColumn) -> bool:
    if not is_ordinary_word(column.name) or is_empty(column.output):
        return False
    return cannot_identify(column.output) is not None


def _meant(entries: tuple[Value[str], ...], api: Api) -> set[str]:
    """Give the identities that a list names, the misspelt ones included."""
    return {canonical(e.value if e.value.lower() in api.identities else _guess(e.value, api), api) for e in entries}


def _guess(name: str, api: Api) -> str:
    near = near_identity(name, api)
    return (near.identity if near is not None else closest(name, api.identities)) or ""


def _place(entry: Value[str], mapping: Mapping) -> Place | Span:
    return entry.place if entry.place is not None else mapping.keyword


def _listing(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
