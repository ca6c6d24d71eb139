"""The nouns of what is configured for a query: the data model of the API, its pipelines, what it declares."""

from __future__ import annotations

import os
from collections.abc import Mapping as Dictionary
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

from sqlcheck.model import Place, Severity

PROJECT = "sqlcheck.yaml"
"""The file name by which a project is found."""

T = TypeVar("T")


class Value(NamedTuple, Generic[T]):
    """A setting's value and where it was set; no place when it came from the command line."""

    value: T
    place: Place | None = None


def resolve(path: Value[str]) -> str:
    """Turn a path, which is relative to the file that it is written in, into one from the current folder."""
    folder = os.path.dirname(path.place.source.path) if path.place else ""
    return os.path.normpath(os.path.join(folder, path.value))


class LoadTimestamp(NamedTuple):
    """The settings of the column by which changed rows are found.

    `offset` is in seconds; a text when a header says something that is no whole number.
    """

    field: Value[str] | None = None
    type: Value[str] | None = None
    time_zone: Value[str] | None = None
    offset: Value[int] | Value[str] | None = None


class DeclaredAttribute(NamedTuple):
    """A user attribute that the model promises: name, type (`text number boolean date timestamp list`), origin.

    `planned` is where a data plan declares it, and is None for the model's own; only a plan has the type
    `string` (a text, or what is sent as one), attributes that need not be there, and lists of values.
    """

    name: str
    type: Value[str] | None = None
    origin: Value[str] | None = None
    place: Place | None = None
    planned: Place | None = None
    required: bool = True
    values: tuple[str | int | float | bool | None, ...] | None = None


class Plan(NamedTuple):
    """What a data plan says about profiles, under the names of Warehouse Sync.

    `closed_attributes` and `closed_identities` are where the plan lets in no others than its own.
    """

    attributes: tuple[DeclaredAttribute, ...] = ()
    identities: tuple[Value[str], ...] = ()
    required_identities: tuple[Value[str], ...] = ()
    closed_attributes: Place | None = None
    closed_identities: Place | None = None


class Pipeline(NamedTuple):
    """A schedule that runs a model over a connection; times are ISO 8601 in UTC."""

    id: Value[str]
    name: Value[str] | None = None
    model: Value[str] | None = None
    connection: Value[str] | None = None
    interval: Value[str] | None = None
    start: Value[str] | None = None
    end: Value[str] | None = None
    environment: Value[str] | None = None
    feed_key: Value[str] | None = None
    feed_id: Value[int] | None = None
    active: Value[bool] | None = None
    draft: Value[bool] | None = None
    place: Place | None = None


class Connection(NamedTuple):
    """The Snowflake connection that the queries run over, by field name of the project file."""

    fields: Dictionary[str, Value[str]] = MappingProxyType({})
    place: Place | None = None

    def get(self, name: str) -> str | None:
        """Give a field's value, or None when it is not set."""
        found = self.fields.get(name)
        return found.value if found else None


class RowsFile(NamedTuple):
    """A file with rows of a table; the table's name as it is written."""

    table: Value[str]
    path: Value[str]


class Model(NamedTuple):
    """What is configured for one query: the data model of the API, as far as it is known.

    `identities` and `attributes` are None where nothing is declared, which differs from an empty list.
    `pipelines` are those of the project that run this model; `connection` is the project's. `data_plan` is
    the path of a data plan, and `plan` what stands in it; `schema` names the files that tell the tables, `rows`
    those with rows of them.
    """

    id: str | None = None
    name: str | None = None
    workspace_id: int | None = None
    load_timestamp: LoadTimestamp = LoadTimestamp()
    identities: tuple[Value[str], ...] | None = None
    attributes: tuple[DeclaredAttribute, ...] | None = None
    pipelines: tuple[Pipeline, ...] = ()
    connection: Connection | None = None
    api: str = "v1"
    place: Place | None = None
    data_plan: Value[str] | None = None
    plan: Plan | None = None
    schema: tuple[Value[str], ...] = ()
    rows: tuple[RowsFile, ...] = ()

    @property
    def declared(self) -> tuple[DeclaredAttribute, ...]:
        """Give the attributes that the model declares, and those of the data plan that it does not."""
        own = self.attributes or ()
        names = {attribute.name for attribute in own}
        planned = self.plan.attributes if self.plan else ()
        return (*own, *(attribute for attribute in planned if attribute.name not in names))


class Settings(NamedTuple):
    """What the user decided about rules: severities by name, the only ones to run, those not to run."""

    severities: tuple[tuple[str, Severity], ...] = ()
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()

    def severity(self, name: str) -> Severity | None:
        """Give the severity that the user set for a rule, or None when the rule's own counts."""
        if name in self.ignore or (self.select is not None and name not in self.select):
            return Severity.OFF
        found = dict(self.severities).get(name)
        return None if found is Severity.OFF and self.select is not None else found
