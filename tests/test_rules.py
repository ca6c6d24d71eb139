"""Every rule over every example of the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sqlcheck import engine, rulebook
from sqlcheck.checks.payload import documents
from sqlcheck.model import Example, Rule
from tests import pages
from tests.warehouses import engines

RULES = list(rulebook.rules().values())


def cases(kind: str) -> list[object]:
    return [
        pytest.param(
            rule, example, id=f"{rule.name}-{number}", marks=[engines.needed] if pages.has_rows(example) else []
        )
        for rule in RULES
        for number, example in enumerate((e for e in rulebook.examples(rule) if e.kind == kind), 1)
    ]


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_a_bad_example_shows_exactly_the_printed_report(rule: Rule, example: Example) -> None:
    assert example.report is not None
    found = pages.diagnose(example)
    assert (example.report.text, True) == (pages.render(example), any(each.rule == rule.name for each in found))


@pytest.mark.parametrize(("rule", "example"), cases("good"))
def test_a_good_example_shows_nothing_of_any_rule(rule: Rule, example: Example) -> None:
    assert pages.render(example) == ""


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES if rule.fix != "none"])
def test_fixing_the_bad_examples_gives_the_fixed_ones(rule: Rule) -> None:
    examples = rulebook.examples(rule)
    results = [text for example in examples if example.kind == "bad" for text in pages.fixed(rule, example)]
    assert [example.blocks[0].text for example in examples if example.kind == "fixed"] == results


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_fixing_everything_twice_equals_fixing_it_once(rule: Rule, example: Example) -> None:
    assert [] == [(once, twice) for once, twice in pages.fix_everything(example) if once != twice]


@pytest.mark.parametrize(("rule", "example"), cases("fixed"))
def test_a_fixed_example_is_silent_for_its_rule(rule: Rule, example: Example) -> None:
    assert [] == [found.message for found in pages.diagnose(example) if found.rule == rule.name and found.fix]


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES])
def test_a_page_has_its_parts_in_order(rule: Rule) -> None:
    headings = re.findall(r"^## (.*)$", rule.text, re.MULTILINE)
    kinds = {example.kind for example in rulebook.examples(rule)}
    fixed = ["Fixed"] if rule.fix != "none" else []
    assert (["Why", "Bad", "Good", *fixed], {"bad", "good", *map(str.lower, fixed)}) == (headings, kinds)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES])
def test_a_summary_is_one_sentence(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z`](?:(?!\. ).)*[^.]\.", rule.summary)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES])
def test_a_page_names_its_sources_by_address(rule: Rule) -> None:
    assert all(re.fullmatch(r"https://\S+", source) for source in re.split(r",\s*|\s+", rule.source))


def test_pages_and_functions_match_one_to_one() -> None:
    pages_ = {(rule.family, rule.name) for rule in RULES}
    functions = [(family, function.__name__.replace("_", "-")) for family, function in engine.functions()]
    assert sorted(pages_) == sorted(functions)


def test_the_guide_names_the_values_that_checks_want() -> None:
    guide = (Path(__file__).parents[1] / ".github/CONTRIBUTING.md").read_text("utf-8")
    listed = guide.partition("The values are ")[2].partition("A check that names")[0]
    assert {name for each in engine.checks() for name in each.names} == set(re.findall(r"`(\w+)`", listed))


def test_a_package_that_needs_a_value_has_only_checks_that_name_one() -> None:
    within = [function for _, function in engine.functions() if function.__module__.startswith(documents.__name__)]
    named = {function.__name__: function.__code__.co_varnames[: function.__code__.co_argcount] for function in within}
    assert (True, []) == (bool(named), [name for name, names in named.items() if documents.NEEDS.isdisjoint(names)])


def test_every_check_names_its_rule_in_a_docstring_of_one_imperative_sentence() -> None:
    docstrings = {function.__name__: function.__doc__ or "" for _, function in engine.functions()}
    assert [] == [name for name, text in docstrings.items() if not re.match(r"[A-Z][^\n]*\.(\n\n|\Z)", text)]
