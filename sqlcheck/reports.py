"""Reports joined, and their diagnostics in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from sqlcheck.model import Attached, Diagnostic, Report, Skip

Order = tuple[str, int, int, str, str]


def merge(reports: Sequence[Report]) -> Report:
    """Join reports in order."""
    if len(reports) == 1:
        return reports[0]
    skips: dict[Skip, None] = dict.fromkeys(chain.from_iterable(report.skips for report in reports))
    attached: dict[Attached, None] = dict.fromkeys(chain.from_iterable(report.attached for report in reports))
    return Report(
        ordered(chain.from_iterable(report.diagnostics for report in reports)),
        tuple(skips),
        withdrawn=ordered(chain.from_iterable(report.withdrawn for report in reports)),
        attached=tuple(attached),
        heard=tuple(chain.from_iterable(report.heard for report in reports)),
    )


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort by file and place, and drop what is said twice."""
    unique: dict[Order, Diagnostic] = {}
    for diagnostic in diagnostics:
        unique.setdefault(_order(diagnostic), diagnostic)
    return tuple(unique[key] for key in sorted(unique))


def _order(diagnostic: Diagnostic) -> Order:
    span = diagnostic.span
    return diagnostic.source.path, span.start, span.end, diagnostic.rule, diagnostic.message
