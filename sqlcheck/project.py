"""`sqlcheck.yaml` → `Project`: models, pipelines and settings, each value with its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import NamedTuple

from sqlcheck.apis import API_VERSIONS, DEFAULT
from sqlcheck.documents.bodies import bodies, meant_root, read_pipeline
from sqlcheck.documents.document import Document
from sqlcheck.documents.nodes import Node
from sqlcheck.documents.outline import SEVERITIES, SHAPE
from sqlcheck.documents.shape import json_schema as schema_of
from sqlcheck.model import Place, Severity
from sqlcheck.settings import PROJECT, Connection, DeclaredAttribute, LoadTimestamp, Model, Pipeline, RowsFile, Value


class ProjectModel(NamedTuple):
    """A model of the project and the file of its query, as written and as found from where the project file is."""

    model: Model
    query: Value[str] | None = None
    path: str | None = None


class Override(NamedTuple):
    """What rules weigh in some of a project's files; the paths are patterns from the folder of the project file."""

    paths: tuple[Value[str], ...]
    severities: Dictionary[str, Value[Severity]]

    def fits(self, path: str) -> bool:
        """Tell whether a file is meant, by its path from the folder of the project file."""
        parts = path.split("/")
        return any(
            _fits([part for part in each.value.split("/") if part not in ("", ".")], parts) for each in self.paths
        )


def _fits(pattern: list[str], path: list[str]) -> bool:
    """Compare part by part; `**` stands for any number of folders, and a folder for all that is in it."""
    if not pattern or not path:
        return all(part == "**" for part in pattern)
    if pattern[0] == "**":
        return _fits(pattern[1:], path) or _fits(pattern, path[1:])
    return fnmatchcase(path[0], pattern[0]) and _fits(pattern[1:], path[1:])


@dataclass(frozen=True, eq=False)
class Project:
    """What a project file says, as far as it can be read; the paths in it are relative to its own folder."""

    document: Document
    api: Value[str] | None = None
    workspace_id: Value[int] | None = None
    schema: tuple[Value[str], ...] = ()
    rows: tuple[RowsFile, ...] = ()
    data_plan: Value[str] | None = None
    connection: Connection | None = None
    models: tuple[ProjectModel, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    severities: Dictionary[str, Value[Severity]] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    baseline: Value[str] | None = None

    @property
    def path(self) -> str:
        """Give the path of the project file."""
        return self.document.source.path

    @property
    def api_name(self) -> str:
        """Give the version of the API that applies."""
        return self.api.value if self.api and self.api.value in API_VERSIONS else DEFAULT

    @property
    def common(self) -> Model:
        """Give what the project says about every query, also one that is none of its models."""
        return Model(
            workspace_id=self.workspace_id.value if self.workspace_id else None,
            connection=self.connection,
            api=self.api_name,
            data_plan=self.data_plan,
            schema=self.schema,
            rows=self.rows,
        )

    def resolve(self, written: str) -> str:
        """Turn a path of the project file into one from the current folder."""
        return os.path.normpath(os.path.join(os.path.dirname(self.path), written))

    def severities_for(self, path: str) -> Dictionary[str, Value[Severity]]:
        """Give what the project says of rules for a file; of several overrides the last counts."""
        if not self.overrides:
            return self.severities
        inside = os.path.relpath(os.path.abspath(path), os.path.dirname(os.path.abspath(self.path))).replace(
            os.sep, "/"
        )
        found = dict(self.severities)
        for override in self.overrides:
            if override.fits(inside):
                found.update(override.severities)
        return found

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


def read_project(document: Document) -> Project:
    """Build what can be built from a project file; what is wrong in it is left out."""
    root = meant_root(document)
    if root is None or root.kind != "object":
        return Project(document)
    reader = _Reader(document)
    project = Project(
        document,
        api=reader.text(root, "api"),
        workspace_id=reader.integer(root, "workspace_id"),
        schema=tuple(reader.texts(root, "schema") or ()),
        rows=tuple(reader.rows(root)),
        data_plan=reader.text(root, "data_plan"),
        connection=reader.connection(root),
        pipelines=tuple(read_pipeline(body) for body in bodies(document) if body.kind == "pipeline"),
        severities=reader.severities(root),
        overrides=tuple(reader.overrides(root)),
        baseline=reader.text(root, "baseline"),
    )
    return replace(project, models=tuple(_models(reader, project)))


def _models(reader: _Reader, project: Project) -> Iterator[ProjectModel]:
    by_model: dict[str, list[Pipeline]] = {}
    for pipeline in project.pipelines:
        if pipeline.model:
            by_model.setdefault(pipeline.model.value, []).append(pipeline)
    common = project.common
    for body in bodies(reader.document):
        if body.kind == "data_model":
            node = body.node
            name = reader.text(node, "name")
            identifier = reader.text(node, "id")
            model = common._replace(
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


class _Reader(NamedTuple):
    """Take values of the right type out of a document; most others are as if they were not there."""

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

    def rows(self, root: Node) -> Iterator[RowsFile]:
        node = root.get("rows")
        for key, found in node.items if node else ():
            if path := self._value(found):
                yield RowsFile(Value(str(key.value), self.place(key)), path)

    def connection(self, root: Node) -> Connection | None:
        node = root.get("connection")
        if node is None or node.kind != "object":
            return None
        values = {str(key.value): self._value(value) for key, value in node.items}
        key = root.key("connection")
        return Connection(
            {name: value for name, value in values.items() if value is not None}, self.place(key) if key else None
        )

    def severities(self, holder: Node) -> dict[str, Value[Severity]]:
        node = holder.get("rules")
        return {
            str(key.value): Value(SEVERITIES[value.text], self.place(value))
            for key, value in (node.items if node else ())
            if value.text in SEVERITIES
        }

    def overrides(self, root: Node) -> Iterator[Override]:
        listed = root.get("overrides")
        for node in listed.elements if listed else ():
            if node.kind == "object":
                yield Override(self.texts(node, "paths") or (), self.severities(node))

    def load_timestamp(self, model: Node) -> LoadTimestamp:
        node = model.get("load_timestamp")
        if node is None or node.kind != "object":
            # a name alone is of the wrong type, but it is clear whose
            return LoadTimestamp(self.text(model, "load_timestamp"))
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


def json_schema() -> dict[str, object]:
    """Give the JSON Schema of the project file, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": PROJECT,
        **schema_of(SHAPE),
    }
