"""What a project lives with: findings of a baseline do not count, and what is gone from it is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sqlcheck import files
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Diagnostic, Heard, Report, Source
from sqlcheck.options import Options
from sqlcheck.reports import ordered
from sqlcheck.settings import Settings

if TYPE_CHECKING:
    from sqlcheck.baseline import Baseline, Entry
    from sqlcheck.batch import Batch
    from sqlcheck.projectfile import ProjectFile

Counted = Callable[[Sequence[Diagnostic]], tuple[Diagnostic, ...]]
"""What is left of diagnostics when those that do not count are gone."""


class Debt(NamedTuple):
    """A baseline that is in force: its file, how its own faults are judged, and whether all models are looked at.

    The project file, which says how, is read only where there are such faults.
    """

    path: str
    settings: Callable[[], Settings]
    is_whole: bool


class Change(NamedTuple):
    """What writing a baseline has changed: how many findings are in it, how many came and went."""

    total: int
    came: int
    went: int


def debts(batch: Batch, options: Options) -> tuple[Debt, ...]:
    """Find the baselines that are in force: the one that the options name, or else those of the projects."""
    if options.baseline is not None:
        return (_debt(options.baseline, batch.projects[0] if batch.projects else None, options),)
    found: dict[str, Debt] = {}
    for project in batch.projects:
        if project.gist.baseline:
            path = project.resolve(project.gist.baseline)
            found.setdefault(os.path.abspath(path), _debt(path, project, options))
    return tuple(found.values())


def _debt(path: str, project: ProjectFile | None, options: Options) -> Debt:
    def settings() -> Settings:
        return options.settings(project.project.severities_for(path) if project else {})

    return Debt(path, settings, options.only is None)


def read(debt: Debt) -> Baseline:
    """Read a baseline that must be there."""
    if not os.path.exists(debt.path):
        raise SqlcheckError(f"{debt.path}: there is no such baseline; `sqlcheck check --baseline-update` writes it")
    return _read(debt.path)


def counted(debts: Sequence[Debt]) -> Counted:
    """Give what takes the findings of baselines out; they are read when that is asked first."""
    baselines = cache(lambda: [read(debt) for debt in debts])
    return lambda found: tuple(
        each for each, is_known in zip(found, _known(found, baselines()), strict=True) if not is_known
    )


def settle(report: Report, debts: Sequence[Debt]) -> Report:
    """Set the findings of baselines apart, and add what is to be said of the baselines themselves."""
    if not debts:
        return report
    baselines = [read(debt) for debt in debts]
    marks = _known(report.diagnostics, baselines)
    pairs = list(zip(report.diagnostics, marks, strict=True))
    new = [found for found, is_known in pairs if not is_known]
    for debt, baseline in zip(debts, baselines, strict=True):
        stale = _stale(baseline, report, debt)
        if stale:  # all that there is to say of a baseline; the checks take long to import
            from sqlcheck import engine

            new += engine.run({"baseline": replace(baseline, stale=stale)}, debt.settings()).diagnostics
    return report._replace(diagnostics=ordered(new), baseline=tuple(found for found, is_known in pairs if is_known))


def update(report: Report, debts: Sequence[Debt]) -> Change:
    """Write the baseline anew: what is found now, and what of the old entries this run cannot judge."""
    from sqlcheck.baseline import Baseline, render
    from sqlcheck.fix import write_atomic

    if len(debts) != 1:
        several = ", ".join(debt.path for debt in debts)
        why = f"there are several baselines ({several}): name one" if debts else "say which file is the baseline"
        raise SqlcheckError(f"{why} with --baseline FILE{'' if debts else ', or with `baseline:` in the project file'}")
    (debt,) = debts
    old = _read(debt.path) if os.path.exists(debt.path) else Baseline(Source(debt.path, ""))
    gone = {entry.fingerprint for entry in _stale(old, report, debt)}
    entries = {entry.fingerprint: entry for entry in old.entries if entry.fingerprint not in gone}
    entries |= {entry.fingerprint: entry for entry in old.listed(report.diagnostics)}
    text = render(entries.values())
    if text != old.source.text:
        write_atomic(debt.path, text.encode("utf-8", "backslashreplace"))
    return Change(len(entries), len(entries.keys() - old.fingerprints), len(old.fingerprints - entries.keys()))


def _read(path: str) -> Baseline:
    from sqlcheck.baseline import read_baseline

    content = files.read(path)
    if content.problem is not None:
        raise SqlcheckError(f"{path}: {content.problem.message}")
    return read_baseline(Source(path, content.text))


def _known(diagnostics: Sequence[Diagnostic], baselines: Sequence[Baseline]) -> list[bool]:
    """Tell of each diagnostic whether it is in one of the baselines."""
    known = [False] * len(diagnostics)
    for baseline in baselines:
        prints = baseline.prints(diagnostics)
        known = [was or each in baseline.fingerprints for was, each in zip(known, prints, strict=True)]
    return known


def _stale(baseline: Baseline, report: Report, debt: Debt) -> tuple[Entry, ...]:
    """Find the entries that a run would have found again; what a warehouse has refuted is still in the text."""
    present = set(baseline.prints((*report.diagnostics, *report.withdrawn)))
    missing = [entry for entry in baseline.entries if entry.fingerprint not in present]
    heard: dict[str, list[Heard]] = {baseline.named(path): [] for path in report.files if missing}
    for each in report.heard if missing else ():
        heard.setdefault(baseline.named(each.path), []).append(each)
    # What a query shows may be wrong in the project file; that is judged when all queries were looked at.
    queries = [each for each in report.heard if each.query and debt.is_whole and not report.failures]
    return tuple(
        entry
        for entry in missing
        if not os.path.exists(baseline.path(entry)) or _is_judged(entry.rule, heard.get(entry.file, []), queries)
    )


def _is_judged(rule: str, own: Sequence[Heard], queries: Sequence[Heard]) -> bool:
    """Tell whether a rule has had its say about a file, from what was heard of that file and of all queries."""
    if own and not any(rule in each.rules for each in own):
        return bool(queries) and all(rule in each.rules for each in queries)
    groups = [[each for each in own if each.query is query] for query in (True, False)]
    return any(group and all(rule in each.rules for each in group) for group in groups)
