"""A mapping as a graph: source columns → steps between → output columns → what they become in a profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sqlcheck.formats._screen import visible
from sqlcheck.lineage import Node, steps
from sqlcheck.mapping import OutputColumn, Role
from sqlcheck.views._sheet import Sheet

Lane = Literal["source", "step", "output", "profile"]

LANES: tuple[Lane, ...] = ("source", "step", "output", "profile")
PROFILE: dict[Role, str] = {
    "load_timestamp": "Load timestamp",
    "identity": "User identities",
    "device_identity": "Device identities",
    "attribute": "User attributes",
}
OPEN = "Cannot tell"
FIXED = "No column"


@dataclass(frozen=True)
class Port:
    """A point that lines lead to: a column, an identity or an attribute."""

    id: int
    name: str
    note: str = ""
    role: str = ""
    position: int = 0


@dataclass(frozen=True)
class Group:
    """Ports that belong together: the columns of a table or of a SELECT."""

    lane: Lane
    title: str
    ports: tuple[Port, ...]


@dataclass(frozen=True)
class Graph:
    """The groups, lane by lane, and the lines between their ports by id, from left to right."""

    groups: tuple[Group, ...]
    edges: tuple[tuple[int, int], ...]

    def lane(self, lane: Lane) -> tuple[Group, ...]:
        """Give the groups of one lane."""
        return tuple(group for group in self.groups if group.lane == lane)


def graph(sheet: Sheet, first: int = 1, *, lineage: bool = False) -> Graph:
    """Draw up the graph of a query; ids count from `first`."""
    builder = _Builder(sheet, first)
    for column in sheet.mapping.columns:
        builder.add_column(column)
    if lineage:
        builder.add_steps()
    else:
        builder.add_bases()
    groups = [Group(lane, title, tuple(ports)) for (lane, title, _), ports in builder.groups.items()]
    return Graph(tuple(sorted(groups, key=lambda group: LANES.index(group.lane))), tuple(builder.edges))


_Key = tuple[Lane, str, object]


@dataclass
class _Builder:
    sheet: Sheet
    next: int
    groups: dict[_Key, list[Port]] = field(default_factory=dict)
    edges: dict[tuple[int, int], None] = field(default_factory=dict)
    ports: dict[object, int] = field(default_factory=dict)
    _titles: dict[object, str] = field(default_factory=dict)

    def add(self, key: object, group: _Key, name: str, note: str = "", role: str = "", position: int = 0) -> int:
        """Add a port under a key, once."""
        if key not in self.ports:
            self.ports[key] = self.next
            port = Port(self.next, visible(name), visible(note), role, position)
            self.groups.setdefault(group, []).append(port)
            self.next += 1
        return self.ports[key]

    def add_column(self, column: OutputColumn) -> None:
        """Add an output column and what it becomes."""
        title = visible(self.sheet.source.path)
        role, position = column.role, column.position
        key = (id(column.output), position)
        left = self.add(key, ("output", title, 0), column.name, column.type or "", role, position)
        name = column.target or column.name
        right = self.add(("profile", position), ("profile", PROFILE[role], 0), name, "", role, position)
        self.ports.setdefault(id(column.output), left)
        self.edges[left, right] = None

    def add_bases(self) -> None:
        """Join the output columns to their base columns."""
        for path, target in self._roots():
            for base in path.bases:
                self.edges[self._leaf(base), target] = None
            if not path.bases:
                self._fixed(path, target)

    def add_steps(self) -> None:
        """Join the output columns to their base columns by way of the steps between."""
        for path, target in self._roots():
            for child in path.children:
                self.edges[self._step(child), target] = None
            if not path.children:
                self._fixed(path, target)
        for node in steps(self.sheet.paths):
            if node.kind != "output":
                target = self._step(node)
                for child in node.children:
                    if (source := self._step(child)) != target:
                        self.edges[source, target] = None

    def _roots(self) -> Iterator[tuple[Node, int]]:
        for column, path in zip(self.sheet.mapping.columns, self.sheet.paths, strict=True):
            yield path, self.ports[id(column.output), column.position]

    def _leaf(self, node: Node) -> int:
        title = OPEN if node.kind == "open" else visible(node.owner)
        name = node.label if node.kind == "open" else node.name
        return self.add((node.kind, node.owner, node.name), ("source", title, 0), name, role=node.kind)

    def _step(self, node: Node) -> int:
        if node.kind in ("column", "open"):
            return self._leaf(node)
        output = node.output
        if output is None:
            key = (node.kind, node.owner, node.name, node.span)
            return self.add(key, ("step", visible(node.owner), node.span), node.name)
        first = output.branches[0] if output.branches else output
        home = (bool(output.branches), id(first.star or first.scope))
        title = self._titles.setdefault(home, visible(node.owner) or "aliases")
        return self.add(id(output), ("step", title, home), node.name, self.sheet.text(node.expression))

    def _fixed(self, path: Node, target: int) -> None:
        """Show the expression of an output that no column is part of."""
        text = self.sheet.text(path.expression)
        if text:
            self.edges[self.add(("fixed", text), ("source", FIXED, 0), text, role="fixed"), target] = None
