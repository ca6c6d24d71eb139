"""`sqlcheck init`: a project file to go on from."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from sqlcheck.project import json_schema
from tests.commands.conftest import CLEAN, Run, Write


def test_the_file_names_each_query_with_its_likely_settings(run: Run, write: Write, folder: Path) -> None:
    write("queries/churn.sql", CLEAN)
    write(
        "queries/my orders.sql",
        "SELECT o.created_at::DATE AS created_at, MAX(o.modified_at)::TIMESTAMP_TZ AS modified_at, o.user AS email "
        "FROM MP.SHOP.ORDERS o GROUP BY ALL",
    )
    write("queries/plain.sql", "SELECT u.scanned_ms, u.plan FROM MP.CRM.USERS u")
    write("queries/odd.sql", "SELECT u.plan, 1 AS customerid FROM MP.CRM.USERS u")
    write("queries/torn.sql", "SELECT (")

    outcome = run("init")

    text = (folder / "sqlcheck.yaml").read_text()
    assert outcome == (0, "", "wrote sqlcheck.yaml with 5 models\n")
    assert text[text.index("models:") : text.index("# The Snowflake connection")] == MODELS


MODELS = """\
models:
  - id: churn-model
    name: Churn
    query: queries/churn.sql
    # load_timestamp is set in the query's own comment.
    identities: [customer_id]
    # attributes:  # what the query is to deliver; anything else is reported then
    #   plan: text  # or number, boolean, date, timestamp, list

  - id: my-orders-model
    name: "My orders"
    query: "queries/my orders.sql"
    load_timestamp:  # or one of CREATED_AT
      field: MODIFIED_AT
      type: timestamp_tz
    identities: [email]

  - id: odd-model
    name: Odd
    query: queries/odd.sql
    # load_timestamp:  # no output column looks like it
    #   field: UPDATED_AT
    #   type: timestamp_ntz
    #   time_zone: UTC
    identities: [customerid]

  - id: plain-model
    name: Plain
    query: queries/plain.sql
    load_timestamp:
      field: SCANNED_MS
      type: timestamp_unixtime_ms  # a guess: the query does not show it
    # identities: [customer_id]  # no output column has the name of one

  - id: torn-model
    name: Torn
    query: queries/torn.sql
    # load_timestamp:  # the query cannot be read yet: see `sqlcheck check`
    #   field: UPDATED_AT
    #   type: timestamp_ntz
    #   time_zone: UTC
    # identities: [customer_id]  # the query cannot be read yet: see `sqlcheck check`

"""


def test_the_file_follows_the_schema_and_passes_the_check(run: Run, write: Write, folder: Path) -> None:
    write("no.sql", CLEAN.partition("\n")[2])
    write("a/é b/c.sql", CLEAN)
    write("b/c.sql", CLEAN)
    run("init")

    settings = yaml.safe_load((folder / "sqlcheck.yaml").read_text())
    jsonschema.validate(settings, json_schema())
    assert [model["id"] for model in settings["models"]] == ["no-model", "c-model", "c-model-2"]
    assert run("check", "--format", "concise") == (0, "", "")


def test_the_lines_behind_the_marks_follow_the_schema_as_well(run: Run, write: Write, folder: Path) -> None:
    write("odd.sql", "SELECT u.plan FROM MP.CRM.USERS u")
    run("init")

    text = (folder / "sqlcheck.yaml").read_text()
    settings = yaml.safe_load(re.sub(r"^( *)# (?=\w+:|  )", r"\1", text, flags=re.MULTILINE))
    jsonschema.validate(settings, json_schema())
    assert sorted(settings) == ["api", "connection", "models", "pipelines", "rules", "workspace_id"]


def test_a_folder_without_queries_gets_an_empty_list(run: Run, folder: Path) -> None:
    (folder / "sub").mkdir()

    assert run("init", "sub") == (0, "", f"wrote {Path('sub', 'sqlcheck.yaml')} with 0 models\n")
    assert yaml.safe_load((folder / "sub/sqlcheck.yaml").read_text()) == {"api": "v1", "models": []}


@pytest.mark.parametrize("text", ["", "models: []\n"])
def test_a_file_that_is_there_is_left_as_it_is(run: Run, write: Write, text: str) -> None:
    path = write("sqlcheck.yaml", text)

    assert run("init") == (2, "", "error: sqlcheck.yaml is there already; it is left as it is\n")
    assert path.read_text() == text
