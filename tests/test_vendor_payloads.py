"""The payloads that the vendor publishes: accepted, but for the faults that are really in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sqlcheck import rulebook
from sqlcheck.inputs import collect
from sqlcheck.model import Severity
from sqlcheck.options import Options
from tests import corpus

VENDOR = corpus.FOLDER / "vendor"
NOW = datetime(2026, 6, 1, tzinfo=UTC)

MASKED = [("unfilled-field", '"************"')]
KEY = ("written-secret", '"us1-1234567"')
EXPECTED = {
    # requests that carry the mask of a reply in place of the password
    "api-reference-02.json": MASKED,
    "api-reference-06.json": MASKED,
    # requests with a sample key
    "api-reference-15.json": [KEY],
    "api-reference-17.json": [KEY, ("exceeded-catch-up", '"2023-02-01T00:00:00Z"')],
}
SAMPLE = [("missing-load-timestamp", "SELECT"), ("ungrouped-column", "email"), ("unknown-alias", "t")]
"""The errors of the one query that the vendor repeats."""


def found(name: str) -> list[tuple[str, str, str, Severity]]:
    """Give family, rule, the text at its place and severity of each diagnostic about a file."""
    batch = collect([str(VENDOR / name)], Options(now=NOW))
    assert batch.failures == ()
    return [
        (rulebook.rule(each.rule).family, each.rule, each.source.text[slice(*each.span)], each.severity)
        for each in batch.check().diagnostics
    ]


@corpus.needed
@pytest.mark.parametrize("name", [f"api-reference-{number:02}.json" for number in range(24)])
def test_the_payload_rules_accept_what_the_vendor_sends(name: str) -> None:
    faults = [(rule, text) for family, rule, text, _ in found(name) if family == "payload"]
    assert EXPECTED.get(name, []) == faults


@corpus.needed
@pytest.mark.parametrize("number", [9, 10, 11, 12, 13])
def test_the_query_inside_a_body_is_checked_where_it_stands(number: int) -> None:
    errors = [
        (rule, text)
        for _, rule, text, severity in found(f"api-reference-{number:02}.json")
        if severity is Severity.ERROR
    ]
    assert SAMPLE == errors


@corpus.needed
def test_postman_values_are_no_resource() -> None:
    assert [] == found("postman-environment-values.json")
