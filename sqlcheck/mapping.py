"""Query + Model + Api → Mapping: what every output column becomes in a user profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from sqlglot import exp

from sqlcheck.apis.facts import Api
from sqlcheck.model import Edit, Evidence, Span
from sqlcheck.names import quote
from sqlcheck.parse import Query, deep
from sqlcheck.resolution.evidence import of_name, of_names
from sqlcheck.resolution.resolver import Resolver, Tables
from sqlcheck.resolution.scopes import Output, Reference, Scope
from sqlcheck.settings import Model

if TYPE_CHECKING:
    from sqlcheck.sample import Description
    from sqlcheck.schema import Schema

Role = Literal["load_timestamp", "identity", "device_identity", "attribute"]
Node = TypeVar("Node", bound=exp.Expr)

_SET_OPERATIONS = (exp.Union, exp.Except, exp.Intersect)


@dataclass(frozen=True, eq=False)
class OutputColumn:
    """An output column of the query, its role, and the identity or attribute that it becomes.

    `position` counts from 1; behind a star that could not be expanded it is the place in the select list.
    """

    position: int
    output: Output
    role: Role
    target: str | None

    @property
    def name(self) -> str:
        """Give the effective output name, after folding."""
        return self.output.name

    @property
    def named(self) -> bool:
        """Tell whether an alias or a plain column gives the name."""
        return self.output.named

    @property
    def quoted(self) -> bool:
        """Tell whether the name was written in quotes."""
        return self.output.quoted

    @property
    def type(self) -> str | None:
        """Give the Snowflake type, None when it cannot be told."""
        return self.output.facts.type

    @property
    def family(self) -> str | None:
        """Give the family of the type."""
        return self.output.family

    @property
    def nullable(self) -> bool | None:
        """Tell whether the value can be NULL."""
        return self.output.facts.nullable

    @property
    def sources(self) -> tuple[str, ...]:
        """Give the base columns that the value is made from, sorted."""
        return tuple(sorted(self.output.facts.sources))

    @property
    def span(self) -> Span:
        """Give the select item."""
        return self.output.span

    @property
    def name_span(self) -> Span:
        """Give what names the column."""
        return self.output.name_span

    @property
    def evidence(self) -> Evidence:
        """Tell what it rests on that the query has this column."""
        return of_name(self.output)

    @property
    def expression(self) -> exp.Expr:
        """Give the item without its alias."""
        return self.output.expression

    @property
    def expression_span(self) -> Span:
        """Give the text of the item without its alias."""
        return self.output.expression_span


@dataclass(frozen=True, eq=False)
class Mapping:
    """The heart of sqlcheck: the output columns in order, with their roles.

    `complete` is False when a star could not be expanded, so that there may be more columns. `selects`
    are the outermost SELECTs (the sides of a set operation), `scopes` all of them in text order.
    """

    query: Query
    columns: tuple[OutputColumn, ...]
    complete: bool
    selects: tuple[Scope, ...]
    scopes: tuple[Scope, ...]

    @cached_property
    def load_timestamp(self) -> OutputColumn | None:
        """Give the column by which changed rows are found."""
        return next((column for column in self.columns if column.role == "load_timestamp"), None)

    @cached_property
    def identities(self) -> tuple[OutputColumn, ...]:
        """Give the columns with reserved identity names, of users and of devices."""
        return tuple(column for column in self.columns if column.role in ("identity", "device_identity"))

    @cached_property
    def attributes(self) -> tuple[OutputColumn, ...]:
        """Give the columns that become user attributes."""
        return tuple(column for column in self.columns if column.role == "attribute")

    @cached_property
    def evidence(self) -> Evidence:
        """Tell what it rests on that these are all columns."""
        return of_names(column.output for column in self.columns)

    @property
    def keyword(self) -> Span:
        """Give the SELECT keyword of the outermost query, where what is missing is reported."""
        return self.selects[0].text.keyword

    @cached_property
    def tables(self) -> tuple[tuple[str, ...], ...]:
        """Give the names of the tables and views that the query reads, folded, as far as they were written."""
        names = {relation.parts for scope in self.scopes for relation in scope.relations if relation.kind == "table"}
        return tuple(sorted(name for name in names if name))

    @cached_property
    def set_operations(self) -> tuple[exp.SetOperation, ...]:
        """Give all set operations of the query."""
        found = [node for kind in _SET_OPERATIONS for node in self.query.index.by_type.get(kind, ())]
        return tuple(node for node in found if isinstance(node, exp.SetOperation))

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns)

    def rename(self, column: OutputColumn, name: str) -> tuple[Edit, ...]:
        """Give the edits that call an output column `name`, in quotes; none when more of the query leans on it."""
        chain, output = [column.output], column.output
        while inner := output.branches or output.inherited:
            output = inner[0] if isinstance(inner[0], Output) else inner[-1]
            chain.append(output)
        is_handed_on = len(chain) > 1
        is_own = output.named and output.scope is not None and output.name == column.name
        if not is_own or name in self._names:
            return ()
        if is_handed_on and any(join.args.get("using") or join.method for join in self.nodes(exp.Join)):
            return ()
        if any(node.args.get("order") is not None for node in self.set_operations):
            return ()
        leaning = [reference for link in chain for reference in self._leaning.get(id(link), ())]
        if any(reference.status != "alias" or is_handed_on for reference in leaning):
            return ()
        edits = [Edit(reference.span, quote(name)) for reference in leaning]
        return (_renaming(output, name), *edits)

    def nodes(self, *kinds: type[Node]) -> Iterator[Node]:
        """Yield all nodes of exactly these classes, in text order."""
        found = [node for kind in kinds for node in self.query.index.by_type.get(kind, ())]
        if len(found) > 1:
            found.sort(key=lambda node: (node._meta or {}).get("start", -1))
        yield from found  # type: ignore[misc]  # the index holds each class under itself

    @cached_property
    def _leaning(self) -> dict[int, list[Reference]]:
        """Give the references to each output, by its identity."""
        found: dict[int, list[Reference]] = {}
        for scope in self.scopes:
            for reference in scope.references:
                if reference.output is not None:
                    found.setdefault(id(reference.output), []).append(reference)
        return found

    @cached_property
    def _by_select(self) -> dict[int, Scope]:
        return {id(scope.node): scope for scope in self.scopes}

    def scope_of(self, node: exp.Expr) -> Scope | None:
        """Give the SELECT that a node stands in, None outside of every SELECT."""
        owner, _ = self.query.index.owners.get(id(node), (None, ""))
        return self._by_select.get(id(owner)) if owner is not None else None


def _renaming(output: Output, name: str) -> Edit:
    """Write an alias over the one that is there, or behind an expression that has none."""
    end = output.expression_span.end
    if output.name_span.start >= end:
        return Edit(output.name_span, quote(name))
    return Edit(Span(end, end), f" AS {quote(name)}")


def build(
    query: Query, model: Model, api: Api, schema: Schema | None = None, description: Description | None = None
) -> Mapping | None:
    """Resolve a query and give each output column its role; None when the query could not be read.

    With a description the columns are those that the warehouse gives.
    """
    if query.tree is None:
        return None
    with deep():
        resolver = Resolver(query, Tables.of(schema) if schema is not None else None)
        result = resolver.run()
    if not result.selects:
        return None
    if description is not None:
        from sqlcheck.resolution.described import described

        result = described(result, description)
    field = model.load_timestamp.field
    load_timestamp = field.value.upper() if field is not None else None
    columns = tuple(_column(position, output, load_timestamp, api) for position, output in enumerate(result.outputs, 1))
    scopes = tuple(sorted(resolver.scopes, key=lambda scope: scope.text.keyword.start))
    return Mapping(query, columns, result.complete, result.selects, scopes)


def _column(position: int, output: Output, load_timestamp: str | None, api: Api) -> OutputColumn:
    if load_timestamp is not None and output.named and output.name.upper() == load_timestamp:
        return OutputColumn(position, output, "load_timestamp", None)
    reserved = api.identities.get(output.name.lower()) if output.named else None
    if reserved == "device_identity":
        return OutputColumn(position, output, "device_identity", output.name.lower())
    if reserved is not None:
        return OutputColumn(position, output, "identity", output.name.lower())
    return OutputColumn(position, output, "attribute", output.name)
