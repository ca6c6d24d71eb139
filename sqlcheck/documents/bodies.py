"""Documents → the resources in them: bodies as the API takes them, and their counterparts in a project file."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from sqlcheck.apis import API_VERSIONS, DEFAULT
from sqlcheck.apis.facts import Api, Field, Resource
from sqlcheck.documents.document import Document
from sqlcheck.documents.nodes import Node
from sqlcheck.documents.outline import CONNECTION_NAMES, PIPELINE_NAMES, SHAPE
from sqlcheck.documents.shape import Fault, Reading, anchor_of, faults, meant
from sqlcheck.model import Place, Source, Span
from sqlcheck.settings import LoadTimestamp, Model, Pipeline, Value

Kind = Literal["connection", "bigquery_connection", "data_model", "pipeline"]

_MARKS: dict[Kind, dict[str, int]] = {
    "data_model": {
        "sql_query": 2,
        "load_timestamp_field_type": 1,
        "load_timestamp_field_name": 1,
        "load_timestamp_field_time_zone": 1,
        "load_timestamp_field_time_offset": 1,
        "load_timestamp_field_tz": 1,
        "load_timestamp_field_offset_seconds": 1,
        "type=sql": 1,
    },
    "pipeline": {
        "data_model_id": 2,
        "connection_id": 1,
        "partner_feed_id": 1,
        "partner_feed_key": 1,
        "schedule_interval": 1,
        "schedule_start_time": 1,
        "schedule_end_time": 1,
    },
    "connection": {
        "source_account_id": 2,
        "snowflake_aws_iam_user_arn": 1,
        "snowflake_aws_external_id": 1,
        "workspace_id": 1,
        "type=snowflake": 1,
    },
    "bigquery_connection": {"service_account_key": 1, "service_account_id": 1, "dataset_id": 1, "type=bigquery": 2},
}
"""What speaks for each kind of body, and how much; 2 are wanted."""
_AUDIT = ("created_on", "created_by", "last_modified_on", "last_modified_by")
_TITLES = {"data_model": "data model", "bigquery_connection": "connection"}


@dataclass(frozen=True, eq=False)
class Body:
    """A connection, data model or pipeline, under the API's names for its fields wherever it was found.

    `node` has its misspelt fields under their right names, `written` as the author has them. `reply` tells that
    the API sent it: then secrets are masked, and its schedule has already begun.
    """

    kind: Kind
    node: Node
    source: Source
    anchor: Span
    names: Dictionary[str, str] = field(default_factory=dict)
    reply: bool = False
    written: Node | None = None

    @property
    def title(self) -> str:
        """Name the resource for a message."""
        noun = _TITLES.get(self.kind, self.kind)
        name = self.node.get("id")
        return f"the {noun} `{name.text}`" if name and name.text else f"the {noun}"

    def called(self, name: str) -> str:
        """Give the name that a field of the API has in this document."""
        return self.names.get(name, name)

    def get(self, name: str) -> Node | None:
        """Give the node of a field by the API's name; a null counts as not set."""
        node = self.node.get(self.called(name))
        return None if node is None or node.kind == "null" else node

    def settled(self, name: str) -> tuple[Node, str] | None:
        """Give the node and text of a field that the author really filled in."""
        node = self.get(name)
        return (node, node.settled) if node and node.settled is not None else None

    def place(self, node: Node) -> Place:
        """Give the place of one of the body's nodes."""
        return Place(self.source, node.span)

    @property
    def start(self) -> Place:
        """Give the place that stands for the whole body."""
        return Place(self.source, self.anchor)


@lru_cache(maxsize=4)
def bodies(document: Document) -> tuple[Body, ...]:
    """Find the resources of a document; JSON that is no resource of the API gives none."""
    root = meant_root(document)
    if root is None:
        return ()
    if document.language == "yaml":
        return tuple(_of_project(document, root))
    return tuple(_of_payload(document, root))


@lru_cache(maxsize=4)
def meant_root(document: Document) -> Node | None:
    """Give the tree of a document; in a project file, what stands under a misspelt key is read as what is meant."""
    if document.root is None or document.language == "json":
        return document.root
    return meant(document.root, SHAPE)


@lru_cache(maxsize=4)
def document_faults(document: Document, api: Api) -> tuple[Fault, ...]:
    """Compare a project file with its shape, or each body of a payload with the API's."""
    return tuple(_faults(document, api))


def _faults(document: Document, api: Api) -> Iterator[Fault]:
    if document.root is None:
        return
    if document.language == "yaml":
        node = document.root
        yield from faults(node, SHAPE, "the project file", anchor_of(node), Reading(yaml=True))
    for body in bodies(document):
        if body.kind == "pipeline":
            yield from _feed_fault(body)
        resource = api.resources.get(body.kind)
        if resource and document.language == "json":
            node = body.written or body.node
            yield from faults(node, _shape(resource), body.title, body.anchor, Reading(reply=body.reply))


