"""`sqlcheck check --statistics`: how often each rule found something."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from sqlcheck import __version__
from tests.commands.conftest import CLEAN, Run, Write

RULES = ("--select", "folded-attribute,trailing-semicolon,unknown-alias")
FAULTY = CLEAN.replace('"plan"', "plan, z.x").replace("USERS u\n", "USERS u;\n")


def test_rules_are_counted_the_most_frequent_first(run: Run, write: Write) -> None:
    write("q.sql", FAULTY)

    assert run("check", "q.sql", "--statistics", *RULES) == (
        1,
        dedent("""\
        rule                count  --fix  --unsafe-fixes
        folded-attribute    2      0      2
        trailing-semicolon  1      1      0
        unknown-alias       1      0      0
        2 errors, 2 warnings in 1 file; 1 fixable with --fix; 2 more fixable with --unsafe-fixes
        """),
        "",
    )


def test_where_nothing_is_found_there_is_no_table(run: Run, write: Write) -> None:
    write("q.sql", CLEAN)

    assert run("check", "q.sql", "--statistics", *RULES) == (0, "no problems in 1 file\n", "")


def test_programs_get_the_counts_as_json_and_those_of_the_baseline_too(run: Run, write: Write, folder: Path) -> None:
    write("q.sql", FAULTY.replace(", z.x", ""))
    run("check", "q.sql", "--baseline", "b.json", "--baseline-update", "--select", "folded-attribute")
    write("q.sql", FAULTY)

    outcome = run(
        "check", "q.sql", "--statistics", "--format", "json", "--baseline", "b.json", "--output", "out.json", *RULES
    )

    assert (outcome, json.loads((folder / "out.json").read_text())) == (
        (1, "", ""),
        {
            "version": 1,
            "tool": {"name": "sqlcheck", "version": __version__},
            "summary": {"files": 1, "errors": 2, "warnings": 1, "infos": 0, "in_baseline": 1},
            "statistics": [
                {"rule": "folded-attribute", "count": 1, "fixable": {"safe": 0, "unsafe": 1}, "in_baseline": 1},
                {"rule": "trailing-semicolon", "count": 1, "fixable": {"safe": 1, "unsafe": 0}, "in_baseline": 0},
                {"rule": "unknown-alias", "count": 1, "fixable": {"safe": 0, "unsafe": 0}, "in_baseline": 0},
            ],
        },
    )


@pytest.mark.parametrize("form", ["sarif", "concise", "github"])
def test_other_forms_have_no_place_for_counts(run: Run, write: Write, form: str) -> None:
    path = write("q.sql", FAULTY)

    code, out, err = run("check", "q.sql", "--statistics", "--fix", "--format", form)

    assert (code, out, err.splitlines()[-1], path.read_text()) == (
        2,
        "",
        "Error: --statistics goes with --format text or json",
        FAULTY,
    )


def test_in_github_actions_counts_are_text(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("q.sql", FAULTY)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert run("check", "q.sql", "--statistics", *RULES).out.splitlines()[0].split()[:2] == ["rule", "count"]
