"""Invented rows: the same ones all day, plausible, and such that joins meet."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sqlcheck.model import FAMILIES, Source
from sqlcheck.schema import SchemaColumn, SchemaTable
from sqlcheck.warehouses._invent import ROWS, invent
from tests.warehouses.engines import NOW

TABLE = SchemaTable(
    ("MP", "CRM", "USERS"),
    (
        SchemaColumn("USER_ID", "NUMBER"),
        SchemaColumn("EMAIL", "VARCHAR", nullable=False),
        SchemaColumn("PHONE", "VARCHAR"),
        SchemaColumn("UPDATED_AT", "TIMESTAMP_LTZ", nullable=False),
        SchemaColumn("COMPANY_ID", "VARCHAR"),
    ),
    Source("schema.sql", ""),
)


def test_rows_are_the_same_in_every_run_of_a_day_and_others_on_the_next() -> None:
    assert invent(TABLE, NOW) == invent(TABLE, NOW)
    assert invent(TABLE, NOW)["EMAIL"] == invent(TABLE, NOW + timedelta(hours=8))["EMAIL"]
    assert invent(TABLE, NOW)["EMAIL"] != invent(TABLE, NOW + timedelta(days=1))["EMAIL"]
    assert invent(TABLE, NOW)["EMAIL"] != invent(replace(TABLE, parts=("OTHER",)), NOW)["EMAIL"]


def test_a_table_grows_through_the_day_but_nothing_comes_from_the_future() -> None:
    for hour in (0, 9, 23):
        now = NOW.replace(hour=hour, minute=1)
        moments = [
            datetime.fromisoformat(value).replace(tzinfo=UTC) for value in invent(TABLE, now)["UPDATED_AT"] if value
        ]
        recent = [moment for moment in moments if moment > now - timedelta(days=3)]
        full = {moment.replace(minute=0, second=0) for moment in moments if moment > now - timedelta(days=1)}
        assert (True, True) == (max(moments) <= now, min(moments) >= now - timedelta(days=61))
        assert ROWS == len(moments)
        assert len(recent) > ROWS // 2
        assert len(full) >= 20


def test_not_null_is_kept_and_about_a_tenth_of_the_others_is_null() -> None:
    nulls = {name: values.count(None) for name, values in invent(TABLE, NOW).items()}
    assert {"USER_ID": 0, "EMAIL": 0, "UPDATED_AT": 0} == {name: n for name, n in nulls.items() if not n}
    assert all(ROWS // 20 < nulls[name] < ROWS // 5 for name in ("PHONE", "COMPANY_ID"))


def test_the_first_key_is_unique_and_all_keys_come_from_one_domain() -> None:
    values = invent(TABLE, NOW)
    assert {str(n) for n in range(1, ROWS + 1)} == set(values["USER_ID"])
    assert set(values["COMPANY_ID"]) - {None} < set(values["USER_ID"])


@pytest.mark.parametrize(
    ("name", "kind", "example"),
    [
        ("EMAIL", "VARCHAR", "ben.1@example.com"),
        ("PHONE_NUMBER", "VARCHAR", "+12025550001"),
        ("FIRST_NAME", "VARCHAR", "Ben"),
        ("NAME", "VARCHAR", "Ben Abbott"),
        ("ANONYMOUS_UUID", "VARCHAR", "00000000-0000-4000-9e37-79b97f4a7c15"),
        ("CITY", "VARCHAR", "Boston"),
        ("PLAN", "VARCHAR", "basic"),
        ("TOTAL_AMOUNT", "NUMBER", "0.37"),
        ("VISITS", "NUMBER", "2"),
        ("ORDER_YEAR", "NUMBER", "2025"),
        ("ACTIVE", "BOOLEAN", "true"),
        ("TOKEN", "BINARY", "00000001"),
        ("TAGS", "ARRAY", '["basic", "blue", "classic"]'),
    ],
)
def test_a_value_looks_like_what_its_column_is_called(name: str, kind: str, example: str) -> None:
    columns = (SchemaColumn("ID", "NUMBER"), SchemaColumn(name, kind, nullable=False))
    tables = (replace(TABLE, parts=(f"T{n}",), columns=columns) for n in range(20))
    assert example in {value for table in tables for value in invent(table, NOW)[name]}


def test_numbers_that_are_called_like_moments_are_epochs() -> None:
    columns = (SchemaColumn("SEEN_AT_MS", "NUMBER"), SchemaColumn("SEEN_AT", "NUMBER"))
    found = invent(replace(TABLE, columns=columns), NOW)
    digits = {name: Counter(len(value) for value in values if value) for name, values in found.items()}
    assert {"SEEN_AT_MS": {13}, "SEEN_AT": {10}} == {name: set(count) for name, count in digits.items()}


def test_every_type_is_made_up_so_that_the_engine_takes_it() -> None:
    pytest.importorskip("fakesnow", reason="the embedded warehouse is not installed")
    from sqlcheck.schema import Schema
    from sqlcheck.warehouses import embedded
    from sqlcheck.warehouses.session import closing

    columns = tuple(SchemaColumn(f"{kind}_COLUMN", kind, nullable=False) for kind in FAMILIES)
    schema = Schema((replace(TABLE, columns=columns),))
    with closing(embedded.connect(schema, {}, now=NOW)) as session:
        counts = ", ".join(f"COUNT({column.name})" for column in columns)
        assert ((ROWS,) * len(columns),) == session.fetch(f"SELECT {counts} FROM mp.crm.users").rows
