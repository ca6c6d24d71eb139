"""`sqlcheck emit`: payloads, only while no error stands."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.commands.conftest import CLEAN, Run, Write

PROJECT = """\
workspace_id: 5328
connection:
  id: crm-connection
  account: gd1234
  region: us-central1.gcp
  warehouse: COMPUTE_WH
  database: MP
  role: MP_ROLE
  user: MP_USER
  password: ${SNOWFLAKE_PASSWORD}
models:
  - id: churn-model
    name: Churn model
    query: churn.sql
    load_timestamp: {field: UPDATED_AT, type: timestamp_ntz, time_zone: UTC}
  - id: plan-model
    query: plan.sql
    load_timestamp: {field: UPDATED_AT, type: timestamp_tz}
pipelines:
  - {id: churn-pipeline, model: churn-model, interval: daily, environment: development, feed_key: "${FEED_KEY}"}
"""
QUERY = 'SELECT u.updated_at, u.id AS customer_id, u.plan AS "plän"\r\nFROM MP.CRM.USERS u -- “all”\r\n'


def payload(identifier: str, name: str, kind: str, zone: str | None, query: str = QUERY) -> dict[str, object]:
    """Give the body of a data model."""
    return {
        "id": identifier,
        "name": name,
        "workspace_id": 5328,
        "type": "sql",
        "sql_query": query,
        "load_timestamp_field_type": kind,
        "load_timestamp_field_name": "UPDATED_AT",
        "load_timestamp_field_time_zone": zone,
        "load_timestamp_field_time_offset": 0,
    }


@pytest.fixture(autouse=True)
def project(write: Write) -> None:
    """Lay out a project with two models."""
    write("sqlcheck.yaml", PROJECT)
    write("churn.sql", QUERY)
    write("plan.sql", QUERY)


def test_a_model_is_printed_with_the_authors_bytes_in_it(run: Run) -> None:
    code, out, err = run("emit", "--model", "churn-model")

    assert (code, list(json.loads(out).items()), err) == (
        0,
        list(payload("churn-model", "Churn model", "timestamp_ntz", "UTC").items()),
        "",
    )


def test_several_models_go_into_a_folder_and_the_same_bytes_every_time(run: Run, folder: Path) -> None:
    outcomes = [run("emit", "--out", "out/"), run("emit", "--out", "out")]
    files = {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}
    run("emit", "--out", "out")

    assert outcomes == [(0, "", "wrote out/churn-model.json\nwrote out/plan-model.json\n")] * 2
    assert {name: json.loads(data) for name, data in files.items()} == {
        "churn-model.json": payload("churn-model", "Churn model", "timestamp_ntz", "UTC"),
        "plan-model.json": payload("plan-model", "plan-model", "timestamp_tz", None),
    }
    assert {path.name: path.read_bytes() for path in (folder / "out").iterdir()} == files


def test_several_models_need_a_folder(run: Run) -> None:
    assert run("emit", "--out", "one.json") == (
        2,
        "",
        "error: there are 2 payloads (churn-model, plan-model); choose with --model ID, or give a folder: --out DIR/\n",
    )


def test_nothing_is_written_while_an_error_stands(run: Run, write: Write, folder: Path) -> None:
    write("plan.sql", QUERY.replace("u.plan", "z.plan"))

    code, out, err = run("emit", "--out", "out/")

    assert (code, out, err.splitlines()[0], (folder / "out").exists()) == (
        1,
        "",
        "error[unknown-alias]: nothing in FROM is called `z`",
        False,
    )


def test_a_query_of_no_project_gets_what_the_options_and_its_comment_say(run: Run, write: Write) -> None:
    write("other/my query.sql", CLEAN)
    write("other/sqlcheck.yaml", "models: []\n")

    draft = run("emit", "other/my query.sql")
    full = run("emit", "other/my query.sql", "--id", "my-model", "--workspace-id", "5328", "--type", "timestamp_tz")

    body = payload("my-query", "my-query", "timestamp_ntz", "UTC", CLEAN)
    del body["workspace_id"]
    assert (draft.code, json.loads(draft.out), draft.err) == (
        0,
        body,
        "warning: not set, and so left out of the payload of other/my query.sql: workspace_id\n",
    )
    assert (json.loads(full.out), full.err) == (payload("my-model", "my-model", "timestamp_tz", "UTC", CLEAN), "")


def test_a_stale_payload_is_told(run: Run, write: Write) -> None:
    run("emit", "--out", "out/")
    fresh = run("emit", "--out", "out/", "--check")
    write("plan.sql", QUERY + "\n")
    stale = run("emit", "--out", "out/", "--check")
    absent = run("emit", "--model", "plan-model", "--out", "nowhere.json", "--check")

    assert (fresh.code, fresh.out) == (0, "no problems in 2 files\n")
    assert (stale.code, stale.out.splitlines()[:2], stale.out.splitlines()[-1]) == (
        1,
        [
            "error[stale-payload]: the payload is not what would be emitted now, from here on",
            " --> out/plan-model.json:6:3",
        ],
        "1 error in 2 files",
    )
    assert (absent.code, absent.out.splitlines()[1]) == (1, " --> nowhere.json:1:1")


def test_a_comparison_wants_to_know_with_what(run: Run) -> None:
    assert run("emit", "--model", "plan-model", "--check") == (
        2,
        "",
        "error: --check compares with a payload on disk: say with --out where it is\n",
    )


def test_the_connection_takes_its_secret_from_the_environment_into_a_private_file(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unset = run("emit", "--resource", "connection", "--out", "connection.json")
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "hunter2")
    outcome = run("emit", "--resource", "connection", "--out", "connection.json")

    path = folder / "connection.json"
    assert unset == (2, "", "error: sqlcheck.yaml:10: the environment variable `SNOWFLAKE_PASSWORD` is not set\n")
    assert (outcome, stat.S_IMODE(path.stat().st_mode), json.loads(path.read_text())["password"]) == (
        (0, "", "wrote connection.json\n"),
        0o600,
        "hunter2",
    )


def test_a_stale_connection_is_told_without_its_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "hunter2")
    run("emit", "--resource", "connection", "--out", "connection.json")
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "hunter3")

    code, out, _ = run("emit", "--resource", "connection", "--out", "connection.json", "--check")

    assert (code, "hunter" in out, out.splitlines()[3]) == (1, False, '12 |   "password": *********,')


def test_a_pipeline_names_its_model_and_connection(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_KEY", "us1-1234567")

    assert json.loads(run("emit", "--resource", "pipeline", "--model", "churn-model").out) == {
        "id": "churn-pipeline",
        "name": "churn-pipeline",
        "workspace_id": 5328,
        "is_active": True,
        "is_draft": False,
        "connection_id": "crm-connection",
        "data_model_id": "churn-model",
        "partner_feed_key": "us1-1234567",
        "schedule_interval": "daily",
        "environment": "development",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--api", "v2", "--model", "churn-model"],
            "the vendor does not document the bodies of the API's version v2 well enough; use `experimental` or `v1`",
        ),
        (["--id", "x"], "--id and --name are for one query; choose a model with --model"),
        (["--resource", "pipeline", "--model", "plan-model"], "there is no pipeline to emit here"),
        (["nowhere.sql"], "nowhere.sql: no such file or directory"),
    ],
)
def test_what_cannot_be_emitted_is_said_in_one_line(run: Run, arguments: list[str], said: str) -> None:
    assert run("emit", *arguments) == (2, "", f"error: {said}\n")
