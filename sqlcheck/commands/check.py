"""`sqlcheck check`: lint, and mend what can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from sqlcheck import formats
from sqlcheck.commands._ci import checkout, in_github
from sqlcheck.commands._live import Live, asking, live_options
from sqlcheck.commands._mending import Mending, Reasoned, mend, mending_options, print_diff
from sqlcheck.commands._options import check_options, paths_argument
from sqlcheck.commands._statistics import FORMS as COUNTED_FORMS
from sqlcheck.commands._statistics import statistics
from sqlcheck.commands._terminal import coloured, is_terminal, note, say
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
@click.option(
    "--format",
    "form",
    type=click.Choice(formats.names()),
    help="The form of the report; text when left out, and github where GitHub Actions reads it.",
)
@click.option("--statistics", "is_counted", is_flag=True, help="Count what each rule finds, in place of the report.")
@click.option("--output", type=click.Path(dir_okay=False), help="Write the report to a file.")
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
    live: Live,
    is_live: bool,
    is_counted: bool,
    baseline_update: bool,
    fail_on: str,
    form: str | None,
    output: str | None,
    jobs: int | None,
    options: Options,
) -> None:
    """Report what is wrong with queries, project files and payloads.

    PATHS are SQL files, folders, project files, JSON payloads, or `-` for stdin; without any, the project file found
    from here upwards.
    """
    from sqlcheck.debt import debts, settle
    from sqlcheck.inputs import collect

    delivery = Delivery(form, output, is_counted)
    _refuse(mending, live, delivery, is_live, baseline_update)
    batch = collect(paths, options)
    for failure in batch.failures:
        note(f"error: {failure}")
    known = debts(batch, options)
    code, to_stderr = 2 if batch.failures else 0, False
    if mending.diff:
        code = max(code, print_diff(batch, mending, known, err=form is not None and output is None))
        if form is None and output is None:
            context.exit(code)
    elif mending.is_wanted:
        batch, to_stderr = mend(batch, mending, known)
    report = _look(batch, live) if is_live else batch.check(jobs)
    if baseline_update:
        _update(report, known)
    report = settle(report, known)
    delivery.deliver(report, err=to_stderr)
    context.exit(max(code, int(fails(report, fail_on))))


def _refuse(mending: Mending, live: Live, delivery: Delivery, is_live: bool, baseline_update: bool) -> None:
    """Refuse options that say nothing together."""
    if live != Live() and not is_live:
        raise click.UsageError("--connection, --interval and --timeout go with --live")
    if baseline_update and (mending.diff or mending.reason is not None):
        raise click.UsageError("--baseline-update goes without --diff and --add-ignore")
    if delivery.is_counted and delivery.form not in (None, *COUNTED_FORMS):
        raise click.UsageError(f"--statistics goes with --format {' or '.join(COUNTED_FORMS)}")


class Delivery(NamedTuple):
    """What becomes of a report: its form, the file that it goes to, and whether rules are only counted."""

    form: str | None
    output: str | None
    is_counted: bool

    def deliver(self, report: Report, *, err: bool) -> None:
        """Print a report, or write it to a file."""
        if self.output is None and not self.is_counted:
            say_report(report, self.form or _default_form(), err=err)
            return
        form = self.form or "text"
        text = statistics(report, form) if self.is_counted else formats.load(form)(report, checkout=checkout())
        if self.output is None:
            say(text, err=err)
        else:
            from sqlcheck.fix import write_atomic

            write_atomic(Path(self.output), text.encode("utf-8", "backslashreplace"))


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


def _default_form() -> str:
    return "github" if in_github() and not is_terminal() else "text"


def say_report(report: Report, form: str = "text", *, err: bool = False) -> None:
    """Print a report; on a terminal in colours, with the rules' names as links to their pages."""
    colour = coloured(err=err)
    link = page_address if is_terminal(err=err) and colour else None
    say(formats.load(form)(report, colour=colour, link=link, checkout=checkout()), err=err)


def tell_withdrawn(report: Report) -> None:
    """Say on stderr which findings a warehouse has refuted."""
    for found in report.withdrawn:
        where = f"{found.source.path}:{found.start.line}:{found.start.column}"
        note(f"withdrawn: {where}: {found.rule}: the warehouse says otherwise")


def page_address(rule: str) -> str:
    """Give the address of a rule's page on this machine."""
    from sqlcheck import rulebook

    return Path(rulebook.names()[rule]).resolve().as_uri()
