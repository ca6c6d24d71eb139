"""The vendor's own published samples, as a user would run them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests import corpus
from tests.commands.conftest import Outcome, Run

pytestmark = corpus.needed

PICTURE = "tutorial-picture.sql"
EXAMPLE = "sql-reference-example-1.sql"
AS_IN_THE_TUTORIAL = ("--load-timestamp", "SCANNED_TIMESTAMP_MS", "--type", "timestamp_ntz")


@pytest.fixture(autouse=True)
def samples(folder: Path) -> None:
    for path in (corpus.FOLDER / "vendor").glob("*"):
        shutil.copyfile(path, folder / path.name)


def found(outcome: Outcome) -> list[tuple[str, str, int, int]]:
    diagnostics = json.loads(outcome.out)["diagnostics"]
    return [(d["severity"], d["rule"], d["line"], d["column"]) for d in diagnostics]


def test_the_tutorials_picture_has_one_fault_and_behind_it_four_that_are_no_errors(run: Run) -> None:
    before = run("check", PICTURE, *AS_IN_THE_TUTORIAL, "--format", "json")
    fixed = run("check", PICTURE, *AS_IN_THE_TUTORIAL, "--format", "json", "--fix")

    assert (before.code, found(before)) == (1, [("error", "typographic-character", 1, 37)])
    assert (fixed.code, found(fixed)) == (
        0,
        [
            ("warning", "epoch-named-timestamp", 1, 8),
            ("warning", "missing-time-zone", 1, 8),
            ("warning", "folded-attribute", 1, 52),
            ("warning", "unqualified-table", 2, 6),
        ],
    )
    assert Path(PICTURE).read_text(encoding="utf-8") == (
        'SELECT scanned_timestamp_ms, cid AS "customer_id", propensity_to_buy\nFROM demo.mp_dw_demo_attr\n'
    )


def test_the_first_example_has_no_error_and_its_payload_carries_it_byte_for_byte(run: Run) -> None:
    options = ("--load-timestamp", "DATE_UPDATED", "--type", "timestamp_ntz", "--time-zone", "UTC")
    checked = run("check", EXAMPLE, *options, "--format", "json")
    emitted = run("emit", EXAMPLE, *options)

    assert {severity for severity, *_ in found(checked)} == {"warning", "info"}
    assert json.loads(emitted.out)["sql_query"] == Path(EXAMPLE).read_text(encoding="utf-8")


def test_the_second_example_is_ungrouped_and_has_no_load_timestamp(run: Run) -> None:
    outcome = run("check", "sql-reference-example-2.sql", "--load-timestamp", "UPDATED_AT", "--format", "json")

    assert found(outcome) == [("error", "missing-load-timestamp", 1, 1), ("error", "ungrouped-column", 2, 5)]


@pytest.mark.parametrize("number", ["09", "10", "11", "12", "13"])
def test_the_data_model_bodies_have_three_errors_inside_their_sql(run: Run, number: str) -> None:
    path = f"api-reference-{number}.json"
    outcome = run("check", path, "--format", "json")
    line = Path(path).read_text(encoding="utf-8").splitlines()[5]

    assert [
        (rule, line[column - 1 :][:5])
        for severity, rule, row, column in found(outcome)
        if (severity, row) == ("error", 6)
    ] == [("missing-load-timestamp", "SELEC"), ("ungrouped-column", "email"), ("unknown-alias", "t.sta")]
    assert [rule for severity, rule, row, _ in found(outcome) if severity == "error" and row != 6] == []
