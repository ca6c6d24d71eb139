"""`sqlcheck check`: lint, and mend what can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sqlcheck.commands._delivery import Delivery, delivery_options
from sqlcheck.commands._live import Live, asking, live_options
from sqlcheck.commands._mending import Mending, Reasoned, mend, mending_options, print_diff
from sqlcheck.commands._options import check_options, paths_argument
from sqlcheck.commands._terminal import note
from sqlcheck.formats.text import plural
from sqlcheck.model import Report, Severity

if TYPE_CHECKING:
    from sqlcheck.debt import Debt
    from sqlcheck.inputs import Batch
    from sqlcheck.subject import Options

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
    options: Options,
) -> None:
    """Report what is wrong with queries, project files and payloads.

    PATHS are SQL files, folders, project files, JSON payloads, or `-` for stdin; without any, the project file found
    from here upwards.
    """
    from sqlcheck.debt import debts, settle
    from sqlcheck.inputs import collect

    _refuse(mending, live, is_live, baseline_update)
    batch = collect(paths, options)
    for failure in batch.failures:
        note(f"error: {failure}")
    known = debts(batch, options)
    code, to_stderr = 2 if batch.failures else 0, False
    if mending.diff:
        code = max(code, print_diff(batch, mending, known, err=delivery.has_stdout))
        if not delivery.is_asked_for:
            context.exit(code)
    elif mending.is_wanted:
        batch, to_stderr = mend(batch, mending, known)
    report = _look(batch, live) if is_live else batch.check(jobs)
    if baseline_update:
        _update(report, known)
    report = settle(report, known)
    delivery.deliver(report, err=to_stderr)
    context.exit(max(code, int(fails(report, fail_on))))


def _refuse(mending: Mending, live: Live, is_live: bool, baseline_update: bool) -> None:
    """Refuse options that say nothing together."""
    if live != Live() and not is_live:
        raise click.UsageError("--connection, --interval and --timeout go with --live")
    if baseline_update and (mending.diff or mending.reason is not None):
        raise click.UsageError("--baseline-update goes without --diff and --add-ignore")


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
        where = f"{found.source.path}:{found.start.line}:{found.start.column}"
        note(f"withdrawn: {where}: {found.rule}: the warehouse says otherwise")
