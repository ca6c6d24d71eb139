"""Values of rows, and what logs in, reach no stream and no file; on a terminal values are shown when asked for."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
import sqlglot
from sqlglot import exp

from sqlcheck import rulebook
from tests.commands.conftest import Outcome
from tests.commands.processes import Place
from tests.formats.readers import READERS
from tests.warehouses.account import Account, Answer, Engine, Reply, Statement, serving
from tests.warehouses.emulation import emulating

if not find_spec("fakesnow"):
    pytest.skip("fakesnow is not installed", allow_module_level=True)

PERSON = {
    "name": "Zoltan Quibbleworth",
    "email": "zoltan.q@mailbox.example",
    "phone": "+49-151-2345-6789",
    "mobile": "4915123456780",
    "id": "cust-83920174",
    "loyalty": "8830017745",
    "token": "tok_Zx81LmQp",
    "born": "1987-03-19",
    "street": "Kesselgasse",
}
"""A person of the rows."""
KEYS = {"project": "pw-9Kq!secretive", "profile": "toml-77-hidden"}
"""What logs in."""
PARTS = ("Quibbleworth", "Zoltan", "zoltan", "mailbox", "83920174", "Zx81LmQp", "2345-6789", "Kessel")
SEEDS = [*PERSON.values(), *KEYS.values(), *PARTS]

COLUMNS = (
    "ID TEXT, EMAIL TEXT, FULL_NAME TEXT, PHONE TEXT, MOBILE NUMBER(38, 0), LOYALTY_ID NUMBER(38, 0), "
    "API_TOKEN TEXT, BORN DATE, DOC VARIANT, UPDATED_AT TIMESTAMP_NTZ"
)
HEADER = "id,email,full_name,phone,mobile,loyalty_id,api_token,born,doc,updated_at\n"
ROW = (
    "{id},{email},{name},{phone},{mobile},{loyalty},{token},{born},"
    '"{{""{street}"": [{{""{name}"": ""{token}""}}]}}",2026-01-04 10:00:00\n'
).format(**PERSON)
ITEMS = (
    'u.id AS customer_id, u.email, u.full_name AS "full_name", u.phone AS "phone", u.mobile AS "mobile", '
    'u.mobile::NUMBER(38, 0) AS "reach", u.loyalty_id AS "loyalty_id", u.api_token AS "api_token", '
    'u.born AS "born", u.doc AS "doc", u.updated_at'
)
STAMP = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC\n"
PROJECT = """\
schema: schema.sql
rows: {{MP.CRM.USERS: {rows}}}
connection: {{id: crm-connection, account: acme, user: ANN, password: "{password}"}}
models:
  - id: users-model
    query: ../query.sql
    load_timestamp: {{field: UPDATED_AT, type: timestamp_ntz, time_zone: UTC}}
"""
ROWS = {
    "good.csv": HEADER + ROW + ROW.replace(PERSON["email"], PERSON["name"]),
    "unfit.csv": HEADER + ROW.replace(PERSON["mobile"], PERSON["name"]),
    "null.csv": HEADER.replace("updated_at", PERSON["name"]) + ROW,
    "long.csv": HEADER + ROW.replace("\n", f",{PERSON['name']}\n"),
    "torn.json": f'[{{"id": "{PERSON["id"]}", "email": "{PERSON["email"]}" "full_name"',
    "text.parquet": ROW,
}
"""Files with rows, of which one alone can be read."""


def selecting(item: str) -> str:
    return f"{STAMP}SELECT u.id AS customer_id, u.updated_at, {item}\nFROM MP.CRM.USERS u\n"


TEXTS = {
    "query.sql": f"SELECT {ITEMS}\nFROM MP.CRM.USERS u\n",
    "number.sql": selecting('u.full_name::NUMBER AS "n"'),
    "date.sql": selecting('TO_DATE(u.phone) AS "n"'),
    "refused.sql": selecting('u.refused AS "n"'),
    "slow.sql": selecting('u.full_name AS "slow"'),
    **{
        f"{name.partition('.')[0]}/{path}": text
        for name, rows in ROWS.items()
        for path, text in {
            "sqlcheck.yaml": PROJECT.format(rows=name, password=KEYS["project"]),
            "schema.sql": f"CREATE TABLE MP.CRM.USERS ({COLUMNS});\n",
            name: rows,
        }.items()
    },
}

VALUES = """\
SELECT '{id}', '{email}', '{name}', '{phone}', {mobile}, {loyalty}, '{token}', '{born}',
    PARSE_JSON('{{"{street}": [{{"a": "{name}"}}]}}'), '2026-01-04 10:00:00'
