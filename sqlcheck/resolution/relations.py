"""Columns of relations that are no query: rows of functions and VALUES, renamed and combined columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlcheck.model import Span
from sqlcheck.parse import Query
from sqlcheck.resolution.facts import UNKNOWN, Facts, Known
from sqlcheck.resolution.inference import Inference
from sqlcheck.resolution.scopes import Output, Relation, Scope, identifier

if TYPE_CHECKING:
    from sqlcheck.schema import SchemaColumn, SchemaTable

_FLATTEN = {
    "SEQ": Known("NUMBER", False),
    "KEY": Known("VARCHAR", True),
    "PATH": Known("VARCHAR", None),
    "INDEX": Known("NUMBER", True),
    "VALUE": Known("VARIANT", None),
    "THIS": Known("VARIANT", None),
}
_FLATTEN_OUTER = {**_FLATTEN, "VALUE": Known("VARIANT", True)}
"""With OUTER => TRUE there is a row without a value where there is nothing to flatten."""
_SPLIT_TO_TABLE = {"SEQ": Known("NUMBER", False), "INDEX": Known("NUMBER", False), "VALUE": Known("VARCHAR", None)}


def values(query: Query, node: exp.Values) -> tuple[Output, ...]:
    """Give the columns of a VALUES list."""
    rows = node.expressions
    first = rows[0].expressions if rows and isinstance(rows[0], exp.Tuple) else rows[:1]
    inference = Inference(lambda _: UNKNOWN, lambda _: UNKNOWN, query.function_name, lambda _: None)
    found: list[Output] = []
    for at, cell in enumerate(first, 1):
        facts = inference.facts(cell)
        found.append(known(f"COLUMN{at}", Known(facts.type), query.span(cell)))
    return tuple(found)


def rows_of(query: Query, call: exp.Expr, node: exp.Expr) -> tuple[Output, ...] | None:
    """Give the columns of a table function that has fixed ones, under the names of its alias list."""
    name = query.function_name(call) or ""
    fixed = _FLATTEN if name == "FLATTEN" else _SPLIT_TO_TABLE if name.endswith("SPLIT_TO_TABLE") else None
    alias = node.args.get("alias")
    names = [identifier(column) for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    if fixed is None:
        return tuple(known(given, UNKNOWN, Span(0, 0)) for given in names) or None
    if name == "FLATTEN" and _keeps_empty(call):
        fixed = _FLATTEN_OUTER
    span = query.span(call)
    given = names if len(names) == len(fixed) else list(fixed)
    return tuple(known(new, facts, span) for new, facts in zip(given, fixed.values(), strict=True))


class Fed(Facts):
    """The facts of a column of a table function's rows: it is made from what the call is given."""

    __slots__ = ("_call", "_rows", "_scope", "_sources")

    def __init__(self, rows: Facts, scope: Scope, call: exp.Expr) -> None:
        self._rows, self._scope, self._call = rows, scope, call
        self._sources: frozenset[str] | None = None

    @property
    def type(self) -> str | None:
        """Give the type that the function's rows have."""
        return self._rows.type

    @property
    def scale(self) -> int:
        """Give the scale that the function's rows have."""
        return self._rows.scale

    @property
    def nullable(self) -> bool | None:
        """Tell whether the function's rows can hold NULL."""
        return self._rows.nullable

    @property
    def sources(self) -> frozenset[str]:
        """Give the base columns that the call is given; a call that is fed by itself adds none."""
        if self._sources is None:
            self._sources = frozenset()
            self._sources = self._scope.inference.sources(self._call)
        return self._sources

    @property
    def constant(self) -> bool:
        """Tell that rows differ."""
        return False


def feed(relation: Relation, scope: Scope) -> None:
    """Let the columns of a table function know what the call is given."""
    if relation.kind in ("lateral", "function") and relation.source is None:
        for output in relation.listing or ():
            if output.known is not None:
                output.known = Fed(output.known, scope, relation.node)


def handed_on(relation: Relation, inner: Output, name: str, span: Span, star: Scope | None = None) -> Output:
    """Give an inner output as the star of a scope, or a renaming relation, hands it on."""
    return Output(
        name,
        inner.named,
        inner.quoted,
        span,
        inner.name_span if inner.known is None else span,
        inner.expression,
        inner.expression_span if inner.known is None else span,
        inner.scope,
        inherited=(relation, inner),
        star=star,
        table=inner.table,
    )


def renamed(relation: Relation, names: Sequence[str]) -> tuple[Output, ...] | None:
    """Give a relation's columns under the names of its alias list."""
    if relation.listing is None:
        return None if relation.kind != "table" else tuple(opaque(name, relation) for name in names)
    if len(relation.listing) != len(names):
        return None
    before_joins = replace(relation, optional=False)
    return tuple(
        handed_on(before_joins, output, name, output.span)
        if output.known is None
        else known(name, output.known, output.span, output.table)
        for output, name in zip(relation.listing, names, strict=True)
    )


def known(name: str, facts: Facts, span: Span, table: str | None = None) -> Output:
    """Give a column that no expression of the query makes; what lacks a name of its own there can only be quoted."""
    node = exp.column(name)
    is_quoted = table is not None and name != name.upper()
    return Output(name, True, is_quoted, span, span, node, span, None, known=facts, table=table)


def described(table: SchemaTable) -> tuple[Output, ...]:
    """Give the columns of a table that the schema describes."""
    name = ".".join(table.parts)
    return tuple(
        known(column.name, _stored(column, f"{name}.{column.name}"), Span(0, 0), name) for column in table.columns or ()
    )


def _stored(column: SchemaColumn, source: str) -> Facts:
    return Known(column.type, column.nullable, frozenset({source}), scale=column.scale)


def opaque(name: str, relation: Relation) -> Output:
    """Give a column of which only the name is known."""
    sources = frozenset({f"{relation.table}.{name}"}) if relation.kind == "table" else frozenset()
    return known(name, Known(None, None, sources), relation.span)


def combined(branches: tuple[Output, ...]) -> Output:
    """Give the output of a set operation; it is named by the first side."""
    first = branches[0]
    return Output(
        first.name,
        first.named,
        first.quoted,
        first.span,
        first.name_span,
        first.expression,
        first.expression_span,
        first.scope,
        branches=branches,
    )


def _keeps_empty(flatten: exp.Expr) -> bool:
    """Tell whether FLATTEN is called with OUTER => TRUE."""
    named = (argument for argument in flatten.iter_expressions() if isinstance(argument, exp.Kwarg))
    return any(
        argument.this.name.upper() == "OUTER"
        and isinstance(argument.expression, exp.Boolean)
        and bool(argument.expression.this)
        for argument in named
    )
