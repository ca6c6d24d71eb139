"""`sqlcheck config`: what applies, and where it was set."""

from __future__ import annotations

import json
from textwrap import dedent

import jsonschema

from tests.commands.conftest import CLEAN, Run, Write

PROJECT = """\
workspace_id: 5328
connection: {id: crm-connection, user: MP_USER, password: hunter2}
models:
  - id: churn-model
    query: queries/churn.sql
    load_timestamp: {field: CHANGED_AT, offset: 60}
    identities: [customer_id, email]
    attributes: {plan: {type: text, from: users.plan}}
pipelines:
  - {id: churn-pipeline, model: churn-model, interval: daily}
rules: {select-star: error}
rows: {MP.CRM.USERS: users.csv}
"""


def test_what_is_set_in_vain_is_told(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", "rules: {folded-atribute: off, row-limit: eror}\nmodels: [{id: a-model, query: q.sql}]\n")
    write("q.sql", f"-- sqlcheck: time_zon=UTC\n{CLEAN}")
    code, out, err = run("config")

    assert (1, True) == (code, out.startswith("sqlcheck.yaml\n"))
    assert ["did you mean `time_zone`?", "did you mean `folded-attribute`?", "did you mean `error`?"] == [
        line.partition("help: ")[2] for line in err.splitlines() if "help: " in line
    ]


def test_every_setting_is_shown_with_its_place(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", PROJECT)
    write("queries/churn.sql", CLEAN)

    assert run("config", "--time-zone", "Asia/Kolkata") == (
        0,
        dedent("""\
        sqlcheck.yaml
        setting              value           set in
        api                  v1              default
        workspace_id         5328            sqlcheck.yaml:1:15
        rows.MP.CRM.USERS    users.csv       sqlcheck.yaml:12:22
        connection.id        crm-connection  sqlcheck.yaml:2:18
        connection.user      MP_USER         sqlcheck.yaml:2:40
        connection.password  ********        sqlcheck.yaml:2:59
        rules.select-star    error           sqlcheck.yaml:11:22

        queries/churn.sql (model churn-model)
        setting            value                 set in
        api                v1                    default
        load_timestamp     UPDATED_AT            queries/churn.sql:1:29
        type               timestamp_ntz         queries/churn.sql:1:45
        time_zone          Asia/Kolkata          command line
        offset             60                    sqlcheck.yaml:6:49
        identities         customer_id           sqlcheck.yaml:7:18
        identities         email                 sqlcheck.yaml:7:31
        attributes.plan    text from users.plan  sqlcheck.yaml:8:18
        rows.MP.CRM.USERS  users.csv             sqlcheck.yaml:12:22
        pipeline           churn-pipeline        sqlcheck.yaml:10:10
        rules.select-star  error                 sqlcheck.yaml:11:22
        """),
        "",
    )


def test_the_rules_in_force_for_a_path_are_shown_with_the_override_that_set_them(run: Run, write: Write) -> None:
    write(
        "sqlcheck.yaml",
        dedent("""\
        baseline: known.json
        rules: {select-star: error, row-limit: info}
        overrides:
          - {paths: [legacy/**, old.sql], rules: {select-star: off}}
          - {paths: legacy/new, rules: {select-star: warning}}
        """),
    )
    write("a.sql", CLEAN.partition("\n")[2])
    write("legacy/b.sql", CLEAN.partition("\n")[2])

    assert run("config", "sqlcheck.yaml", "a.sql", "legacy/b.sql") == (
        0,
        dedent("""\
        sqlcheck.yaml
        setting                                   value       set in
        api                                       v1          default
        baseline                                  known.json  sqlcheck.yaml:1:11
        rules.select-star                         error       sqlcheck.yaml:2:22
        rules.row-limit                           info        sqlcheck.yaml:2:40
        overrides[legacy/**,old.sql].select-star  off         sqlcheck.yaml:4:56
        overrides[legacy/new].select-star         warning     sqlcheck.yaml:5:46

        a.sql
        setting            value  set in
        api                v1     default
        rules.select-star  error  sqlcheck.yaml:2:22
        rules.row-limit    info   sqlcheck.yaml:2:40

        legacy/b.sql
        setting            value  set in
        api                v1     default
        rules.select-star  off    sqlcheck.yaml:4:56
        rules.row-limit    info   sqlcheck.yaml:2:40
        """),
        "",
    )


def test_the_api_version_is_told_from_wherever_it_comes(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", "api: experimental\nmodels:\n  - {id: a-model, query: a.sql}\n")
    write("a.sql", "SELECT 1")
    write("b.sql", "-- sqlcheck: api=v2\nSELECT 1")

    outcomes = [run("config", "a.sql"), run("config", "b.sql"), run("config", "a.sql", "--api", "v1")]

    assert [outcome.out.splitlines()[2].split() for outcome in outcomes] == [
        ["api", "experimental", "sqlcheck.yaml:1:6"],
        ["api", "v2", "b.sql:1:18"],
        ["api", "v1", "command", "line"],
    ]


def test_the_schema_is_a_json_schema(run: Run) -> None:
    code, out, err = run("config", "--schema")

    schema = json.loads(out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (code, schema["title"], err) == (0, "sqlcheck.yaml", "")


def test_without_a_project_there_is_nothing_to_show(run: Run) -> None:
    assert run("config") == (
        2,
        "",
        "error: no `sqlcheck.yaml` here or above; name the files to check, or start with `sqlcheck init`\n",
    )
