"""Bodies as the API takes them: written from settings, recognised in JSON, checked."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sqlcheck import formats
from sqlcheck.apis import API_VERSIONS
from sqlcheck.documents.bodies import bodies, data_models
from sqlcheck.documents.document import read_json, read_yaml
from sqlcheck.documents.payloads import connection, data_model, pipeline, render
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Report, Source, Span
from sqlcheck.options import Options
from sqlcheck.project import Project, read_project
from sqlcheck.public import check
from sqlcheck.settings import Model
from sqlcheck.subject import DocumentSubject

HERE = Path(__file__).parents[1] / "fixtures" / "project"
QUERY = (HERE / "queries" / "churn.sql").read_bytes().decode()
ENVIRONMENT = {"SNOWFLAKE_PASSWORD": 'päss"word', "FEED_KEY": "us1-1", "ENVIRONMENT": "production"}
NOW = datetime(2026, 6, 1, tzinfo=UTC)
V1 = API_VERSIONS["v1"]

DATA_MODEL = {
    "id": "churn-model",
    "name": "Churn model",
    "workspace_id": 5328,
    "type": "sql",
    "sql_query": 'SELECT u.updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u',
    "load_timestamp_field_type": "timestamp_ntz",
    "load_timestamp_field_name": "UPDATED_AT",
    "load_timestamp_field_time_zone": "UTC",
    "load_timestamp_field_time_offset": 0,
}
CONNECTION = {
    "id": "crm-connection",
    "name": "crm-connection",
    "workspace_id": 5328,
    "type": "snowflake",
    "source_account_id": "gd1234",
    "region": "us-central1.gcp",
    "warehouse": "COMPUTE_WH",
    "database": "MP",
    "role": "MP_ROLE",
    "user": "MP_USER",
    "password": 'päss"word',
    "snowflake_aws_iam_user_arn": None,
    "snowflake_aws_external_id": None,
}
PIPELINE = {
    "id": "churn-pipeline",
    "name": "churn-pipeline",
    "workspace_id": 5328,
    "is_active": True,
    "is_draft": False,
    "connection_id": "crm-connection",
    "data_model_id": "churn-model",
    "partner_feed_key": "us1-1",
    "schedule_start_time": "2026-01-01T00:00:00Z",
    "schedule_interval": "daily",
    "environment": "development",
}
AUDIT = {
    "created_on": "2023-02-07T20:36:00",
    "created_by": "d@example.com",
    "last_modified_on": None,
    "last_modified_by": None,
}
LOCATOR = "`SELECT CURRENT_ACCOUNT()` in Snowflake gives it"


@pytest.fixture
def project() -> Project:
    text = (HERE / "sqlcheck.yaml").read_text(encoding="utf-8")
    return read_project(read_yaml(Source("sqlcheck.yaml", text)))


def findings(body: object, api: str | None = None) -> list[tuple[str, str]]:
    """Give rule and message of what the payload rules say of a body."""
    document = read_json(Source("payload.json", body if isinstance(body, str) else render(body)))
    report = DocumentSubject(document, None, Options(now=NOW, api=api)).check()
    return [(each.rule, each.message) for each in report.diagnostics]


@pytest.mark.parametrize("name", ["experimental", "v1"])
def test_a_data_model_is_written_in_the_order_of_the_api(project: Project, name: str) -> None:
    expected = {
        "id": "churn-model",
        "name": "Churn model",
        "workspace_id": 5328,
        "type": "sql",
        "sql_query": QUERY,
        "load_timestamp_field_type": "timestamp_ntz",
        "load_timestamp_field_name": "UPDATED_AT",
        "load_timestamp_field_time_zone": "UTC",
        "load_timestamp_field_time_offset": 0,
    }
    found = data_model(API_VERSIONS[name], project.models[0].model, QUERY)
    assert list(expected.items()) == list(found.items())


def test_what_is_not_set_is_written_as_the_vendor_writes_it(project: Project) -> None:
    found = data_model(V1, project.models[1].model, "SELECT 1")
    chosen = ("name", "load_timestamp_field_time_zone", "load_timestamp_field_time_offset")
    assert ["shadow-model", None, 0] == [found[name] for name in chosen]


def test_a_connection_takes_its_secrets_from_the_environment(project: Project) -> None:
    assert project.connection is not None
    found = connection(V1, project.connection, 5328, ENVIRONMENT)
    assert list(CONNECTION.items()) == list(found.items())


def test_pipelines_are_written_with_their_defaults(project: Project) -> None:
    found = [pipeline(V1, each, "crm-connection", 5328, ENVIRONMENT) for each in project.pipelines]
    assert [list(each.items()) for each in found] == [
        list(PIPELINE.items()),
        [
            ("id", "shadow-pipeline"),
            ("name", "Shadow"),
            ("workspace_id", 5328),
            ("is_active", False),
            ("is_draft", True),
            ("connection_id", "crm-connection"),
            ("data_model_id", "shadow-model"),
            ("partner_feed_id", 2124),
            ("schedule_end_time", "2027-01-01T00:00:00Z"),
            ("schedule_interval", "on_demand"),
            ("environment", "production"),
        ],
    ]


def test_the_query_is_written_byte_for_byte(project: Project) -> None:
    text = render(data_model(V1, project.models[0].model, QUERY))
    assert (QUERY, "\n", True) == (json.loads(text)["sql_query"], text[-1], "naïve “quote”" in text)


def test_the_same_settings_give_the_same_bytes(project: Project) -> None:
    first, second = (render(data_model(V1, project.models[0].model, QUERY)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Model(), "the model cannot be emitted without `id`"),
        (Model(id="a-model"), "the model `a-model` cannot be emitted without `workspace_id`"),
        (Model(id="a-model", workspace_id=1), "the model `a-model` cannot be emitted without `load_timestamp.type`"),
    ],
)
def test_what_cannot_be_made_up_stops_the_emission(model: Model, message: str) -> None:
    with pytest.raises(SqlcheckError) as caught:
        data_model(V1, model, "SELECT 1")
    assert message == str(caught.value)


def test_a_missing_variable_stops_the_emission_at_its_line(project: Project) -> None:
    assert project.connection is not None
    with pytest.raises(SqlcheckError) as caught:
        connection(V1, project.connection, 5328, {})
    assert "sqlcheck.yaml:7: the environment variable `SNOWFLAKE_PASSWORD` is not set" == str(caught.value)


def test_bodies_of_version_2_are_not_written(project: Project) -> None:
    with pytest.raises(SqlcheckError) as caught:
        data_model(API_VERSIONS["v2"], project.models[0].model, QUERY)
    expected = "the vendor does not document the bodies of the API's version v2 well enough; use `experimental` or `v1`"
    assert expected == str(caught.value)


def test_what_is_emitted_is_accepted(project: Project) -> None:
    assert project.connection is not None
    variables = {**ENVIRONMENT, "SNOWFLAKE_PASSWORD": "${P}", "FEED_KEY": "${K}"}
    emitted = [
        data_model(V1, project.models[0].model, QUERY),
        connection(V1, project.connection, 5328, variables),
        *(
            pipeline(V1, each, "crm-connection", 5328, {**ENVIRONMENT, "FEED_KEY": "${K}"})
            for each in project.pipelines
        ),
    ]
    assert [] == [found for body in emitted for found in findings(body)]


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (DATA_MODEL, ["data_model"]),
        ([DATA_MODEL, PIPELINE, CONNECTION], ["data_model", "pipeline", "connection"]),
        ({"items": [DATA_MODEL, DATA_MODEL]}, ["data_model", "data_model"]),
        ({"id": "a", "sql_query": "SELECT 1"}, ["data_model"]),
        ({"type": "bigquery", "id": "bq-connection"}, ["bigquery_connection"]),
        ({"pipeline_run_id": 13325, "status": "trigger_requested"}, []),
        ({"statusCode": 400, "errors": [{"message": "no"}]}, []),
        ({"pipeline_id": "a-pipeline", "workspace_id": 1, "is_active": True, "latest_pipeline_run": {}}, []),
        ({"database": "x", "password": "y", "role": "z", "user": "u"}, []),
        ({"name": "package", "version": "1.0.0", "type": "module"}, []),
        ({"service_provider": "Snowflake", "config": {"account_identifier": "gd1234"}}, []),
        ([1, "a", None, [DATA_MODEL]], []),
        ("7", []),
    ],
)
def test_bodies_are_recognised_by_their_fields(body: object, kinds: list[str]) -> None:
    text = body if isinstance(body, str) else render(body)
    assert kinds == [found.kind for found in bodies(read_json(Source("payload.json", text)))]


def test_the_query_of_a_body_leads_back_into_the_json() -> None:
    text = json.dumps({**DATA_MODEL, "sql_query": 'SELECT "a",\r\n\té, “b” 😀'})
    ((source, model),) = data_models(read_json(Source("payload.json", text)))
    start = source.text.index("“")
    host, span = source.resolve(Span(start, start + 3))
    assert ("churn-model", 5328, r"\u201cb\u201d") == (model.id, model.workspace_id, host.text[slice(*span)])


@pytest.mark.parametrize(
    ("change", "time_zone", "offset"),
    [
        ({}, "UTC", 0),
        ({"load_timestamp_field_time_zone": None, "load_timestamp_field_time_offset": None}, None, None),
        ({"load_timestamp_field_time_zone": 7, "load_timestamp_field_time_offset": "1800"}, None, None),
        ({"load_timestamp_field_time_offset": True}, "UTC", None),
    ],
)
def test_a_body_is_read_into_the_settings_of_its_query(
    change: dict[str, object], time_zone: str | None, offset: int | None
) -> None:
    ((_, model),) = data_models(read_json(Source("payload.json", render({**DATA_MODEL, **change}))))
    stamp = model.load_timestamp
    found = [value and value.value for value in (stamp.field, stamp.type, stamp.time_zone, stamp.offset)]
    assert ["UPDATED_AT", "timestamp_ntz", time_zone, offset] == found


def test_a_pipeline_beside_its_model_is_known_to_the_query() -> None:
    ((_, model),) = data_models(read_json(Source("payload.json", render([DATA_MODEL, PIPELINE]))))
    assert ["daily"] == [each.interval.value for each in model.pipelines if each.interval]


def test_clean_bodies_have_no_findings() -> None:
    secret = {"password": "${PASSWORD}"}
    key = {"partner_feed_key": "${FEED_KEY}"}
    everything = [DATA_MODEL, {**CONNECTION, **secret}, {**PIPELINE, **key}]
    replies = [{**DATA_MODEL, **AUDIT}, {**CONNECTION, "password": "********", **AUDIT}]
    assert ([], []) == (
        findings([*everything, *replies[:0]]),
        [found for reply in replies for found in findings(reply)],
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"workspace_id": "5328"}, [("mistyped-field", "`workspace_id` is text, not a whole number")]),
        ({"workspace_id": None}, [("missing-field", "`workspace_id` of the data model `churn-model` is empty")]),
        ({"type": "SQL"}, [("unknown-value", "`type` is `SQL`")]),
        ({"extra": 1}, [("unknown-field", "the data model `churn-model` has no field `extra`")]),
        ({"extra": 1, **AUDIT}, []),
        (
            {"load_timestamp_field_offset_seconds": 0},
            [("unknown-field", "the data model `churn-model` has no field `load_timestamp_field_offset_seconds`")],
        ),
        ({"id": "churn model"}, [("bad-id", "the id `churn model` has a blank in it")]),
        ({"id": "chürn-model"}, [("bad-id", "the id `chürn-model` has `ü` in it")]),
        ({"id": ""}, [("missing-field", "`id` of the data model is empty")]),
        ({"id": "churn"}, [("unsuffixed-name", "the id `churn` does not say that it is a model")]),
        ({"id": "{{SLUG}}-model"}, [("unfilled-field", "`id` is still the placeholder `{{SLUG}}`")]),
        ({"is_active": True}, []),
    ],
)
def test_faults_of_a_data_model_are_found(change: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert expected == findings({**DATA_MODEL, **change})


@pytest.mark.parametrize(
    ("account", "advice"),
    [
        ("gd1234", None),
        ("KQA98765", None),
        ("acme", None),
        (
            "acme-prod",
            f"this is the name of an account in its organization; {LOCATOR}",
        ),
        ("gd1234.eu-west-1", "write the locator alone, `gd1234`, and `eu-west-1` as the `region`"),
        (
            "https://gd1234.snowflakecomputing.com/console",
            f"it is letters and digits, as `gd1234`; {LOCATOR}",
        ),
        ("gd 1234", f"it is letters and digits, as `gd1234`; {LOCATOR}"),
    ],
)
def test_accounts_are_given_by_their_locator(account: str, advice: str | None) -> None:
    body = render({**CONNECTION, "source_account_id": account, "password": "${P}"})
    found = [(each.rule, each.help) for each in check(body, path="payload.json")]
    assert ([("bad-account", advice)] if advice else []) == found


@pytest.mark.parametrize(
    ("region", "guess"),
    [
        *((region, None) for region in "us-east-1 us-west-2 us-east-2.aws eu-central-2.aws ap-southeast-3.aws".split()),
        *((region, None) for region in "us-gov-west-1.fhplus ap-northeast-4 il-central-1.aws US-EAST-1".split()),
        *((region, None) for region in "us-central1.gcp europe-west12.gcp northamerica-northeast2.gcp".split()),
        *((region, None) for region in "west-europe.azure westeurope.azure eastus2.azure west-us-3.azure".split()),
        *((region, None) for region in "spain-central.azure us-gov-virginia.fhplus.azure ${REGION}".split()),
        *((region, None) for region in "fhplus.us-gov-west-1.aws dod.us-gov-west-1.aws".split()),
        ("us-central1", "us-central1.gcp"),
        ("asia-south1", "asia-south1.gcp"),
        ("west-europe", "west-europe.azure"),
        ("us-est-1", "us-east-1"),
        ("us-east1", "us-east-1"),
        ("us-east-1.gcp", "us-east-1"),
        ("us-central1.aws", "us-central1.gcp"),
        ("AWS_US_EAST_1", "us-east-1"),
        ("PUBLIC.AZURE_WESTEUROPE", "west-europe.azure"),
        ("gcp_us_central1", "us-central1.gcp"),
        ("west-europ.azure", "west-europe.azure"),
        ("us_west_2", "us-west-2"),
    ],
)
def test_regions_are_known_by_their_form(region: str, guess: str | None) -> None:
    body = render({**CONNECTION, "region": region, "password": "${P}"})
    found = [(each.rule, each.help) for each in check(body, path="payload.json")]
    assert ([("bad-region", f"did you mean `{guess}`?")] if guess else []) == found


@pytest.mark.parametrize(
    ("arn", "good"),
    [
        ("arn:aws:iam::123456:user/externalstages/abcdefg", True),
        ("arn:aws:iam::123456789012:user/k7m2-s-v2st0000", True),
        ("arn:aws:iam::123456789012:role/ingest-pipeline-data-external-1-2", False),
        ("arn:aws-us-gov:iam::123456789012:user/x", True),
        ("arn:aws:iam::12345678901a:user/x", False),
        ("arn:aws:iam:us-east-1:123456789012:user/x", False),
        ("arn:aws:iam::123456789012:user/", False),
        ("arn:aws:iam::123456789012:user/x y", False),
        ('"arn:aws:iam::123456789012:user/x"', False),
        ("arn:aws:s3:::bucket", False),
        ("k7m2-s-v2st0000", False),
    ],
)
def test_arns_are_those_of_users(arn: str, good: bool) -> None:
    body = {**CONNECTION, "snowflake_aws_iam_user_arn": arn, "password": "${P}"}
    assert ([] if good else ["bad-arn"]) == [rule for rule, _ in findings(body)]


@pytest.mark.parametrize(
    ("external_id", "good"),
    [
        ("GD1234=2_abcdefg=", True),
        ("GD1234=2_abcdefg==", True),
        ("MYACCOUNT_SFCRole=2_a123456/s0aBCDEfGHIJklmNoPq=", True),
        ("GD1234_SFCRole=41_a+b/c=", True),
        ("GD1234=2_abcdefg", False),
        ("=2_abcdefg=", False),
        ("GD1234", False),
        ("GD1234=2_abc defg=", False),
        ("'GD1234=2_abcdefg='", False),
    ],
)
def test_external_ids_are_those_that_snowflake_makes(external_id: str, good: bool) -> None:
    body = {**CONNECTION, "snowflake_aws_external_id": external_id, "password": "${P}"}
    assert ([] if good else ["bad-external-id"]) == [rule for rule, _ in findings(body)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"schedule_start_time": None, "schedule_end_time": None}, []),
        ({"partner_feed_key": None, "partner_feed_id": 2124}, []),
        ({"partner_feed_key": None}, ["missing-field"]),
        ({"schedule_interval": "Daily"}, ["unknown-value"]),
        ({"schedule_interval": "once"}, ["unsettled-interval"]),
        ({"schedule_start_time": "2026-01-01T00:00:00"}, ["bad-time"]),
        ({"schedule_start_time": "2026-01-01T00:00:00+02:00"}, ["bad-time"]),
        ({"schedule_start_time": "2026-01-01T24:00:00Z"}, ["bad-time"]),
        ({"schedule_start_time": "2026-01-01"}, ["bad-time"]),
        ({"schedule_start_time": "2026-01-01T00:00:00.123Z"}, []),
        ({"schedule_end_time": "2026-01-01T00:00:00Z"}, ["reversed-schedule"]),
        ({"schedule_end_time": "2026-01-01T00:00:01Z"}, []),
        ({"schedule_start_time": "2026-06-01T00:59:59Z"}, []),
        ({"schedule_start_time": "2026-06-01T01:00:00Z"}, ["misleading-start"]),
        ({"schedule_start_time": "2026-06-01T00:00:00Z"}, []),
        ({"schedule_interval": "monthly", "schedule_start_time": "2026-01-29T00:00:00Z"}, ["misleading-start"]),
        ({"schedule_interval": "hourly", "schedule_start_time": "2026-05-25T00:00:00Z"}, []),
        ({"schedule_interval": "hourly", "schedule_start_time": "2026-05-24T23:00:00Z"}, ["exceeded-catch-up"]),
        ({"schedule_start_time": "2025-12-01T00:00:00Z"}, []),
        ({"schedule_start_time": "2025-11-01T00:00:00Z"}, ["exceeded-catch-up"]),
        ({"schedule_start_time": "2025-11-01T00:00:00Z", **AUDIT}, []),
        ({"environment": None}, ["implicit-environment"]),
        ({"environment": "prod"}, ["unknown-value"]),
        ({"is_active": "true"}, ["mistyped-field"]),
        ({"connection_id": "crm connection"}, ["bad-id"]),
    ],
)
def test_schedules_are_checked(change: dict[str, object], expected: list[str]) -> None:
    body = {**PIPELINE, "partner_feed_key": "${FEED_KEY}", **change}
    wanted = {name: value for name, value in body.items() if value is not None}
    assert expected == [rule for rule, _ in findings(wanted)]


def test_version_2_bodies_are_left_alone() -> None:
    assert [] == findings({"id": "a-connection", "state": "active", "service_provider": "Snowflake"}, api="v2")


@pytest.mark.parametrize(
    ("text", "emitted", "shown"),
    [
        ("a\nb\n", "a\nb\n", None),
        ("a\n  b\n", "a\n  c\n", "b"),
        ("a\n", "a\nb\n", ""),
        ("a\nb\n", "a\n", "b"),
        ("a\r\n", "a\n", "a"),
        ("", "a\n", ""),
    ],
)
def test_a_stale_payload_is_shown_from_its_first_other_line(text: str, emitted: str, shown: str | None) -> None:
    document = read_json(Source("payload.json", text))
    report = DocumentSubject(document, emitted=emitted).check()
    found = [text[slice(*each.span)] for each in report.diagnostics if each.rule == "stale-payload"]
    assert ([] if shown is None else [shown]) == found


@pytest.mark.parametrize("form", formats.names())
def test_no_secret_is_printed(tmp_path: Path, form: str) -> None:
    body = {**CONNECTION, "password": "correct horse", "region": "us-est-1"}
    one_line = json.dumps(body)
    found = check(one_line, path=os.fspath(tmp_path / "payload.json"))
    assert (["bad-region", "written-secret"], False) == (
        [each.rule for each in found],
        "correct horse" in formats.load(form)(Report(tuple(found))),
    )


@pytest.mark.parametrize("value", [None, ""])
def test_a_body_without_its_load_timestamp_is_reported_once(value: str | None) -> None:
    found = check(render({**DATA_MODEL, "load_timestamp_field_name": value}), path="payload.json")
    assert ["missing-field"] == [each.rule for each in found if each.rule != "folded-attribute"]
