"""`sqlcheck check`: lint, and mend what can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, NoReturn

import click

from sqlcheck.commands._cache import Caching, cache_options
from sqlcheck.commands._delivery import Delivery, delivery_options
from sqlcheck.commands._live import Live, asking, live_options
from sqlcheck.commands._mending import Mending, Reasoned, mend, mending_options, print_diff
from sqlcheck.commands._options import check_options, paths_argument
from sqlcheck.commands._paths import gather
from sqlcheck.commands._progress import bar
from sqlcheck.commands._terminal import note
from sqlcheck.errors import SqlcheckError
from sqlcheck.formats.text import plural
from sqlcheck.model import Attached, Report, Severity

if TYPE_CHECKING:
    from sqlcheck.batch import Batch
    from sqlcheck.cache import Cache
    from sqlcheck.debt import Debt
    from sqlcheck.options import Options

THRESHOLDS = {severity.label: severity for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)}


@click.command("check", cls=Reasoned)
@paths_argument
@mending_options
@click.option(
    "--fail-on",
    type=click.Choice([*THRESHOLDS, "never"]),
    default="error",
    show_default=True,
    help="The lowest severity that makes the exit code 1.",
)
@delivery_options
@click.option("--baseline", type=click.Path(dir_okay=False), metavar="FILE", help="Findings that do not count.")
@click.option("--baseline-update", is_flag=True, help="Write into the baseline what is found now, and drop the rest.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="How many processors to use; all when left out.")
@click.option("--stdin-filename", metavar="PATH", help="What the text read from `-` is called.")
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved, until Ctrl-C.")
@cache_options
@click.option("--live", "is_live", is_flag=True, help="Ask a warehouse about each query, and look at its rows.")
@live_options
@check_options
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    mending: Mending,
    delivery: Delivery,
    live: Live,
    is_live: bool,
    baseline_update: bool,
    fail_on: str,
    jobs: int | None,
    watch: bool,
    caching: Caching,
    options: Options,
) -> None:
    """Report what is wrong with queries, project files and payloads.

    PATHS are SQL files, folders, project files, JSON payloads, or `-` for stdin; without any, the project file found
    from here upwards.
    """
    from sqlcheck.debt import debts, settle

    _refuse(mending, live, is_live, baseline_update)
    if watch:
        _refuse_watching(mending, delivery, is_live or baseline_update or "-" in paths)
        _watch(paths, options, caching, jobs, delivery)
    cache = caching.open(options)
    batch = gather(paths, options, cache)
    known = debts(batch, options)
    code, to_stderr = 0, False
    if mending.diff:
        code = print_diff(batch, mending, known, err=delivery.has_stdout)
        if not delivery.is_asked_for:
            context.exit(2 if batch.failures else code)
    elif mending.is_wanted:
        batch, to_stderr = mend(batch, mending, known)
    report = _look(batch, live) if is_live else _check(batch, jobs, cache)
    if baseline_update:
        _update(report, known)
    report = settle(report, known)
    delivery.deliver(report, err=to_stderr)
    context.exit(2 if batch.failures else max(code, int(fails(report, fail_on))))


def _refuse(mending: Mending, live: Live, is_live: bool, baseline_update: bool) -> None:
    """Refuse options that say nothing together."""
    if live != Live() and not is_live:
        raise click.UsageError("--connection, --interval and --timeout go with --live")
    if baseline_update and (mending.diff or mending.reason is not None):
        raise click.UsageError("--baseline-update goes without --diff and --add-ignore")


def _refuse_watching(mending: Mending, delivery: Delivery, more: bool) -> None:
    """Refuse to watch where files are written or others are asked; `more` tells of further such options."""
    if mending != Mending() or delivery.has_files or more:
        refused = "--fix, --diff, --add-ignore, --baseline-update, --live, --output or --also"
        raise click.UsageError(f"--watch goes with no {refused}, and not with stdin")


def _check(batch: Batch, jobs: int | None, cache: Cache | None) -> Report:
    """Check every file that the cache does not know, with a bar where it takes long."""
    with bar("checking") as tell:
        return batch.check(jobs, cache=cache, tell=tell)


def _watch(
    paths: tuple[str, ...], options: Options, caching: Caching, jobs: int | None, delivery: Delivery
) -> NoReturn:
    """Report again on every change."""
    from sqlcheck.commands._watch import watch
    from sqlcheck.debt import debts, settle

    openings = chain((caching,), repeat(caching._replace(is_cleared=False)))

    def check() -> Report:
        cache = next(openings).open(options)
        batch = gather(paths, options, cache)
        known = debts(batch, options)
        report = _check(batch, jobs, cache)
        try:
            delivery.deliver(settle(report, known), err=False)
        except SqlcheckError as error:  # such as a baseline that is not there yet
            note(f"error: {error}")
        return report._replace(attached=(*report.attached, *(Attached("texts", debt.path, "") for debt in known)))

    watch((*paths, *((options.project,) if options.project else ())), check)


def _update(report: Report, known: Sequence[Debt]) -> None:
    from sqlcheck.debt import update

    change = update(report, known)
    came, went = f"{change.came:,} new" if change.came else "", f"{change.went:,} gone" if change.went else ""
    changes = ", ".join(filter(None, (came, went))) or "none of them new"
    note(f"{plural(change.total, 'finding')} in {known[0].path}: {changes}")


def _look(batch: Batch, live: Live) -> Report:
    """Check every file beside what a warehouse says of its queries."""
    with asking(live) as ask:
        report = batch.check(ask=ask)
    tell_withdrawn(report)
    return report


def fails(report: Report, fail_on: str) -> bool:
    """Tell whether a report has something at or above the threshold."""
    threshold = THRESHOLDS.get(fail_on)
    return threshold is not None and any(found.severity >= threshold for found in report.diagnostics)


def tell_withdrawn(report: Report) -> None:
    """Say on stderr which findings a warehouse has refuted."""
    for found in report.withdrawn:
        note(f"withdrawn: {found.where}: {found.rule}: the warehouse says otherwise")
