"""What a terminal gets: colours, links, lines around tables, and nothing that it would obey."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sqlcheck import rulebook
from tests.commands.conftest import CLEAN, Write
from tests.commands.test_main import environment

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import pty

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def terminal(
    *arguments: str,
    folder: Path,
    program: Sequence[str] = ("-m", "sqlcheck"),
    env: dict[str, str] | None = None,
) -> str:
    """Run a command with a terminal as stdout and give what it prints."""
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=folder,
        env={**environment(COLUMNS="100"), **(env or {}), "TERM": "xterm-256color"},
        stdin=writer,
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    parts = []
    while True:
        try:
            part = os.read(reader, 4096)
        except OSError:  # how Linux says that the other side is closed
            break
        if not part:
            break
        parts.append(part)
    process.wait(timeout=20)
    os.close(reader)
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_long_work_shows_a_bar_and_short_work_none(folder: Path) -> None:
    code = (
        "import sys\n"
        "from sqlcheck.commands import _progress\n"
        "_progress.PATIENCE = float(sys.argv[1])\n"
        "with _progress.bar('checking') as tell:\n"
        "    tell(1, 4)\n"
        "    tell(3, 4)\n"
        "print('rich' in sys.modules)\n"
    )
    short, long = (terminal(wait, folder=folder, program=["-c", code]) for wait in ("60", "0"))
    unseen = subprocess.run([sys.executable, "-c", code, "0"], capture_output=True, text=True, check=True)
    words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", long).split()
    assert (short, unseen.stdout, unseen.stderr) == ("False\n", "False\n", "")
    assert ("checking", True, "True") == (words[0], "3/4" in words, words[-1])


def test_a_report_has_colours_and_links_to_the_pages(write: Write, folder: Path) -> None:
    write("q.sql", CLEAN.replace("u.plan", "z.plan"))
    page = Path(rulebook.names()["unknown-alias"]).resolve().as_uri()

    assert terminal("check", "q.sql", "--format", "concise", folder=folder) == (
        "\x1b[1mq.sql\x1b[0m:2:43: "
        f"\x1b[1;31merror[\x1b]8;;{page}\x1b\\unknown-alias\x1b]8;;\x1b\\]\x1b[0m nothing in FROM is called `z`\n"
    )


def test_in_a_workflow_of_github_a_terminal_still_gets_text(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.sql", CLEAN)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert terminal("check", "q.sql", "--select", "unknown-alias", folder=folder) == "no problems in 1 file\n"


def test_a_map_is_a_table_with_lines(write: Write, folder: Path) -> None:
    write("q.sql", "SELECT u.id AS mpid, u.plan AS plan FROM MP.CRM.USERS u")

    lines = [line.split() for line in STYLE.sub("", terminal("map", "q.sql", folder=folder)).splitlines()]

    assert [line for line in lines if line and "─" not in line[0]] == [
        ["q.sql"],
        ["#", "output", "column", "role", "becomes", "type", "null", "made", "from", "problems"],
        ["1", "MPID", "identity", "mpid", "?", "?", "MP.CRM.USERS.ID"],
        ["2", "PLAN", "attribute", "PLAN", "?", "?", "MP.CRM.USERS.PLAN", "folded-attribute"],
        "q.sql:1:1: warning[undeclared-load-timestamp] no load timestamp is declared".split(),
    ]


def test_what_the_author_wrote_cannot_command_the_terminal(write: Write, folder: Path) -> None:
    write("q.sql", CLEAN + "-- \x1b[2J\u202e\n")

    shown = [terminal(*command, "q.sql", folder=folder) for command in (("wrap",), ("map",), ("check", "--diff"))]

    assert [text for text in shown if "\x1b[2J" in text or "\u202e" in text] == []
    assert shown[0].count("-- ␛[2J<U+202E>") == 3


def test_a_page_is_drawn(folder: Path) -> None:
    lines = STYLE.sub("", terminal("explain", "trailing-semicolon", folder=folder)).splitlines()

    rule = rulebook.rule("trailing-semicolon")
    assert [lines[0].strip(), lines[2].strip(), lines[3].strip()] == [
        "trailing-semicolon",
        f"error · query · safe fix · since {rule.since}",
        rule.summary,
    ]
