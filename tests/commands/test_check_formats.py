"""The formats of `sqlcheck check`: whole reports in the fixtures, and stdout that carries nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sqlcheck import __version__, formats
from tests.commands.conftest import CLEAN, Run, Write
from tests.formats.readers import READERS, read_github, read_gitlab, read_markdown, read_sarif

REPORTS = Path(__file__).parents[1] / "fixtures/reports"
QUERY = "queries/chürn, 100% (new).sql"
FILES = {
    "sqlcheck.yaml": """\
connection: {id: crm-connection, account: gd1234, region: us-central1.gcp, warehouse: COMPUTE_WH, database: MP,
             role: MP_ROLE, user: MP_USER, password: hunter2}
models:
  - id: churn-model
    query: queries/chürn, 100% (new).sql
    load_timestamp: {field: UPDATED_AT, type: timestamp_ntz, time_zone: UTC}
    identities: [customer_id]
""",
    QUERY: """\
SELECT u.updated_at, u.id AS customer_id,\r
\t'日本' || u.plan AS plan,\r
\tCASE WHEN u.x = NULL\r
\t     THEN 1 END\r
FROM MP.CRM.USERS u;\r
""",
    "queries/odd.sql": """\
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT u.updated_at, u.id AS customer_id, u.a AS “a|b”
FROM MP.CRM.USERS u
""",
    "queries/clean.sql": CLEAN,
}
SEMICOLON = CLEAN.replace("USERS u\n", "USERS u;\n").replace('"plan"', "plan")
"""A query with a safe and an unsafe fix."""


@pytest.fixture
def project(write: Write) -> None:
    """Write a project with faults of all kinds, names that need escapes, and a clean query."""
    for path, text in FILES.items():
        write(path, text)


def test_every_format_has_a_reader() -> None:
    assert tuple(READERS) == formats.names()


@pytest.mark.parametrize("form", formats.names())
def test_a_report_is_what_it_was(project: None, run: Run, form: str, update: bool) -> None:
    code, out, err = run("check", "sqlcheck.yaml", "queries", "nowhere.sql", "--format", form)

    path = REPORTS / f"report.{form}"
    shown = out.replace(f'"{__version__}"', '"VERSION"')
    if update:
        path.write_bytes(shown.encode())
    assert (code, shown, err) == (2, path.read_bytes().decode(), "error: nowhere.sql: no such file or directory\n")
    READERS[form](out)


@pytest.mark.parametrize(
    "arguments",
    [
        ["q.sql"],
        ["q.sql", "--fix"],
        ["q.sql", "--unsafe-fixes"],
        ["q.sql", "--diff"],
        ["q.sql", "--diff", "--unsafe-fixes"],
        ["q.sql", "nowhere.sql"],
        ["q.sql", "nowhere.sql", "--fix"],
        ["q.sql", "nowhere.sql", "--diff"],
        ["nowhere.sql"],
        ["nowhere.sql", "--fix"],
        ["empty"],
        ["empty", "--diff"],
        ["clean.sql"],
        ["clean.sql", "--diff"],
        ["q.sql", "clean.sql", "--fail-on", "info", "--jobs", "2"],
        ["q.sql", "--select", "trailing-semicolon"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", formats.names())
def test_stdout_carries_the_report_alone(run: Run, write: Write, folder: Path, form: str, arguments: list[str]) -> None:
    write("q.sql", SEMICOLON)
    write("clean.sql", CLEAN)
    (folder / "empty").mkdir()

    printed = run("check", *arguments, "--format", form)
    for name, text in (("q.sql", SEMICOLON), ("clean.sql", CLEAN)):
        write(name, text)
    filed = run("check", *arguments, "--format", form, "--output", "report")

    READERS[form](printed.out)
    assert (printed.code, printed.out) == (filed.code, (folder / "report").read_text(encoding="utf-8"))
    diff = re.search(r"^--- .*?(?=^would fix)", printed.err, re.MULTILINE | re.DOTALL)
    assert filed.out == (diff[0] if diff else "")


def test_a_report_beside_a_diff_sends_the_diff_to_stderr(run: Run, write: Write) -> None:
    write("q.sql", SEMICOLON)

    code, out, err = run("check", "q.sql", "--diff", "--format", "concise", "--select", "trailing-semicolon")

    assert (code, out) == (
        1,
        "q.sql:3:20: error[trailing-semicolon] this `;` ends the query inside mParticle's brackets\n",
    )
    assert err == (
        "--- q.sql\n"
        "+++ q.sql\n"
        "@@ -1,3 +1,3 @@\n"
        " -- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC\n"
        " SELECT u.updated_at, u.id AS customer_id, u.plan AS plan\n"
        "-FROM MP.CRM.USERS u;\n"
        "+FROM MP.CRM.USERS u\n"
        "would fix 1 problem in 1 file\n"
    )


def test_a_fix_in_place_is_reported_in_no_format_s_stdout(run: Run, write: Write) -> None:
    write("q.sql", SEMICOLON)

    assert run("check", "q.sql", "--fix", "--format", "gitlab", "--select", "trailing-semicolon") == (
        0,
        "[]\n",
        "fixed 1 problem in q.sql: trailing-semicolon\n",
    )


def test_one_run_writes_further_reports_beside_the_one_on_stdout(run: Run, write: Write, folder: Path) -> None:
    write("q.sql", SEMICOLON)

    outcome = run("check", "q.sql", "--format", "concise", "--also", "sarif=a.sarif", "--also", "markdown=a=b.md")

    assert outcome == run("check", "q.sql", "--format", "concise")
    assert [run("check", "q.sql", "--format", form).out for form in ("sarif", "markdown")] == [
        (folder / name).read_text(encoding="utf-8") for name in ("a.sarif", "a=b.md")
    ]


@pytest.mark.parametrize("value", ["sarif", "sarif=", "sariv=a.sarif", "=a.sarif"])
def test_a_further_report_wants_its_format_and_its_file(run: Run, value: str) -> None:
    code, out, err = run("check", "q.sql", "--also", value)

    wanted = f"write FORMAT=FILE, with one of {', '.join(formats.names())}"
    assert (2, "", f"Error: Invalid value for '--also': {value}: {wanted}") == (code, out, err.splitlines()[-1])


@pytest.mark.parametrize("option", [("--output", "-"), ("--also", "json=-")])
def test_a_report_is_not_written_to_a_file_that_others_take_for_stdout(
    run: Run, write: Write, folder: Path, option: tuple[str, str]
) -> None:
    write("q.sql", SEMICOLON)
    code, out, err = run("check", "q.sql", *option)

    wanted = f"Error: Invalid value for '{option[0]}': `-` names no file here; --format alone prints to stdout"
    assert (2, "", wanted, False) == (code, out, err.splitlines()[-1], (folder / "-").exists())


def test_a_further_report_beside_a_diff_sends_the_diff_to_stderr(run: Run, write: Write, folder: Path) -> None:
    write("q.sql", SEMICOLON)

    code, out, err = run("check", "q.sql", "--diff", "--also", "concise=a.txt", "--select", "trailing-semicolon")

    assert (1, run("check", "q.sql", "--select", "trailing-semicolon").out) == (code, out)
    assert err == run("check", "q.sql", "--diff", "--format", "text", "--select", "trailing-semicolon").err
    assert run("check", "q.sql", "--format", "concise", "--select", "trailing-semicolon").out == (
        folder / "a.txt"
    ).read_text(encoding="utf-8")


def test_in_a_workflow_of_github_annotations_are_the_default(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.sql", SEMICOLON)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    line = "q.sql:3:20: error[trailing-semicolon] this `;` ends the query inside mParticle's brackets\n"

    default = run("check", "q.sql", "--select", "trailing-semicolon")
    chosen = run("check", "q.sql", "--select", "trailing-semicolon", "--format", "concise")

    assert [default, chosen] == [
        (
            1,
            (
                "::error file=q.sql,line=3,col=20,endLine=3,endColumn=21,title=trailing-semicolon::"
                "q.sql:3:20: this `;` ends the query inside mParticle's brackets; remove it\n"
                "1 error in 1 file; 1 fixable with --fix\n"
            ),
            "",
        ),
        (1, line, ""),
    ]


def test_in_a_workflow_of_github_a_file_gets_text(
    run: Run, write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.sql", CLEAN)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert run("check", "q.sql", "--select", "trailing-semicolon", "--output", "report.txt") == (0, "", "")
    assert (folder / "report.txt").read_text() == "no problems in 1 file\n"


def test_services_get_paths_from_the_root_of_the_repository_and_whole_links(
    run: Run, write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("models/a b.sql", SEMICOLON)
    monkeypatch.chdir(folder / "models")

    def reported(form: str, path: str = "a b.sql") -> str:
        return run("check", path, "--select", "trailing-semicolon", "--format", form).out

    outside = read_sarif(reported("sarif"))
    absolute = read_sarif(reported("sarif", str(folder / "models/a b.sql")))
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "acme/sync",
        "GITHUB_SHA": "c0ffee",
    }.items():
        monkeypatch.setenv(name, value)
    inside = read_sarif(reported("sarif"))
    (annotation,) = read_github(reported("github"))
    on_github = reported("markdown")
    monkeypatch.delenv("GITHUB_ACTIONS")
    for name, value in {
        "GITLAB_CI": "true",
        "CI_PROJECT_DIR": str(folder),
        "CI_PROJECT_URL": "https://gitlab.example/acme/sync",
        "CI_COMMIT_SHA": "c0ffee",
    }.items():
        monkeypatch.setenv(name, value)
    (issue,) = read_gitlab(reported("gitlab"))

    places = [run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] for run in
              (outside, absolute, inside)]  # fmt: skip
    assert [place["uri"] for place in places] == ["a%20b.sql", "a%20b.sql", "models/a%20b.sql"]
    assert [annotation.properties["file"], issue["location"]["path"]] == ["models/a b.sql"] * 2
    assert [
        on_github.count("https://github.com/acme/sync/blob/c0ffee/models/a%20b.sql#L3"),
        read_markdown(on_github),
    ] == [
        1,
        [["3", "error", "this ; ends the query inside mParticle's brackets; remove it", "trailing-semicolon"]],
    ]
    assert "(https://gitlab.example/acme/sync/-/blob/c0ffee/models/a%20b.sql#L3)" in reported("markdown")


def test_a_problem_is_known_again_from_whatever_folder_and_however_its_file_is_named(
    run: Run, write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = str(write("models/q.sql", SEMICOLON))
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_PROJECT_DIR", str(folder))

    def fingerprints(path: str) -> list[str]:
        issues, log = (run("check", path, "--format", form).out for form in ("gitlab", "sarif"))
        return [each["fingerprint"] for each in read_gitlab(issues)] + [
            each["partialFingerprints"]["sqlcheck/v1"] for each in read_sarif(log)["results"]
        ]

    above = fingerprints("models/q.sql")
    monkeypatch.chdir(folder / "models")
    assert above == fingerprints("q.sql") == fingerprints(whole)


def test_a_workspace_behind_a_link_is_the_root_all_the_same(
    run: Run, write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("real/models/q.sql", SEMICOLON)
    (folder / "work").symlink_to("real")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder / "work"))
    monkeypatch.chdir(folder / "work/models")

    for path in ("q.sql", str(folder / "work/models/q.sql")):
        (annotation,) = read_github(run("check", path, "--select", "trailing-semicolon").out)
        assert "models/q.sql" == annotation.properties["file"]
