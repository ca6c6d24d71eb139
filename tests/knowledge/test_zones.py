"""Time zones: the names of the database, and what a wrong one was meant to be."""

from __future__ import annotations

import pytest

from sqlcheck.knowledge import zones


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("america/new_york", "America/New_York"),
        ("utc", "UTC"),
        ("PST", "America/Los_Angeles"),
        ("US Eastern", "America/New_York"),
        ("Eastern Standard Time", "America/New_York"),
        ("New York", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        ("Amrica/New_York", "America/New_York"),
        ("Asia/Calcuta", "Asia/Calcutta"),
        ("nowhere at all", None),
    ],
)
def test_a_wrong_name_leads_to_the_one_that_was_meant(name: str, expected: str | None) -> None:
    assert (False, expected) == (zones.exists(name), zones.meant(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("US/Eastern", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Europe/Amsterdam", None),
        ("America/New_York", None),
        ("Etc/GMT+5", None),
        ("Zulu", None),
        ("UTC", None),
    ],
)
def test_an_old_name_has_a_successor(name: str, expected: str | None) -> None:
    assert (True, expected) == (zones.exists(name), zones.successor(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("America/New_York", True),
        ("Australia/Lord_Howe", True),
        ("Africa/Casablanca", True),
        ("America/Phoenix", False),
        ("America/Mexico_City", False),
        ("Asia/Kolkata", False),
        ("Etc/GMT-2", False),
        ("UTC", False),
    ],
)
def test_clocks_are_changed_in_some_zones(name: str, expected: bool) -> None:
    assert expected == zones.repeats_hours(name, 2026)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("GMT+2", 120), ("UTC-05:30", -330), ("+02:00", 120), ("-0800", -480), ("UTC+1", 60), ("CET", None), ("2", None)],
)
def test_an_offset_is_read_in_minutes(name: str, expected: int | None) -> None:
    assert expected == zones.offset_minutes(name)
