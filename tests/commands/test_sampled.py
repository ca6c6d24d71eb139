"""Whose values are open to all, and how those of the others are drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from sqlcheck.commands import _sampled
from sqlcheck.inputs import query_subject
from sqlcheck.mapping import OutputColumn
from sqlcheck.sample import Rows, Sample, Traits


def column(item: str) -> OutputColumn:
    source = "" if " FROM " in item else " FROM MP.CRM.USERS u"
    mapping = query_subject(f"-- sqlcheck: load_timestamp=UPDATED_AT\nSELECT {item}{source}").mapping
    assert mapping is not None
    return mapping.columns[0]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ('u.n::NUMBER AS "score"', True),
        ('u.n::FLOAT AS "phone_count"', False),
        ('u.n::BOOLEAN AS "is_trial"', True),
        ('u.n::DATE AS "signed_up_on"', True),
        ("u.n::TIMESTAMP_NTZ AS updated_at", True),
        ("u.born::TIMESTAMP_NTZ AS updated_at", True),
        ('COUNT(DISTINCT u.order_id) AS "orders"', True),
        ('SUM(u.amount)::NUMBER AS "revenue"', True),
        ('u.n AS "score"', False),
        ('u.n::VARCHAR AS "plan"', False),
        ('u.n::VARIANT AS "doc"', False),
        ("u.n::NUMBER AS mpid", False),
        ("u.n::NUMBER AS ios_idfv", False),
        ('u.n::NUMBER AS "phone"', False),
        ('u.n::NUMBER AS "loyaltyId"', False),
        ('u.n::NUMBER AS "order_number"', False),
        ('u.n::NUMBER AS "ssn"', False),
        ('u.n::NUMBER AS "home_zip"', False),
        ('u.n::FLOAT AS "latitude"', False),
        ('u.n::DATE AS "birth_date"', False),
        ('u.mobile::NUMBER AS "reach"', False),
        ('(u.customer_id)::NUMBER(38, 0) AS "who"', False),
        ('u.dob::DATE AS "day"', False),
        ('d.n AS "reach" FROM (SELECT v.phone::NUMBER AS n FROM MP.CRM.V v) d', False),
    ],
)
def test_open_are_numbers_flags_and_moments_that_are_nobodys(item: str, expected: bool) -> None:
    assert expected == _sampled.is_open(column(item))


def drawn(show_values: bool, *values: object) -> str:
    one = column('u.n AS "n"')
    return _sampled.histogram(one, Rows(("n",), tuple((value,) for value in values)), show_values=show_values)


@pytest.mark.parametrize(
    ("values", "shown", "masked"),
    [
        ((1, 2, 3, 4, 5, 6, 7, 8), "████████", "████████"),
        ((1, 1, 1, 8), "█      ▃", "█▃"),
        ((5, 5, 5), "█", "█"),
        ((Decimal(1), 2.0, None, None), "█      █", "██"),
        ((date(2026, 1, 1), date(2026, 1, 8)), "█      █", "██"),
        ((datetime(2026, 1, 1), datetime(2026, 1, 1), datetime(2026, 1, 2)), "█      ▄", "█▄"),
        (("a", "b", "b"), "█▄", "█▄"),
        ((True, False, False), "█▄", "█▄"),
        ((1, "a"), "██", "██"),
        ((None,), "", ""),
        ((), "", ""),
    ],
)
def test_a_histogram_has_the_order_of_values_only_where_they_are_shown(
    values: tuple[object, ...], shown: str, masked: str
) -> None:
    assert (shown, masked) == (drawn(True, *values), drawn(False, *values))


def test_a_column_that_was_not_fetched_has_no_histogram() -> None:
    one = column('u.n AS "n"')
    assert ("", "") == (
        _sampled.histogram(one, None, show_values=True),
        _sampled.histogram(one, Rows(("m",), ((1,),)), show_values=True),
    )


def test_the_values_of_columns_that_share_a_name_are_a_list_in_the_rows_of_the_json() -> None:
    subject = query_subject('SELECT u.id, o.id, u.n::NUMBER AS "n" FROM MP.CRM.USERS u, MP.CRM.ORDERS o')
    rows = Rows(("ID", "ID", "n"), (("a1", "b22", 3), (None, "b22", None), (None, None, 4)))
    found = _sampled.document(replace(subject, sample=Sample(Traits("snowflake"), rows=rows)), show_values=False)
    assert [
        {"ID": ["a9", "a99"], "n": "3"},
        {"ID": [None, "a99"], "n": None},
        {"ID": [None, None], "n": "4"},
    ] == found["rows"]
