"""The shape of what is known of a version of the API: its limits and names, and the bodies that it takes."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlcheck.model import Severity

_NONE: Dictionary[str, Any] = MappingProxyType({})


class IdentityFormat(NamedTuple):
    """The form that the values of an identity have; `pattern` is for the whole value.

    It stands in SQL as well, so that it has no backslash.
    """

    name: str
    pattern: str


class Api(NamedTuple):
    """The facts of one version of the Warehouse Sync API; every field has its source in the module that fills it."""

    name: str
    page: str
    identities: Dictionary[str, str]
    """Reserved column name → `identity` or `device_identity`."""
    aliases: Dictionary[str, str]
    """Reserved column name → the one identity that it stands for, where two names mean one."""
    near_misses: Dictionary[str, str]
    """Names that are identities in other mParticle APIs but not here → the reserved name to use ('' for none)."""
    reserved_attributes: tuple[str, ...]
    timestamp_types: tuple[str, ...]
    foreign_timestamp_types: Dictionary[str, str]
    """Timestamp types of other warehouses → the name to use on Snowflake."""
    intervals: tuple[str, ...]
    unsettled_intervals: tuple[str, ...]
    """Intervals that the vendor documents in one place and omits in another."""
    environments: tuple[str, ...]
    with_severity: Severity
    """How a WITH clause is taken."""
    supported_clauses: frozenset[str]
    """SQL clauses that the vendor lists as supported."""
    refused_statements: frozenset[str]
    max_columns: int | None
    max_attribute_name: int
    max_attribute_value: int
    max_list_entries: int
    max_list_entry: int
    """Characters of one entry of a list."""
    max_pipelines: int
    catch_up_days: Dictionary[str, int]
    """Schedule interval → how far back the first run may start, in days."""
    max_records: Dictionary[str, int]
    """Schedule interval → how many rows it may have by the vendor's own page."""
    relaxed_records: Dictionary[str, int]
    """Schedule interval → how many rows it may have by a later, secondary source."""
    identity_formats: Dictionary[str, IdentityFormat] = _NONE
    """Identity → the form of its values, where there is one."""
    resources: Dictionary[str, Resource] = _NONE
    """`connection`, `data_model`, `pipeline` → the body that the API takes."""

    def __hash__(self) -> int:
        return hash(self.name)


class Field(NamedTuple):
    """A field of an API resource or of the project file."""

    name: str
    types: tuple[str, ...]
    """JSON types: string integer number boolean null object array."""
    required: bool = False
    values: tuple[str, ...] = ()
    read_only: bool = False
    description: str = ""
    expands: bool = False
    """Beside `values`, a `${NAME}` reference to the environment is taken."""
    fields: tuple[Field, ...] = ()
    """Of an object: the keys that it may have."""
    others: Field | None = None
    """Of an object whose keys are the author's own: what each value looks like."""
    items: Field | None = None
    """Of an array: what each element looks like."""
    misnomers: Dictionary[str, str] = _NONE
    """Of an object: names that are often written → the field that is meant."""


class Resource(NamedTuple):
    """The body of one kind of API resource."""

    kind: str
    fields: tuple[Field, ...]
    misnomers: Dictionary[str, str] = _NONE
    """Field names that the vendor's own tables misspell → the name that the API takes."""
