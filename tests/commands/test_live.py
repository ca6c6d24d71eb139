"""`sqlcheck check --live`: findings about rows, and what goes with `--live` alone; its forms are in `test_secrets`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.commands import transcripts
from tests.commands.conftest import CLEAN, Outcome, Run, Write
from tests.warehouses import engines

EXAMPLES = Path(__file__).parents[2] / "examples"

LIVE = ("check", "--live", "--format", "concise")
COMMANDS: list[tuple[str, ...]] = [
    ("check", "--format", "concise"),
    ("check", "--live"),
    (*LIVE, "--fail-on", "warning", "--interval", "2026-05-04T08:00..2026-05-04T09:00"),
    (*LIVE, "--fail-on", "warning", "--select", "no-rows,null-identity"),
    (*LIVE, "--ignore", "live,query"),
    (*LIVE, "ignoring.sql"),
    (*LIVE, "acting.sql", "torn.sql", "nowhere.sql"),
    (*LIVE, "unheard.sql"),
    (*LIVE, "odd.sql", "--interval", "2020-01-01..2020-01-02"),
]
"""Runs in a copy of the example, with some more queries."""

STAMP = "-- sqlcheck: load_timestamp=CHANGED_AT type=timestamp_ntz time_zone=UTC\n"
TEXTS = {
    "ignoring.sql": STAMP
    + "SELECT s.mpid, s.changed_at -- sqlcheck: ignore[null-load-timestamp,future-load-timestamp,long-list]\n"
    "FROM MP.MAIL.SUBSCRIBERS s\n",
    "acting.sql": STAMP + 'SELECT s.mpid, s.changed_at, MP.MAIL.S.NEXTVAL AS "n" FROM MP.MAIL.SUBSCRIBERS s\n',
    "torn.sql": "SELECT (s.mpid FROM MP.MAIL.SUBSCRIBERS s\n",
    "unheard.sql": STAMP + 'SELECT s.mpid, s.changed_at, MP.MAIL.F(s.email) AS "f" FROM MP.MAIL.SUBSCRIBERS s\n',
    "odd.sql": STAMP + 'SELECT s.mpid, s.changed_at, SUM(s.opened) AS "n", z.id AS "z" FROM MP.MAIL.SUBSCRIBERS s\n',
}


@pytest.fixture
def newsletter(folder: Path, write: Write) -> None:
    """Put the example into the folder, and more queries beside it."""
    shutil.copytree(EXAMPLES / "newsletter", folder, dirs_exist_ok=True)
    for path, text in TEXTS.items():
        write(path, text)


@engines.needed
def test_each_way_to_check_rows_prints_what_the_transcript_has(newsletter: None, run: Run, update: bool) -> None:
    outcomes = {command: run(*command) for command in COMMANDS}
    if update:
        transcripts.write("live", outcomes)
    assert transcripts.read("live") == [transcripts.shown(*each) for each in outcomes.items()]


@engines.needed
def test_a_report_about_rows_goes_into_a_file(newsletter: None, run: Run, folder: Path) -> None:
    code, out, err = run(*LIVE, "ignoring.sql", "--output", "report.txt")
    report = (folder / "report.txt").read_text(encoding="utf-8")
    assert (0, "", "") == (code, out, err)
    assert transcripts.shown((*LIVE, "ignoring.sql"), Outcome(code, report, err)) in transcripts.read("live")


@pytest.mark.parametrize(
    "options", [["--interval", "2026-01-01..2026-01-02"], ["--connection", "x"], ["--timeout", "9"]]
)
def test_what_a_warehouse_is_to_be_asked_goes_with_live_alone(options: list[str], run: Run, write: Write) -> None:
    write("query.sql", CLEAN)
    code, out, err = run("check", "query.sql", *options)
    expected = "Error: --connection, --interval and --timeout go with --live"
    assert (2, "", expected) == (code, out, err.splitlines()[-1])


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ("yesterday", "`yesterday` is not an interval: write two times, as 2026-01-01T00:00..2026-01-01T01:00"),
        ("2026-01-02..2026-01-01", "the interval `2026-01-02..2026-01-01` ends before it begins"),
    ],
)
def test_an_interval_that_is_none_is_told_in_one_line(interval: str, said: str, run: Run, write: Write) -> None:
    write("query.sql", CLEAN)
    assert (2, "", f"error: {said}\n") == run("check", "--live", "query.sql", "--interval", interval)
