"""What is shown of a value says its form, and no more."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlcheck import masking


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("jane.doe@example.com", "aaaa.aaa@aaaaaaa.aaa"),
        ("+1 (555) 010-9999", "+9 (999) 999-9999"),
        ("Straße 7", "Aaaaaa 9"),
        ("١٢٣", "999"),
        ("a\nb\x1b[31m", "a·a·[99a"),
        (12345, "99999"),
        ("x" * 60, "a" * 40 + "…"),
    ],
)
def test_a_shape_keeps_the_kind_of_each_character(value: object, expected: str) -> None:
    assert expected == masking.shape(value)


@given(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=masking.MOST))
def test_a_shape_holds_no_letter_or_digit_of_the_value(value: str) -> None:
    assert set(masking.shape(value)) <= {"a", "A", "9"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (datetime(2026, 1, 5, 10, 30), "2026-01-05 10:30:00"),
        (datetime(2026, 1, 5, 10, 30, 0, 1000, tzinfo=UTC), "2026-01-05 10:30:00.001+00:00"),
        (date(2026, 1, 5), "2026-01-05"),
        (time(10, 30), "10:30:00"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (b"ab", "2 bytes"),
        ("one\ttwo", "one·two"),
        ("x" * 60, "x" * 40 + "…"),
    ],
)
def test_a_plain_value_stands_on_one_line(value: object, expected: str) -> None:
    assert expected == masking.plain(value)
