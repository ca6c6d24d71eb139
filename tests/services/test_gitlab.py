"""The job that the README shows for GitLab, run line by line as its runner would."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.formats.readers import read_gitlab
from tests.services.scratch import ADDRESS, MISSPELT, TAG, Ran, Scratch, snippet

JOB = snippet(".gitlab-ci.yml")["sqlcheck"]


def run(repository: Scratch, environment: Path) -> Ran:
    """Run the lines of the job's script until one fails, with the Python of an environment."""
    path = f"{environment / 'bin'}{os.pathsep}{repository.env['PATH']}"
    variables = {"GITLAB_CI": "true", "CI_PROJECT_DIR": str(repository.folder), "PATH": path}
    return repository.run("bash", "-eo", "pipefail", "-c", "\n".join(JOB["script"]), **variables)


def test_the_readme_installs_this_release() -> None:
    assert f"pip install git+{ADDRESS}@{TAG}" == JOB["script"][0]


@pytest.mark.slow
def test_the_job_fails_by_a_fault_and_leaves_its_report_for_the_merge_request(scratch: Scratch, tmp_path: Path) -> None:
    scratch.run(sys.executable, "-m", "venv", str(tmp_path / "python"))
    report = scratch.folder / JOB["artifacts"]["reports"]["codequality"]

    clean = run(scratch, tmp_path / "python"), read_gitlab(report.read_text(encoding="utf-8"))
    scratch.write(MISSPELT)
    faulty = run(scratch, tmp_path / "python"), read_gitlab(report.read_text(encoding="utf-8"))

    assert (0, []) == (clean[0].code, clean[1])
    assert (1, [("unknown-column", "queries/plans.sql")]) == (
        faulty[0].code,
        [(issue["check_name"], issue["location"]["path"]) for issue in faulty[1]],
    )
    assert faulty[0].out.endswith(scratch.sqlcheck("check").out)
    assert JOB["artifacts"]["when"] == "always"