""".format(**PERSON)
SETUP = (
    "CREATE DATABASE MP",
    "CREATE SCHEMA MP.CRM",
    f"CREATE TABLE MP.CRM.USERS ({COLUMNS})",
    f"INSERT INTO MP.CRM.USERS {VALUES}",
)
REFUSALS = {
    "full_name::NUMBER": Answer(error=f"Numeric value '{PERSON['name']}' is not recognized", errno=100038),
    "TO_DATE": Answer(error=f"Date '{PERSON['phone']}' is not recognized", errno=100040),
    "refused": Answer(
        error="SQL compilation error: error line 5 at position 42\ninvalid identifier 'U.REFUSED'", errno=904
    ),
}
"""What Snowflake says where a text stands in a statement that runs: it quotes the values of rows."""

LOOP = ("--connection", "loop")
GOOD = ("--project", "good/sqlcheck.yaml")
BAD = [name.partition(".")[0] for name in ROWS][1:]
FAULTY = ("number.sql", "date.sql", "refused.sql")
COMMANDS: dict[tuple[str, ...], int] = {
    **{("check", "--live", "good", "--format", form): 1 for form in READERS},
    ("check", "--live", "good", "--format", "json", "--output", "report.json", *LOOP): 1,
    **{("sample", "good", "--format", form, *way): 0 for form in ("text", "json") for way in ((), LOOP)},
    ("sample", *GOOD, "--show-values", "query.sql"): 2,
    **{("sample", folder): 2 for folder in BAD},
    **{("check", "--live", *GOOD, *FAULTY, *way): 1 for way in ((), LOOP)},
    **{("sample", *GOOD, path, "--format", "json", *LOOP): 1 for path in FAULTY},
    ("schema", "pull", *GOOD, "--output", "pulled.yaml", "query.sql", *LOOP): 0,
    ("schema", "pull", *GOOD, "--output", "pulled.yaml", "--check", "query.sql", *LOOP): 0,
    ("check", "--live", "good", "--connection", "crm-connection", "--timeout", "1"): 2,
    ("check", "--live", "good", "--connection", "unreachable", "--timeout", "1"): 2,
    ("check", "--live", "good", "--connection", "refused"): 2,
    ("config", "good/sqlcheck.yaml"): 0,
}
"""Commands with their exit codes; each is about something that must not be told."""


def engine(emulated: Engine) -> Engine:
    """Let an emulated Snowflake quote values as Snowflake does, and take its time."""

    def answering(statement: Statement) -> Reply:
        refusal = next((answer for word, answer in REFUSALS.items() if word in statement.sql), None)
        if refusal is not None and (statement.kind == "run" or refusal.errno == 904):
            return Reply(refusal.body(statement))
        reply = emulated(statement)
        return reply._replace(seconds=60.0) if "slow" in statement.sql and statement.kind == "run" else reply

    return answering


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulating(SETUP) as emulated, serving(engine(emulated)) as served:
        yield served


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, account: Account) -> Iterator[Place]:
    place = Place.within(tmp_path_factory.mktemp("secrets"), TEXTS)
    with serving(engine_refusing_logins) as refusing:
        words = f"Incorrect password {KEYS['profile']} was specified."
        refusing.refused = (394508, words)
        place.connections(
            loop={**account.options, "password": KEYS["profile"]},
            refused={**refusing.options, "password": KEYS["profile"]},
            unreachable={**account.options, "password": KEYS["profile"], "port": 1},
        )
        yield place


def engine_refusing_logins(statement: Statement) -> Reply:
    raise AssertionError(statement)


@pytest.fixture(scope="module")
def outcomes(place: Place) -> list[Outcome]:
    return place.run(*COMMANDS)


def seeds_in(*texts: str) -> list[str]:
    return [seed for seed in SEEDS if any(seed in text for text in texts)]


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=[" ".join(command) for command in COMMANDS])
def test_no_stream_holds_a_value_of_a_row_or_what_logs_in(number: int, outcomes: list[Outcome]) -> None:
    outcome = outcomes[number]
    assert (list(COMMANDS.values())[number], []) == (outcome.code, seeds_in(outcome.out, outcome.err))


@pytest.mark.parametrize("form", READERS)
def test_every_form_of_a_report_takes_findings_about_rows(form: str, outcomes: list[Outcome]) -> None:
    out = outcomes[list(READERS).index(form)].out
    READERS[form](out)
    live = (rule.name for rule in rulebook.rules().values() if rule.evidence == "live")
    assert ["malformed-identity", "nested-value", "repeated-identity"] == sorted(name for name in live if name in out)


def test_no_file_that_is_written_holds_them_either(place: Place, outcomes: list[Outcome]) -> None:
    given = {f"here/{name}": text.encode() for name, text in TEXTS.items()}
    written = {path: content for path, content in place.written().items() if given.get(path) != content}
    ours = sorted(path for path in written if not path.startswith("cache/"))
    assert ["here/pulled.yaml", "here/report.json", "home/connections.toml"] == ours
    assert len(ours) < len(written)
    del written["home/connections.toml"]
    assert {} == {
        path: found for path, content in written.items() if (found := seeds_in(content.decode())) or not content
    }


def test_nothing_but_selects_of_ours_reaches_the_account(account: Account, outcomes: list[Outcome]) -> None:
    trees = [sqlglot.parse(sql, dialect="snowflake") for _, sql in account.sent]
    assert {(1, exp.Select)} == {(len(found), type(found[0])) for found in trees}
    assert ({"describe", "run"}, []) == (
        {kind for kind, _ in account.sent},
        [sql for _, sql in account.sent if not sql.startswith("SELECT ") or seeds_in(sql)],
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_a_run_that_is_interrupted_stops_its_statement_and_says_nothing(place: Place, account: Account) -> None:
    account.statements.clear()
    process = subprocess.Popen(
        [sys.executable, "-m", "sqlcheck", "sample", *GOOD, "slow.sql", *LOOP],
        cwd=place.here,
        env=place.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with account.arrived:
        running = account.arrived.wait_for(lambda: any(kind == "run" for kind, _ in account.sent), 30)
    time.sleep(0.3)  # until its number has come back
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    stopped = {statement.id for statement in account.statements if statement.kind == "run"}
    assert (True, 130, "", "", stopped) == (running, process.returncode, out, err, account.aborted)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("way", [(), LOOP])
def test_a_terminal_shows_values_when_it_is_asked_to(way: tuple[str, ...], place: Place) -> None:
    from tests.commands.test_terminal import terminal

    def shown(*options: str) -> list[str]:
        command = ("sample", *GOOD, *options, "query.sql", *way)
        return seeds_in(terminal(*command, folder=place.here, env=place.environment(COLUMNS="400")))

    told = set(shown("--show-values"))
    assert {PERSON[key] for key in PERSON if key != "street"} <= told
    assert ([], set()) == ([] if way else shown(), told & set(KEYS.values()))
