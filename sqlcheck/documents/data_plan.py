"""An exported mParticle data plan → what it says about user attributes and identities, each with its place.

The form is that of the Data Planning API (https://docs.mparticle.com/developers/apis/dataplanning-api/): a plan with
`data_plan_versions`, a version with its `version_document`, or the `data_points` alone. A data point has a `match` that
tells what it is about, and a `validator` whose `definition` is a JSON Schema; for user attributes and identities that
schema describes the set of them, name by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sqlcheck.apis.facts import Api
from sqlcheck.documents.document import Document
from sqlcheck.documents.nodes import Node, Scalar
from sqlcheck.model import Finding, Place, Problem, Span
from sqlcheck.settings import DeclaredAttribute, Plan, Value

TYPES = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "array": "list",
}
"""Type of JSON Schema → type of a declared attribute; `object` and `null` tell nothing that could be compared."""
_KNOWN = frozenset({*TYPES, "object", "null"})
_HOW_TO = "export the plan in mParticle, or fetch it with the Data Planning API"
_ABSTRACT = "the reply that lists all plans leaves their data points out: fetch the one plan by its id"


@dataclass(frozen=True)
class Property:
    """One attribute or identity of a plan: what its JSON Schema says, and where its name stands."""

    name: str
    place: Place
    types: tuple[str, ...] = ()
    values: tuple[Scalar, ...] | None = None
    pattern: str | None = None
    format: str | None = None
    required: bool = False


@dataclass(frozen=True)
class Section:
    """The user attributes or the identities of a plan; `closed` is where it says that there are no others."""

    properties: tuple[Property, ...] = ()
    closed: Place | None = None

    @property
    def required(self) -> tuple[Property, ...]:
        """Give those that must be there."""
        return tuple(each for each in self.properties if each.required)


@dataclass(frozen=True, eq=False)
class DataPlan:
    """A data plan, as far as it can be read; a section is None where the plan says nothing about it."""

    id: str | None = None
    version: int | None = None
    attributes: Section | None = None
    identities: Section | None = None
    problems: tuple[Finding, ...] = ()

    def profile(self, api: Api) -> Plan:
        """Say what the plan means for a query, under the names of Warehouse Sync."""
        return _profile(self, api)


@lru_cache(maxsize=16)
def _profile(plan: DataPlan, api: Api) -> Plan:
    attributes, identities = plan.attributes or Section(), plan.identities or Section()
    return Plan(
        attributes=tuple(map(_declared, attributes.properties)),
        identities=tuple(_reserved(identities.properties, api)),
        required_identities=tuple(_reserved(identities.required, api)),
        closed_attributes=attributes.closed,
        closed_identities=identities.closed,
    )


def _declared(entry: Property) -> DeclaredAttribute:
    known = {TYPES[name] for name in entry.types if name in TYPES}
    # of several types, or of a set of values, it cannot be told what a column should be
    certain = len(known) == 1 and "object" not in entry.types
    return DeclaredAttribute(
        entry.name,
        Value(known.pop(), entry.place) if certain else None,
        planned=entry.place,
        required=entry.required,
        values=entry.values,
    )


def _reserved(entries: tuple[Property, ...], api: Api) -> Iterator[Value[str]]:
    """Give the reserved column names of a plan's identities; plans use the names of IDSync, as `ios_idfa`."""
    for entry in entries:
        name = entry.name.lower()
        name = name if name in api.identities else api.near_misses.get(name, "")
        if name:
            yield Value(name, entry.place)


def read_data_plan(document: Document) -> DataPlan:
    """Read what can be read of a data plan; what is wrong in it is a problem of the plan."""
    reader = _Reader(document)
    reader.take(document.problems)
    plan = reader.plan(document.root) if document.root is not None else DataPlan()
    return replace(plan, problems=tuple(reader.problems))


