"""Reports ↔ what is kept of them: spans and messages, and of the sources only their paths.

Most files of a run have the same rules skipped and the same rules heard. Each such list is kept once, in a place of its
own: `share` gives the name of that place, and `shared` what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from sqlcheck.model import Attached, Diagnostic, Edit, Fix, Heard, Report, Severity, Skip, Source, Span

Secrets = tuple[Span, ...]


def freeze(report: Report, share: Callable[[object], str]) -> object:
    """Say in values of JSON what came out for one file."""
    sources: dict[tuple[str, Secrets], int] = {}
    diagnostics = []
    for found in report.diagnostics:
        number = sources.setdefault((found.source.path, found.source.secrets), len(sources))
        diagnostics.append((*found[:3], number, *found[4:]))
    skips = [
        (model, share([(each.rule, each.needs) for each in group]))
        for model, group in groupby(report.skips, lambda skip: skip.model)
    ]
    heard = [(path, share(sorted(rules)), query) for path, rules, query in report.heard]
    return report.attached, tuple(sources), diagnostics, skips, heard


def attached(frozen: Any) -> tuple[Attached, ...]:
    """Read what a report rests on: it counts only while all this is as it was."""
    return tuple(Attached(*each) for each in frozen[0])


class Thawing:
    """Make reports again; what they have in common is read once and is then one value for all of them."""

    def __init__(self, shared: Callable[[str], Any]) -> None:
        self._shared = shared
        self._skips: dict[tuple[str | None, str], tuple[Skip, ...]] = {}
        self._rules: dict[str, frozenset[str]] = {}

    def report(self, frozen: Any, source: Callable[[str, Secrets], Source]) -> Report:
        """Read a report, with the sources that paths stand for."""
        sources = [source(path, tuple(Span(*span) for span in secrets)) for path, secrets in frozen[1]]
        return Report(
            tuple(_diagnostic(found, sources) for found in frozen[2]),
            tuple(skip for model, place in frozen[3] for skip in self._skipped(model, place)),
            attached=attached(frozen),
            heard=tuple(Heard(path, self._heard(place), query) for path, place, query in frozen[4]),
        )

    def _skipped(self, model: str | None, place: str) -> tuple[Skip, ...]:
        if (model, place) not in self._skips:
            self._skips[model, place] = tuple(Skip(rule, model, needs) for rule, needs in self._shared(place))
        return self._skips[model, place]

    def _heard(self, place: str) -> frozenset[str]:
        if place not in self._rules:
            self._rules[place] = frozenset(self._shared(place))
        return self._rules[place]


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
