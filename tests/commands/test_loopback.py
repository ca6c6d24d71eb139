"""The commands that ask an account, with the real connector, against an emulated Snowflake on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

import pytest
import sqlglot
from sqlglot import exp

from tests.commands import transcripts
from tests.commands.processes import Place
from tests.warehouses.account import Account, Answer, Engine, Reply, Statement, serving
from tests.warehouses.emulation import emulating

if not find_spec("fakesnow"):
    pytest.skip("fakesnow is not installed", allow_module_level=True)

SETUP = (
    "CREATE DATABASE MP",
    "CREATE SCHEMA MP.CRM",
    "CREATE TABLE MP.CRM.USERS (ID TEXT NOT NULL, EMAIL TEXT, SCORE NUMBER(10, 2), UPDATED_AT TIMESTAMP_NTZ)",
    "CREATE TABLE MP.CRM.PLANS (ID TEXT, PRICE NUMBER(12, 4))",
    """INSERT INTO MP.CRM.USERS VALUES
    ('a1', 'ann@example.com', 1.25, '2026-01-04 10:00:00'),
    ('b2', 'bob at home', 2.5, '2026-01-04 11:00:00'),
    ('b2', NULL, NULL, '2026-01-03 12:00:00'),
    ('c3', 'cy@example.com', 4, NULL)""",
    "INSERT INTO MP.CRM.PLANS VALUES ('gold', 12.5)",
)
PROJECT = """\
schema: schema.yaml
connection: {id: crm-connection, account: acme, user: ANN, password: "${NOT_SET}"}
models:
  - id: users-model
    query: query.sql
    load_timestamp: {field: UPDATED_AT, type: timestamp_ntz, time_zone: UTC}
"""
QUERY = """\
SELECT u.id AS customer_id, u.email, u.updated_at, u.score AS "score"
FROM MP.CRM.USERS u
"""
HEADER = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC\n"
TEXTS = {
    "sqlcheck.yaml": PROJECT,
    "query.sql": QUERY,
    "typo.sql": HEADER + "SELECT u.id AS customer_id, u.updated_at FROM MP.CRM.USRS u\n",
    "hidden.sql": HEADER + "SELECT u.id AS customer_id, u.updated_at FROM MP.CRM.SECRETS u\n",
    "wrong.sql": HEADER + "SELECT u.SCR AS customer_id, u.updated_at FROM MP.CRM.USERS u\n",
    "acting.sql": HEADER + "SELECT u.id AS customer_id, u.updated_at, MP.CRM.S.NEXTVAL AS n FROM MP.CRM.USERS u\n",
    "compiling.sql": HEADER
    + 'SELECT u.id AS customer_id, u.updated_at, p.price AS "price" FROM MP.CRM.USERS u, MP.CRM.PLANS p\n',
    "unreadable.sql": "SELECT u.id AS unreadable FROM (MP.CRM.USERS u\n",
    "elsewhere.sql": "SELECT p.id FROM ELSEWHERE.CRM.PEOPLE p\n",
    "short.sql": "SELECT p.id FROM PEOPLE p\n",
    "old.yaml": """\
snapshot: 1
pulled: 2026-01-05
tables:
  MP.CRM.GONE:
    columns:
      ID: NUMBER
  MP.CRM.USERS:
    columns:
      ID: NUMBER
      SCORE: NUMBER(38,4)
      UPDATED_AT: TIMESTAMP_NTZ
      PLAN: VARCHAR
