"""The examples: the clean project is clean and emitted, the broken one gives the report beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sqlcheck import rulebook
from sqlcheck.commands import main
from tests.warehouses import engines

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "examples/broken/report.txt"
RULE = re.compile(r"^(?:error|warning|info)\[([a-z-]+)\]", re.MULTILINE)


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand where a reader of the README stands."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("NO_COLOR", "1")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    return result.exit_code, result.stdout


def test_the_clean_project_has_no_problems() -> None:
    code, out = run("check", "examples/churn", "--fail-on", "info")

    assert (code, out.partition(";")[0]) == (0, "no problems in 4 files")


def test_the_payloads_beside_the_clean_project_are_what_is_emitted_and_have_no_problems() -> None:
    payloads = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "examples/churn/payloads").iterdir())

    assert run("emit", "examples/churn", "--out", "examples/churn/payloads/", "--check") == (
        0,
        "no problems in 3 files\n",
    )
    assert run("check", *payloads, "--fail-on", "info", "--format", "concise") == (0, "")


@engines.needed
def test_the_rows_of_the_clean_project_have_no_problems() -> None:
    code, out = run("check", "examples/churn", "--live", "--fail-on", "info")

    assert (code, out) == (0, "no problems in 4 files\n")


@engines.needed
def test_the_newsletter_has_faults_in_its_rows_alone() -> None:
    static = run("check", "examples/newsletter", "--format", "concise", "--ignore", "nullable-load-timestamp")
    _, out = run("check", "examples/newsletter", "--live", "--format", "concise")

    assert (0, "") == static
    assert [
        "null-identity",
        "future-load-timestamp",
        "null-load-timestamp",
        "malformed-identity",
        "repeated-identity",
        "nested-value",
        "empty-attribute",
    ] == re.findall(r"(?:error|warning|info)\[([a-z-]+)\]", out)


def test_the_broken_project_gives_the_report_beside_it(update: bool) -> None:
    code, out = run("check", "examples/broken")
    if update:
        REPORT.write_text(out, encoding="utf-8")

    assert (code, out) == (1, REPORT.read_text(encoding="utf-8"))


def test_the_broken_project_shows_a_dozen_rules_of_all_families() -> None:
    rules = set(RULE.findall(REPORT.read_text(encoding="utf-8")))

    assert len(rules) >= 12
    assert {rulebook.rule(rule).family for rule in rules} == {
        "attribute",
        "identity",
        "load-timestamp",
        "payload",
        "query",
    }


def test_the_payload_has_faults_in_its_fields_and_in_its_query() -> None:
    assert run("check", "examples/payloads/data-model.json", "--format", "concise") == (
        1,
        (
            "examples/payloads/data-model.json:2:9: error[bad-id] the id `tickets model` has a blank in it\n"
            "examples/payloads/data-model.json:4:19: error[mistyped-field] `workspace_id` is text, not a whole number\n"
            "examples/payloads/data-model.json:6:208: error[typographic-character] typographic quotes around `open`\n"
            "examples/payloads/data-model.json:9:3: error[unknown-field] the data model `tickets model` has no field "
            "`load_timestamp_field_tz`\n"
        ),
    )
