"""The hooks, as pre-commit runs them on commits of somebody else's repository."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml
from click import Command, Context, Group

from sqlcheck.commands import main
from tests.services.scratch import (
    ADDRESS,
    ENDED,
    FILES,
    MISSPELT,
    QUERY,
    RENAMED,
    ROOT,
    TAG,
    Ran,
    Scratch,
    environment,
    snippet,
    written,
)

CONFIG = ".pre-commit-config.yaml"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
RESULT = re.compile(r"^(.+?)\.{3,}(?:\(no files to check\))?(Passed|Failed|Skipped)\n", re.MULTILINE)
PASSED = ("Passed", "")
SKIPPED = ("Skipped", "")


def results(ran: Ran) -> dict[str, tuple[str, str]]:
    """Give what pre-commit tells of each hook: how it went, and what it printed."""
    _, *parts = RESULT.split(ran.out + ran.err)
    ids = {hook["name"]: name for name, hook in HOOKS.items()}
    told = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return {ids[name]: (went, body.strip("\n")) for name, went, body in told}


def failed(hook: str, code: int, report: str) -> tuple[str, str]:
    """Give what pre-commit tells of a hook that fails with a report."""
    return "Failed", f"- hook id: {hook}\n- exit code: {code}\n\n{report}".strip("\n")


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the folder in which pre-commit keeps the hooks that it has installed."""
    return str(tmp_path_factory.mktemp("pre-commit"))


@pytest.fixture
def repository(checkout: Path, hooks: str, scratch: Scratch) -> Scratch:
    """Give a repository that is set up as the README says, with a payload that is as it should be."""
    assert scratch.sqlcheck("emit", "--out", "payloads/").code == 0
    scratch.commit({CONFIG: written(CONFIG)})
    repository = Scratch(scratch.folder, {**environment(checkout), "PRE_COMMIT_HOME": hooks})
    assert repository.run(sys.executable, "-m", "pre_commit", "install").code == 0
    return repository


def test_the_readme_names_this_release_and_hooks_that_there_are() -> None:
    (source,) = snippet(CONFIG)["repos"]
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("### With pre-commit\n")[2]

    assert (ADDRESS, TAG) == (source["repo"], source["rev"])
    assert {"sqlcheck", "sqlcheck-payloads"} == {hook["id"] for hook in source["hooks"]} <= HOOKS.keys()
    assert list(HOOKS) == re.findall(r"^\| `([\w-]+)` \|", section.partition("\n### ")[0], re.MULTILINE)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_runs_a_command_with_options_that_there_are(name: str) -> None:
    program, *arguments = HOOKS[name]["entry"].split()
    command: Command | None = main
    with Context(main) as context:
        while isinstance(command, Group):
            command = command.get_command(context, arguments.pop(0))
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}

    given = {argument for argument in (*arguments, *HOOKS[name].get("args", ())) if argument.startswith("-")}
    assert (program, set()) == ("sqlcheck", given - options)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("queries/plans.sql", True),
        ("PLANS.SQL", True),
        ("sqlcheck.yaml", True),
        ("crm/sqlcheck.yaml", True),
        ("payloads/plans-model.json", True),
        ("crm/payloads/plans-model.json", True),
        ("package.json", False),
        ("mysqlcheck.yaml", False),
        (".github/workflows/sqlcheck.yml", False),
        ("notes.sql.md", False),
    ],
)
def test_the_hooks_take_files_of_a_project_by_their_names(path: str, expected: bool) -> None:
    patterns = {HOOKS[name]["files"] for name in ("sqlcheck", "sqlcheck-fix")}
    assert {expected} == {re.search(pattern, path) is not None for pattern in patterns}


@pytest.mark.slow
def test_a_clean_commit_passes(repository: Scratch) -> None:
    repository.write({"queries/plans.sql": QUERY + "WHERE u.plan <> 'trial'\n"})
    repository.sqlcheck("emit", "--out", "payloads/")

    ran = repository.commit({})

    assert (0, {"sqlcheck": PASSED, "sqlcheck-payloads": PASSED}) == (ran.code, results(ran))