@dataclass
class _Reader:
    document: Document
    problems: list[Finding] = field(default_factory=list)

    def take(self, problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            self._report(problem.span, problem.message, problem.help)

    def plan(self, root: Node) -> DataPlan:
        node = root
        if root.kind == "array":
            if len(root.elements) != 1:
                self._report(_start(root), f"these are {len(root.elements)} data plans, not one", _ABSTRACT)
                return DataPlan()
            node = root.elements[0]
        version = self._version(node)
        if version is None:
            return DataPlan(self._text(node, "data_plan_id"))
        identifier = self._text(version, "data_plan_id") or self._text(node, "data_plan_id")
        number = version.get("version")
        held = version.get("version_document")
        sections = self._sections(held if held is not None else version)
        return DataPlan(
            identifier,
            number.value if number is not None and type(number.value) is int else None,
            sections.get("user_attributes"),
            sections.get("user_identities"),
        )

    def _version(self, node: Node) -> Node | None:
        """Find the version that counts: the latest active one that is written out, else the latest."""
        if node.kind != "object":
            self._report(_start(node), "this is not a data plan", _HOW_TO)
            return None
        versions = node.get("data_plan_versions")
        if versions is None:
            if node.get("version_document") is None and node.get("data_points") is None:
                advice = f"it has neither `data_plan_versions` nor `version_document`; {_HOW_TO}"
                self._report(_start(node), "this is not a data plan", advice)
                return None
            return node
        full = [each for each in versions.elements if _is_object(each.get("version_document"))]
        if not full:
            key = node.key("data_plan_versions")
            message = "no version of the data plan is written out" if versions.elements else "the plan has no version"
            self._report(key.span if key else _start(node), message, _ABSTRACT)
            return None
        return max(enumerate(full), key=lambda entry: (_is_active(entry[1]), _number(entry[1]), entry[0]))[1]

    def _sections(self, held: Node) -> dict[str, Section]:
        points = held.get("data_points")
        if points is None or points.kind != "array":
            wrong = points if points is not None else held
            self._report(_start(wrong), "the data plan has no list of `data_points`", _HOW_TO)
            return {}
        found: dict[str, Section] = {}
        for point in points.elements:
            match = point.get("match")
            kind = match.get("type") if match is not None else None
            if kind is None or kind.text not in ("user_attributes", "user_identities"):
                continue
            if kind.text in found:
                message = f"the data plan has two data points for `{kind.text}`"
                self._report(kind.span, message, "keep one of the two; the last one counts")
            section = self._section(point, kind)
            if section is not None:
                found[kind.text] = section
        return found

    def _section(self, point: Node, kind: Node) -> Section | None:
        validator = point.get("validator")
        schema = validator.get("definition") if validator is not None else None
        if schema is None or schema.kind != "object":
            at = _start(schema or validator or kind)
            self._report(at, f"the data point `{kind.text}` has no `definition`", "it is a JSON Schema")
            return None
        properties = schema.get("properties")
        if properties is not None and properties.kind != "object":
            self._report(_start(properties), "`properties` is not a set of names", "it is a JSON Schema")
            return None
        required = self._required(schema)
        entries = [self._property(key, value, required) for key, value in (properties.items if properties else ())]
        named = {entry.name for entry in entries}
        entries += [Property(name, place, required=True) for name, place in required.items() if name not in named]
        others, key = schema.get("additionalProperties"), schema.key("additionalProperties")
        closed = others is not None and others.value is False
        return Section(tuple(entries), self.document.place(key) if closed and key is not None else None)

    def _required(self, schema: Node) -> dict[str, Place]:
        node = schema.get("required")
        if node is None or node.kind == "null":
            return {}
        if node.kind != "array" or any(each.text is None for each in node.elements):
            self._report(_start(node), "`required` is not a list of names", "write `[]` when nothing is required")
        return {each.text: self.document.place(each) for each in node.elements if each.text is not None}

    def _property(self, key: Node, node: Node, required: dict[str, Place]) -> Property:
        name = str(key.value)
        return Property(
            name,
            self.document.place(key),
            self._types(node),
            self._values(node),
            self._text(node, "pattern"),
            self._text(node, "format"),
            name in required,
        )

    def _types(self, node: Node) -> tuple[str, ...]:
        """Read `type`, which is a name or a list of names."""
        found = node.get("type")
        names = (found.elements if found.kind == "array" else (found,)) if found is not None else ()
        for each in names:
            if each.text not in _KNOWN:
                self._report(_start(each), f"`{each.value}` is not a type of JSON Schema", "such are string and number")
        return tuple(each.text for each in names if each.text in _KNOWN)

    def _values(self, node: Node) -> tuple[Scalar, ...] | None:
        """Read `enum`, or `const` as an enum of one value."""
        only, found = node.get("const"), node.get("enum")
        if only is not None:
            return (only.value,) if only.kind not in ("array", "object") else None
        if found is None or found.kind == "null":
            return None
        if found.kind != "array":
            self._report(_start(found), "`enum` is not a list of values", 'write `["a", "b"]`')
            return None
        return tuple(each.value for each in found.elements if each.kind not in ("array", "object"))

    def _text(self, node: Node, name: str) -> str | None:
        found = node.get(name)
        return found.text if found is not None else None

    def _report(self, at: Span, message: str, help: str | None) -> None:
        self.problems.append(Finding(self.document.place(at), message, help))


def _start(node: Node) -> Span:
    """Give the span that stands for a value: the bracket that opens it, or all of a scalar."""
    if node.kind in ("object", "array"):
        return Span(node.span.start, min(node.span.start + 1, node.span.end))
    return node.span


def _is_object(node: Node | None) -> bool:
    return node is not None and node.kind == "object"


def _is_active(version: Node) -> bool:
    environment = version.get("activated_environment")
    return environment is not None and environment.text not in (None, "", "none")


def _number(version: Node) -> int:
    number = version.get("version")
    return number.value if number is not None and type(number.value) is int else 0
