"""The real connector against an emulated Snowflake that runs statements: values as they come over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec

import pytest

from sqlcheck.sample import DescribedColumn, Refusal, Rows
from sqlcheck.warehouses.refusals import with_known
from sqlcheck.warehouses.session import Limits, RefusedError, Session, closing
from sqlcheck.warehouses.snowflake import login
from tests.warehouses.account import Account, serving
from tests.warehouses.emulation import emulating

if not find_spec("fakesnow"):
    pytest.skip("fakesnow is not installed", allow_module_level=True)

SETUP = (
    "CREATE DATABASE MP",
    "CREATE SCHEMA MP.CRM",
    "CREATE TABLE MP.CRM.USERS (ID INT, EMAIL TEXT, SCORE NUMBER(10,2), BORN DATE, SEEN TIMESTAMP_NTZ, OK BOOLEAN)",
    "INSERT INTO MP.CRM.USERS VALUES (1, 'ann@example.com', 1.25, '1990-02-03', '2026-01-01 10:00:00', TRUE)",
    "INSERT INTO MP.CRM.USERS VALUES (2, NULL, NULL, NULL, '2026-01-01 10:00:00', NULL)",
)
NAMES = ("ID", "EMAIL", "SCORE", "BORN", "SEEN", "OK")


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulating(SETUP) as engine, serving(engine) as served:
        yield served


@pytest.fixture
def session(account: Account) -> Iterator[Session]:
    account.statements.clear()
    with closing(login(account.options, Limits(seconds=30))) as opened:
        yield opened


def test_rows_come_as_python_values(session: Session) -> None:
    seen = datetime.fromisoformat("2026-01-01T10:00:00")
    first = (1, "ann@example.com", Decimal("1.25"), date(1990, 2, 3), seen, True)
    expected = Rows(NAMES, (first, (2, None, None, None, seen, None)))
    assert expected == session.fetch("SELECT * FROM MP.CRM.USERS ORDER BY ID")


def test_a_description_runs_nothing(account: Account, session: Session) -> None:
    kinds = ("NUMBER", "VARCHAR", "NUMBER", "DATE", "TIMESTAMP_NTZ", "BOOLEAN")
    expected = tuple(DescribedColumn(name, kind, True) for name, kind in zip(NAMES, kinds, strict=True))
    assert expected == session.describe("SELECT * FROM MP.CRM.USERS")
    assert [("describe", "SELECT * FROM MP.CRM.USERS")] == account.sent


def test_a_table_that_is_not_there_is_refused_by_its_number(session: Session) -> None:
    with pytest.raises(RefusedError) as caught:
        session.describe("SELECT ID FROM MP.CRM.ACCOUNTS")
    assert (2003, "42S02") == (caught.value.errno, caught.value.sqlstate)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("MP.CRM.USER", ("MP.CRM.USERS",)),
        ("MP.DWH.USERS", ("MP.CRM.USERS",)),
        ("MP.CRM.ORDERS", ()),
        ("NO.CRM.USER", ()),
    ],
)
def test_what_the_role_can_see_is_looked_through_for_a_missing_name(
    name: str, known: tuple[str, ...], session: Session
) -> None:
    refusal = Refusal("Object does not exist or not authorized", "object", name=name)
    assert replace(refusal, known=known) == with_known(refusal, session)
