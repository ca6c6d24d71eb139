"""`sqlcheck check`: lint, and mend what can be mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sqlcheck import formats
from sqlcheck.commands._ci import checkout, in_github
from sqlcheck.commands._live import Live, asking, live_options
from sqlcheck.commands._options import check_options, paths_argument
from sqlcheck.commands._terminal import coloured, is_terminal, note, say, say_bytes, shown_diff
from sqlcheck.formats.text import plural
from sqlcheck.model import Report, Severity

if TYPE_CHECKING:
    from sqlcheck.fix import Fixed
    from sqlcheck.inputs import Batch, Input
    from sqlcheck.subject import Options

THRESHOLDS = {severity.label: severity for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)}


@click.command("check")
@paths_argument
@click.option("--fix", is_flag=True, help="Mend what can be mended without a change of meaning or of a name.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend also what may change either; implies --fix.")
@click.option(
    "--diff",
    is_flag=True,
    help="Print what --fix would change, and change nothing; on stderr, where --format asks for a report as well.",
)
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
@click.option("--output", type=click.Path(dir_okay=False), help="Write the report to a file.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="How many processors to use; all when left out.")
@click.option("--stdin-filename", metavar="PATH", help="What the text read from `-` is called.")
@click.option("--live", "is_live", is_flag=True, help="Ask a warehouse about each query, and look at its rows.")
@live_options
@check_options
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    live: Live,
    is_live: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
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
    from sqlcheck.inputs import collect

    if live != Live() and not is_live:
        raise click.UsageError("--connection, --interval and --timeout go with --live")
    batch = collect(paths, options)
    for failure in batch.failures:
        note(f"error: {failure}")
    code, to_stderr = 2 if batch.failures else 0, False
    if diff:
        code = max(code, _print_diff(batch, unsafe_fixes, err=form is not None and output is None))
        if form is None and output is None:
            context.exit(code)
    elif fix or unsafe_fixes:
        batch, to_stderr = _mend(batch, unsafe_fixes)
    report = _look(batch, live) if is_live else batch.check(jobs)
    if output is None:
        say_report(report, form or _default_form(), err=to_stderr)
    else:
        _write(report, form or "text", output)
    context.exit(max(code, int(fails(report, fail_on))))


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


def _write(report: Report, form: str, output: str) -> None:
    from sqlcheck.fix import write_atomic

    text = formats.load(form)(report, checkout=checkout())
    write_atomic(Path(output), text.encode("utf-8", "backslashreplace"))


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


def _mend(batch: Batch, unsafe: bool) -> tuple[Batch, bool]:
    """Rewrite the files; the text of stdin goes to stdout, and then the report must not."""
    mended, has_stdin = [], False
    for entry in batch.inputs:
        fixed = entry.fix(unsafe=unsafe)
        _tell(entry, fixed)
        if entry.is_stdin:
            has_stdin = True
            say_bytes(entry.text.encode(fixed.text))
        elif fixed.text != entry.text.text:
            entry.write(fixed.text)
        mended.append(replace(entry, text=entry.text._replace(text=fixed.text)) if fixed.applied else entry)
    return batch._replace(inputs=tuple(mended)), has_stdin


def _tell(entry: Input, fixed: Fixed) -> None:
    if fixed.applied:
        rules = ", ".join(dict.fromkeys(found.rule for found in fixed.applied))
        note(f"fixed {plural(len(fixed.applied), 'problem')} in {entry.path}: {rules}")
    for refused in fixed.withdrawn:
        start = refused.diagnostic.start
        where = f"{entry.path}:{start.line}:{start.column}"
        note(f"not fixed: {where}: {refused.rule}: {refused.reason}")


def _print_diff(batch: Batch, unsafe: bool, *, err: bool) -> int:
    from sqlcheck.fix import diff

    count = files = 0
    for entry in batch.inputs:
        fixed = entry.fix(unsafe=unsafe)
        if fixed.text != entry.text.text:
            count, files = count + len(fixed.applied), files + 1
            say(shown_diff(diff(entry.text.text, fixed.text, entry.path), err=err), err=err)
    if files:
        note(f"would fix {plural(count, 'problem')} in {plural(files, 'file')}")
    return int(files > 0)
