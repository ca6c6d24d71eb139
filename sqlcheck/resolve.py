"""Resolve the names of a query in one walk: relations, references and outputs of every SELECT.

What cannot be told stays open; only what the text (or a schema) proves wrong is unknown or ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlcheck.facts import Facts, Inference, unwrap
from sqlcheck.model import Span
from sqlcheck.names import fold
from sqlcheck.parse import Query
from sqlcheck.scopes import Output, Reference, Relation, RelationKind, Result, Scope, Star, identifier

_FLATTEN = {
    "SEQ": Facts("NUMBER", False),
    "KEY": Facts("VARCHAR", True),
    "PATH": Facts("VARCHAR", None),
    "INDEX": Facts("NUMBER", True),
    "VALUE": Facts("VARIANT", None),
    "THIS": Facts("VARIANT", None),
}
_SPLIT_TO_TABLE = {"SEQ": Facts("NUMBER", False), "INDEX": Facts("NUMBER", False), "VALUE": Facts("VARCHAR", None)}
_PSEUDO = frozenset({"LEVEL", "NEXTVAL", "CONNECT_BY_ISCYCLE", "CONNECT_BY_ISLEAF", "CURRVAL"})
_OWN_LANGUAGE = (exp.MatchRecognize, exp.SemanticView)
"""Clauses in which a qualifier is no relation's name."""


@dataclass(frozen=True)
class _Env:
    """What a SELECT can see from outside: the CTEs by name, and the scope around a correlated subquery."""

    ctes: Mapping[str, tuple[Result, tuple[str, ...]]]
    outer: Scope | None = None


