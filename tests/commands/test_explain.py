"""`sqlcheck explain` and `sqlcheck rules`."""

from __future__ import annotations

import json

from sqlcheck import rulebook
from tests.commands.conftest import Run


def test_a_page_is_printed_as_it_is_written(run: Run) -> None:
    page = rulebook.rule("trailing-semicolon").text.lstrip("\n").removeprefix("# trailing-semicolon\n").rstrip()

    assert run("explain", "trailing-semicolon") == (
        0,
        f"# trailing-semicolon\n\nerror · query · safe fix · since 0.1.0\n{page}\n",
        "",
    )


def test_an_unknown_rule_is_named_with_the_one_that_was_meant(run: Run) -> None:
    assert run("explain", "trailing-semi-colon") == (
        2,
        "",
        "error: there is no rule `trailing-semi-colon`; did you mean `trailing-semicolon`?\n",
    )


def test_the_list_has_a_line_for_each_rule(run: Run) -> None:
    code, out, err = run("rules")

    assert (code, [line.split()[0] for line in out.splitlines()], err) == (0, ["rule", *rulebook.names()], "")


def test_the_list_is_there_as_json(run: Run) -> None:
    listed = json.loads(run("rules", "--format", "json").out)

    rule = rulebook.rule("trailing-semicolon")
    assert [listed["version"], [entry for entry in listed["rules"] if entry["name"] == rule.name]] == [
        1,
        [
            {
                "name": "trailing-semicolon",
                "family": "query",
                "severity": "error",
                "fix": "safe",
                "evidence": "static",
                "since": "0.1.0",
                "summary": rule.summary,
                "source": rule.source,
            }
        ],
    ]
