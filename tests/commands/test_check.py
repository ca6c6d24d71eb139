"""`sqlcheck check`: exit codes, streams, fixes."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from tests.commands.conftest import CLEAN, Run, Write

FAULTY = CLEAN.replace("u.plan", "z.plan").replace("USERS u\n", "USERS u;\n")
UNKNOWN = """\
error[unknown-alias]: nothing in FROM is called `z`
 --> {path}:2:43
  |
2 | SELECT u.updated_at, u.id AS customer_id, z.plan AS "plan"
  |                                           ^
  |
  = help: did you mean `u`?
"""
SEMICOLON = """\
error[trailing-semicolon]: this `;` ends the query inside mParticle's brackets
 --> {path}:3:20
  |
3 | FROM MP.CRM.USERS u;
  |                    ^
  |
  = help: remove it
  = fix (safe):
3 - FROM MP.CRM.USERS u;
3 + FROM MP.CRM.USERS u
"""
SCHEMA = "3 rules need a schema: ambiguous-column, unknown-column, unknown-table; 16 rules need rows: --live"
REPORT = f"{UNKNOWN}\n{SEMICOLON}\n2 errors in 1 file; 1 fixable with --fix; {SCHEMA}\n"


def test_a_clean_query_passes(run: Run, write: Write) -> None:
    write("q.sql", CLEAN)

    assert run("check", "q.sql") == (0, f"no problems in 1 file; {SCHEMA}\n", "")


def test_a_faulty_query_is_reported_on_stdout(run: Run, write: Write) -> None:
    write("q.sql", FAULTY)

    assert run("check", "q.sql") == (1, REPORT.format(path="q.sql"), "")


def test_the_concise_format_has_a_line_for_each_problem(run: Run, write: Write) -> None:
    write("q.sql", FAULTY)

    assert run("check", "q.sql", "--format", "concise") == (
        1,
        (
            "q.sql:2:43: error[unknown-alias] nothing in FROM is called `z`\n"
            "q.sql:3:20: error[trailing-semicolon] this `;` ends the query inside mParticle's brackets\n"
        ),
        "",
    )


def test_the_json_format_is_one_object(run: Run, write: Write) -> None:
    write("q.sql", FAULTY)

    code, out, err = run("check", "q.sql", "--format", "json", "--select", "trailing-semicolon")

    assert (code, err) == (1, "")
    assert json.loads(out)["diagnostics"] == [
        {
            "rule": "trailing-semicolon",
            "severity": "error",
            "evidence": "static",
            "file": "q.sql",
            "model": None,
            "line": 3,
            "column": 20,
            "end_line": 3,
            "end_column": 21,
            "message": "this `;` ends the query inside mParticle's brackets",
            "help": "remove it",
            "fix": {
                "safe": True,
                "edits": [{"line": 3, "column": 20, "end_line": 3, "end_column": 21, "text": ""}],
            },
        }
    ]


def test_stdin_is_checked_under_the_name_that_is_given(run: Run) -> None:
    assert run("check", "-", "--stdin-filename", "a/b.sql", input=FAULTY) == (1, REPORT.format(path="a/b.sql"), "")


def test_options_set_what_a_query_leaves_open(run: Run, write: Write) -> None:
    write("q.sql", CLEAN.partition("\n")[2])

    outcomes = [
        run("check", "q.sql", "--format", "concise"),
        run("check", "q.sql", "--format", "concise", "--load-timestamp", "updated_at", "--type", "timestamp_tz"),
        run("check", "q.sql", "--format", "concise", "--load-timestamp", "updated_at", "--identities", "email, mpid"),
    ]

    assert outcomes == [
        (0, "q.sql:1:1: warning[undeclared-load-timestamp] no load timestamp is declared\n", ""),
        (0, "", ""),
        (
            1,
            (
                "q.sql:1:1: error[undelivered-identity] the listed identity `email` is not in the output\n"
                "q.sql:1:1: error[undelivered-identity] the listed identity `mpid` is not in the output\n"
                "q.sql:1:30: error[undeclared-identity] `CUSTOMER_ID` is an identity that the model does not list\n"
            ),
            "",
        ),
    ]


@pytest.mark.parametrize(("threshold", "code"), [("never", 0), ("error", 0), ("warning", 1), ("info", 1)])
def test_the_exit_code_follows_the_threshold(run: Run, write: Write, threshold: str, code: int) -> None:
    write("q.sql", CLEAN.replace("u.plan", "COUNT(*) OVER ()").replace('"plan"', "plan"))

    assert run("check", "q.sql", "--fail-on", threshold, "--format", "concise") == (
        code,
        (
            "q.sql:2:63: warning[folded-attribute] unquoted, `plan` becomes the attribute `PLAN`, "
            "and custom names keep their case\n"
        ),
        "",
    )


def test_what_cannot_be_read_is_named_and_the_rest_is_checked(run: Run, write: Write) -> None:
    write("q.sql", CLEAN)

    assert run("check", "nowhere.sql", "q.sql") == (
        2,
        f"no problems in 1 file; {SCHEMA}\n",
        "error: nowhere.sql: no such file or directory\n",
    )


NO_PROJECT = "no `sqlcheck.yaml` here or above; name the files to check, or start with `sqlcheck init`"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], NO_PROJECT),
        (["--model", "churn"], NO_PROJECT),
        (["-", "--select", "emtpy-query"], "there is no rule or family `emtpy-query`; did you mean `empty-query`?"),
        (["-", "--api", "v3"], "`v3` is not a version of the API; did you mean `v1`?"),
    ],
)
def test_a_run_that_cannot_start_says_why_in_one_line(run: Run, arguments: list[str], said: str) -> None:
    assert run("check", *arguments, input=CLEAN) == (2, "", f"error: {said}\n")


def test_an_unknown_model_is_named_with_the_one_that_was_meant(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", "models:\n  - {id: churn-model, query: q.sql}\n")
    write("q.sql", CLEAN)

    assert run("check", "--model", "churn-modle") == (
        2,
        "",
        "error: there is no model `churn-modle`; did you mean `churn-model`?\n",
    )


def test_only_the_model_that_is_asked_for_is_checked(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", "models:\n  - {id: a-model, query: a.sql}\n  - {id: b-model, query: b.sql}\n")
    write("a.sql", FAULTY)
    write("b.sql", CLEAN)

    assert [
        run("check", "--model", "b-model")[:2],
        run("check", "--model", "b-model", "a.sql", "b.sql")[:2],
    ] == [(0, f"no problems in 2 files; {SCHEMA}\n"), (0, f"no problems in 2 files; {SCHEMA}\n")]


def test_another_project_file_can_be_named(run: Run, write: Write) -> None:
    write("settings/other.yaml", "models:\n  - {id: a-model, query: ../a.sql, identities: [email]}\n")
    write("a.sql", CLEAN)

    assert run("check", "a.sql", "--project", "settings/other.yaml", "--format", "concise") == (
        1,
        (
            "a.sql:2:30: error[undeclared-identity] `CUSTOMER_ID` is an identity that the model does not list\n"
            "settings/other.yaml:2:49: error[undelivered-identity] the listed identity `email` is not in the output\n"
        ),
        "",
    )


def test_fixes_are_written_and_what_remains_is_reported(run: Run, write: Write) -> None:
    path = write("q.sql", FAULTY.replace("\n", "\r\n"))

    outcome = run("check", "q.sql", "--fix")

    assert outcome == (
        1,
        f"{UNKNOWN.format(path='q.sql')}\n1 error in 1 file; {SCHEMA}\n",
        "fixed 1 problem in q.sql: trailing-semicolon\n",
    )
    assert path.read_bytes() == FAULTY.replace(";", "").replace("\n", "\r\n").encode()


def test_unsafe_fixes_are_applied_on_request_only(run: Run, write: Write) -> None:
    path = write("q.sql", CLEAN.replace('"plan"', "plan").replace("USERS u", "USERS u;"))

    assert [run("check", "q.sql", "--fix"), path.read_text()] == [
        (
            0,
            dedent(f"""\
            warning[folded-attribute]: unquoted, `plan` becomes the attribute `PLAN`, and custom names keep their case
             --> q.sql:2:53
              |
            2 | SELECT u.updated_at, u.id AS customer_id, u.plan AS plan
              |                                                     ^^^^
              |
              = help: write `"plan"`, or `PLAN` if that is what you mean
              = fix (unsafe):
            2 - SELECT u.updated_at, u.id AS customer_id, u.plan AS plan
            2 + SELECT u.updated_at, u.id AS customer_id, u.plan AS "plan"

            1 warning in 1 file; 1 fixable with --unsafe-fixes; {SCHEMA}
            """),
            "fixed 1 problem in q.sql: trailing-semicolon\n",
        ),
        CLEAN.replace('"plan"', "plan"),
    ]
    assert [run("check", "q.sql", "--unsafe-fixes"), path.read_text()] == [
        (0, f"no problems in 1 file; {SCHEMA}\n", "fixed 1 problem in q.sql: folded-attribute\n"),
        CLEAN,
    ]


def test_a_diff_shows_what_would_be_fixed_and_changes_nothing(run: Run, write: Write) -> None:
    path = write("q.sql", FAULTY)

    assert run("check", "q.sql", "--diff") == (
        1,
        dedent("""\
        --- q.sql
        +++ q.sql
        @@ -1,3 +1,3 @@
         -- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
         SELECT u.updated_at, u.id AS customer_id, z.plan AS "plan"
        -FROM MP.CRM.USERS u;
        +FROM MP.CRM.USERS u
        """),
        "would fix 1 problem in 1 file\n",
    )
    assert path.read_text() == FAULTY


def test_a_diff_of_nothing_is_empty(run: Run, write: Write) -> None:
    write("q.sql", CLEAN)

    assert run("check", "q.sql", "--diff") == (0, "", "")


def test_a_fixed_stdin_goes_to_stdout_and_the_report_to_stderr(run: Run) -> None:
    text = CLEAN.replace("USERS u\n", "USERS u;\r\n")

    assert run("check", "-", "--fix", input=text) == (
        0,
        text.replace(";", ""),
        f"fixed 1 problem in <stdin>: trailing-semicolon\nno problems in 1 file; {SCHEMA}\n",
    )


def test_a_report_goes_into_a_file(run: Run, write: Write, folder: Path) -> None:
    write("q.sql", FAULTY)

    assert run("check", "q.sql", "--output", "report.txt") == (1, "", "")
    assert (folder / "report.txt").read_text() == REPORT.format(path="q.sql")


def test_colours_come_when_they_are_forced_and_never_into_a_file(
    run: Run, write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.sql", FAULTY)
    monkeypatch.setenv("FORCE_COLOR", "1")

    forced = run("check", "q.sql", "--format", "concise", "--select", "trailing-semicolon")
    run("check", "q.sql", "--output", "report.txt")
    monkeypatch.setenv("NO_COLOR", "1")
    refused = run("check", "q.sql", "--format", "concise", "--select", "trailing-semicolon")

    assert [forced.out, refused.out, (folder / "report.txt").read_text()] == [
        (
            "\x1b[1mq.sql\x1b[0m:3:20: \x1b[1;31merror[trailing-semicolon]\x1b[0m this `;` ends the query inside "
            "mParticle's brackets\n"
        ),
        "q.sql:3:20: error[trailing-semicolon] this `;` ends the query inside mParticle's brackets\n",
        REPORT.format(path="q.sql"),
    ]


def test_a_payload_is_fixed_inside_its_json(run: Run, write: Write) -> None:
    path = write("p.json", '{"sql_query": "SELECT 1 AS “x”;\\n"}')

    run("check", "p.json", "--fix")

    assert path.read_text() == '{"sql_query": "SELECT 1 AS \\"x\\"\\n"}'
