"""Names that speak of a moment, of a change, or of an epoch number."""

from __future__ import annotations

import pytest

from sqlcheck.knowledge.moments import change_rank, epoch_unit, speaks_of_days


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SCANNED_TIMESTAMP_MS", (True, "milliseconds")),
        ("updatedAtMillis", (True, "milliseconds")),
        ("UPDATED_TS_S", (True, "seconds")),
        ("UPDATED_SECONDS", (True, "seconds")),
        ("EPOCH_NS", (True, "nanoseconds")),
        ("UPDATED_EPOCH", (True, None)),
        ("unixtime", (True, None)),
        ("UNIX_TIMESTAMP", (True, None)),
        ("EPOCH_LAST_UPDATED", (True, None)),
        ("UNIX_HOST_SEEN_AT", (False, None)),
        ("UPDATED_AT", (False, None)),
        ("PROGRAMS", (False, None)),
        ("LOADED_AT_US", (False, None)),
        ("CITIES_S", (False, None)),
        ("", (False, None)),
    ],
)
def test_a_name_speaks_of_an_epoch_number(name: str, expected: tuple[bool, str | None]) -> None:
    assert expected == epoch_unit(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("UPDATED_AT", 3),
        ("date_updated", 3),
        ("LAST_UPDATED_DATE_TIME", 3),
        ("_loaded_at", 3),
        ("MODIFIED", 3),
        ("created_at", 2),
        ("event_ts", 2),
        ("order_date", 1),
        ("date_of_birth", 0),
        ("expires_at", 0),
        ("changed_plan", 0),
        ("plan", 0),
    ],
)
def test_a_name_is_ranked_as_a_load_timestamp(name: str, expected: int) -> None:
    assert expected == change_rank(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LAST_UPDATED_DATE_TIME", True),
        ("DATE_UPDATED", True),
        ("UPDATED_AT", False),
        ("DATE_MS", False),
        ("PLAN", False),
    ],
)
def test_a_name_speaks_of_a_calendar_date(name: str, expected: bool) -> None:
    assert expected == speaks_of_days(name)