class Resolver:
    """Resolve one query; `scopes` then holds every SELECT of it."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.scopes: list[Scope] = []
        self._done: set[int] = set()
        self._columns: dict[int, list[tuple[exp.Column, str]]] = {}
        for node in query.index.by_type[exp.Column]:
            owner, clause = query.index.owners[id(node)]
            if owner is not None and isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
                self._columns.setdefault(id(owner), []).append((node, clause))
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
            return Result(self._values(node), True)
        return Result()

    def _with_ctes(self, node: exp.Expr, env: _Env) -> _Env:
        clause = node.args.get("with_")
        if clause is None:
            return env
        ctes = dict(env.ctes)
        for cte in clause.expressions:
            alias = cte.args["alias"]
            name, columns = identifier(alias.this), tuple(identifier(column) for column in alias.columns)
            body_env = _Env({**ctes, name: (Result(), columns)}, env.outer)
            is_recursive = isinstance(cte.this, exp.SetOperation) and clause.recursive
            ctes[name] = (self._query(cte.this, body_env if is_recursive else _Env(ctes, env.outer)), columns)
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
        outputs = tuple(_combined(branches) for branches in zip(*(r.outputs for r in results), strict=True))
        return Result(outputs, True, selects)

    def _select(self, node: exp.Select, env: _Env) -> Result:
        self._done.add(id(node))
        scope = Scope(node, self.query.select(node), self.query, env.outer)
        self.scopes.append(scope)
        relations: list[Relation] = []
        self._from(node, env, relations, scope)
        scope.relations = tuple(relations)
        before = len(self.scopes)
        self._subqueries(node, scope, env)
        scope.children = tuple(self.scopes[before:])
        merged = _merged_columns(node, relations)
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
        for join in [*(node.args.get("joins") or ()), *(node.args.get("laterals") or ())]:
            if isinstance(join, exp.Join):
                self._join(join, env, relations, scope)
            else:
                self._item(join, None, env, relations, scope)

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

    def _item(
        self, node: exp.Expr, join: exp.Join | None, env: _Env, relations: list[Relation], scope: Scope
    ) -> None:
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table | exp.Subquery) and _is_join(node.this):
            self._item(node.this, join, env, relations, scope)
            return
        relation = self._relation(node, env, scope)
        relation.join = join
        self._rename(relation, node)
        relations.append(relation)
        for inner in node.args.get("joins") or ():
            self._join(inner, env, relations, scope)

    def _relation(self, node: exp.Expr, env: _Env, scope: Scope) -> Relation:
        if isinstance(node, exp.Table):
            return self._table(node, env)
        if isinstance(node, exp.Subquery):
            result = self._query(node, _Env(env.ctes, env.outer))
            return Relation("", "derived", node, self.query, listing=result.listing, source=result)
        if isinstance(node, exp.Values):
            return Relation("", "values", node, self.query, listing=self._values(node))
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            result = self._query(node.this, _Env(env.ctes, scope))
            return Relation("", "lateral", node, self.query, listing=result.listing, source=result)
        kind: RelationKind = "lateral" if isinstance(node, exp.Lateral) else "function"
        call = node.this if isinstance(node, exp.Lateral | exp.TableFromRows) else node
        return Relation("", kind, node, self.query, listing=self._rows_of(call, node))

    def _table(self, node: exp.Table, env: _Env) -> Relation:
        parts = tuple(
            identifier(part)
            for key in ("catalog", "db", "this")
            if (part := node.args.get(key)) is not None and isinstance(part, exp.Identifier)
        )
        if not isinstance(node.this, exp.Identifier):
            kind: RelationKind = "stage" if isinstance(node.this, exp.Var | exp.Literal) else "function"
            return Relation("", kind, node, self.query, listing=self._rows_of(node.this, node))
        if node.args.get("pivots") or node.args.get("match_recognize"):
            return Relation(parts[-1], "pivot", node, self.query, parts)
        if len(parts) == 1 and parts[0] in env.ctes:
            result, names = env.ctes[parts[0]]
            relation = Relation(parts[0], "cte", node, self.query, (), listing=result.listing, source=result)
            if names and not result.outputs:
                relation.listing = tuple(_opaque(name, relation) for name in names)
            elif names:
                relation.listing = _renamed(relation, names)
            return relation
        return Relation(parts[-1], "table", node, self.query, parts)

    def _rename(self, relation: Relation, node: exp.Expr) -> None:
        alias = node.args.get("alias")
        for pivot in node.args.get("pivots") or ():
            relation.kind, relation.listing = "pivot", None
            alias = pivot.args.get("alias") or alias
        if not isinstance(alias, exp.TableAlias) or alias.this is None:
            return
        relation.name, relation.aliased = identifier(alias.this), True
        names = tuple(identifier(column) for column in alias.columns)
        if names and relation.kind not in ("lateral", "function", "pivot"):
            relation.listing = _renamed(relation, names)

    def _values(self, node: exp.Values) -> tuple[Output, ...]:
        rows = node.expressions
        first = rows[0].expressions if rows and isinstance(rows[0], exp.Tuple) else rows[:1]
        inference = Inference(lambda _: Facts(), lambda _: Facts(), self.query.function_name)
        found: list[Output] = []
        for at, cell in enumerate(first, 1):
            facts = inference.facts(cell)
            found.append(_known(f"COLUMN{at}", Facts(facts.type), self.query.span(cell)))
        return tuple(found)

    def _rows_of(self, call: exp.Expr, node: exp.Expr) -> tuple[Output, ...] | None:
        """Give the columns of a table function that has fixed ones, under the names of its alias list."""
        name = self.query.function_name(call) or ""
        fixed = _FLATTEN if name == "FLATTEN" else _SPLIT_TO_TABLE if name.endswith("SPLIT_TO_TABLE") else None
        alias = node.args.get("alias")
        names = [identifier(column) for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
        if fixed is None:
            return tuple(_known(given, Facts(), Span(0, 0)) for given in names) or None
        span = self.query.span(call)
        given = names if len(names) == len(fixed) else list(fixed)
        return tuple(_known(new, facts, span) for new, facts in zip(given, fixed.values(), strict=True))

    # outputs

    def _outputs(self, scope: Scope, merged: frozenset[str]) -> tuple[tuple[Output, ...], bool, tuple[Star, ...]]:
        outputs: list[Output] = []
        stars: list[Star] = []
        complete = True
        for node, text in zip(scope.node.expressions, scope.text.items, strict=False):
            star = node if isinstance(node, exp.Star) else node.this if isinstance(node, exp.Column) else None
            if isinstance(star, exp.Star):
                qualifier = identifier(node.args.get("table")) or None
                found, is_expanded = self._expand(scope, star, qualifier, text.span, merged)
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

    def _expand(
        self, scope: Scope, star: exp.Star, qualifier: str | None, span: Span, merged: frozenset[str]
    ) -> tuple[list[Output], bool]:
        """Give the columns that a star delivers, as far as they are known, and whether these are all."""
        relations = [r for r in scope.relations if qualifier is None or r.name == qualifier]
        if star.args.get("ilike") is not None or star.args.get("replace"):
            return [], False
        dropped = {identifier(_name_node(node)) for node in star.args.get("except_") or ()}
        renamed = {
            identifier(_name_node(node.this)): identifier(node.args["alias"])
            for node in star.args.get("rename") or ()
            if isinstance(node, exp.Alias)
        }
        found: list[Output] = []
        seen: set[str] = set()
        for relation in relations:
            known = relation.source.outputs if relation.listing is None and relation.source else relation.listing
            for inner in known or ():
                name = inner.name
                if name in dropped or (qualifier is None and name in merged and name in seen):
                    continue
                seen.add(name)
                found.append(_handed_on(relation, inner, renamed.get(name, name), span))
        return found, bool(relations) and all(r.listing is not None for r in relations)

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
            if self._own_language and node.find_ancestor(*_OWN_LANGUAGE) is not None:
                yield reference
                continue
            if qualifier is None:
                _resolve_name(reference, scope, aliases, by_item, merged)
            else:
                _resolve_qualified(reference, scope)
            yield reference


def _name_node(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node


def _is_word(character: str) -> bool:
    return character.isalnum() or character in ("_", "$")


def _is_itself(output: Output, name: str) -> bool:
    """Tell whether an output is a plain column under its own name, so that its name means the column."""
    node = unwrap(output.expression)
    return isinstance(node, exp.Column) and identifier(node.this) == name


def _is_join(node: exp.Expr) -> bool:
    """Tell a join in brackets from a derived table."""
    return isinstance(node, exp.Table) or _is_join(node.this)


def _item_around(node: exp.Expr, by_item: Mapping[int, Output]) -> Output | None:
    current: exp.Expr | None = node
    while current is not None and not isinstance(current, exp.Select):
        if id(current) in by_item:
            return by_item[id(current)]
        current = current.parent
    return None


def _resolve_qualified(reference: Reference, scope: Scope) -> None:
    if reference.name in _PSEUDO and reference.name in ("NEXTVAL", "CURRVAL"):
        reference.status = "pseudo"
        return
    parts = tuple(identifier(part) for part in reference.node.parts[:-1])
    current: Scope | None = scope
    while current is not None:
        for relation in current.relations:
            if not _answers_to(relation, parts):
                continue
            reference.relation = relation
            if relation.columns is None:
                reference.status = "open" if current is scope else "outer"
            elif reference.name in relation.columns:
                reference.output = relation.columns[reference.name]
                reference.status = "resolved" if current is scope else "outer"
            else:
                reference.status = "pseudo" if reference.name.startswith("METADATA$") else "unknown-column"
            return
        current = current.parent
    reference.status = "unknown-alias"


def _answers_to(relation: Relation, parts: tuple[str, ...]) -> bool:
    if len(parts) == 1 and relation.name == parts[0]:
        return True
    return not relation.aliased and bool(relation.parts) and relation.parts[-len(parts) :] == parts


def _resolve_name(
    reference: Reference,
    scope: Scope,
    aliases: Mapping[str, Output],
    by_item: Mapping[int, Output],
    merged: frozenset[str],
) -> None:
    name = reference.name
    if name in _PSEUDO or name.startswith("METADATA$"):
        reference.status = "pseudo"
        return
    alias = aliases.get(name)
    if reference.clause == "order" and alias is not None:
        reference.status, reference.output = "alias", alias
        return
    holders = [r for r in scope.relations if r.columns is not None and name in r.columns]
    unknown = [r for r in scope.relations if r.columns is None]
    if holders:
        is_ambiguous = len(holders) > 1 and name not in merged
        reference.status = "ambiguous" if is_ambiguous else "resolved"
        if not is_ambiguous:
            reference.relation = holders[0]
            assert holders[0].columns is not None
            reference.output = holders[0].columns[name]
        return
    if alias is not None and not _is_itself(alias, name) and alias is not _item_around(reference.node, by_item):
        reference.status, reference.output = "alias", alias
        return
    if len(unknown) == 1 or (unknown and name in merged):
        reference.relation = unknown[0]
    if unknown:
        return
    current = scope.parent
    while current is not None:
        holders = [r for r in current.relations if r.columns is None or name in r.columns]
        if holders:
            reference.status = "outer"
            if len(holders) == 1:
                reference.relation = holders[0]
                reference.output = (holders[0].columns or {}).get(name)
            return
        current = current.parent
    reference.status = "unknown-column" if scope.relations or scope.parent is None else "open"


def _merged_columns(node: exp.Select, relations: Sequence[Relation]) -> frozenset[str]:
    """Give the columns that USING or NATURAL makes one."""
    merged: set[str] = set()
    for relation in relations:
        join = relation.join
        if join is None:
            continue
        merged |= {identifier(name) for name in join.args.get("using") or ()}
        if join.method.upper() == "NATURAL":
            for other in relations:
                if other is not relation:
                    merged |= set(other.columns or ()) & set(relation.columns or ())
    return frozenset(merged)


def _handed_on(relation: Relation, inner: Output, name: str, span: Span) -> Output:
    return Output(
        name,
        inner.named,
        inner.quoted,
        span,
        inner.name_span,
        inner.expression,
        inner.expression_span,
        inner.scope,
        inherited=(relation, inner),
    )


def _renamed(relation: Relation, names: Sequence[str]) -> tuple[Output, ...] | None:
    """Give a relation's columns under the names of its alias list."""
    if relation.listing is None:
        return None if relation.kind != "table" else tuple(_opaque(name, relation) for name in names)
    if len(relation.listing) != len(names):
        return None
    before_joins = replace(relation, optional=False)
    return tuple(
        _handed_on(before_joins, output, name, output.span)
        for output, name in zip(relation.listing, names, strict=True)
    )


def _known(name: str, facts: Facts, span: Span) -> Output:
    node = exp.column(name)
    return Output(name, True, False, span, span, node, span, None, known=facts)


def _opaque(name: str, relation: Relation) -> Output:
    sources = frozenset({f"{relation.table}.{name}"}) if relation.kind == "table" else frozenset()
    return _known(name, Facts(None, None, sources), relation.span)


def _combined(branches: tuple[Output, ...]) -> Output:
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