@pytest.mark.slow
def test_a_commit_with_a_fault_is_blocked_with_the_report(repository: Scratch) -> None:
    before = repository.git("rev-parse", "HEAD")

    ran = repository.commit(MISSPELT)

    report = repository.sqlcheck("check", "queries/plans.sql")
    assert (1, {"unknown-column"}) == (report.code, set(re.findall(r"^\w+\[([\w-]+)\]", report.out, re.MULTILINE)))
    assert results(ran)["sqlcheck"] == failed("sqlcheck", 1, report.out)
    assert before == repository.git("rev-parse", "HEAD")


@pytest.mark.slow
def test_a_stale_payload_is_blocked_though_the_query_is_clean(repository: Scratch) -> None:
    ran = repository.commit(RENAMED)

    report = repository.sqlcheck("emit", "--check", "--out", "payloads/")
    assert {
        "sqlcheck": PASSED,
        "sqlcheck-payloads": failed("sqlcheck-payloads", 1, report.out),
    } == results(ran)
    assert (1, True) == (report.code, report.out.startswith("error[stale-payload]: "))


@pytest.mark.slow
def test_a_change_of_the_tables_has_the_queries_of_their_project_checked(repository: Scratch) -> None:
    ran = repository.commit({"schema/crm.sql": FILES["schema/crm.sql"].replace("plan TEXT", "tier TEXT")})

    report = repository.sqlcheck("check")
    assert results(ran)["sqlcheck"] == failed("sqlcheck", 1, report.out)
    assert ["unknown-column"] == re.findall(r"^error\[([\w-]+)\]", report.out, re.MULTILINE)


@pytest.mark.slow
def test_what_is_none_of_its_files_is_left_alone(repository: Scratch) -> None:
    ran = repository.commit({"notes.md": "# Notes\n"})

    assert (0, {"sqlcheck": SKIPPED, "sqlcheck-payloads": SKIPPED}) == (ran.code, results(ran))


@pytest.mark.slow
def test_the_fix_hook_mends_the_file_and_the_next_commit_passes(repository: Scratch) -> None:
    repository.write({CONFIG: written(CONFIG).replace("id: sqlcheck\n", "id: sqlcheck-fix\n")})

    blocked = repository.commit(ENDED)
    mended = (repository.folder / "queries/plans.sql").read_text(encoding="utf-8")
    repository.sqlcheck("emit", "--out", "payloads/")
    passing = repository.commit({})

    went, body = results(blocked)["sqlcheck-fix"]
    assert (1, RENAMED["queries/plans.sql"], "Failed") == (blocked.code, mended, went)
    assert body.splitlines()[1] == "- files were modified by this hook"
    assert "fixed 1 problem in queries/plans.sql: trailing-semicolon" in body.splitlines()
    assert (0, {"sqlcheck-fix": PASSED, "sqlcheck-payloads": PASSED}) == (passing.code, results(passing))


@pytest.mark.slow
def test_the_schema_hook_runs_when_asked_and_on_no_commit(repository: Scratch) -> None:
    config = written(CONFIG) + "      - id: sqlcheck-schema\n"
    query = {"queries/plans.sql": "SELECT u.updated_at, u.id AS customer_id FROM USERS u\n"}
    pre_commit = (sys.executable, "-m", "pre_commit", "run", "--hook-stage")

    committed = repository.commit({CONFIG: config})
    repository.write({**query, "sqlcheck.yaml": FILES["sqlcheck.yaml"].replace("schema: [schema/*.sql]\n", "")})
    repository.git("add", "--all")
    ran = repository.run(*pre_commit, "manual", "sqlcheck-schema")

    warning = "warning: queries/plans.sql: `USERS` is left out; write `database.schema.table`"
    error = "error: the queries read no table with a full name, as `database.schema.table`; nothing to pull"
    assert "sqlcheck-schema" not in results(committed)
    assert {"sqlcheck-schema": failed("sqlcheck-schema", 2, f"{warning}\n{error}")} == results(ran)
