"""`sqlcheck sample`: what is shown of rows, and what stops it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import transcripts
from tests.commands.conftest import CLEAN, Run, Write
from tests.commands.test_main import environment
from tests.warehouses import engines

EXAMPLES = Path(__file__).parents[2] / "examples"

COMMANDS: list[tuple[str, ...]] = [
    ("sample",),
    ("sample", "--format", "json", "--rows", "2"),
    ("sample", "--rows", "1", "--interval", "2026-05-04T08:00..2026-05-04T08:30:00Z"),
    ("sample", "--rows", "1", "--interval", "2026-05-04T10:00+02:00 .. 2026-05-04T10:30+02:00"),
    ("sample", "--interval", "2020-01-01..2020-01-02"),
    ("sample", "short.sql", "long.sql", "--rows", "1"),
    ("sample", "unheard.sql"),
    ("sample", "unheard.sql", "--format", "json"),
    (
        *("sample", "invented.sql", "--schema", "schema.sql", "--schema", "other.sql"),
        *("--interval", "2020-01-01..2020-01-02"),
    ),
    ("sample", "invented.sql", "--schema", "other.sql"),
    ("sample", "short.sql", "nowhere.sql"),
]
"""Runs in a copy of the example, with some more queries."""
TEXTS = {
    "long.sql": "SELECT s.mpid, s.changed_at, REPEAT('x', 5000) || s.email AS \"x\" FROM MP.MAIL.SUBSCRIBERS s\n",
    "unheard.sql": 'SELECT s.mpid, s.changed_at, MP.MAIL.SCORE(s.email) AS "score" FROM MP.MAIL.SUBSCRIBERS s\n',
    "short.sql": 'SELECT s.mpid, s.opened AS "opened" FROM MP.MAIL.SUBSCRIBERS s WHERE s.mpid = 501\n',
    "invented.sql": 'SELECT p.mpid, p.at, p.name AS "name" FROM MP.MAIL.PEOPLE p\n',
    "other.sql": "CREATE TABLE MP.MAIL.PEOPLE (MPID NUMBER NOT NULL, NAME VARCHAR, AT TIMESTAMP_NTZ NOT NULL);\n",
}


@pytest.fixture
def newsletter(folder: Path, write: Write) -> None:
    """Put the example into the folder, and more queries beside it."""
    shutil.copytree(EXAMPLES / "newsletter", folder, dirs_exist_ok=True)
    for path, text in TEXTS.items():
        stamp = "AT" if path == "invented.sql" else "CHANGED_AT"
        header = (
            "" if path == "short.sql" else f"-- sqlcheck: load_timestamp={stamp} type=timestamp_ntz time_zone=UTC\n"
        )
        write(path, text if path == "other.sql" else header + text)


@engines.needed
def test_each_way_to_sample_prints_what_the_transcript_has(newsletter: None, run: Run, update: bool) -> None:
    outcomes = {command: run(*command) for command in COMMANDS}
    if update:
        transcripts.write("sample", outcomes)
    assert transcripts.read("sample") == [transcripts.shown(*each) for each in outcomes.items()]


UNKNOWN = "Error: Invalid value for '--rows': {} is not in the range 1<=x<=10000."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["query.sql", "--rows", "0"], UNKNOWN.format(0)),
        (["query.sql", "--rows", "10001"], UNKNOWN.format(10001)),
        (["query.sql", "--timeout", "0"], "Error: Invalid value for '--timeout': 0.0 is not in the range x>=0.1."),
        (
            ["query.sql", "--format", "sarif"],
            "Error: Invalid value for '--format': 'sarif' is not one of 'text', 'json'.",
        ),
        (["query.sql", "--limit", "5"], "Error: No such option '--limit'. Did you mean '--timeout'?"),
        (["query.sql", "--live"], "Error: No such option '--live'."),
        (
            ["query.sql", "--interval", "2026-05-04"],
            "error: `2026-05-04` is not an interval: write two times, as 2026-01-01T00:00..2026-01-01T01:00",
        ),
        (
            ["query.sql", "--interval", "2026-05-04..soon"],
            "error: `soon` is not a time: write it as 2026-01-01T00:00:00Z",
        ),
        (
            ["query.sql", "--interval", "2026-05-05..2026-05-04"],
            "error: the interval `2026-05-05..2026-05-04` ends before it begins",
        ),
        (
            ["query.sql", "--interval", "2026-05-04..2026-05-04"],
            "error: the interval `2026-05-04..2026-05-04` ends before it begins",
        ),
        (
            ["query.sql", "--show-values"],
            "error: --show-values is for a terminal alone, so that values are not kept in a file or a log",
        ),
        (["nowhere.sql"], "error: nowhere.sql: no such file or directory"),
        (["acting.sql"], "error: acting.sql:1: this query is not sent to a warehouse: `DROP` is no query"),
        (["torn.sql"], "error: torn.sql:1: this query is not sent to a warehouse: this `(` is never closed"),
        (["empty.yaml"], "error: there is no query to sample here; name a file with one"),
        ([], "error: no `sqlcheck.yaml` here or above; name the files to check, or start with `sqlcheck init`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_stops_a_sample_is_told_in_one_line(arguments: list[str], said: str, run: Run, write: Write) -> None:
    write("query.sql", CLEAN)
    write("acting.sql", "DROP TABLE MP.CRM.USERS")
    write("torn.sql", "SELECT (u.id FROM MP.CRM.USERS u")
    write("empty.yaml", "workspace_id: 1\n")
    outcome = run("sample", *arguments)
    assert (2, "", said) == (outcome.code, outcome.out, outcome.err.splitlines()[-1])


BLOCKED = """
import sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split(",")))
from sqlcheck.commands import main
main(prog_name="sqlcheck")
"""


ENGINE = "the embedded warehouse is not installed: pip install 'sqlcheck[embedded]'"
CONNECTOR = "Snowflake's connector is not installed: pip install 'sqlcheck[snowflake]'"


@pytest.mark.parametrize(
    ("gone", "command", "said"),
    [
        ("fakesnow", ["sample", "query.sql"], ENGINE),
        ("duckdb,pyarrow", ["check", "--live", "query.sql"], ENGINE),
        ("snowflake.connector", ["sample", "query.sql", "--connection", "prod"], CONNECTOR),
        (
            "snowflake.connector",
            ["schema", "pull", "query.sql", "--output", "x.yaml", "--connection", "prod"],
            CONNECTOR,
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_extra_that_is_missing_is_told_in_one_line(
    gone: str, command: list[str], said: str, folder: Path, write: Write
) -> None:
    write("query.sql", CLEAN)
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, gone, *command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (2, "", f"error: {said}\n") == (done.returncode, done.stdout, done.stderr)
