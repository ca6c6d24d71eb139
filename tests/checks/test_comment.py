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
        ("SELECT a -- sqlcheck: ignore[row-limit](a) x\n", "SELECT a\n"),
        (
            "SELECT a, b -- sqlcheck: ignore[folded-attribute](a, c, b) x\n",
            "SELECT a, b -- sqlcheck: ignore[folded-attribute](a, c, b) x\n",
        ),
        (
            'SELECT a, b AS "b", c AS "c" -- sqlcheck: ignore[row-limit,folded-attribute](b, "c", a)\n',
            'SELECT a, b AS "b", c AS "c" -- sqlcheck: ignore[folded-attribute](a)\n',
        ),
        (
            'SELECT a, b AS "b" -- sqlcheck: ignore[absent, folded-attribute](a,b)\n',
            'SELECT a, b AS "b" -- sqlcheck: ignore[absent, folded-attribute](a,b)\n',
        ),
    ],
)
def test_an_unused_ignore_goes_with_all_that_it_alone_needs(before: str, after: str) -> None:
    assert after == from_text(before).fix(rules={"unused-ignore"}).text


COLUMNS = """\
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_tz
{header}SELECT u.updated_at, u.id AS customer_id, u.plan, u.tier{comment}
FROM MP.CRM.USERS u
"""


@pytest.mark.parametrize(
    ("header", "comment", "expected"),
    [
        ("", " -- sqlcheck: ignore[folded-attribute](plan)", ["folded-attribute TIER"]),
        ("", ' -- sqlcheck: ignore[folded-attribute](Plan, "TIER")', []),
        ("-- sqlcheck: ignore[folded-attribute](tier) why\n", "", ["folded-attribute PLAN"]),
        ("-- sqlcheck: ignore-file[folded-attribute](tier)\n", "", ["folded-attribute PLAN"]),
        (
            "-- sqlcheck: ignore-file[folded-attribute](tier)\n",
            " -- sqlcheck: ignore[folded-attribute](plan,tier)",
            ["unused-ignore None"],
        ),
        ("-- sqlcheck: ignore[folded-attribute] all\n", " -- sqlcheck: ignore[folded-attribute](plan)", []),
        (
            "",
            " -- sqlcheck: ignore[folded-attribute](plan, teir)",
            ["folded-attribute TIER", "unknown-ignore None"],
        ),
    ],
)
def test_a_key_silences_what_is_about_its_column(header: str, comment: str, expected: list[str]) -> None:
    found = from_text(COLUMNS.format(header=header, comment=comment)).check().diagnostics

    assert expected == [f"{each.rule} {each.column}" for each in found]


def test_a_key_of_a_finding_about_a_column_that_is_missing_is_not_unknown() -> None:
    text = (
        "-- sqlcheck: load_timestamp=CHANGED_AT type=timestamp_tz ignore[missing-load-timestamp](changed_at) why\n"
        "SELECT u.id AS customer_id FROM a.b.u"
    )

    assert [] == [each.rule for each in from_text(text).check().diagnostics]


def test_a_key_that_a_star_may_deliver_is_not_unknown() -> None:
    text = "-- sqlcheck: ignore-file[folded-attribute](plan)\nSELECT u.* FROM a.b.u"

    assert [] == [each for each in from_text(text).check().diagnostics if each.rule == "unknown-ignore"]


def test_an_unused_ignore_in_a_payload_goes_too() -> None:
    body = {"type": "sql", "load_timestamp_field_name": "A", "load_timestamp_field_type": "date"}
    before = json.dumps({**body, "sql_query": 'SELECT "a" -- sqlcheck: ignore[row-limit] é\nFROM b'})
    after = json.dumps({**body, "sql_query": 'SELECT "a"\nFROM b'})
    assert after == from_text(before, "p.json").fix(rules={"unused-ignore"}).text
