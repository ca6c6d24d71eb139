"""The action, run step by step as GitHub's runner would, and what the README says of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.formats.readers import read_github, read_markdown, read_sarif
from tests.services.runner import Job, Runner
from tests.services.scratch import FILES, MISSPELT, QUERY, RENAMED, ROOT, TAG, Scratch, snippet

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^\s+(?:- )?uses: ([\w-]+/[\w./-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
GIVEN = {"actions/setup-python": {"python-path": sys.executable}}
Run = Callable[..., Job]


@pytest.fixture(scope="module")
def run(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Give a function that runs the action as a job; all share what has been installed."""
    temporary = tmp_path_factory.mktemp("runner")

    def running(repository: Scratch, *, base_ref: str = "main", **inputs: str) -> Job:
        named = {name.replace("_", "-"): value for name, value in inputs.items()}
        return Runner(checkout, temporary, GIVEN, {"base_ref": base_ref}).run(repository, named)

    return running


@pytest.fixture
def repository(scratch: Scratch) -> Scratch:
    """Give a pull request's checkout: a branch off main, and where main is at the origin."""
    scratch.git("update-ref", "refs/remotes/origin/main", "main")
    scratch.git("switch", "--quiet", "--create", "change")
    return scratch


def sarif(job: Job) -> list[tuple[str, str]]:
    path = Path(job.outputs["check"]["reports"]) / "sqlcheck.sarif"
    results = read_sarif(path.read_text(encoding="utf-8"))["results"]
    return [(each["ruleId"], each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for each in results]


def test_what_others_made_is_pinned_to_a_commit_with_its_version_beside_it() -> None:
    lines = (ROOT / "action.yml").read_text(encoding="utf-8").splitlines()
    readme = snippet(".github/workflows/sqlcheck.yml")["jobs"]["sqlcheck"]["steps"]
    pinned = [found[1] for found in map(PINNED.match, lines) if found]

    assert ["actions/setup-python", "github/codeql-action/upload-sarif"] == pinned
    assert sum("uses:" in line for line in lines) == len(pinned)
    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", readme[0]["uses"])


def test_the_readme_uses_this_release_and_inputs_and_permissions_that_there_are() -> None:
    workflow = snippet(".github/workflows/sqlcheck.yml")
    (_, step) = workflow["jobs"]["sqlcheck"]["steps"]
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("### In CI\n")[2].partition("\n### ")[0]
    further = section[section.index("Further inputs") : section.index("[action.yml]")]

    assert f"mparticle/sqlcheck@{TAG}" == step["uses"]
    assert {"contents": "read", "security-events": "write"} == workflow["permissions"]
    assert ACTION["inputs"].keys() == step["with"].keys() | set(re.findall(r"`([a-z-]+)`", further))


@pytest.mark.slow
def test_a_clean_repository_passes_with_a_summary_and_no_annotation(run: Run, repository: Scratch) -> None:
    job = run(repository)

    assert (0, []) == (job.code, read_github(job.out))
    assert job.summary.startswith("**sqlcheck**: no problems in 2 files")
    assert job.summary.endswith("\n**sqlcheck diff**: nothing changes for profiles\n")
    assert [] == sarif(job)
    assert ["actions/setup-python"] == [name.partition("@")[0] for name in job.used]


@pytest.mark.slow
def test_a_fault_is_annotated_summed_up_sent_to_code_scanning_and_fails_the_job(run: Run, repository: Scratch) -> None:
    repository.write(MISSPELT)

    job = run(repository, sarif="true")

    (annotation,) = read_github(job.out)
    report, _, changes = job.summary.partition("**sqlcheck diff**")
    assert (1, "error", "queries/plans.sql", "1") == (
        job.code, annotation.name, annotation.properties["file"], annotation.properties["line"]
    )  # fmt: skip
    assert ["unknown-column"] == [row[3] for row in read_markdown(report)]
    assert [("unknown-column", "queries/plans.sql")] == sarif(job)
    assert {"sarif_file": job.outputs["check"]["reports"], "category": "sqlcheck"} == list(job.used.values())[-1]
    assert [["resourced", "attribute", "plan", "MP.CRM.USERS.PLAN → MP.CRM.USERS.PLAM"]] == read_markdown(changes)


@pytest.mark.slow
def test_what_a_pull_request_changes_for_profiles_fails_nothing(run: Run, repository: Scratch) -> None:
    main = repository.git("rev-parse", "main").strip()
    repository.git("switch", "--quiet", "--detach", main)
    repository.commit({"queries/plans.sql": FILES["queries/plans.sql"].replace("u.id", "u.plan")})
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repository.git("switch", "--quiet", "change")
    repository.commit(RENAMED)

    job = run(repository)

    (row,) = read_markdown(job.summary.partition("**sqlcheck diff**")[2])
    assert (0, ["renamed", "attribute", "plan → tier"]) == (job.code, row[:3])


@pytest.mark.slow
def test_inputs_choose_the_paths_the_options_and_what_fails(run: Run, repository: Scratch) -> None:
    repository.write({**MISSPELT, "other/a.sql": "SELECT 1;\n", "other/b.sql": "SELECT 1;\n"})

    chosen = {"paths": "other/a.sql other/b.sql", "args": "--select query", "fail_on": "never", "summary": "false"}
    job = run(repository, **chosen, sarif="true", category="other")

    assert "other" == list(job.used.values())[-1]["category"]
    assert {"other/a.sql", "other/b.sql"} == {each.properties["file"] for each in read_github(job.out)}
    assert (0, "") == (job.code, job.summary)


@pytest.mark.slow
def test_a_report_that_github_would_drop_is_summed_up_in_a_line(run: Run, repository: Scratch) -> None:
    columns = ", ".join(f"u.c{number}" for number in range(6000))
    repository.write({"queries/plans.sql": QUERY.replace("u.plan", f"{columns}, u.plan")})

    job = run(repository, base="")

    report = Path(job.outputs["check"]["reports"]) / "sqlcheck.md"
    assert report.stat().st_size > 2**20
    head, empty, *rest = job.summary.splitlines()
    assert (True, "", ["The report is too large for a summary."]) == (head.startswith("**sqlcheck**: "), empty, rest)


@pytest.mark.slow
def test_on_windows_programs_are_in_another_folder(checkout: Path, repository: Scratch, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\nmkdir -p "$3/Scripts"\ncd "$3/Scripts"\n'
        'printf \'#!/bin/sh\\necho "$0" "$1"\\n\' | tee python > sqlcheck\nchmod +x python sqlcheck\n'
    )
    python.chmod(0o755)
    given = {"actions/setup-python": {"python-path": str(python)}}

    job = Runner(checkout, tmp_path, given, {"base_ref": ""}).run(repository, {})

    programs = tmp_path / "sqlcheck/Scripts"
    assert (0, f"{programs}/python -m\n{programs}/sqlcheck check\n") == (job.code, job.out)


@pytest.mark.slow
def test_a_push_is_compared_with_nothing(run: Run, repository: Scratch) -> None:
    job = run(repository, base_ref="")

    assert (0, False) == (job.code, "sqlcheck diff" in job.summary)


@pytest.mark.slow
def test_a_base_that_was_not_fetched_is_a_warning(run: Run, repository: Scratch) -> None:
    job = run(repository, base="origin/other")

    (annotation,) = read_github(job.out.partition("\n")[2])
    assert (0, "warning", "not all could be compared; see the log") == (job.code, annotation.name, annotation.data)
    *_, last = job.err.splitlines()
    assert "error: git knows no revision `origin/other` here; a shallow clone has to fetch it first" == last


@pytest.mark.slow
def test_a_wrong_option_fails_the_job_and_leaves_no_report(run: Run, repository: Scratch) -> None:
    job = run(repository, args="--no-such-option", sarif="true")

    assert (2, "", "", {}) == (job.code, job.out, job.summary, job.outputs["check"])
    assert ["actions/setup-python"] == [name.partition("@")[0] for name in job.used]
