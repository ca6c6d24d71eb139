"""`sqlcheck check --watch` on a terminal: again on every save, over every error, until Ctrl-C."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.commands.conftest import CLEAN, Run, Write
from tests.commands.test_check import FAULTY
from tests.commands.test_main import environment

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import pty

USERS = "CREATE TABLE mp.crm.users (id VARCHAR NOT NULL, updated_at TIMESTAMP_NTZ NOT NULL, plan VARCHAR);"
WAITING = "watching for changes; Ctrl-C ends this\n"
LOOK = re.compile(rf"\x1b\[2J\x1b\[H(\d\d:\d\d:\d\d\n({WAITING})?)?")
"""What is printed of another look at a clean query, whole or broken off."""
PATIENCE = 60
CONCISE = "q.sql:2:43: error[unknown-alias] nothing in FROM is called `z`\n"
SEMICOLON = "q.sql:3:20: error[trailing-semicolon] this `;` ends the query inside mParticle's brackets\n"


class Watching:
    """A running `check --watch`, and what it has printed so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.reader, writer = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sqlcheck", "check", *arguments, "--watch", "--format", "concise"],
            cwd=folder,
            env=environment(TERM="dumb"),
            stdin=writer,
            stdout=writer,
            stderr=writer,
            start_new_session=True,
        )
        os.close(writer)
        self.printed = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait(timeout=PATIENCE)
        os.close(self.reader)

    def report(self) -> str:
        """Wait for the end of a report, and give it without the time."""
        while WAITING not in self.printed:
            self.printed += self._read()
        shown, _, self.printed = self.printed.partition(WAITING)
        cleared, stamp, report = re.fullmatch(r"(\x1b\[2J\x1b\[H)(\d\d:\d\d:\d\d\n)(.*)", shown, re.DOTALL).groups()  # type: ignore[union-attr]  # or the test fails
        assert (cleared, len(stamp)) == ("\x1b[2J\x1b[H", 9)
        return str(report)

    def until(self, expected: str) -> None:
        """Wait for a report; others may come before it, for a file is seen while it is written, too."""
        seen = [self.report()]
        while seen[-1] != expected:
            assert len(seen) < 5, seen
            seen.append(self.report())

    def end(self) -> tuple[int, str]:
        """Press Ctrl-C, and give the exit code and what is printed behind the look that it breaks off, if it does."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=PATIENCE)
        rest = "".join(iter(self._last, ""))
        return code, LOOK.sub("", (self.printed + rest).replace("\r\n", "\n"))

    def _read(self) -> str:
        ready, _, _ = select.select([self.reader], [], [], PATIENCE)
        assert ready, f"nothing more is printed after {self.printed!r}"
        return os.read(self.reader, 4096).decode().replace("\r\n", "\n")

    def _last(self) -> str:
        try:
            return os.read(self.reader, 4096).decode()
        except OSError:  # how Linux says that the other side is closed
            return ""


def test_every_save_is_checked_and_ctrl_c_ends_it_quietly(write: Write, folder: Path) -> None:
    write("q.sql", CLEAN)
    with Watching(folder, "q.sql") as watching:
        assert "" == watching.report()
        write("q.sql", FAULTY)
        watching.until(CONCISE + SEMICOLON)
        write("q.sql", CLEAN)
        watching.until("")
        assert (130, "") == watching.end()


def test_a_file_that_is_gone_is_said_until_it_is_back(write: Write, folder: Path) -> None:
    path = write("q.sql", CLEAN)
    with Watching(folder, "q.sql") as watching:
        assert "" == watching.report()
        path.unlink()
        watching.until("error: q.sql: no such file or directory\n")
        write("q.sql", FAULTY)
        watching.until(CONCISE + SEMICOLON)


def test_a_baseline_is_watched_too_and_waited_for(write: Write, folder: Path, run: Run) -> None:
    write("q.sql", FAULTY)
    missing = "error: known.json: there is no such baseline; `sqlcheck check --baseline-update` writes it\n"
    with Watching(folder, "q.sql", "--baseline", "known.json") as watching:
        assert missing == watching.report()
        run("check", "q.sql", "--baseline", "known.json", "--baseline-update")
        watching.until("")
        known = (folder / "known.json").read_text()
        write("known.json", '{"version": 1, "findings": []}')
        watching.until(CONCISE + SEMICOLON)
        write("known.json", known)
        watching.until("")
        write("q.sql", CLEAN)
        watching.until(
            "known.json:4:5: warning[stale-baseline] `trailing-semicolon` no longer finds this in `q.sql`\n"
            "known.json:5:5: warning[stale-baseline] `unknown-alias` no longer finds this in `q.sql`\n"
        )


def test_new_files_schemas_and_half_written_projects_are_seen(write: Write, folder: Path) -> None:
    write("q.sql", CLEAN)
    write("tables/users.ddl", USERS)
    with Watching(folder, ".") as watching:
        assert "" == watching.report()
        write("sqlcheck.yaml", "schema: [tables/*.ddl")
        watching.until("sqlcheck.yaml:1:9: error[unreadable-document] this `[` is never closed\n")
        write("sqlcheck.yaml", "schema: [tables/*.ddl]\n")
        watching.until("")
        write("tables/users.ddl", USERS.replace("plan", "tier"))
        watching.until("q.sql:2:45: error[unknown-column] `u` has no column `plan`\n")
        write("tables/users_2.ddl", "ALTER TABLE mp.crm.users ADD COLUMN plan VARCHAR;")
        watching.until("")
        write("below/q.sql", FAULTY)
        watching.until("".join(f"below/{line}\n" for line in (CONCISE + SEMICOLON).splitlines()))


@pytest.mark.parametrize(
    "option",
    [
        ["--fix"],
        ["--diff"],
        ["--live"],
        ["--output", "report"],
        ["--also", "json=report"],
        ["-"],
        ["--add-ignore"],
        ["--baseline-update"],
    ],
)
def test_what_is_no_looking_is_refused(run: Run, option: list[str], folder: Path) -> None:
    code, _, err = run("check", "--watch", *option)
    refused = "--fix, --diff, --add-ignore, --baseline-update, --live, --output or --also"
    expected = f"Error: --watch goes with no {refused}, and not with stdin"
    assert (2, expected, []) == (code, err.splitlines()[-1], [*folder.iterdir()])
