"""Severities that a project sets for some of its files."""

from __future__ import annotations

from tests.commands.conftest import CLEAN, Run, Write

PROJECT = """\
rules: {folded-attribute: error}
overrides:
  - {paths: [legacy/**], rules: {folded-attribute: off}}
  - {paths: [legacy/new/**, "*.json"], rules: {folded-attribute: info}}
"""
FOLDED = CLEAN.replace('"plan"', "plan")


def brief(out: str) -> list[str]:
    return [line.partition("]")[0] + "]" for line in out.splitlines()]


def test_a_rule_weighs_what_the_last_override_for_the_file_says(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", PROJECT)
    for path in ("a.sql", "legacy/b.sql", "legacy/new/c.sql"):
        write(path, FOLDED)

    code, out, err = run("check", ".", "--format", "concise")

    assert (code, brief(out), err) == (
        1,
        ["a.sql:2:53: error[folded-attribute]", "legacy/new/c.sql:2:53: info[folded-attribute]"],
        "",
    )


def test_a_text_from_stdin_is_judged_as_the_file_that_it_is_called_after(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", PROJECT)

    outcomes = [
        run("check", "-", "--stdin-filename", path, "--format", "concise", input=FOLDED)
        for path in ("a.sql", "legacy/b.sql", "legacy/new/c.sql")
    ]

    assert [(outcome.code, brief(outcome.out)) for outcome in outcomes] == [
        (1, ["a.sql:2:53: error[folded-attribute]"]),
        (0, []),
        (0, ["legacy/new/c.sql:2:53: info[folded-attribute]"]),
    ]


def test_a_payload_and_the_queries_in_it_are_judged_by_its_path(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", PROJECT)
    write("p.json", '{"sql_query": "SELECT a.plan FROM x.y.a"}')

    code, out, err = run("check", "p.json", "--select", "folded-attribute", "--format", "concise")

    assert (code, brief(out), err) == (0, ["p.json:1:25: info[folded-attribute]"], "")


def test_a_name_that_is_no_rule_is_an_error_at_its_line(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", "overrides:\n  - paths: [a.sql]\n    rules: {folded-atribute: off}\n")

    assert run("check", "--format", "concise") == (
        1,
        "sqlcheck.yaml:3:13: error[unknown-field] there is no rule `folded-atribute`\n",
        "",
    )
