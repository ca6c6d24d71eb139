"""`sqlcheck diff` against revisions: what it shows for summaries, and where it begins to compare."""

from __future__ import annotations

import subprocess

import pytest

from tests.commands.conftest import CLEAN, Run, Write
from tests.formats.readers import read_markdown

TIER = CLEAN.replace('"plan"', '"tier"')


def git(*arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def branch(write: Write) -> None:
    """Be on a branch that has left main, which has gained a query since."""
    write("a.sql", CLEAN)
    git("init", "--initial-branch", "main")
    git("add", "a.sql")
    git("commit", "--message", "First")
    git("branch", "change")
    write("b.sql", CLEAN)
    git("add", "b.sql")
    git("commit", "--message", "Second")
    git("switch", "change")


def test_markdown_has_the_sum_and_a_table_for_each_query(branch: None, run: Run, write: Write) -> None:
    write("a.sql", TIER)

    code, out, err = run("diff", "--against", "change", "a.sql", "--format", "markdown")

    assert (code, out, err) == (
        1,
        (
            "**sqlcheck diff**: 1 change in 1 of 1 query: 1 renamed\n\n### a.sql, since change\n\n"
            "| change | what | name | meaning |\n| --- | --- | --- | --- |\n"
            "| renamed | attribute | plan → tier | a new attribute: `plan` stays on profiles with its last value |\n"
        ),
        "",
    )
    assert [["renamed", "attribute", "plan → tier"]] == [row[:3] for row in read_markdown(out)]


def test_markdown_says_that_nothing_changes(branch: None, run: Run) -> None:
    assert (0, "**sqlcheck diff**: nothing changes for profiles\n", "") == run(
        "diff", "--against", "change", "a.sql", "--format", "markdown"
    )


def test_names_in_markdown_mean_themselves(branch: None, run: Run, write: Write) -> None:
    write("a.sql", CLEAN.replace('"plan"', '"a|_b_"'))

    _, out, _ = run("diff", "--against", "change", "a.sql", "--format", "markdown")

    assert ["plan → a|_b_"] == [row[2] for row in read_markdown(out)]


def test_what_the_revision_has_gained_since_is_left_out_from_the_merge_base_on(
    branch: None, run: Run, write: Write
) -> None:
    write("a.sql", TIER)

    whole = run("diff", "--against", "main", ".").out
    since = run("diff", "--against", "main", "--merge-base", ".").out

    assert ["a.sql, since main", "b.sql, gone since main"] == [line for line in whole.splitlines() if "since" in line]
    assert ["a.sql, since main"] == [line for line in since.splitlines() if "since" in line]


def test_revisions_without_a_common_commit_have_no_merge_base(branch: None, run: Run) -> None:
    git("switch", "--orphan", "other")
    git("commit", "--allow-empty", "--message", "Third")
    git("checkout", "main", "--", "a.sql")

    problem = "`main` and the current revision have no commit in common"
    advice = "a shallow clone has to fetch their history first"
    assert (2, "", f"error: {problem}; {advice}\n") == run("diff", "--against", "main", "--merge-base", "a.sql")


def test_a_merge_base_wants_a_revision(run: Run) -> None:
    code, out, err = run("diff", "old.sql", "new.sql", "--merge-base")

    assert (2, "", "Error: --merge-base goes with --against") == (code, out, err.splitlines()[-1])
