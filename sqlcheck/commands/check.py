"""`sqlcheck check`: lint, and mend what can be mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sqlcheck import formats
from sqlcheck.commands._options import check_options, paths_argument
from sqlcheck.commands._terminal import coloured, is_terminal, note, say, say_bytes, shown_diff
from sqlcheck.formats.text import plural
from sqlcheck.model import Severity

if TYPE_CHECKING:
    from sqlcheck.engine import Report
    from sqlcheck.fix import Fixed
    from sqlcheck.inputs import Batch, Input
    from sqlcheck.subject import Options

THRESHOLDS = {severity.label: severity for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)}


@click.command("check")
@paths_argument
@click.option("--fix", is_flag=True, help="Mend what can be mended without a change of meaning or of a name.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend also what may change either; implies --fix.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option(
    "--fail-on",
    type=click.Choice([*THRESHOLDS, "never"]),
    default="error",
    show_default=True,
    help="The lowest severity that makes the exit code 1.",
)
@click.option("--format", "form", type=click.Choice(formats.names()), default="text", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False), help="Write the report to a file.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="How many processors to use; all when left out.")
@click.option("--stdin-filename", metavar="PATH", help="What the text read from `-` is called.")
@check_options
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    fail_on: str,
    form: str,
    output: str | None,
    jobs: int | None,
    options: Options,
) -> None:
    """Report what is wrong with queries, project files and payloads.

    PATHS are SQL files, folders, project files, JSON payloads, or `-` for stdin; without any, the project file found
    from here upwards.
    """
    from sqlcheck.inputs import collect

    batch = collect(paths, options)
    for failure in batch.failures:
        note(f"error: {failure}")
    if diff:
        context.exit(max(_print_diff(batch, unsafe_fixes), 2 if batch.failures else 0))
    to_stderr = False
    if fix or unsafe_fixes:
        batch, to_stderr = _mend(batch, unsafe_fixes)
    report = batch.check(jobs)
    if batch.inputs or form != "text":
        _print(report, len(batch.inputs), form, output, to_stderr)
    context.exit(2 if batch.failures else int(fails(report, fail_on)))


def fails(report: Report, fail_on: str) -> bool:
    """Tell whether a report has something at or above the threshold."""
    threshold = THRESHOLDS.get(fail_on)
    return threshold is not None and any(found.severity >= threshold for found in report.diagnostics)


def _print(report: Report, files: int, form: str, output: str | None, to_stderr: bool) -> None:
    render = formats.load(form)
    if output is None:
        say_report(report, files, form, err=to_stderr)
        return
    from sqlcheck.fix import write_atomic

    text = render(report.diagnostics, report.skips, files=files)
    write_atomic(Path(output), text.encode("utf-8", "backslashreplace"))


def say_report(report: Report, files: int, form: str = "text", *, err: bool = False) -> None:
    """Print a report; on a terminal in colours, with the rules' names as links to their pages."""
    render = formats.load(form)
    link = page_address if is_terminal(err=err) and coloured(err=err) else None
    say(render(report.diagnostics, report.skips, files=files, colour=coloured(err=err), link=link), err=err)


def page_address(rule: str) -> str:
    """Give the address of a rule's page on this machine."""
    from sqlcheck import rulebook

    return Path(rulebook.names()[rule]).resolve().as_uri()


def _mend(batch: Batch, unsafe: bool) -> tuple[Batch, bool]:
    """Rewrite the files; the text of stdin goes to stdout, and then the report must not."""
    from sqlcheck.fix import write_atomic

    mended, has_stdin = [], False
    for entry in batch.inputs:
        fixed = entry.fix(unsafe=unsafe)
        _tell(entry, fixed)
        data = entry.text.encode(fixed.text)
        if entry.is_stdin:
            has_stdin = True
            say_bytes(data)
        elif fixed.text != entry.text.text:
            write_atomic(Path(entry.path), data)
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


def _print_diff(batch: Batch, unsafe: bool) -> int:
    from sqlcheck.fix import diff

    count = files = 0
    for entry in batch.inputs:
        fixed = entry.fix(unsafe=unsafe)
        if fixed.text != entry.text.text:
            count, files = count + len(fixed.applied), files + 1
            say(shown_diff(diff(entry.text.text, fixed.text, entry.path)))
    if files:
        note(f"would fix {plural(count, 'problem')} in {plural(files, 'file')}")
    return int(files > 0)
