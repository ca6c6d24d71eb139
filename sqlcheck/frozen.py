"""Reports ↔ what is kept of them: spans and messages, and of the sources only their paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlcheck.model import Attached, Diagnostic, Edit, Fix, Heard, Report, Severity, Skip, Source, Span

Secrets = tuple[Span, ...]


def freeze(report: Report) -> object:
    """Say in values of JSON what came out for one file."""
    sources: dict[tuple[str, Secrets], int] = {}
    diagnostics = []
    for found in report.diagnostics:
        number = sources.setdefault((found.source.path, found.source.secrets), len(sources))
        diagnostics.append((*found[:3], number, *found[4:]))
    heard = tuple((path, sorted(rules), query) for path, rules, query in report.heard)
    return report.attached, tuple(sources), diagnostics, report.skips, heard


def attached(frozen: Any) -> tuple[Attached, ...]:
    """Read what a report rests on: it counts only while all this is as it was."""
    return tuple(Attached(*each) for each in frozen[0])


def thaw(frozen: Any, source: Callable[[str, Secrets], Source]) -> Report:
    """Read a report, with the sources that paths stand for."""
    sources = [source(path, tuple(Span(*span) for span in secrets)) for path, secrets in frozen[1]]
    return Report(
        tuple(_diagnostic(found, sources) for found in frozen[2]),
        tuple(Skip(*skip) for skip in frozen[3]),
        attached=attached(frozen),
        heard=tuple(Heard(path, frozenset(rules), query) for path, rules, query in frozen[4]),
    )


def _diagnostic(found: Any, sources: list[Source]) -> Diagnostic:
    rule, severity, evidence, number, span, message, help, fix, model, column = found
    return Diagnostic(
        rule,
        Severity(severity),
        evidence,
        sources[number],
        Span(*span),
        message,
        help,
        None if fix is None else Fix(fix[0], tuple(Edit(Span(*place), text) for place, text in fix[1])),
        model,
        column,
    )
