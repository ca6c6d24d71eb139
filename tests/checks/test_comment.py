"""What the fix of an unused ignore leaves."""

from __future__ import annotations

import json

import pytest

from sqlcheck.inputs import from_text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT a -- sqlcheck: ignore[row-limit]\n", "SELECT a\n"),
        ("SELECT a,\t// sqlcheck: ignore[row-limit] why\n b", "SELECT a,\n b"),
        ("-- sqlcheck: ignore[row-limit]\r\nSELECT a\r\n", "SELECT a\r\n"),
        ("  -- sqlcheck: ignore[row-limit]\nSELECT a", "SELECT a"),
        ("SELECT a\n-- sqlcheck: ignore[row-limit]", "SELECT a\n"),
        ("/* sqlcheck: ignore[row-limit] */ SELECT a", "SELECT a"),
        ("SELECT /* sqlcheck: ignore[row-limit] */ a", "SELECT a"),
        ("SELECT/* sqlcheck: ignore[row-limit] */a", "SELECT a"),
        ("-- sqlcheck: api=v1 ignore[row-limit] why\nSELECT a", "-- sqlcheck: api=v1\nSELECT a"),
        ("/* sqlcheck: api=v1 ignore[row-limit] why */ SELECT a", "/* sqlcheck: api=v1 */ SELECT a"),
        ("SELECT a -- sqlcheck: ignore[row-limit, null-comparison]\n", "SELECT a\n"),
        ("SELECT a -- sqlcheck: ignore[row-limit, absent] x\n", "SELECT a -- sqlcheck: ignore[absent] x\n"),
        ("SELECT a -- sqlcheck: ignore[absent, row-limit] x\n", "SELECT a -- sqlcheck: ignore[absent] x\n"),
        ("SELECT a -- sqlcheck: ignore[x,row-limit,null-comparison,y]\n", "SELECT a -- sqlcheck: ignore[x,y]\n"),
        ("-- sqlcheck: ignore-file[row-limit]\nSELECT a", "SELECT a"),
    ],
)
def test_an_unused_ignore_goes_with_all_that_it_alone_needs(before: str, after: str) -> None:
    assert after == from_text(before).fix(rules={"unused-ignore"}).text


def test_an_unused_ignore_in_a_payload_goes_too() -> None:
    body = {"type": "sql", "load_timestamp_field_name": "A", "load_timestamp_field_type": "date"}
    before = json.dumps({**body, "sql_query": 'SELECT "a" -- sqlcheck: ignore[row-limit] é\nFROM b'})
    after = json.dumps({**body, "sql_query": 'SELECT "a"\nFROM b'})
    assert after == from_text(before, "p.json").fix(rules={"unused-ignore"}).text
