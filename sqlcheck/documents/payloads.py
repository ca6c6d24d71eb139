"""Settings → the bodies that the API takes, in the order of its fields; the same input gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping as Dictionary

from sqlcheck.apis.facts import Api
from sqlcheck.documents.document import expand
from sqlcheck.documents.outline import CONNECTION_NAMES
from sqlcheck.errors import SqlcheckError
from sqlcheck.settings import Connection, Model, Pipeline, Value

Payload = dict[str, object]

_NULLABLE = ("load_timestamp_field_time_zone",)


def data_model(api: Api, model: Model, query: str, *, partial: bool = False) -> Payload:
    """Give the body of a data model; the query's text goes in as it is.

    A partial body leaves out what is not settled; otherwise that stops the run.
    """
    timestamp = model.load_timestamp
    title = f"the model `{model.id}`" if model.id else "the model"

    def wanted(value: object, name: str) -> object:
        return value if partial else _wanted(value, title, name)

    values: Payload = {
        "id": wanted(model.id, "id"),
        "name": model.name or model.id,
        "workspace_id": wanted(model.workspace_id, "workspace_id"),
        "type": "sql",
        "sql_query": query,
        "load_timestamp_field_type": wanted(_plain(timestamp.type), "load_timestamp.type"),
        "load_timestamp_field_name": wanted(_plain(timestamp.field), "load_timestamp.field"),
        "load_timestamp_field_time_zone": _plain(timestamp.time_zone),
        "load_timestamp_field_time_offset": timestamp.offset.value if timestamp.offset else 0,
    }
    if partial:
        values = {name: value for name, value in values.items() if value is not None or name in _NULLABLE}
    return _ordered(api, "data_model", values)


def connection(api: Api, settings: Connection, workspace_id: int | None, environment: Dictionary[str, str]) -> Payload:
    """Give the body of a Snowflake connection; `${NAME}` is taken from the environment."""
    title = f"the connection `{settings.get('id')}`"
    filled = {name: expand(value, environment) for name, value in settings.fields.items()}
    values: Payload = {
        "id": _wanted(filled.get("id"), "the connection", "id"),
        "name": filled.get("name") or filled.get("id"),
        "workspace_id": _wanted(workspace_id, title, "workspace_id"),
        "type": "snowflake",
    }
    for name in ("source_account_id", "region", "warehouse", "database", "role", "user", "password"):
        own = CONNECTION_NAMES.get(name, name)
        values[name] = _wanted(filled.get(own), title, own)
    # known only once the storage integration stands; the vendor has replies in which both are null
    for name in ("snowflake_aws_iam_user_arn", "snowflake_aws_external_id"):
        values[name] = filled.get(CONNECTION_NAMES[name])
    return _ordered(api, "connection", values)


def pipeline(
    api: Api,
    settings: Pipeline,
    connection_id: str | None,
    workspace_id: int | None,
    environment: Dictionary[str, str],
) -> Payload:
    """Give the body of a pipeline; `connection_id` is for one that names none itself."""
    title = f"the pipeline `{settings.id.value}`"

    def filled(value: Value[str] | None) -> str | None:
        return expand(value, environment) if value else None

    values: Payload = {
        "id": _wanted(filled(settings.id), "the pipeline", "id"),
        "name": filled(settings.name) or filled(settings.id),
        "workspace_id": _wanted(workspace_id, title, "workspace_id"),
        "is_active": settings.active.value if settings.active else True,
        "is_draft": settings.draft.value if settings.draft else False,
        "connection_id": _wanted(filled(settings.connection) or connection_id, title, "connection"),
        "data_model_id": _wanted(filled(settings.model), title, "model"),
        "schedule_interval": _wanted(filled(settings.interval), title, "interval"),
    }
    optional = {
        "partner_feed_id": settings.feed_id.value if settings.feed_id else None,
        "partner_feed_key": filled(settings.feed_key),
        "schedule_start_time": filled(settings.start),
        "schedule_end_time": filled(settings.end),
        "environment": filled(settings.environment),
    }
    values.update({name: value for name, value in optional.items() if value is not None})
    return _ordered(api, "pipeline", values)


def render(payload: object) -> str:
    """Write a body as text: JSON indented by two blanks, with a final line break."""
    return json.dumps(payload, ensure_ascii=False, indent=2) + "\n"


def _ordered(api: Api, kind: str, values: Payload) -> Payload:
    resource = api.resources.get(kind)
    if resource is None:
        known = "use `experimental` or `v1`"
        raise SqlcheckError(
            f"the vendor does not document the bodies of the API's version {api.name} well enough; {known}"
        )
    return {field.name: values[field.name] for field in resource.fields if field.name in values}


def _plain(value: Value[str] | None) -> str | None:
    return value.value if value else None


def _wanted(value: object, title: str, name: str) -> object:
    if value is None or value == "":
        raise SqlcheckError(f"{title} cannot be emitted without `{name}`")
    return value
