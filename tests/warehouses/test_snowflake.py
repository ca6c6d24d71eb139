"""The real connector, unpatched, in whichever version is installed, against an account on loopback."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import pytest

from sqlcheck.errors import SqlcheckError
from sqlcheck.sample import DescribedColumn, Rows
from sqlcheck.settings import Connection, Value
from sqlcheck.warehouses.session import Limits, OverdueError, RefusedError, Session, closing
from sqlcheck.warehouses.snowflake import connect, login, project_options
from sqlcheck.warehouses.troubles import Login
from tests.warehouses.account import Account, Fault, major, needs_connector

PASSWORD = "pa55-of-the-test"  # as in the account's options
SOON = 8.0
"""How many seconds a user may be left waiting for bad news."""


@pytest.fixture
def session(account: Account) -> Iterator[Session]:
    with closing(login(account.options, Limits(seconds=20))) as opened:
        yield opened


class News(NamedTuple):
    """The error that a call ended with, and how long that took."""

    error: SqlcheckError
    seconds: float


def news(call: Callable[[], object]) -> News:
    began = time.monotonic()
    with pytest.raises(SqlcheckError) as caught:
        call()
    assert PASSWORD not in str(caught.value)
    return News(caught.value, time.monotonic() - began)


@needs_connector
def test_a_description_has_names_types_and_nullability(session: Session) -> None:
    expected = (
        DescribedColumn("CUSTOMER_ID", "NUMBER", False),
        DescribedColumn("email", "VARCHAR", True),
        DescribedColumn("UPDATED_AT", "TIMESTAMP_NTZ", True),
    )
    assert expected == session.describe("SELECT some")


@needs_connector
def test_rows_come_as_python_values_and_no_more_of_them_than_asked_for(session: Session) -> None:
    names = ("CUSTOMER_ID", "email", "UPDATED_AT")
    first, second = (7, "ann@example.com", datetime.fromisoformat("2026-01-01")), (8, None, None)
    assert Rows(names, (first, second)) == session.fetch("SELECT some")
    assert Rows(names, (first,)) == session.fetch("SELECT some", rows=1)


@needs_connector
def test_the_statements_are_all_that_reaches_the_account(account: Account, session: Session) -> None:
    session.describe("SELECT some")
    session.fetch("SELECT some")
    session.close()
    assert [("describe", "SELECT some"), ("run", "SELECT some")] == account.sent
    assert account.closed.wait(5)
    assert [] == [path for path in account.paths if "telemetry" in path]


@needs_connector
def test_a_session_is_pinned_whatever_the_profile_says(account: Account) -> None:
    theirs = {"TIMEZONE": "Europe/Berlin", "MULTI_STATEMENT_COUNT": 0, "WEEK_START": 1}
    login({**account.options, "session_parameters": theirs}, Limits(seconds=20)).close()
    sent = {name: str(value).lower() for name, value in account.logins[0]["SESSION_PARAMETERS"].items()}
    expected = {
        "TIMEZONE": "utc",
        "QUOTED_IDENTIFIERS_IGNORE_CASE": "false",
        "QUERY_TAG": "sqlcheck",
        "MULTI_STATEMENT_COUNT": "1",
        "AUTOCOMMIT": "true",
        "STATEMENT_TIMEOUT_IN_SECONDS": "20",
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": "20",
        "ABORT_DETACHED_QUERY": "true",
        "CLIENT_TELEMETRY_ENABLED": "false",
        "WEEK_START": "1",
    }
    assert expected == {
        name: value for name, value in sent.items() if not name.startswith("CLIENT_") or name in expected
    }
    assert "NONE" == account.logins[0]["SECONDARY_ROLES"]


@needs_connector
@pytest.mark.parametrize("ask", [Session.describe, Session.fetch])
def test_what_snowflake_refuses_comes_with_its_own_words(ask: Callable[..., object], session: Session) -> None:
    with pytest.raises(RefusedError) as caught:
        ask(session, "SELECT wrong")
    expected = "SQL compilation error: error line 1 at position 7\ninvalid identifier 'WRONG'"
    assert (expected, 904) == (caught.value.message, caught.value.errno)


FAR = "Snowflake account `acme` sent a value that has no form here, as a date after the year 9999: select another one"
IDLE = (
    "Snowflake account `acme` runs nothing, as no warehouse is in use: set `warehouse` in the connection, and grant "
    "the role `MP_ROLE` USAGE on it"
)


@needs_connector
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT idle", IDLE),
        ("SELECT far", FAR),
        ("SELECT old", "Snowflake account `acme` has ended the session: run the command again"),
        ("SELECT late", "Snowflake stopped the statement at its time limit: give it longer with --timeout"),
    ],
)
def test_what_is_not_about_the_text_of_a_statement_says_what_to_do(sql: str, expected: str, session: Session) -> None:
    with pytest.raises(SqlcheckError) as caught:
        session.fetch(sql)
    assert expected == str(caught.value)


@needs_connector
def test_a_statement_that_takes_too_long_is_stopped_in_the_warehouse_and_the_session_goes_on(
    account: Account, session: Session
) -> None:
    session.limits = Limits(seconds=0.5)
    found = news(lambda: session.fetch("SELECT slow"))
    assert (OverdueError, True) == (type(found.error), found.seconds < SOON)
    assert {statement.id for statement in account.statements} == account.aborted
    session.limits = Limits(seconds=20)
    assert 2 == len(session.fetch("SELECT some").rows)


@needs_connector
def test_ctrl_c_stops_the_statement_in_the_warehouse(account: Account, session: Session) -> None:
    def press() -> None:
        account.await_statement()
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    began = time.monotonic()
    finger = threading.Thread(target=press)
    finger.start()
    with pytest.raises(KeyboardInterrupt):
        session.fetch("SELECT slow")
    finger.join(5)
    assert time.monotonic() - began < SOON
    assert {statement.id for statement in account.statements} == account.aborted


BROKEN = "broke the connection: run the command again"
FAULTY = "has an error of its own (HTTP 5xx): try again later"


@needs_connector
@pytest.mark.parametrize(
    ("ask", "fault", "path", "expected"),
    [
        (Session.describe, "500", "/queries", FAULTY),
        (Session.describe, "drop", "/queries", BROKEN),
        (Session.fetch, "500", "/queries", FAULTY),
        (Session.fetch, "drop", "/monitoring", BROKEN),
    ],
)
def test_a_broken_account_is_told_of_soon(
    ask: Callable[..., object], fault: Fault, path: str, expected: str, account: Account, session: Session
) -> None:
    account.faults[path] = fault
    found = news(lambda: ask(session, "SELECT some"))
    assert (f"Snowflake account `acme` {expected}", True) == (str(found.error), found.seconds < SOON)


@needs_connector
@pytest.mark.parametrize("ask", [Session.describe, Session.fetch])
def test_an_account_that_falls_silent_is_left_when_the_time_is_up(
    ask: Callable[..., object], account: Account, session: Session
) -> None:
    session.limits = Limits(seconds=0.5)
    account.faults["/queries"] = "hang"
    found = news(lambda: ask(session, "SELECT some"))
    assert (OverdueError, True) == (type(found.error), found.seconds < SOON)
    account.ended.set()


UNKNOWN = "is not known, or does not let this machine in (HTTP 403): look at the account and its region"
UNREACHABLE = "cannot be reached: no answer from {}; look at the account and its region, and at the network"


@needs_connector
@pytest.mark.parametrize(
    ("fault", "expected"),
    # before 5 the connector does not tell a broken connection from none
    [("500", FAULTY), ("403", UNKNOWN), ("drop", BROKEN if major() >= 5 else UNREACHABLE.format("127.0.0.1"))],
)
def test_a_login_to_a_broken_account_is_told_of_soon(fault: Fault, expected: str, account: Account) -> None:
    account.faults["/session"] = fault
    found = news(lambda: login(account.options, Limits()))
    assert (f"Snowflake account `acme` {expected}", True) == (str(found.error), found.seconds < SOON)


@needs_connector
def test_a_login_without_an_answer_is_left_and_stdout_is_ours_again(account: Account) -> None:
    account.faults["/session"] = "hang"
    stdout = sys.stdout
    found = news(lambda: login(account.options, Limits(seconds=0.5)))
    assert ("127.0.0.1" in str(found.error), found.seconds < SOON, stdout) == (True, True, sys.stdout)


@needs_connector
def test_a_host_that_does_not_answer_is_told_of_soon(account: Account) -> None:
    found = news(lambda: login({**account.options, "port": 1}, Limits()))
    assert f"Snowflake account `acme` {UNREACHABLE.format('127.0.0.1')}" == str(found.error)
    assert found.seconds < SOON


def test_a_host_without_an_address_is_told_of_by_its_name() -> None:
    error = OSError("failed to lookup address information: Name or service not known")
    expected = f"Snowflake account `acme` {UNREACHABLE.format('acme.snowflakecomputing.com')}"
    assert expected == str(Login({"account": "acme"}).trouble(error))


REFUSALS = {
    (390100, "Incorrect username or password was specified."): "the name or the password is wrong",
    (390144, "JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]"): (
        "the key is not the one that DESCRIBE USER shows, or the account is another"
    ),
    (394302, "JWT token is expired."): "the token is too old or too new; look at the clock of this machine",
    (390189, "Role 'MP_ROLE' specified in the connect string does not exist or not authorized."): (
        "the user may not use the role `MP_ROLE`"
    ),
    (390422, "Incoming request with IP/Token 10.0.0.1 is not allowed to access Snowflake."): (
        "this machine's address is not in its network policy"
    ),
    (394508, "Enrol in MFA\nfirst."): "Enrol in MFA first.",
    (394508, f"Say what you like, even {PASSWORD}."): "its words are not shown, since they repeat a secret",
}


@needs_connector
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_login_says_why_and_keeps_the_secrets(refusal: tuple[int, str], account: Account) -> None:
    account.refused = refusal
    found = news(lambda: login(account.options, Limits()))
    expected = f"Snowflake account `acme` refused the login of `ANN`: {REFUSALS[refusal]}"
    assert (expected, True) == (str(found.error), found.seconds < SOON)
    assert found.error.__cause__ is None
    assert found.error.__suppress_context__


def test_a_missing_connector_is_told_of_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snowflake.connector", None)
    with pytest.raises(SqlcheckError) as caught:
        connect("prod", None, {}, Limits())
    assert "Snowflake's connector is not installed: pip install 'sqlcheck[snowflake]'" == str(caught.value)


FIELDS = {
    "id": "crm",
    "account": "gd1234",
    "region": "us-central1.gcp",
    "user": "MP_USER",
    "password": "${MP_PASSWORD}",
    "role": "MP_ROLE",
    "warehouse": "WH",
}


def project(**fields: str | None) -> Connection:
    return Connection({name: Value(value) for name, value in {**FIELDS, **fields}.items() if value is not None})


@pytest.mark.parametrize(
    ("fields", "account"),
    [
        ({}, "gd1234.us-central1.gcp"),
        ({"region": None}, "gd1234"),
        ({"account": "gd1234.eu-central-1"}, "gd1234.eu-central-1"),
        ({"account": "acme-prod"}, "acme-prod"),
    ],
)
def test_the_connection_of_a_project_becomes_options_of_the_connector(
    fields: dict[str, str | None], account: str
) -> None:
    expected = {"account": account, "user": "MP_USER", "password": "s3cret", "role": "MP_ROLE", "warehouse": "WH"}
    assert expected == project_options(project(**fields), {"MP_PASSWORD": "s3cret"})


NO_PASSWORD = (
    "the connection `crm` has no password: set it in the project file, or name a profile of connections.toml, which "
    "can also log in by key pair, token or browser"
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "the environment variable `MP_PASSWORD` is not set"),
        ({"password": None}, NO_PASSWORD),
    ],
)
def test_a_connection_that_lacks_something_says_what(fields: dict[str, str | None], expected: str) -> None:
    with pytest.raises(SqlcheckError) as caught:
        connect("crm", project(**fields), {}, Limits())
    assert expected == str(caught.value)
