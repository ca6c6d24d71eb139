"""The commands: one module each, imported when it is invoked, so that none pays for another.

A command is the value `command` of the module with its name; adding one is adding its module here.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import pkgutil
import sys
from typing import Any, NoReturn, cast

import click

from sqlcheck import __version__
from sqlcheck.errors import CheckCrashError, SqlcheckError
from sqlcheck.names import closest

INTERRUPTED = 130
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
HELP = """Check mParticle Warehouse Sync queries before mParticle runs them.

\b
  sqlcheck check query.sql     what is wrong with a query
  sqlcheck map query.sql       which identities and attributes its columns become
  sqlcheck explain RULE        why a rule exists, with examples

\b
Exit codes: 0 nothing to report, 1 something found, 2 could not check.
Tab completion: eval "$(_SQLCHECK_COMPLETE=bash_source sqlcheck)" in ~/.bashrc;
zsh_source and fish_source for the other shells.
"""


class StoppedError(click.ClickException):
    """A run that cannot go on: one line on stderr, exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click hands over the stream
        """Print the line."""
        _complain(self.message)


class Commands(click.Group):
    """A group that finds a command by the name of its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the modules are what there is
        """Name the modules of this package."""
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return cast("click.Command", importlib.import_module(f"{__name__}.{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is asked for, or say which one was probably meant."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            guess = closest(args[0], known)
            advice = f"Did you mean '{guess}'?" if guess else f"The commands are {', '.join(known)}."
            raise click.UsageError(f"No such command '{args[0]}'. {advice}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *arguments: Any, **settings: Any) -> Any:
        """Run a command line; a report that cannot be written, because a disk is full, is one line and an exit code."""
        if sys.stdout is None:
            _complain("stdout is closed; nothing can be reported")
            sys.exit(2)
        try:
            return super().main(*arguments, **settings)
        except OSError as error:
            if error.filename is not None:  # not of a stream, and so a bug
                raise
            if isinstance(error, FileNotFoundError):  # what `os.getcwd()` says; no stream does
                _complain("the current folder is not there any more")
                sys.exit(2)
            _complain(f"cannot write to stdout or stderr: {error.strerror or error}")
            # What is left in the buffers cannot be written either, and would be tried again at the end.
            for stream in filter(None, (sys.stdout, sys.stderr)):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            sys.exit(2)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what stops it becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except SqlcheckError as error:
            raise StoppedError(str(error)) from error
        except CheckCrashError as error:
            _crashed(error)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _complain(message: str) -> None:
    """Say on stderr what stops the run; when even that cannot be written, the exit code has to do."""
    with contextlib.suppress(OSError):
        click.echo(f"error: {message}", err=True)


def _crashed(error: CheckCrashError) -> NoReturn:
    import traceback  # a good run does without

    traceback.print_exception(error.__cause__ or error)
    click.echo(f"error: {error}", err=True)
    sys.exit(2)


@click.group(cls=Commands, help=HELP, context_settings=SETTINGS)
@click.version_option(__version__, prog_name="sqlcheck", message="%(prog)s %(version)s")
def main() -> None:
    """Be the entry of the console script."""
    # Importing sqlglot makes objects by the hundred thousand, none of them garbage: looking seldom saves a seventh of
    # it, and not looking at them when the process ends as much again.
    gc.set_threshold(100_000, 10, 10)
    atexit.register(gc.freeze)
