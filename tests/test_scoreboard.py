"""The faults that linters are measured by: each is found at its line, and nothing else is wrong with its model."""

from __future__ import annotations

import pytest

from sqlcheck.inputs import collect
from sqlcheck.model import Severity
from tests.bench import scoreboard

FAULTS = scoreboard.faults()


@pytest.mark.parametrize("name", FAULTS)
def test_a_model_has_the_fault_that_it_says_and_no_other(name: str) -> None:
    report = collect([str(scoreboard.FAULTS / name)]).check()
    found = {(each.rule, each.start.line) for each in report.diagnostics if each.severity is not Severity.INFO}
    assert {FAULTS[name]} == found


def test_each_rule_has_one_model_and_each_code_a_model() -> None:
    rules = [rule for rule, _ in FAULTS.values()]
    assert sorted(set(rules)) == sorted(rules)
    assert set() == scoreboard.MEANT.keys() - set(rules)
