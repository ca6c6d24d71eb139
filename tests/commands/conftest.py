"""What the tests of the commands share: a run in a folder of its own, through click as a user's shell would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from sqlcheck.commands import main


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]
Write = Callable[[str, str], Path]

CLEAN = """\
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT u.updated_at, u.id AS customer_id, u.plan AS "plan"
FROM MP.CRM.USERS u
"""
"""A query with nothing to report."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the empty folder that the commands run in."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Write:
    """Give a function that writes a file, line endings as they are."""

    def writing(path: str, text: str) -> Path:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
        return target

    return writing


@pytest.fixture
def run() -> Run:
    """Give a function that runs `sqlcheck` with some arguments, and maybe a text on stdin."""

    def running(*arguments: str, input: str | bytes = "") -> Outcome:  # noqa: A002 - as `CliRunner` calls it
        result = CliRunner().invoke(main, list(arguments), input=input, prog_name="sqlcheck")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout_bytes.decode(), result.stderr_bytes.decode())

    return running
