"""Resolve the names of a query in one walk: relations, references and outputs of every SELECT.

What cannot be told stays open; only what the text (or a schema) proves wrong is unknown or ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from sqlglot import exp

from sqlcheck.model import Span
from sqlcheck.names import fold
from sqlcheck.parse import Query, parse
from sqlcheck.resolution.facts import Known
from sqlcheck.resolution.references import (
    merged_columns,
    reshaped_columns,
    resolve_name,
    resolve_qualified,
    resolve_reshaped,
)
from sqlcheck.resolution.relations import combined, described, feed, known, opaque, renamed, rows_of, values
from sqlcheck.resolution.scopes import Output, Reference, Relation, RelationKind, Result, Scope, Star, identifier
from sqlcheck.resolution.stars import expand, is_picked, resolve_picked

if TYPE_CHECKING:
    from sqlcheck.schema import Schema, SchemaTable

_OWN_LANGUAGE = (exp.MatchRecognize, exp.SemanticView)
"""Clauses in which a qualifier is no relation's name."""


class _Env(NamedTuple):
    """What a SELECT can see from outside: the CTEs by name, and the scope around a correlated subquery."""

    ctes: Mapping[str, tuple[Result, tuple[str, ...]]]
    outer: Scope | None = None


class Tables:
    """The tables of a schema as FROM sees them; each view is resolved once, through the tables that it reads."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._listings: dict[int, tuple[Output, ...] | None] = {}

    @classmethod
    def of(cls, schema: Schema) -> Tables:
        """Give the tables of a schema, the same ones for every query of a run."""
        if schema not in _TABLES:
            _TABLES[schema] = cls(schema)
        return _TABLES[schema]

    def relation(self, node: exp.Table, query: Query, parts: tuple[str, ...], near: tuple[str, ...]) -> Relation:
        """Give a table of a query, or of the view `near`, with what the schema knows of it."""
        table = self._schema.find(parts, near)
        if table is None:
            return Relation(parts[-1], "table", node, query, parts)
        return Relation(parts[-1], "table", node, query, table.parts, listing=self._listing(table))

    def _listing(self, table: SchemaTable) -> tuple[Output, ...] | None:
        if id(table) not in self._listings:
            # A view that reads itself, through whatever detour, has columns that cannot be told.
            self._listings[id(table)] = None
            is_described = table.columns is not None and table.complete
            self._listings[id(table)] = described(table) if is_described else self._of_view(table)
        return self._listings[id(table)]

    def _of_view(self, table: SchemaTable) -> tuple[Output, ...] | None:
        query = parse(table.query) if table.query is not None else None
        if query is None or query.tree is None:
            return None
        result = Resolver(query, self, table.parts).run()
        names = table.names or tuple(output.name for output in result.outputs)
        if not result.complete or len(names) != len(result.outputs):
            return None
        pairs = zip(names, result.outputs, strict=True)
        return tuple(known(name, Known.of(output.facts), Span(0, 0), ".".join(table.parts)) for name, output in pairs)


_TABLES: WeakKeyDictionary[Schema, Tables] = WeakKeyDictionary()


class Resolver:
    """Resolve one query; `scopes` then holds every SELECT of it. `near` is the name of the view that it defines."""

    def __init__(self, query: Query, tables: Tables | None = None, near: tuple[str, ...] = ()) -> None:
        self.query = query
        self.tables = tables
        self.near = near
        self.scopes: list[Scope] = []
        self._done: set[int] = set()
        self._columns: dict[int, list[tuple[exp.Column, str]]] = {}
        for node in query.index.by_type[exp.Column]:
            owner, clause = query.index.owners[id(node)]
            if clause == "match":
                continue  # MATCH_RECOGNIZE has names of its own: the symbols of its pattern
            if owner is not None and isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
                self._columns.setdefault(id(owner), []).append((node, clause))
        self._reshaped: dict[int, Relation] = {}
        self._own_language = any(query.index.by_type.get(kind) for kind in _OWN_LANGUAGE)
        self._nested: dict[int, list[exp.Select]] = {}
        for select in query.index.selects:
            owner = query.index.owners[id(select)][0]
            if owner is not None:
                self._nested.setdefault(id(owner), []).append(select)

    def run(self) -> Result:
        """Resolve the outermost query."""
        assert self.query.tree is not None
        return self._query(self.query.tree, _Env({}))

    def _query(self, node: exp.Expr, env: _Env) -> Result:
        env = self._with_ctes(node, env)
        if isinstance(node, exp.Subquery):
            return self._query(node.this, env)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, env)
        if isinstance(node, exp.Select):
            return self._select(node, env)
        if isinstance(node, exp.Values):
            return Result(values(self.query, node), True)
        return Result()

    def _with_ctes(self, node: exp.Expr, env: _Env) -> _Env:
        clause = node.args.get("with_")
        if clause is None:
            return env
        ctes = dict(env.ctes)
        for cte in clause.expressions:
            alias = cte.args["alias"]
            name, columns = identifier(alias.this), tuple(identifier(column) for column in alias.columns)
            is_recursive = isinstance(cte.this, exp.SetOperation) and clause.recursive
            seen = {**ctes, name: (Result(), columns)} if is_recursive else ctes
            ctes[name] = (self._query(cte.this, _Env(seen, env.outer)), columns)
        return _Env(ctes, env.outer)

    def _set_operation(self, node: exp.SetOperation, env: _Env) -> Result:
        sides: list[exp.Expr] = []
        left: exp.Expr = node
        while isinstance(left, exp.SetOperation):
            sides.append(left.expression)
            if left is not node and left.args.get("with_") is not None:
                env = self._with_ctes(left, env)
            left = left.this
        sides.append(left)
        results = [self._query(side, env) for side in reversed(sides)]
        selects = tuple(scope for result in results for scope in result.selects)
        first = results[0]
        complete = all(result.complete for result in results)
        if not complete or len({len(result.outputs) for result in results}) != 1:
            return Result(first.outputs, first.complete, selects)
        outputs = tuple(combined(branches) for branches in zip(*(r.outputs for r in results), strict=True))
        return Result(outputs, True, selects)

    def _select(self, node: exp.Select, env: _Env) -> Result:
        self._done.add(id(node))
        scope = Scope(node, self.query.select(node), self.query, env.outer)
        self.scopes.append(scope)
        relations: list[Relation] = []
        self._from(node, env, relations, scope)
        before = len(self.scopes)
        self._subqueries(node, scope, env)
        scope.children = tuple(self.scopes[before:])
        merged = merged_columns(relations)
        scope.outputs, scope.complete, scope.stars = self._outputs(scope, merged)
        scope.references = tuple(self._references(scope, merged))
        return Result(scope.outputs, scope.complete, (scope,))

    def _subqueries(self, node: exp.Select, scope: Scope, env: _Env) -> None:
        inner = _Env(env.ctes, scope)
        for select in self._nested.get(id(node), ()):
            if id(select) in self._done:
                continue
            top: exp.Expr = select
            while isinstance(top.parent, exp.SetOperation | exp.Subquery):
                top = top.parent
            scope.results[id(top)] = self._query(top, inner)

    # FROM

    def _from(self, node: exp.Select, env: _Env, relations: list[Relation], scope: Scope) -> None:
        start = node.args.get("from_")
        if start is not None:
            self._item(start.this, None, env, relations, scope)
            self._match(relations[0], node.args.get("match"))
        for join in [*(node.args.get("joins") or ()), *(node.args.get("laterals") or ())]:
            if isinstance(join, exp.Join):
                self._join(join, env, relations, scope)
            else:
                self._item(join, None, env, relations, scope)

    def _match(self, relation: Relation, match: exp.Expr | None) -> None:
        """Give a relation the name that MATCH_RECOGNIZE gives to what it makes of its rows."""
        if match is None:
            return
        relation.kind, relation.listing = "pivot", None
        alias = match.args.get("alias")
        if isinstance(alias, exp.TableAlias) and alias.this is not None:
            relation.name, relation.aliased = identifier(alias.this), True

    def _join(self, join: exp.Join, env: _Env, relations: list[Relation], scope: Scope) -> None:
        before = len(relations)
        self._item(join.this, join, env, relations, scope)
        side = join.side.upper()
        if side in ("RIGHT", "FULL"):
            for relation in relations[:before]:
                relation.optional = True
        if side in ("LEFT", "FULL") or join.method.upper() == "ASOF":
            for relation in relations[before:]:
                relation.optional = True

    def _item(self, node: exp.Expr, join: exp.Join | None, env: _Env, relations: list[Relation], scope: Scope) -> None:
        if isinstance(node, exp.Subquery) and _is_join(node):
            self._item(node.this, join, env, relations, scope)
        else:
            relation = self._relation(node, env, scope)
            relation.join = join
            self._rename(relation, node)
            feed(relation, scope)
            relations.append(relation)
            scope.relations = tuple(relations)
        for inner in node.args.get("joins") or ():
            self._join(inner, env, relations, scope)

    def _relation(self, node: exp.Expr, env: _Env, scope: Scope) -> Relation:
        if isinstance(node, exp.Table):
            return self._table(node, env)
        if isinstance(node, exp.Subquery):
            result = self._query(node, _Env(env.ctes, env.outer))
            return Relation("", "derived", node, self.query, listing=result.listing, source=result)
        if isinstance(node, exp.Values):
            return Relation("", "values", node, self.query, listing=values(self.query, node))
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            result = self._query(node.this, _Env(env.ctes, scope))
            return Relation("", "lateral", node, self.query, listing=result.listing, source=result)
        kind: RelationKind = "lateral" if isinstance(node, exp.Lateral) else "function"
        call = node.this if isinstance(node, exp.Lateral | exp.TableFromRows) else node
        return Relation("", kind, node, self.query, listing=rows_of(self.query, call, node))

    def _table(self, node: exp.Table, env: _Env) -> Relation:
        parts = tuple(
            identifier(part)
            for key in ("catalog", "db", "this")
            if isinstance(part := node.args.get(key), exp.Identifier) or part == ""  # `database..table`
        )
        if not isinstance(node.this, exp.Identifier):
            kind: RelationKind = "stage" if isinstance(node.this, exp.Var | exp.Literal) else "function"
            return Relation("", kind, node, self.query, listing=rows_of(self.query, node.this, node))
        named = self._named(node, parts, env)
        if node.args.get("pivots") or node.args.get("match_recognize"):
            return Relation(parts[-1], "pivot", node, self.query, parts, input=named)
        return named

    def _named(self, node: exp.Table, parts: tuple[str, ...], env: _Env) -> Relation:
        if len(parts) == 1 and parts[0] in env.ctes:
            result, names = env.ctes[parts[0]]
            relation = Relation(parts[0], "cte", node, self.query, (), listing=result.listing, source=result)
            if names and not result.outputs:
                relation.listing = tuple(opaque(name, relation) for name in names)
            elif names:
                relation.listing = renamed(relation, names)
            return relation
        if self.tables is not None:
            return self.tables.relation(node, self.query, parts, self.near)
        return Relation(parts[-1], "table", node, self.query, parts)

    def _rename(self, relation: Relation, node: exp.Expr) -> None:
        alias = node.args.get("alias")
        pivots = node.args.get("pivots") or ()
        if pivots:
            relation.input = source = relation.input or replace(relation)
            # What a second one reads is what the first one makes; columns of an alias list have other names.
            if not isinstance(alias, exp.TableAlias) or not alias.columns:
                self._reshaped |= {id(column): source for column in reshaped_columns(pivots[0])}
            relation.kind, relation.listing = "pivot", None
            alias = next((pivot.args["alias"] for pivot in reversed(pivots) if pivot.args.get("alias")), alias)
        if not isinstance(alias, exp.TableAlias) or alias.this is None:
            return
        relation.name, relation.aliased = identifier(alias.this), True
        names = tuple(identifier(column) for column in alias.columns)
        if names and relation.kind not in ("lateral", "function", "pivot"):
            relation.listing = renamed(relation, names)

    # outputs

    def _outputs(self, scope: Scope, merged: frozenset[str]) -> tuple[tuple[Output, ...], bool, tuple[Star, ...]]:
        outputs: list[Output] = []
        stars: list[Star] = []
        complete = True
        for node, text in zip(scope.node.expressions, scope.text.items, strict=False):
            star = node if isinstance(node, exp.Star) else node.this if isinstance(node, exp.Column) else None
            if isinstance(star, exp.Star):
                qualifier = identifier(node.args.get("table")) or None
                found, is_expanded = expand(scope, star, qualifier, text.span, merged)
                complete &= is_expanded
                outputs += found
                stars.append(Star(node, text.span, qualifier, is_expanded))
                continue
            alias = node.args.get("alias") if isinstance(node, exp.Alias) else None
            value = node.this if isinstance(node, exp.Alias) else node
            plain = node.this if isinstance(node, exp.Column) and text.name is not None else None
            written = alias if isinstance(alias, exp.Identifier) else plain
            outputs.append(
                Output(
                    fold(written.name, bool(written.args.get("quoted")))
                    if isinstance(written, exp.Identifier)
                    else self._text_name(text.expression),
                    isinstance(written, exp.Identifier),
                    isinstance(written, exp.Identifier) and bool(written.args.get("quoted")),
                    text.span,
                    text.name or text.expression,
                    value,
                    text.expression,
                    scope,
                )
            )
        return tuple(outputs), complete, tuple(stars)

    def _text_name(self, span: Span) -> str:
        """Name an unaliased expression after its text, in upper case and without blanks that do not count."""
        query = self.query
        first, last = query.token_at(span.start), query.token_at(span.end - 1)
        name, end = "", span.start
        for token in query.tokens[first : last + 1]:
            written = query.text[token.start : token.end + 1].upper()
            is_apart = token.start > end and _is_word(name[-1:]) and _is_word(written[:1])
            name += " " + written if is_apart else written
            end = token.end + 1
        return name

    # references

    def _references(self, scope: Scope, merged: frozenset[str]) -> Iterator[Reference]:
        aliases: dict[str, Output] = {}
        for output in scope.outputs:
            if output.inherited is None:
                aliases.setdefault(output.name, output)
        by_item = {id(output.expression): output for output in scope.outputs if output.inherited is None}
        for node, clause in self._columns.get(id(scope.node), ()):
            name = identifier(node.this)
            qualifier = identifier(node.args.get("table")) or None
            reference = Reference(node, clause, name, qualifier, "open")
            if _names_sequence(node) or (self._own_language and node.find_ancestor(*_OWN_LANGUAGE) is not None):
                yield reference
                continue
            if is_picked(node):
                resolve_picked(reference, scope)
            elif qualifier is None:
                resolve_name(reference, scope, aliases, by_item, merged)
            else:
                resolve_qualified(reference, scope)
            if id(node) in self._reshaped:
                resolve_reshaped(reference, self._reshaped[id(node)])
            if node.args.get("join_mark") and reference.relation is not None:
                reference.relation.optional = True
            yield reference


def _names_sequence(node: exp.Column) -> bool:
    """Tell whether this is the sequence of TABLE(GETNEXTVAL(database.schema.sequence))."""
    call = node.parent
    return type(call) is exp.Anonymous and call.name.upper() == "GETNEXTVAL"


def _is_word(character: str) -> bool:
    return character.isalnum() or character in ("_", "$")


def _is_join(node: exp.Subquery) -> bool:
    """Tell a join in brackets from a derived table, which itself may stand in more than one pair of them."""
    inner = node.this
    while isinstance(inner, exp.Subquery) and not (inner.args.get("alias") or inner.args.get("joins")):
        inner = inner.this
    return isinstance(inner, exp.Table | exp.Subquery)