def _feed_fault(body: Body) -> Iterator[Fault]:
    """Report that a pipeline names its input feed neither by key nor by number."""
    key, number = body.get("partner_feed_key"), body.get("partner_feed_id")
    if number is None and (key is None or key.text == ""):
        name = body.called("partner_feed_key")
        message = f"{body.title} has no `{name}`" if key is None else f"`{name}` of {body.title} is empty"
        yield Fault("missing", key.span if key else body.anchor, message, "it is the key of the input feed")


def _shape(resource: Resource) -> Field:
    return Field(resource.kind, ("object",), fields=resource.fields, misnomers=resource.misnomers)


def data_models(document: Document) -> tuple[tuple[Source, Model], ...]:
    """Give the SQL of each data model of a payload, tied to its place in the JSON, and what is configured for it."""
    found = []
    if document.language == "json":
        everything = bodies(document)
        by_model: dict[str, list[Pipeline]] = {}
        for body in everything:
            name = _text(body, "data_model_id") if body.kind == "pipeline" else None
            if name:
                by_model.setdefault(name.value, []).append(read_pipeline(body))
        for body in everything:
            node = body.get("sql_query") if body.kind == "data_model" else None
            if node and node.text:
                found.append((document.embedded(node), _model(body, by_model)))
    return tuple(found)


def _of_project(document: Document, root: Node) -> Iterator[Body]:
    source = document.source
    connection = root.get("connection")
    if connection and connection.kind == "object":
        key = root.key("connection")
        anchor = anchor_of(connection, key.span if key else None)
        yield Body("connection", connection, source, anchor, CONNECTION_NAMES)
    for node in _objects(root, "models"):
        yield Body("data_model", node, source, anchor_of(node))
    for node in _objects(root, "pipelines"):
        yield Body("pipeline", node, source, anchor_of(node), PIPELINE_NAMES)


def _objects(root: Node, name: str) -> Iterator[Node]:
    listed = root.get(name)
    yield from (node for node in (listed.elements if listed else ()) if node.kind == "object")


def _of_payload(document: Document, root: Node) -> Iterator[Body]:
    listed = root.get("items") if root.kind == "object" else root
    nodes = listed.elements if listed and listed.kind == "array" else (root,)
    for node in nodes:
        kind = _kind(node) if node.kind == "object" else None
        if kind:
            reply = any(node.get(name) for name in _AUDIT)
            read = meant(node, _shape(API_VERSIONS[DEFAULT].resources[kind]))
            yield Body(kind, read, document.source, anchor_of(node), {}, reply, node)


def _kind(node: Node) -> Kind | None:
    names = {str(key.value) for key, _ in node.items}
    kind = node.get("type")
    names.add(f"type={kind.text if kind else None}")
    weights = {kind: sum(marks[name] for name in names & marks.keys()) for kind, marks in _MARKS.items()}
    best = max(weights, key=lambda kind: weights[kind])
    return best if weights[best] >= 2 else None


def _model(body: Body, by_model: Dictionary[str, list[Pipeline]]) -> Model:
    identifier = _text(body, "id")
    workspace = body.get("workspace_id")
    return Model(
        id=identifier.value if identifier else None,
        name=name.value if (name := _text(body, "name")) else None,
        workspace_id=workspace.value if workspace and type(workspace.value) is int else None,
        load_timestamp=LoadTimestamp(
            field=_text(body, "load_timestamp_field_name"),
            type=_text(body, "load_timestamp_field_type"),
            time_zone=_text(body, "load_timestamp_field_time_zone"),
            offset=_integer(body, "load_timestamp_field_time_offset"),
        ),
        pipelines=tuple(by_model.get(identifier.value, ())) if identifier else (),
        place=identifier.place if identifier else body.start,
    )


def read_pipeline(body: Body) -> Pipeline:
    """Read a pipeline's settings as far as they are of the right type."""
    return Pipeline(
        id=_text(body, "id") or Value("", body.start),
        name=_text(body, "name"),
        model=_text(body, "data_model_id"),
        connection=_text(body, "connection_id"),
        interval=_text(body, "schedule_interval"),
        start=_text(body, "schedule_start_time"),
        end=_text(body, "schedule_end_time"),
        environment=_text(body, "environment"),
        feed_key=_text(body, "partner_feed_key"),
        feed_id=_integer(body, "partner_feed_id"),
        active=_boolean(body, "is_active"),
        draft=_boolean(body, "is_draft"),
        place=body.start,
    )


def _text(body: Body, name: str) -> Value[str] | None:
    node = body.get(name)
    return Value(node.text, body.place(node)) if node and node.text is not None else None


def _integer(body: Body, name: str) -> Value[int] | None:
    node = body.get(name)
    return Value(node.value, body.place(node)) if node and type(node.value) is int else None


def _boolean(body: Body, name: str) -> Value[bool] | None:
    node = body.get(name)
    return Value(node.value, body.place(node)) if node and isinstance(node.value, bool) else None
