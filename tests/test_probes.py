"""The statements that ask a warehouse about a query, and how their answers are read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sqlcheck import probes
from sqlcheck.apis import API_VERSIONS
from sqlcheck.sample import ColumnProfile, Extent, Interval, Profile, Unit
from sqlcheck.settings import LoadTimestamp, Value

START, END = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)
FORMS = API_VERSIONS["v1"].identity_formats


def clock(kind: str, zone: str | None = None, name: str = "UPDATED_AT") -> probes.Clock:
    return probes.Clock(name, LoadTimestamp(Value(name), Value(kind), Value(zone) if zone else None))


@pytest.mark.parametrize(
    ("kind", "zone", "expected"),
    [
        ("timestamp_ntz", "UTC", "'2026-01-05 00:00:00'::TIMESTAMP_NTZ"),
        ("datetime", "America/New_York", "'2026-01-04 19:00:00'::TIMESTAMP_NTZ"),
        ("date", "Asia/Tokyo", "'2026-01-05'::DATE"),
        ("timestamp_ltz", None, "'2026-01-05 00:00:00+00:00'::TIMESTAMP_LTZ"),
        ("timestamp_tz", None, "'2026-01-05 00:00:00+00:00'::TIMESTAMP_TZ"),
        ("timestamp_unixtime_s", None, "1767571200"),
        ("timestamp_unixtime_ms", None, "1767571200000"),
    ],
)
def test_a_moment_is_written_as_the_declared_type_wants_it(kind: str, zone: str | None, expected: str) -> None:
    assert expected == clock(kind, zone).literal(START)


@pytest.mark.parametrize(
    ("kind", "zone", "value", "expected"),
    [
        ("timestamp_ntz", "America/New_York", datetime(2026, 1, 4, 19), START),
        ("timestamp_tz", None, datetime(2026, 1, 5, tzinfo=UTC), START),
        ("date", "UTC", date(2026, 1, 5), START),
        ("timestamp_unixtime_ms", None, Decimal(1767571200000), START),
        ("timestamp_unixtime_s", None, 10**18, None),
        ("timestamp_ntz", "UTC", "2026-01-05", None),
        ("timestamp_ntz", "UTC", None, None),
    ],
)
def test_a_value_of_the_load_timestamp_is_read_as_a_moment(
    kind: str, zone: str | None, value: object, expected: datetime | None
) -> None:
    assert expected == clock(kind, zone).moment(value)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("hour", (datetime(2026, 1, 7, 15, tzinfo=UTC), datetime(2026, 1, 7, 16, tzinfo=UTC))),
        ("day", (datetime(2026, 1, 7, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC))),
        ("week", (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))),
        ("month", (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))),
    ],
)
def test_the_newest_interval_is_the_one_around_the_latest_row(unit: Unit, expected: tuple[datetime, datetime]) -> None:
    assert Interval(*expected) == probes.newest(datetime(2026, 1, 7, 15, 30, tzinfo=UTC), unit)


def test_rows_are_those_of_the_interval_around_the_authors_bytes() -> None:
    assert (
        "SELECT *\nFROM\n(\nSELECT 1 -- one\n)\n"
        "WHERE \"up\" BETWEEN '2026-01-05 00:00:00'::TIMESTAMP_NTZ AND '2026-01-06 00:00:00'::TIMESTAMP_NTZ\nLIMIT 5"
    ) == probes.rows("SELECT 1 -- one", clock("timestamp_ntz", "UTC", "up"), Interval(START, END), 5)


def test_an_extent_is_one_statement_with_one_row() -> None:
    stamp = clock("timestamp_unixtime_s")
    assert (
        "SELECT SUM(N), SUM(NULLS), SUM(LATER), MIN(EARLIEST), MAX(LATEST), MAX(IFF(BUCKET IS NULL, 0, N)), "
        "MAX_BY(BUCKET, IFF(BUCKET IS NULL, 0, N))\n"
        'FROM (SELECT FLOOR("UPDATED_AT" / 3600) * 3600 AS BUCKET, COUNT(*) AS N, '
        'COUNT_IF("UPDATED_AT" IS NULL) AS NULLS, COUNT_IF("UPDATED_AT" > 1767571200) AS LATER, '
        'MIN("UPDATED_AT") AS EARLIEST, MAX(IFF("UPDATED_AT" <= 1767571200, "UPDATED_AT", NULL)) AS LATEST\n'
        "FROM\n(\nSELECT 1\n)\nGROUP BY 1)"
    ) == probes.extent("SELECT 1\n", stamp, START, "hour")


def test_a_date_is_not_cut_to_hours() -> None:
    assert "DATE_TRUNC('day', \"UPDATED_AT\")" == clock("date").bucket("hour")


def test_the_answer_over_no_row_is_an_empty_extent() -> None:
    assert Extent(0, unit="day") == probes.read_extent((None, None, None, None, None, None, None), "day")


def test_a_profile_asks_of_each_column_what_its_type_can_answer() -> None:
    asked = [
        probes.Asked("MPID", "number", "mpid"),
        probes.Asked('pl"an', "text"),
        probes.Asked("tags", "array"),
        probes.Asked("doc", "variant"),
        probes.Asked("odd", None),
    ]
    assert (
        'SELECT COUNT(*), COUNT_IF("MPID" IS NULL), COUNT_IF("MPID" IS NULL), COUNT("MPID"), COUNT(DISTINCT "MPID"), '
        'MIN("MPID"), MAX("MPID"), COUNT_IF("pl""an" IS NULL), APPROX_COUNT_DISTINCT("pl""an"), '
        'MAX(LENGTH("pl""an")), COUNT_IF("tags" IS NULL), MAX(ARRAY_SIZE("tags")), COUNT_IF("doc" IS NULL), '
        'COUNT_IF("odd" IS NULL)\nFROM\n(\nSELECT 1\n)'
    ) == probes.profile("SELECT 1\n", None, None, asked)


def test_the_answer_is_read_column_by_column() -> None:
    asked = [probes.Asked("EMAIL", "text", "email", FORMS["email"]), probes.Asked("tags", "array")]
    row = (10, 1, Decimal(1), 9, 7, 30, Decimal(2), "no address", Decimal(4), 3)
    columns = (
        ColumnProfile("EMAIL", 1, distinct=7, longest=30, malformed=2, example="no address", repeated=2),
        ColumnProfile("tags", 4, entries=3),
    )
    assert Profile(None, 10, columns, 1) == probes.read_profile(row, None, asked)


@pytest.mark.parametrize(
    ("identity", "value", "fits"),
    [
        ("mpid", "9223372036854775807", True),
        ("mpid", "-9223372036854775808", True),
        ("mpid", "9223372036854775808", False),
        ("mpid", "12.5", False),
        ("email", "jane@example.com", True),
        ("email", "jane@localhost", False),
        ("mobile_number", "800-555-1111", True),
        ("mobile_number", "+49 (0)30/123456", True),
        ("mobile_number", "call me", False),
        ("ios_idfv", "C56A4180-65AA-42EC-A945-5FD21DEC0538", True),
        ("ios_idfv", "c56a418065aa42eca9455fd21dec0538", False),
    ],
)
def test_identities_have_forms(identity: str, value: str, fits: bool) -> None:
    import re

    assert fits == bool(re.match(FORMS[identity].pattern, value))
