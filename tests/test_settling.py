"""What a warehouse settles."""

from __future__ import annotations

import pytest

from sqlcheck.model import Heard, Report
from sqlcheck.sample import Sample, Traits
from sqlcheck.settling import settle


@pytest.mark.parametrize("emulated", [True, False])
def test_rules_that_are_kept_silent_beside_a_warehouse_are_not_heard(emulated: bool) -> None:
    rules = frozenset({"row-limit", "unknown-column", "nullable-identity", "refused-query"})
    seen = Report(heard=(Heard("q.sql", rules, query=True),))

    settled = settle(Report(), seen, Sample(Traits("w", emulated=emulated)), {"unknown-column": "compile"})

    assert settled == Report(heard=(Heard("q.sql", frozenset({"row-limit"}), query=True),))
