"""What becomes of a report: printed, written to files, or only counted."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple, TypeVar

import click

from sqlcheck import formats
from sqlcheck.commands._ci import checkout, in_github
from sqlcheck.commands._options import Function, with_options
from sqlcheck.commands._terminal import coloured, is_terminal, say
from sqlcheck.model import Report

T = TypeVar("T")
COUNTED_FORMS = ("text", "json")
"""The forms of report that have a place for counts."""
Also = tuple[tuple[str, str], ...]
"""Further reports to write: their forms and files."""


class Delivery(NamedTuple):
    """Where a report goes, as the command line says it; where rules are only counted, the counts take its place."""

    form: str | None = None
    output: str | None = None
    also: Also = ()
    is_counted: bool = False

    @property
    def is_asked_for(self) -> bool:
        """Tell whether a report is wanted where there is something else to show."""
        return self.has_stdout or self.output is not None

    @property
    def has_stdout(self) -> bool:
        """Tell whether stdout belongs to a report that is asked for."""
        return self.output is None and (self.form is not None or bool(self.also))

    @property
    def has_files(self) -> bool:
        """Tell whether files are to be written."""
        return self.output is not None or bool(self.also)

    def deliver(self, report: Report, *, err: bool) -> None:
        """Print a report, and write the files that are to have it."""
        if self.output is not None:
            _write(self._text(report), self.output)
        elif self.is_counted:
            say(self._text(report), err=err)
        else:
            say_report(report, self.form or _default_form(), err=err)
        for form, path in self.also:
            _write(formats.load(form)(report, checkout=checkout()), path)

    def _text(self, report: Report) -> str:
        form = self.form or "text"
        if not self.is_counted:
            return formats.load(form)(report, checkout=checkout())
        from sqlcheck.commands._statistics import statistics

        return statistics(report, form)


def _also(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> Also:
    """Take `FORMAT=FILE` apart."""
    pairs = []
    for value in values:
        form, _, path = value.partition("=")
        if form not in formats.names() or not path:
            raise click.BadParameter(f"{value}: write FORMAT=FILE, with one of {', '.join(formats.names())}")
        pairs.append((form, _file(context, parameter, path)))
    return tuple(pairs)


def _file(_context: click.Context, _parameter: click.Parameter, path: T) -> T:
    """Refuse what others take for stdout."""
    if path == "-":
        raise click.BadParameter("`-` names no file here; --format alone prints to stdout")
    return path


_OPTIONS = (
    click.option(
        "--format",
        "form",
        type=click.Choice(formats.names()),
        help="The form of the report; text when left out, and github where GitHub Actions reads it.",
    ),
    click.option(
        "--statistics", "is_counted", is_flag=True, help="Count what each rule finds, in place of the report."
    ),
    click.option(
        "--also",
        multiple=True,
        callback=_also,
        metavar="FORMAT=FILE",
        help="Write the report in another form to a file as well, as sarif=report.sarif; repeatable.",
    ),
    click.option(
        "--output", type=click.Path(dir_okay=False), callback=_file, metavar="FILE", help="Write the report to a file."
    ),
)


def delivery_options(function: Function) -> Function:
    """Add the options about the report, and hand them over as `delivery`."""

    @functools.wraps(function)
    def gathering(form: str | None, output: str | None, also: Also, is_counted: bool, **values: Any) -> Any:
        if is_counted and form not in (None, *COUNTED_FORMS):
            raise click.UsageError(f"--statistics goes with --format {' or '.join(COUNTED_FORMS)}")
        return function(delivery=Delivery(form, output, also, is_counted), **values)

    return with_options(gathering, _OPTIONS)


def _default_form() -> str:
    return "github" if in_github() and not is_terminal() else "text"


def _write(text: str, path: str) -> None:
    from sqlcheck.fix import write_atomic

    write_atomic(path, text.encode("utf-8", "backslashreplace"))


def say_report(report: Report, form: str = "text", *, err: bool = False) -> None:
    """Print a report; on a terminal in colours, with the rules' names as links to their pages."""
    colour = coloured(err=err)
    link = page_address if is_terminal(err=err) and colour else None
    say(formats.load(form)(report, colour=colour, link=link, checkout=checkout()), err=err)


def page_address(rule: str) -> str:
    """Give the address of a rule's page on this machine."""
    from pathlib import Path

    from sqlcheck import rulebook

    return Path(rulebook.names()[rule]).resolve().as_uri()
