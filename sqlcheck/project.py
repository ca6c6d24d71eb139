"""`sqlcheck.yaml` → `Project`: models, pipelines and settings, each value with its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from sqlcheck.apis import API_VERSIONS, DEFAULT
from sqlcheck.bodies import CONNECTION_NAMES, PIPELINE_NAMES, bodies, read_pipeline
from sqlcheck.document import Document
from sqlcheck.model import (
    Connection,
    DeclaredAttribute,
    Field,
    LoadTimestamp,
    Model,
    Pipeline,
    Place,
    Severity,
    Value,
)
from sqlcheck.nodes import Node
from sqlcheck.shape import json_schema as schema_of

NAME = "sqlcheck.yaml"
"""The file name by which a project is found."""

ATTRIBUTE_TYPES = ("text", "number", "boolean", "date", "timestamp", "list")
_SEVERITIES = {severity.label: severity for severity in Severity}


@dataclass(frozen=True)
class ProjectModel:
    """A model of the project and the file of its query, as written and as found from where the project file is."""

    model: Model
    query: Value[str] | None = None
    path: str | None = None


@dataclass(frozen=True, eq=False)
class Project:
    """What a project file says, as far as it can be read; the paths in it are relative to its own folder."""

    document: Document
    api: Value[str] | None = None
    workspace_id: Value[int] | None = None
    schema: tuple[Value[str], ...] = ()
    data_plan: Value[str] | None = None
    connection: Connection | None = None
    models: tuple[ProjectModel, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    severities: Dictionary[str, Severity] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Give the path of the project file."""
        return self.document.source.path

    @property
    def api_name(self) -> str:
        """Give the version of the API that applies."""
        return self.api.value if self.api and self.api.value in API_VERSIONS else DEFAULT

    def resolve(self, written: str) -> str:
        """Turn a path of the project file into one from the current folder."""
        return os.path.normpath(os.path.join(os.path.dirname(self.path), written))

    def model_for(self, path: str | os.PathLike[str]) -> tuple[Model, ...]:
        """Give the models whose query is this file: none, one, or several."""
        return self._by_path.get(os.path.abspath(path), ())

    @cached_property
    def _by_path(self) -> dict[str, tuple[Model, ...]]:
        found: dict[str, tuple[Model, ...]] = {}
        for entry in self.models:
            if entry.path is not None:
                path = os.path.abspath(entry.path)
                found[path] = (*found.get(path, ()), entry.model)
        return found


def find_project(start: Path) -> Path | None:
    """Look for `sqlcheck.yaml` in a folder and in those above it."""
    folder = Path(os.path.abspath(start))
    for candidate in (folder, *folder.parents):
        path = candidate / NAME
        if os.path.isfile(path):
            return path
    return None


def read_project(document: Document) -> Project:
    """Build what can be built from a project file; what is wrong in it is left out."""
    root = document.root
    if root is None or root.kind != "object":
        return Project(document)
    reader = _Reader(document)
    project = Project(
        document,
        api=reader.text(root, "api"),
        workspace_id=reader.integer(root, "workspace_id"),
        schema=tuple(reader.texts(root, "schema") or ()),
        data_plan=reader.text(root, "data_plan"),
        connection=reader.connection(root),
        pipelines=tuple(read_pipeline(body) for body in bodies(document) if body.kind == "pipeline"),
        severities=reader.severities(root),
    )
    return replace(project, models=tuple(_models(reader, project)))


def _models(reader: _Reader, project: Project) -> Iterator[ProjectModel]:
    by_model: dict[str, list[Pipeline]] = {}
    for pipeline in project.pipelines:
        if pipeline.model:
            by_model.setdefault(pipeline.model.value, []).append(pipeline)
    common = Model(
        workspace_id=project.workspace_id.value if project.workspace_id else None,
        connection=project.connection,
        api=project.api_name,
    )
    for body in bodies(reader.document):
        if body.kind == "data_model":
            node = body.node
            name = reader.text(node, "name")
            identifier = reader.text(node, "id")
            model = replace(
                common,
                id=identifier.value if identifier else None,
                name=name.value if name else None,
                load_timestamp=reader.load_timestamp(node),
                identities=reader.texts(node, "identities"),
                attributes=reader.attributes(node),
                pipelines=tuple(by_model.get(identifier.value, ())) if identifier else (),
                place=identifier.place if identifier else body.start,
            )
            query = reader.text(node, "query")
            path = project.resolve(query.value) if query and query.value else None
            yield ProjectModel(model, query if path else None, path)


@dataclass(frozen=True)
class _Reader:
    """Take values of the right type out of a document; others are as if they were not there."""

    document: Document

    def place(self, node: Node) -> Place:
        return self.document.place(node)

    def text(self, node: Node, name: str) -> Value[str] | None:
        found = node.get(name)
        return self._value(found) if found else None

    def texts(self, node: Node, name: str) -> tuple[Value[str], ...] | None:
        found = node.get(name)
        if found is None or found.kind not in ("array", "string"):
            return None
        values = (self._value(entry) for entry in (found.elements if found.kind == "array" else (found,)))
        return tuple(value for value in values if value is not None)

    def integer(self, node: Node, name: str) -> Value[int] | None:
        found = node.get(name)
        return Value(found.value, self.place(found)) if found and type(found.value) is int else None

    def connection(self, root: Node) -> Connection | None:
        node = root.get("connection")
        if node is None or node.kind != "object":
            return None
        values = {str(key.value): self._value(value) for key, value in node.items}
        key = root.key("connection")
        return Connection(
            {name: value for name, value in values.items() if value is not None}, self.place(key) if key else None
        )

    def severities(self, root: Node) -> dict[str, Severity]:
        node = root.get("rules")
        return {
            str(key.value): _SEVERITIES[value.text]
            for key, value in (node.items if node else ())
            if value.text in _SEVERITIES
        }

    def load_timestamp(self, model: Node) -> LoadTimestamp:
        node = model.get("load_timestamp")
        if node is None or node.kind != "object":
            return LoadTimestamp()
        return LoadTimestamp(
            self.text(node, "field"),
            self.text(node, "type"),
            self.text(node, "time_zone"),
            self.integer(node, "offset"),
        )

    def attributes(self, model: Node) -> tuple[DeclaredAttribute, ...] | None:
        node = model.get("attributes")
        if node is None or node.kind != "object":
            return None
        return tuple(self._attribute(key, value) for key, value in node.items)

    def _attribute(self, key: Node, node: Node) -> DeclaredAttribute:
        name, place = str(key.value), self.place(key)
        if node.kind == "object":
            return DeclaredAttribute(name, self.text(node, "type"), self.text(node, "from"), place)
        return DeclaredAttribute(name, self._value(node), None, place)

    def _value(self, node: Node) -> Value[str] | None:
        return Value(node.text, self.place(node)) if node.text is not None else None


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
    misnomers=_turned(PIPELINE_NAMES),
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
    misnomers=_turned(CONNECTION_NAMES),
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
        _text("data_plan", "a file with an mParticle data plan"),
        _CONNECTION,
        Field("models", ("array",), description="the data models, one a query", items=_MODEL),
        Field("pipelines", ("array",), description="the schedules that run the models", items=_PIPELINE),
        Field(
            "rules",
            ("object",),
            description="rule → how much it weighs in this project",
            others=_text("", "off, info, warning or error", values=tuple(_SEVERITIES)),
        ),
    ),
)
"""The project file: the one description that the checks and the JSON Schema are made from."""


def json_schema() -> dict[str, object]:
    """Give the JSON Schema of the project file, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": NAME,
        **schema_of(SHAPE),
    }
