"""What `check` changes in files: faults are mended, or ignored by comments; or it is only shown."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sqlcheck.commands._options import Function, with_options
from sqlcheck.commands._terminal import note, say, say_bytes, shown_diff
from sqlcheck.errors import SqlcheckError
from sqlcheck.formats.text import plural

if TYPE_CHECKING:
    from sqlcheck.batch import Batch, Input
    from sqlcheck.debt import Counted, Debt
    from sqlcheck.fix import Fixed

ADD_IGNORE = "--add-ignore"


class Mending(NamedTuple):
    """What is to be changed, as the command line says it; `reason` is None when nothing is to be ignored."""

    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    reason: str | None = None

    @property
    def is_wanted(self) -> bool:
        """Tell whether files are to be changed."""
        return self.fix or self.unsafe or self.reason is not None

    @property
    def verb(self) -> str:
        """Say what is done with a problem."""
        return "fix" if self.reason is None else "ignore"

    @property
    def done(self) -> str:
        """Say what has been done with a problem."""
        return "fixed" if self.reason is None else "ignored"

    def change(self, entry: Input, counted: Counted) -> Fixed:
        """Give the changed text of a file."""
        if self.reason is None:
            return entry.fix(unsafe=self.unsafe)
        from sqlcheck.ignoring import ignore

        return ignore(entry, self.reason, counted)


class Reasoned(click.Command):
    """A command whose `--add-ignore` may stand without a value, which then is not taken from the next word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words of the command line."""
        end = args.index("--") if "--" in args else len(args)
        words = [f"{word}=" if word == ADD_IGNORE else word for word in args[:end]]
        return super().parse_args(ctx, [*words, *args[end:]])


def _one_line(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.isprintable():
        raise click.BadParameter("a reason is one line of text")
    return value and value.strip()


_OPTIONS = (
    click.option("--fix", is_flag=True, help="Mend what can be mended without a change of meaning or of a name."),
    click.option("--unsafe-fixes", is_flag=True, help="Mend also what may change either; implies --fix."),
    click.option(
        "--diff",
        is_flag=True,
        help="Print what would be changed, and change nothing; on stderr, where --format or --also asks for a report.",
    ),
    click.option(
        ADD_IGNORE,
        callback=_one_line,
        metavar="[=REASON]",
        help="Write a comment that ignores it beside everything that is found.",
    ),
)


def mending_options(function: Function) -> Function:
    """Add the options that change files, and hand them over as `mending`."""

    @functools.wraps(function)
    def gathering(fix: bool, unsafe_fixes: bool, diff: bool, add_ignore: str | None, **values: Any) -> Any:
        if add_ignore is not None and (fix or unsafe_fixes):
            raise click.UsageError("--add-ignore is for what is not fixed: run --fix before it")
        return function(mending=Mending(fix, unsafe_fixes, diff, add_ignore), **values)

    return with_options(gathering, _OPTIONS)


def mend(batch: Batch, mending: Mending, known: Sequence[Debt]) -> tuple[Batch, bool]:
    """Rewrite the files; the text of stdin goes to stdout, and then the report must not.

    A file that cannot be written stays as it is and is one more failure; the others go on.
    """
    from sqlcheck.debt import counted

    takes = counted(known)
    mended, failures, said = [], list(batch.failures), set[str]()
    for entry in batch.inputs:
        fixed = mending.change(entry, takes)
        try:
            _put(entry, fixed)
        except SqlcheckError as error:
            note(f"error: {error}")
            failures.append(str(error))
            mended.append(entry)
            continue
        _tell(entry, fixed, mending, said)
        mended.append(replace(entry, text=entry.text._replace(text=fixed.text)) if fixed.applied else entry)
    has_stdin = any(entry.is_stdin for entry in batch.inputs)
    return batch._replace(inputs=tuple(mended), failures=tuple(failures)), has_stdin


def _put(entry: Input, fixed: Fixed) -> None:
    """Put the changed text where the old one came from."""
    if entry.is_stdin:
        say_bytes(entry.text.encode(fixed.text))
    elif fixed.text != entry.text.text:
        entry.write(fixed.text)


def _tell(entry: Input, fixed: Fixed, mending: Mending, said: set[str]) -> None:
    """Say what was done to a file, and what was not; a fault that several files show is told once."""
    if fixed.applied:
        rules = ", ".join(dict.fromkeys(found.rule for found in fixed.applied))
        note(f"{mending.done} {plural(len(fixed.applied), 'problem')} in {entry.path}: {rules}")
    for refused in fixed.withdrawn:
        line = f"not {mending.done}: {refused.diagnostic.where}: {refused.rule}: {refused.reason}"
        if line not in said:
            said.add(line)
            note(line)


def print_diff(batch: Batch, mending: Mending, known: Sequence[Debt], *, err: bool) -> int:
    """Show what would be changed, and give the exit code."""
    from sqlcheck.debt import counted
    from sqlcheck.fix import diff

    takes = counted(known)
    count = files = 0
    for entry in batch.inputs:
        fixed = mending.change(entry, takes)
        if fixed.text != entry.text.text:
            count, files = count + len(fixed.applied), files + 1
            say(shown_diff(diff(entry.text.text, fixed.text, entry.path), err=err), err=err)
    if files:
        note(f"would {mending.verb} {plural(count, 'problem')} in {plural(files, 'file')}")
    return int(files > 0)
