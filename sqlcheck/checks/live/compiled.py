"""What the warehouse says of the wrapped query before it runs: does it compile, and to which columns?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding, Span
from sqlcheck.names import quote
from sqlcheck.sample import Description, Refusal

_STALE = "is the schema file out of date? `sqlcheck schema pull` writes it anew"


def refused_query(refusal: Refusal, mapping: Mapping) -> Iterator[Finding]:
    """Report what the warehouse will not compile or run."""
    if refusal.kind == "rights" or _is_hidden(refusal):
        return
    yield _refused(refusal, mapping, f"the warehouse refuses this: {refusal.message}", _advice(refusal))


def missing_grant(refusal: Refusal, mapping: Mapping) -> Iterator[Finding]:
    """Report rights that the role lacks."""
    if refusal.kind != "rights" and not _is_hidden(refusal):
        return
    advice = " ".join(refusal.grants) or "ask the owner of the object for the right"
    yield _refused(refusal, mapping, f"the role may not read this: {refusal.message}", advice)


def renamed_output(description: Description, foreseen: Mapping) -> Iterator[Finding]:
    """Report outputs that the warehouse calls otherwise than the text lets expect."""
    if not foreseen.complete:
        return
    theirs, ours = description.columns, foreseen.columns
    if len(theirs) != len(ours):
        message = f"the warehouse gives {len(theirs)} columns where {len(ours)} were expected"
        yield Finding(foreseen.keyword, message, _STALE, evidence="live")
        return
    for column, own in zip(theirs, ours, strict=True):
        if own.named and column.name != own.name:
            message = f"the warehouse calls this output {quote(column.name)}, not {quote(own.name)}"
            yield Finding(own.name_span, message, _STALE, evidence="live", column=column.name)


def retyped_output(description: Description, foreseen: Mapping) -> Iterator[Finding]:
    """Report outputs that have another type in the warehouse than was found out before."""
    if not foreseen.complete or len(description.columns) != len(foreseen.columns):
        return
    for column, own in zip(description.columns, foreseen.columns, strict=True):
        if None not in (column.family, own.family) and column.family != own.family:
            message = f"`{column.name}` is {column.type} in the warehouse, not {own.type}"
            yield Finding(own.expression_span, message, _STALE, evidence="live", column=column.name)


def _is_hidden(refusal: Refusal) -> bool:
    """Tell whether an object is more likely hidden than missing: its name is that of no other one that is seen."""
    return refusal.kind == "object" and bool(refusal.grants) and not refusal.known and refusal.described


def _refused(refusal: Refusal, mapping: Mapping, message: str, advice: str | None) -> Finding:
    at: Span = refusal.at if refusal.at is not None else mapping.keyword
    return Finding(at, message, advice, evidence="live")


def _advice(refusal: Refusal) -> str | None:
    if refusal.known:
        return f"did you mean {' or '.join(f'`{name}`' for name in refusal.known)}?"
    if refusal.kind == "object" and refusal.grants:
        return f"check its name; if it is right, the role needs: {' '.join(refusal.grants)}"
    return None
