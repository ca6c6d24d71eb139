"""What a project file may hold, and how the API calls the fields of its connections and pipelines."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary

from sqlcheck.apis import API_VERSIONS, DEFAULT
from sqlcheck.apis.facts import Field
from sqlcheck.model import Severity

ATTRIBUTE_TYPES = ("text", "number", "boolean", "date", "timestamp", "list")
SEVERITIES = {severity.label: severity for severity in Severity}

CONNECTION_NAMES = {
    "source_account_id": "account",
    "snowflake_aws_iam_user_arn": "aws_iam_user_arn",
    "snowflake_aws_external_id": "aws_external_id",
}
"""Field of the API → field of the project file, where they differ."""
PIPELINE_NAMES = {
    "connection_id": "connection",
    "data_model_id": "model",
    "partner_feed_key": "feed_key",
    "partner_feed_id": "feed_id",
    "schedule_interval": "interval",
    "schedule_start_time": "start",
    "schedule_end_time": "end",
    "is_active": "active",
    "is_draft": "draft",
}


def _text(name: str, description: str, *, required: bool = False, values: tuple[str, ...] = ()) -> Field:
    return Field(name, ("string",), required=required, values=values, description=description)


def _chosen(name: str, description: str, values: tuple[str, ...], *, required: bool = False) -> Field:
    return Field(name, ("string",), required=required, values=values, description=description, expands=True)


def _turned(names: Dictionary[str, str]) -> dict[str, str]:
    return {api: project for api, project in names.items() if api != project}


_API = API_VERSIONS[DEFAULT]
_LOAD_TIMESTAMP = Field(
    "load_timestamp",
    ("object",),
    description="the column by which changed rows are found",
    fields=(
        _text("field", "the column's name, as the query gives it"),
        _text("type", f"one of {', '.join(_API.timestamp_types)}"),
        _text("time_zone", "IANA name of the time zone that the values are in, as UTC or America/New_York"),
        Field("offset", ("integer",), description="seconds to add to the values when rows are looked for"),
    ),
    misnomers={
        "name": "field",
        "column": "field",
        "timezone": "time_zone",
        "tz": "time_zone",
        "zone": "time_zone",
        "time_offset": "offset",
        "load_timestamp_field_name": "field",
        "load_timestamp_field_type": "type",
        "load_timestamp_field_time_zone": "time_zone",
        "load_timestamp_field_time_offset": "offset",
    },
)
_ATTRIBUTE = Field(
    "",
    ("string", "object", "null"),
    description="the attribute's type, or its type and the column that it comes from",
    fields=(
        _text("type", "the type of the values", values=ATTRIBUTE_TYPES),
        _text("from", "the column that it is made from, as table.column"),
    ),
    values=ATTRIBUTE_TYPES,
)
_MODEL = Field(
    "model",
    ("object",),
    fields=(
        _text("id", "letters, digits, `_` and `-`", required=True),
        _text("name", "a name for people; the id when left out"),
        _text("query", "the file with the query, from the folder of this file", required=True),
        _LOAD_TIMESTAMP,
        Field("identities", ("array",), description="the identity columns", items=Field("", ("string",))),
        Field("attributes", ("object",), description="user attribute → its type", others=_ATTRIBUTE),
    ),
    misnomers={"sql_query": "query", "sql": "query", "file": "query", "path": "query"},
)
_PIPELINE = Field(
    "pipeline",
    ("object",),
    fields=(
        _text("id", "letters, digits, `_` and `-`", required=True),
        _text("name", "a name for people; the id when left out"),
        _text("model", "the id of the model to run", required=True),
        _text("connection", "the id of the connection; the project's when left out"),
        _chosen("interval", "how often it runs", _API.intervals, required=True),
        _text("start", "when the first interval begins, as 2026-01-01T00:00:00Z"),
        _text("end", "when it runs no more, as 2026-01-01T00:00:00Z"),
        _chosen("environment", "where the data goes", _API.environments),
        _text("feed_key", "the key of the input feed, best as ${FEED_KEY}"),
        Field("feed_id", ("integer",), description="the number of the input feed, in place of its key"),
        Field("active", ("boolean",), description="false pauses it; true when left out"),
        Field("draft", ("boolean",), description="true keeps it from running; false when left out"),
    ),
    misnomers={
        **_turned(PIPELINE_NAMES),
        "schedule": "interval",
        "frequency": "interval",
        "start_time": "start",
        "end_time": "end",
        "env": "environment",
    },
)
_CONNECTION = Field(
    "connection",
    ("object",),
    description="the Snowflake connection of all pipelines",
    fields=(
        _text("id", "letters, digits, `_` and `-`", required=True),
        _text("name", "a name for people; the id when left out"),
        _text("account", "Snowflake's account locator, as gd1234", required=True),
        _text("region", "Snowflake's region id, as us-central1.gcp", required=True),
        _text("warehouse", "the warehouse that runs the queries", required=True),
        _text("database", "the database", required=True),
        _text("role", "the role of mParticle's user", required=True),
        _text("user", "the user that mParticle logs in as", required=True),
        _text("password", "the user's password, best as ${SNOWFLAKE_PASSWORD}", required=True),
        _text("aws_iam_user_arn", "STORAGE_AWS_IAM_USER_ARN of DESCRIBE INTEGRATION"),
        _text("aws_external_id", "STORAGE_AWS_EXTERNAL_ID of DESCRIBE INTEGRATION"),
    ),
    misnomers={
        **_turned(CONNECTION_NAMES),
        "account_id": "account",
        "account_identifier": "account",
        "locator": "account",
        "username": "user",
        "db": "database",
    },
)
_RULES = Field(
    "rules",
    ("object",),
    description="rule → how much it weighs in this project",
    others=_text("", "off, info, warning or error", values=tuple(SEVERITIES)),
)
_OVERRIDE = Field(
    "rule override",
    ("object",),
    fields=(
        Field(
            "paths",
            ("array", "string"),
            required=True,
            description="the files, from the folder of this file: `legacy/**`, `*_old.sql`; a folder is all in it",
            items=Field("", ("string",)),
        ),
        _RULES._replace(required=True, description="rule → how much it weighs in these files"),
    ),
    misnomers={"path": "paths", "files": "paths", "glob": "paths"},
)
SHAPE = Field(
    "",
    ("object",),
    description="a project of sqlcheck: queries for mParticle Warehouse Sync",
    fields=(
        _text("api", f"the version of the Warehouse Sync API; {DEFAULT} when left out", values=tuple(API_VERSIONS)),
        Field("workspace_id", ("integer",), description="the number of the mParticle workspace"),
        Field(
            "schema",
            ("array", "string"),
            description="files that tell the tables and columns: DDL, a dbt catalog or a snapshot",
            items=Field("", ("string",)),
        ),
        Field(
            "rows",
            ("object",),
            description="table → a CSV, Parquet or JSON file with rows of it, for the embedded warehouse",
            others=_text("", "the file, from the folder of this file"),
        ),
        _text("data_plan", "a file with an mParticle data plan"),
        _CONNECTION,
        Field("models", ("array",), description="the data models, one a query", items=_MODEL),
        Field("pipelines", ("array",), description="the schedules that run the models", items=_PIPELINE),
        _RULES,
        Field(
            "overrides",
            ("array",),
            description="what rules weigh in some of the files; where several fit, the last counts",
            items=_OVERRIDE,
        ),
        _text("baseline", "a file with the findings that do not count, written by `check --baseline-update`"),
    ),
)
"""The project file: the one description that the checks and the JSON Schema are made from."""
