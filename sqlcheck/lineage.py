"""The path of a value: from an output column through aliases, derived tables and views down to base columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Literal, NamedTuple

from sqlglot import exp

from sqlcheck.mapping import Mapping
from sqlcheck.model import Span
from sqlcheck.resolution.facts import arguments
from sqlcheck.resolution.scopes import Output, Reference, Relation, Scope
from sqlcheck.syntax.tree import LEAVES

Kind = Literal[
    "output", "derived", "cte", "lateral", "subquery", "side", "alias", "view", "rows", "values", "column", "open"
]
"""What a step is; `column` is a base column, `open` what the text and the schema cannot tell."""

_STEPS: dict[str, Kind] = {"derived": "derived", "cte": "cte", "lateral": "lateral", "pivot": "derived"}


@dataclass(frozen=True, eq=False)
class Node:
    """A step on the way of a value; the `children` are what it is made from, in text order.

    `owner` is the table, or the name of the derived table, that the column `name` belongs to. `span` is where
    the column is made in the query, or where a base column is first named; `expression` what makes it. A node
    that several others are made from is one object, so that all paths together are no longer than the query.
    `bases` are the leaves below: base columns, and what could not be followed.
    """

    owner: str
    name: str
    kind: Kind
    span: Span
    expression: Span | None = None
    children: tuple[Node, ...] = field(default=(), repr=False)
    bases: tuple[Node, ...] = field(default=(), repr=False)
    output: Output | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """Give the column with what it belongs to, as `MP.CRM.USERS.EMAIL`."""
        if self.kind in ("side", "subquery"):
            return self.owner
        return f"{self.owner}.{self.name}" if self.owner else self.name


def paths(output: Output) -> Node:
    """Give the path of one output column."""
    return _traced(_output(output, "output"), {})


def trace(mapping: Mapping) -> tuple[Node, ...]:
    """Give the paths of all output columns, in their order; they share what they have in common."""
    made: dict[_Key, Node] = {}
    return tuple(_traced(_output(column.output, "output"), made) for column in mapping.columns)


def steps(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield the nodes and all below them, each once, parents first."""
    seen: set[int] = set()
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            stack.extend(reversed(node.children))


_Key = tuple[int | str, ...]


class _Step(NamedTuple):
    """A node to be, and how to find what it is made from."""

    key: _Key
    node: Node
    follow: Callable[[], Iterable[_Step]] = tuple


def _traced(root: _Step, made: dict[_Key, Node]) -> Node:
    """Make the nodes of a path, the innermost first; a step that leads back to itself is left out."""
    found: dict[_Key, tuple[_Step, ...]] = {}
    stack = [root]
    while stack:
        step = stack[-1]
        if step.key in made:
            stack.pop()
        elif step.key not in found:
            found[step.key] = tuple({inner.key: inner for inner in step.follow()}.values())
            stack.extend(inner for inner in reversed(found[step.key]) if inner.key not in found)
        else:
            stack.pop()
            children = tuple(made[inner.key] for inner in found[step.key] if inner.key in made)
            made[step.key] = _joined(step.node, children)
    return made[root.key]


def _joined(node: Node, children: tuple[Node, ...]) -> Node:
    if not children:
        return node
    below = [(child,) if child.kind in ("column", "open") else child.bases for child in children]
    bases = below[0] if len(below) == 1 else tuple(dict.fromkeys(chain.from_iterable(below)))
    return replace(node, children=children, bases=bases)


def _output(output: Output, kind: Kind, owner: str = "", name: str = "") -> _Step:
    """Step to an output of some SELECT."""
    expression = None if output.branches or output.inherited is not None else output.expression_span
    node = Node(owner, name or output.name, kind, output.span, expression, output=output)
    return _Step((kind, owner, id(output)), node, lambda: _inside(output))


def _inside(output: Output) -> Iterator[_Step]:
    """Step from an output to what it is made from."""
    if output.branches:
        for number, branch in enumerate(output.branches, 1):
            yield _output(branch, "side", f"side {number}")
    elif output.inherited is not None:
        relation, inner = output.inherited
        yield from _column(relation, inner, output.star)
    elif output.scope is not None:
        yield from _references(output.scope, output.expression)


def _references(scope: Scope, expression: exp.Expr) -> Iterator[_Step]:
    """Step to the columns and subqueries that an expression names, in text order."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Column):
            reference = scope.reference(node)
            if reference is not None:
                yield from _reference(reference, scope)
        elif isinstance(node, exp.Query):
            result = scope.results.get(id(node)) or scope.results.get(id(node.this))
            if result is not None and result.outputs:
                yield _output(result.outputs[0], "subquery", "subquery")
        elif type(node) not in LEAVES:
            stack += reversed(arguments(node))


def _reference(reference: Reference, scope: Scope) -> Iterator[_Step]:
    relation, output = reference.relation, reference.output
    if reference.status == "pseudo":
        return
    if output is not None and relation is None:
        yield _output(output, "alias")
    elif output is not None and relation is not None:
        yield from _column(relation, output, scope)
    elif relation is not None and relation.is_base and reference.status != "unknown-column":
        yield _leaf("column", relation.table, reference.name, reference.span)
    else:
        owner = relation.name if relation is not None else reference.qualifier or ""
        yield _leaf("open", owner, reference.name, reference.span)


def _column(relation: Relation, output: Output, scope: Scope | None) -> Iterator[_Step]:
    """Step to a column of an item of FROM."""
    name = output.name
    # A derived table that only gives its columns other names adds no step.
    while output.inherited is not None and output.star is None:
        output = output.inherited[1]
    if output.known is None:
        yield _output(output, _STEPS.get(relation.kind, "derived"), relation.name, name)
        return
    facts, span = output.known, relation.span
    if relation.kind in ("lateral", "function"):
        home = _home(relation, scope)
        node = Node(relation.name, name, "rows", span)
        follow = (lambda: _references(home, relation.node)) if home is not None else tuple
        yield _Step(("rows", id(relation), name), node, follow)
    elif relation.kind == "values":
        yield _Step(("values", id(relation), name), Node(relation.name, name, "values", span))
    elif facts.sources == {f"{relation.table}.{name}"}:
        yield _leaf("column", relation.table, name, span)
    elif relation.kind == "table":
        leaves = [_leaf("column", *source.rpartition(".")[::2], span) for source in sorted(facts.sources)]
        yield _Step(("view", relation.table, name), Node(relation.table, name, "view", span), lambda: leaves)
    else:
        yield _leaf("open", relation.name, name, span)


def _leaf(kind: Kind, owner: str, name: str, span: Span) -> _Step:
    return _Step((kind, owner, name), Node(owner, name, kind, span))


def _home(relation: Relation, scope: Scope | None) -> Scope | None:
    """Find the SELECT whose FROM an item stands in: this one, or one around it."""
    while scope is not None and not any(other is relation for other in scope.relations):
        scope = scope.parent
    return scope
