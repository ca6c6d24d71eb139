"""`sqlcheck check` with a baseline: what is known does not count, what is new does, and what is gone is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import CLEAN, Run, Write
from tests.formats.readers import read_gitlab, read_sarif

FOLDED = CLEAN.replace('"plan"', "plan")
PROJECT = "baseline: debt/known.json\nmodels:\n  - {id: churn-model, query: queries/churn.sql}\n"
RULES = ("--select", "folded-attribute,trailing-semicolon,unsuffixed-name,undelivered-identity,stale-baseline")
STALE = (
    "debt/known.json:4:5: warning[stale-baseline] `folded-attribute` no longer finds this in `../queries/churn.sql`\n"
)


@pytest.fixture
def known(write: Write, run: Run) -> Path:
    """Give the baseline of a project with one finding, which is in it."""
    write("sqlcheck.yaml", PROJECT)
    write("queries/churn.sql", FOLDED)
    path = write("debt/known.json", '{"version": 1, "findings": []}')
    assert run("check", "--baseline-update", *RULES) == (
        0,
        "no problems in 2 files; 1 more in the baseline\n",
        "1 finding in debt/known.json: 1 new\n",
    )
    return path


def entries(path: Path) -> list[tuple[str, str, str]]:
    listed: list[dict[str, Any]] = json.loads(path.read_text())["findings"]
    return [(each["file"], each["rule"], each["about"]) for each in listed]


def test_a_baseline_has_a_line_for_each_finding(known: Path) -> None:
    entry = (
        '{"file": "../queries/churn.sql", "rule": "folded-attribute", "about": "PLAN", '
        '"fingerprint": "c5db5fe77dd7ee8ee7ab27097356dbb4"}'
    )
    assert known.read_text() == f'{{\n  "version": 1,\n  "findings": [\n    {entry}\n  ]\n}}\n'


def test_what_is_known_does_not_count_and_what_is_new_does(known: Path, run: Run, write: Write) -> None:
    write("queries/churn.sql", "\n\n" + FOLDED.replace("plan\n", "plan, u.tier\n"))

    assert run("check", "--fail-on", "warning", *RULES, "--format", "concise") == (
        1,
        (
            "queries/churn.sql:4:61: warning[folded-attribute] unquoted, `tier` becomes the attribute `TIER`, "
            "and custom names keep their case\n"
        ),
        "",
    )


def test_without_an_update_the_baseline_is_never_written(known: Path, run: Run, write: Write) -> None:
    before = known.read_bytes()
    write("queries/churn.sql", FOLDED.replace("plan\n", "plan, u.tier\n"))

    run("check", *RULES)
    run("check", "--fix", *RULES)

    assert before == known.read_bytes()


def test_what_is_gone_is_told_until_the_baseline_is_written_anew(known: Path, run: Run, write: Write) -> None:
    write("queries/churn.sql", CLEAN)

    told = run("check", *RULES, "--format", "concise")
    updated = run("check", *RULES, "--format", "concise", "--baseline-update")

    assert [told, updated] == [(0, STALE, ""), (0, "", "0 findings in debt/known.json: 1 gone\n")]
    assert entries(known) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--select", "trailing-semicolon,stale-baseline"],
        ["--ignore", "folded-attribute"],
        ["other.sql"],
    ],
)
def test_an_entry_that_a_run_cannot_judge_is_left_alone(
    known: Path, run: Run, write: Write, arguments: list[str]
) -> None:
    write("queries/churn.sql", CLEAN)
    write("other.sql", CLEAN)

    told = run("check", "--format", "concise", *arguments)
    run("check", "--baseline-update", *arguments)

    assert (told.out, entries(known)) == ("", [("../queries/churn.sql", "folded-attribute", "PLAN")])


def test_an_entry_of_a_model_that_is_not_looked_at_is_left_alone(known: Path, run: Run, write: Write) -> None:
    other = "  - {id: other-model, query: other.sql, identities: [email, customer_id]}\n"
    write("sqlcheck.yaml", PROJECT + other)
    write("other.sql", CLEAN)
    run("check", "--baseline-update", *RULES)
    before = entries(known)

    told = run("check", "--model", "churn-model", "--baseline-update", "--format", "concise", *RULES)

    assert (before, told.out, entries(known)) == (
        [
            ("../queries/churn.sql", "folded-attribute", "PLAN"),
            ("../sqlcheck.yaml", "undelivered-identity", "email"),
        ],
        "",
        before,
    )


def test_a_query_that_cannot_be_read_makes_no_entry_stale(known: Path, run: Run, write: Write) -> None:
    write("queries/churn.sql", FOLDED.replace("AS plan", "AS AS plan"))

    assert [] == [line for line in run("check", "--format", "concise").out.splitlines() if "stale" in line]


def test_an_entry_of_a_file_that_is_gone_is_stale(known: Path, run: Run, write: Write, folder: Path) -> None:
    (folder / "queries/churn.sql").unlink()
    write("other.sql", CLEAN)

    assert run("check", "other.sql", "--format", "concise", *RULES).out == STALE


def test_what_a_query_shows_to_be_wrong_in_the_project_file_is_known_again(
    run: Run, write: Write, folder: Path
) -> None:
    wrong = "models:\n  - {id: churn-model, query: q.sql, identities: [email, customer_id]}\n"
    write("sqlcheck.yaml", wrong)
    write("q.sql", CLEAN)

    outcomes = [run("check", "--baseline", "b.json", *more, *RULES) for more in (["--baseline-update"], [])]
    write("sqlcheck.yaml", wrong.replace("email, ", ""))
    mended = run("check", "--baseline", "b.json", "--format", "concise", *RULES)

    assert [outcome[:2] for outcome in outcomes] == [(0, "no problems in 2 files; 1 more in the baseline\n")] * 2
    assert mended.out == (
        "b.json:4:5: warning[stale-baseline] `undelivered-identity` no longer finds this in `sqlcheck.yaml`\n"
    )


def test_stdin_is_compared_as_the_file_that_it_is_called_after(known: Path, run: Run) -> None:
    outcomes = [
        run("check", "-", "--stdin-filename", path, *RULES, input=FOLDED)
        for path in ("queries/churn.sql", "queries/other.sql")
    ]

    assert [outcome.out.splitlines()[-1] for outcome in outcomes] == [
        "no problems in 1 file; 1 more in the baseline",
        "1 warning in 1 file; 1 fixable with --unsafe-fixes",
    ]


def test_a_baseline_that_is_named_is_looked_for_from_where_the_command_runs(
    known: Path, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "queries")

    outcome = run("check", "churn.sql", "--baseline", "../debt/known.json", *RULES)

    assert outcome == (0, "no problems in 1 file; 1 more in the baseline\n", "")


def test_a_baseline_that_is_given_as_a_path_stands_for_its_project(known: Path, run: Run, write: Write) -> None:
    write("debt/sqlcheck.yaml", "baseline: known.json\nmodels:\n  - {id: churn-model, query: ../queries/churn.sql}\n")

    assert run("check", "debt/known.json", *RULES).out == "no problems in 2 files; 1 more in the baseline\n"


def test_a_baseline_moves_with_its_project(
    known: Path, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "queries")

    assert run("check", *RULES).out == "no problems in 2 files; 1 more in the baseline\n"


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (None, [], "debt/known.json: there is no such baseline; `sqlcheck check --baseline-update` writes it"),
        (b"\xff", [], "debt/known.json: the byte 0xff is not UTF-8"),
        (
            b"{}",
            ["--baseline-update"],
            (
                "debt/known.json:1: this is no baseline: it has no `version`; "
                "mend it, or remove it and run with --baseline-update"
            ),
        ),
    ],
)
def test_a_baseline_that_cannot_be_read_stops_the_run(
    known: Path, run: Run, content: bytes | None, arguments: list[str], said: str
) -> None:
    known.unlink()
    if content is not None:
        known.write_bytes(content)

    assert run("check", *arguments) == (2, "", f"error: {said}\n")


def test_an_update_without_a_baseline_says_where_to_name_it(run: Run, write: Write) -> None:
    write("q.sql", CLEAN)

    assert run("check", "q.sql", "--baseline-update") == (
        2,
        "",
        ("error: say which file is the baseline with --baseline FILE, or with `baseline:` in the project file\n"),
    )


def test_of_several_baselines_each_counts_and_none_is_written(run: Run, write: Write) -> None:
    for name in ("a", "b"):
        write(f"{name}/sqlcheck.yaml", f"baseline: known.json\nmodels:\n  - {{id: {name}-model, query: q.sql}}\n")
        write(f"{name}/q.sql", FOLDED)
        run("check", f"{name}/sqlcheck.yaml", "--baseline-update", *RULES)

    both = ("check", "a/sqlcheck.yaml", "b/sqlcheck.yaml", *RULES)

    assert [run(*both), run(*both, "--baseline-update")] == [
        (0, "no problems in 4 files; 2 more in the baseline\n", ""),
        (
            2,
            "",
            "error: there are several baselines (a/known.json, b/known.json): name one with --baseline FILE\n",
        ),
    ]


def test_sarif_tells_known_from_new_and_gitlab_has_the_new_alone(known: Path, run: Run, write: Write) -> None:
    write("queries/churn.sql", FOLDED.replace("plan\n", "plan, u.tier\n"))

    sarif = read_sarif(run("check", "--format", "sarif", *RULES).out)
    gitlab = read_gitlab(run("check", "--format", "gitlab", *RULES).out)

    states = [(each["baselineState"], [kind["kind"] for kind in each["suppressions"]]) for each in sarif["results"]]
    prints = [each["partialFingerprints"]["sqlcheck/v1"] for each in sarif["results"]]
    assert states == [("unchanged", ["external"]), ("new", [])]
    assert [issue["fingerprint"] for issue in gitlab] == prints[1:]
