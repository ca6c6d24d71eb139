"""What a query means: faults with the text that the rule must mark, and right queries that look like them.

`query_semantics.txt` holds one query a line under the name of its rule; «…» marks what must be reported. Under
`clean` stand queries in which none of these rules may find anything.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sqlcheck import check
from sqlcheck.fix import apply
from sqlcheck.knowledge.foreign import SLIPS
from sqlcheck.knowledge.functions import (
    AGGREGATES,
    BEFORE_BRACKETS,
    FUNCTIONS,
    ORDERED,
    RANKINGS,
    STRICT,
    UNSTABLE,
    UNSTABLE_HINTS,
)
from sqlcheck.model import Severity

CASES = Path(__file__).with_name("query_semantics.txt").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^== ([\w-]+)\n((?:(?!==).*\n)*)", CASES, re.MULTILINE))
RULES = frozenset(SECTIONS) - {"clean"}


def faults() -> list[object]:
    return [
        pytest.param(rule, line, id=f"{rule}-{number}")
        for rule in sorted(RULES)
        for number, line in enumerate(SECTIONS[rule].splitlines(), 1)
    ]


def marked(text: str) -> list[tuple[str, str]]:
    """Give each finding as its rule and the query with the place marked."""
    return [
        (found.rule, f"{text[: found.span.start]}«{text[found.span.start : found.span.end]}»{text[found.span.end :]}")
        for found in check(text)
        if found.rule in RULES
    ]


@pytest.mark.parametrize(("rule", "line"), faults())
def test_a_fault_is_found_once_and_exactly_where_it_is(rule: str, line: str) -> None:
    assert [(rule, line)] == marked(re.sub("[«»]", "", line))


@pytest.mark.parametrize("line", SECTIONS["clean"].splitlines())
def test_a_look_alike_is_left_alone(line: str) -> None:
    assert [] == marked(line)


@pytest.mark.parametrize(("rule", "line"), faults())
def test_a_fix_that_is_offered_removes_its_fault_and_makes_no_error(rule: str, line: str) -> None:
    text = re.sub("[«»]", "", line)
    before = check(text)
    for found in before:
        if found.rule == rule and found.fix:
            after = check(apply(text, found.fix.edits))
            assert [] == [left.message for left in after if left.rule == rule]
            assert {left.rule for left in after if left.severity is Severity.ERROR} <= {left.rule for left in before}


def test_no_function_of_another_warehouse_is_listed_as_snowflakes() -> None:
    assert [] == sorted(FUNCTIONS & SLIPS.keys())


def test_what_stands_in_for_a_foreign_function_exists() -> None:
    assert [] == sorted({slip.name for slip in SLIPS.values() if slip.name} - FUNCTIONS)


def test_every_group_of_functions_is_part_of_the_whole() -> None:
    assert frozenset() == (AGGREGATES | RANKINGS | UNSTABLE | ORDERED | STRICT) - FUNCTIONS


def test_no_keyword_in_front_of_a_bracket_is_a_function_but_for_those_that_are_both() -> None:
    assert {"FILTER", "GROUPING"} == BEFORE_BRACKETS & FUNCTIONS


@pytest.mark.parametrize(
    ("expression", "alias"),
    [
        ("COUNT(*)", "count"),
        ("COUNT(DISTINCT u.topic)", "count_topic"),
        ("LOWER(u.nick)", "lower_nick"),
        ("u.age::INT", "age"),
        ('u.payload:address."Home City"::VARCHAR', "home_city"),
        ("u.payload['first name']", "first_name"),
        ("u.tags[0]", "tags"),
        ("u.first || ' ' || u.last", "first_last"),
        ("CASE WHEN u.age > 17 THEN 'adult' END", "case_age"),
        ("MAX_BY(u.plan, u.since)", "max_by_plan_since"),
        ("ROW_NUMBER() OVER (PARTITION BY u.x ORDER BY u.y)", "row_number"),
        ("MP.TOOLS.TIDY(u.city)", "tidy_city"),
        ("(SELECT MAX(o.id) FROM MP.CRM.ORDERS o)", "value"),
        ("u.email || ''", "email_value"),
        ("42", "value"),
    ],
)
def test_a_missing_alias_is_made_from_what_the_expression_computes(expression: str, alias: str) -> None:
    text = f"SELECT u.customer_id, {expression} FROM MP.CRM.USERS u"
    fixes = [found.fix for found in check(text) if found.rule == "unnamed-output"]
    assert [[f' AS "{alias}"']] == [[edit.text for edit in fix.edits] for fix in fixes if fix]


def test_made_aliases_do_not_repeat_a_name() -> None:
    text = 'SELECT u.customer_id, COUNT(*), COUNT(*), u.x AS "count" FROM MP.CRM.USERS u GROUP BY ALL'
    fixes = [found.fix for found in check(text) if found.rule == "unnamed-output"]
    assert [' AS "count_2"', ' AS "count_3"'] == [edit.text for fix in fixes if fix for edit in fix.edits]


def test_all_ungrouped_columns_come_into_group_by_at_once() -> None:
    text = 'SELECT u.a, u.b, COUNT(*) AS "n" FROM MP.CRM.USERS u WHERE u.c = 1 ORDER BY u.a'
    fixes = [found.fix for found in check(text) if found.rule == "ungrouped-column"]
    assert [[" GROUP BY u.a, u.b"]] * 2 == [[edit.text for edit in fix.edits] for fix in fixes if fix]


def test_a_hint_that_the_text_holds_an_unstable_function_misses_none() -> None:
    assert [] == [name for name in UNSTABLE if not any(hint in name.lower() for hint in UNSTABLE_HINTS)]
