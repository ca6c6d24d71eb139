"""The command line as a whole: help, mistakes, streams, start-up."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sqlcheck import __version__
from sqlcheck.commands import _crashed, main
from sqlcheck.errors import CheckCrashError
from tests.commands.conftest import CLEAN, Run, Write

ROOT = Path(__file__).parents[2]
COMMANDS = ["check", "config", "diff", "emit", "explain", "init", "map", "rules", "sample", "schema", "wrap"]


def start(*arguments: str, folder: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `python -m sqlcheck` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sqlcheck", *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_a_command_is_a_module_of_the_folder() -> None:
    assert main.list_commands(click.Context(main)) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    code, out, err = run(command, "--help")

    assert (code, out.split()[:3], err) == (0, ["Usage:", "sqlcheck", command], "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], "No such command 'chekc'. Did you mean 'check'?"),
        (["frobnicate"], "No such command 'frobnicate'. The commands are " + ", ".join(COMMANDS) + "."),
        (["check", "--formatt", "json"], "No such option '--formatt'. Did you mean '--format'?"),
        (["rules", "--format", "xml"], "Invalid value for '--format': 'xml' is not one of 'text', 'json'."),
    ],
)
def test_a_slip_on_the_command_line_is_explained(run: Run, arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments)

    assert (code, out, err.splitlines()[-1]) == (2, "", f"Error: {said}")


def test_the_version_is_printed() -> None:
    done = start("--version", folder=ROOT)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"sqlcheck {__version__}\n", "")


def test_a_process_has_the_exit_code_and_the_streams(write: Write, folder: Path) -> None:
    write("日本.sql", CLEAN.replace("u.plan", "z.plan"))

    done = start("check", "日本.sql", "nowhere.sql", "--format", "concise", folder=folder, env=environment())

    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "日本.sql:2:43: error[unknown-alias] nothing in FROM is called `z`\n",
        "error: nowhere.sql: no such file or directory\n",
    )


def test_a_stream_that_cannot_hold_a_character_gets_an_escape(write: Write, folder: Path) -> None:
    write("日.sql", CLEAN.replace("u.plan", "z.plan"))

    done = start("check", "日.sql", "--format", "concise", folder=folder, env=environment(PYTHONIOENCODING="ascii"))

    assert done.stdout == "\\u65e5.sql:2:43: error[unknown-alias] nothing in FROM is called `z`\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_reader_that_goes_away_is_no_error(write: Write, folder: Path) -> None:
    write("q.sql", "SELECT " + ", ".join(f"z{number}.c AS c{number}" for number in range(2000)) + " FROM a.b.c")

    done = subprocess.run(
        f"{sys.executable} -m sqlcheck check q.sql | head -1",
        shell=True,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.count("\n"), done.stderr) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_an_interrupt_ends_the_run_quietly(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out, err) == (130, "", "")


INTERRUPTED = """
import sys
from sqlcheck import files
from sqlcheck.commands import main

read = files.read_stdin
def waiting():
    print("ready", flush=True)
    return read()
files.read_stdin = waiting
main(["check", "-"], prog_name="sqlcheck")
"""
"""A run that waits for a text on stdin, and says when it does."""


def test_a_bug_in_a_check_is_shown_with_its_rule_and_file(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            raise ZeroDivisionError("by zero")
        except ZeroDivisionError as error:
            raise CheckCrashError("some-rule", "q.sql") from error
    except CheckCrashError as error:
        with pytest.raises(SystemExit) as stopped:
            _crashed(error)

    lines = capsys.readouterr().err.splitlines()
    assert (stopped.value.code, lines[0], lines[-2:]) == (
        2,
        "Traceback (most recent call last):",
        [
            "ZeroDivisionError: by zero",
            "error: the check 'some-rule' crashed on q.sql; this is a bug in sqlcheck",
        ],
    )


def test_the_shell_completes_commands_and_rules(folder: Path) -> None:
    def complete(words: str, position: int) -> str:
        env = environment(_SQLCHECK_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(position))
        code = "from sqlcheck.commands import main; main(prog_name='sqlcheck')"
        return subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=False
        ).stdout

    assert [complete("sqlcheck ch", 1), complete("sqlcheck explain trailing", 2)] == [
        "plain,check\n",
        "plain,trailing-semicolon\n",
    ]


def environment(**added: str) -> dict[str, str]:
    """Give an environment in which the checkout, or the installed wheel, is found."""
    import os

    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**kept, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8", **added}
