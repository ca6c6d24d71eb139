"""`sqlcheck check --add-ignore`: comments in files, and what is said about the rest."""

from __future__ import annotations

import pytest

from tests.commands.conftest import CLEAN, Run, Write

FAULTY = CLEAN.replace('"plan"', "plan").replace("USERS u\n", "USERS u;\n")
COMMENT = "-- sqlcheck: ignore"


def test_what_is_found_is_ignored_with_the_reason_and_a_second_run_changes_nothing(run: Run, write: Write) -> None:
    path = write("q.sql", FAULTY.replace("\n", "\r\n"))
    select = ("--select", "folded-attribute,trailing-semicolon")

    first = run("check", "--add-ignore=frozen by contract", "q.sql", *select)
    written = path.read_bytes()
    second = run("check", "--add-ignore", "q.sql", *select)

    assert [first, second] == [
        (0, "no problems in 1 file\n", "ignored 2 problems in q.sql: folded-attribute, trailing-semicolon\n"),
        (0, "no problems in 1 file\n", ""),
    ]
    expected = FAULTY.replace("AS plan", f"AS plan {COMMENT}[folded-attribute] frozen by contract")
    expected = expected.replace("u;", f"u; {COMMENT}[trailing-semicolon] frozen by contract")
    assert (written, path.read_bytes()) == (expected.replace("\n", "\r\n").encode(), written)


def test_the_word_behind_the_option_is_a_path_and_no_reason(run: Run, write: Write) -> None:
    path = write("q.sql", CLEAN.replace("USERS u\n", "USERS u;\n"))

    assert run("check", "--add-ignore", "q.sql")[::2] == (0, "ignored 1 problem in q.sql: trailing-semicolon\n")
    assert path.read_text() == CLEAN.replace("USERS u\n", f"USERS u; {COMMENT}[trailing-semicolon]\n")


def test_what_does_not_stand_in_sql_is_told_once(run: Run, write: Write) -> None:
    write(
        "sqlcheck.yaml",
        (
            "models:\n  - {id: a-model, query: a.sql, identities: [email]}\n"
            "  - {id: b, query: b.sql, identities: [customer_id]}\n"
        ),
    )
    write("a.sql", CLEAN)
    write("b.sql", CLEAN)

    elsewhere = "it does not stand in a SQL file, so that no comment is for it"
    code, out, err = run("check", "--add-ignore", "--format", "concise")

    assert (code, out.splitlines(), err.splitlines()) == (
        1,
        [
            "sqlcheck.yaml:2:46: error[undelivered-identity] the listed identity `email` is not in the output",
            "sqlcheck.yaml:3:10: info[unsuffixed-name] the id `b` does not say that it is a model",
        ],
        [
            f"not ignored: sqlcheck.yaml:3:10: unsuffixed-name: {elsewhere}",
            "ignored 1 problem in a.sql: undeclared-identity",
            f"not ignored: sqlcheck.yaml:2:46: undelivered-identity: {elsewhere}",
        ],
    )


def test_a_diff_shows_the_comments_and_writes_none(run: Run, write: Write) -> None:
    path = write("q.sql", FAULTY)

    code, out, err = run("check", "q.sql", "--add-ignore", "--diff", "--select", "trailing-semicolon")

    assert (code, out.splitlines()[-2:], err, path.read_text()) == (
        1,
        ["-FROM MP.CRM.USERS u;", f"+FROM MP.CRM.USERS u; {COMMENT}[trailing-semicolon]"],
        "would ignore 1 problem in 1 file\n",
        FAULTY,
    )


def test_an_ignored_stdin_goes_to_stdout(run: Run) -> None:
    code, out, _ = run("check", "-", "--add-ignore", "--select", "trailing-semicolon", input=FAULTY)

    assert (code, out) == (0, FAULTY.replace("u;", f"u; {COMMENT}[trailing-semicolon]"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--add-ignore", "--fix"], "--add-ignore is for what is not fixed: run --fix before it"),
        (["--add-ignore=a\nb"], "Invalid value for '--add-ignore': a reason is one line of text"),
        (["--add-ignore", "--baseline-update"], "--baseline-update goes without --diff and --add-ignore"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, write: Write, arguments: list[str], said: str) -> None:
    path = write("q.sql", FAULTY)

    code, out, err = run("check", "q.sql", *arguments)

    assert (code, out, err.splitlines()[-1], path.read_text()) == (2, "", f"Error: {said}", FAULTY)


def test_what_is_in_the_baseline_is_not_ignored(run: Run, write: Write) -> None:
    path = write("q.sql", CLEAN.replace('"plan"', "plan"))
    run("check", "q.sql", "--baseline", "known.json", "--baseline-update")
    write("q.sql", FAULTY)

    run("check", "q.sql", "--baseline", "known.json", "--add-ignore")

    assert path.read_text() == FAULTY.replace("u;", f"u; {COMMENT}[trailing-semicolon]")