""",
}
REFUSALS = {
    ".SECRETS": Answer(
        error="SQL access control error:\nInsufficient privileges to operate on table 'SECRETS'", errno=3001
    ),
    ".USRS": Answer(
        error="SQL compilation error:\nObject 'MP.CRM.USRS' does not exist or not authorized.",
        errno=2003,
        sqlstate="42S02",
    ),
    'FROM "ELSEWHERE"': Answer(
        error="SQL compilation error:\nDatabase 'ELSEWHERE' does not exist or not authorized.",
        errno=2003,
        sqlstate="02000",
    ),
    ".SCR": Answer(error="SQL compilation error: error line 5 at position 7\ninvalid identifier 'U.SCR'", errno=904),
}
"""What Snowflake says where a name stands in a statement; fakesnow knows no rights, and has words of its own."""

LOOP = ("--connection", "loop")
LIVE = ("check", "--live", *LOOP, "--format", "concise")
COMMANDS: list[tuple[str, ...]] = [
    ("schema", "pull"),
    ("schema", "pull", *LOOP),
    ("schema", "pull", "--check", *LOOP),
    ("schema", "pull", "--check", "--output", "old.yaml", *LOOP),
    ("schema", "pull", "--check", "--all", *LOOP),
    ("schema", "pull", "--check", "--output", "none.yaml", *LOOP),
    ("schema", "pull", "--output", "new/part.yaml", "query.sql", "typo.sql", *LOOP),
    ("schema", "pull", "short.sql", *LOOP),
    ("schema", "pull", "unreadable.sql", "nowhere.sql", *LOOP),
    ("schema", "pull", "--schema", "schema.sql", *LOOP),
    ("schema", "pull", "elsewhere.sql", *LOOP),
    ("sample", "--rows", "2", *LOOP),
    ("sample", "--interval", "2026-01-03..2026-01-04", "--format", "json", *LOOP),
    ("sample", "acting.sql", *LOOP),
    ("sample", "query.sql", "typo.sql", *LOOP),
    ("check", "query.sql", "--format", "concise"),
    (*LIVE, "query.sql"),
    (*LIVE, "query.sql", "--interval", "2026-01-01..2026-01-02"),
    (*LIVE, "typo.sql"),
    (*LIVE, "hidden.sql"),
    (*LIVE, "wrong.sql"),
    (*LIVE, "acting.sql", "unreadable.sql"),
    (*LIVE, "compiling.sql"),
    ("check", "--live", "hidden.sql", "typo.sql", "--select", "missing-grant,refused-query", *LOOP),
    ("check", "--live", "--connection", "lop"),
    ("check", "--live", "--connection", "crm-connection"),
]


def engine(emulated: Engine) -> Engine:
    """Let an emulated Snowflake refuse what it would not."""

    def answering(statement: Statement) -> Reply:
        refusal = next((answer for word, answer in REFUSALS.items() if word in statement.sql), None)
        return emulated(statement) if refusal is None else Reply(refusal.body(statement))

    return answering


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulating(SETUP) as emulated, serving(engine(emulated)) as served:
        yield served


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, account: Account) -> Place:
    place = Place.within(tmp_path_factory.mktemp("loopback"), TEXTS)
    place.connections(loop=account.options)
    return place


@pytest.fixture(scope="module")
def outcomes(place: Place, update: bool) -> list[str]:
    """Run all commands, in one process, and give what came of each."""
    outcomes = dict(zip(COMMANDS, place.run(*COMMANDS), strict=True))
    if update:
        transcripts.write("loopback", outcomes)
    return [transcripts.shown(*each) for each in outcomes.items()]


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=[" ".join(command) for command in COMMANDS])
def test_a_command_over_the_wire_prints_what_the_transcript_has(number: int, outcomes: list[str]) -> None:
    assert transcripts.read("loopback")[number] == outcomes[number]


def test_what_is_pulled_is_a_snapshot_of_today(place: Place, outcomes: list[str]) -> None:
    today = datetime.now(UTC).date()
    for name in ("schema.yaml", "new/part.yaml"):
        text = (place.here / name).read_text(encoding="utf-8")
        assert SNAPSHOT == re.sub(rf"pulled: ({today}|{today - timedelta(days=1)})\n", "pulled: today\n", text)


SNAPSHOT = """\
snapshot: 1
pulled: today
tables:
  MP.CRM.USERS:
    columns:
      ID: VARCHAR not null
      EMAIL: VARCHAR
      SCORE: NUMBER(38,2)
      UPDATED_AT: TIMESTAMP_NTZ
"""


def test_nothing_but_selects_reaches_the_account(account: Account, outcomes: list[str]) -> None:
    assert {"describe", "run"} == {kind for kind, _ in account.sent}
    assert [] == [sql for _, sql in account.sent if not sql.startswith("SELECT ") or ";" in sql]
    trees = [sqlglot.parse(sql, dialect="snowflake") for _, sql in account.sent]
    assert {(1, exp.Select)} == {(len(found), type(found[0])) for found in trees}
    acting = ("NEXTVAL", "unreadable")
    assert [] == [sql for _, sql in account.sent if any(word in sql for word in acting)]
    assert [] == [path for path in account.paths if not path.startswith(("/session", "/queries", "/monitoring"))]


def test_each_run_ends_its_session_and_has_asked_for_no_more_than_it_may(account: Account, outcomes: list[str]) -> None:
    ended = account.paths.count("/session")
    assert len(account.logins) == ended
    parameters = [login["SESSION_PARAMETERS"] for login in account.logins]
    assert {("UTC", 1, "NONE")} == {
        (each["TIMEZONE"], each["MULTI_STATEMENT_COUNT"], login["SECONDARY_ROLES"])
        for each, login in zip(parameters, account.logins, strict=True)
    }
