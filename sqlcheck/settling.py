"""Findings of a query that a warehouse has seen: some are proven, some refuted, and one cause is told once."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from sqlcheck.model import Diagnostic, Report, Settled, Severity

if TYPE_CHECKING:
    from sqlcheck.sample import Refusal, Sample

REFUSALS = frozenset({"refused-query", "missing-grant"})
SEEN = {"null-load-timestamp": "nullable-load-timestamp", "null-identity": "nullable-identity"}
"""Rule that has seen something in the rows → the one that only expects it."""


def settle(foreseen: Report, seen: Report, sample: Sample, settled: dict[str, Settled]) -> Report:
    """Join what the text alone shows with what it shows beside the warehouse's answer.

    `foreseen` is the report without the sample, `seen` the one with it; `settled` says of each rule what
    decides about its findings. What is withdrawn is told by the report; a rule that is not let speak where a
    warehouse says as much has not been heard.
    """
    unsure = {*REFUSALS, *SEEN.values(), *(name for name, kind in settled.items() if kind == "compile")}
    seen = seen._replace(heard=tuple(each._replace(rules=each.rules - unsure) for each in seen.heard))
    # one cause is told once: what was expected is left out where it was seen
    told = {SEEN[found.rule] for found in seen.diagnostics if found.rule in SEEN}
    foreseen, seen = _without(foreseen, told), _without(seen, told)
    if sample.traits.emulated:
        return seen
    if sample.description is None:
        return seen if sample.refusal is None else _refused(foreseen, seen, sample.refusal, settled)
    kept: list[Diagnostic] = []
    for found in seen.diagnostics:
        kind = settled.get(found.rule, "")
        if kind == "compile" and found.severity >= Severity.WARNING:
            continue
        kept.append(found._replace(evidence="live") if kind == "describe" else found)
    return seen._replace(diagnostics=tuple(kept), withdrawn=_lost(foreseen.diagnostics, kept))


def _without(report: Report, rules: AbstractSet[str]) -> Report:
    return report._replace(diagnostics=tuple(found for found in report.diagnostics if found.rule not in rules))


def _refused(foreseen: Report, seen: Report, refusal: Refusal, settled: dict[str, Settled]) -> Report:
    """Mark the finding that says why the query was refused as proven, in place of the refusal.

    Where rights are missing the thing is there, so that what says otherwise is refuted.
    """
    causes = {
        id(found)
        for found in seen.diagnostics
        if settled.get(found.rule) == "compile" and refusal.at is not None and found.span.overlaps(refusal.at)
    }
    if refusal.kind == "rights":
        kept = tuple(found for found in seen.diagnostics if id(found) not in causes)
        return seen._replace(diagnostics=kept, withdrawn=_lost(foreseen.diagnostics, kept))
    kept = tuple(
        found._replace(evidence="live") if id(found) in causes else found
        for found in seen.diagnostics
        if not (causes and found.rule in REFUSALS)
    )
    return seen._replace(diagnostics=kept)


def _lost(before: Iterable[Diagnostic], after: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    still = {(found.rule, found.span) for found in after}
    return tuple(found for found in before if (found.rule, found.span) not in still)
