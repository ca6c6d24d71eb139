"""Can the document be read, and has each object the fields that it must have?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlcheck.apis.facts import Api
from sqlcheck.documents.bodies import document_faults
from sqlcheck.documents.document import Document
from sqlcheck.documents.nodes import Node
from sqlcheck.model import Finding, Place, Rule, Span
from sqlcheck.names import closest

if TYPE_CHECKING:
    from sqlcheck.documents.data_plan import DataPlan


def unreadable_document(document: Document) -> Iterator[Finding]:
    """Report what keeps the text from being YAML or JSON."""
    for problem in document.problems:
        yield Finding(document.place(problem.span), problem.message, problem.help)


def unreadable_data_plan(data_plan: DataPlan) -> Iterator[Finding]:
    """Report what keeps a file from being a data plan."""
    yield from data_plan.problems


def missing_field(document: Document, api: Api) -> Iterator[Finding]:
    """Report a field that must be there and is not, or is empty."""
    yield from _faults(document, api, "missing")


def unknown_field(document: Document, api: Api, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """Report a field that nothing reads, and a rule that there is not."""
    yield from _faults(document, api, "unknown")
    known = [rule.name for rule in rules]
    for key in _rules_set(document):
        if key.value not in known:
            guess = closest(str(key.value), known)
            advice = f"did you mean `{guess}`?" if guess else "`sqlcheck rules` lists them all"
            yield Finding(document.place(key), f"there is no rule `{key.value}`", advice)


def _rules_set(document: Document) -> Iterator[Node]:
    """Give the names of rules for which a project file sets something, for all files or for some."""
    root = document.root if document.language == "yaml" else None
    overrides = root.get("overrides") if root else None
    for holder in (root, *(overrides.elements if overrides else ())):
        settings = holder.get("rules") if holder else None
        yield from (key for key, _ in (settings.items if settings else ()))


def mistyped_field(document: Document, api: Api) -> Iterator[Finding]:
    """Report a value of the wrong type."""
    yield from _faults(document, api, "mistyped")


def unknown_value(document: Document, api: Api) -> Iterator[Finding]:
    """Report a value that is none of those that the field can have."""
    yield from _faults(document, api, "value")


def stale_payload(document: Document, emitted: str) -> Iterator[Finding]:
    """Report a payload on disk that is not what would be emitted now."""
    text = document.source.text
    if text == emitted:
        return
    lines, wanted = text.splitlines(keepends=True), emitted.splitlines(keepends=True)
    pairs = enumerate(zip(lines, wanted, strict=False))
    number = next((i for i, (left, right) in pairs if left != right), min(len(lines), len(wanted)))
    start = sum(map(len, lines[:number]))
    line = lines[number] if number < len(lines) else ""
    span = Span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
    place = Place(document.source, span if span.start < span.end else Span(start, start + len(line.rstrip("\r\n"))))
    yield Finding(place, "the payload is not what would be emitted now, from here on", "run `sqlcheck emit` again")


def _faults(document: Document, api: Api, kind: str) -> Iterator[Finding]:
    for fault in document_faults(document, api):
        if fault.kind == kind:
            yield Finding(document.place(fault.span), fault.message, fault.help)
