"""The nouns of name resolution: scopes, the relations in their FROM, their outputs and column references."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from sqlglot import exp
from sqlglot.tokens import TokenType

from sqlcheck.knowledge.result_types import PSEUDO_COLUMNS
from sqlcheck.model import Span
from sqlcheck.parse import Query
from sqlcheck.resolution import predicates
from sqlcheck.resolution.facts import UNKNOWN, Facts, Known, Narrowed, unwrap
from sqlcheck.resolution.inference import Inference, Inferred
from sqlcheck.resolution.nullness import Nullness
from sqlcheck.resolution.types import common
from sqlcheck.syntax.layout import SelectText

RelationKind = Literal["table", "derived", "cte", "function", "values", "lateral", "stage", "pivot"]
Status = Literal[
    "resolved", "open", "alias", "outer", "early", "unknown-alias", "unknown-column", "ambiguous", "pseudo"
]
"""`early` names a relation that comes into FROM only behind the place where it is named."""

_JOIN_WORDS = frozenset("JOIN LEFT RIGHT FULL INNER OUTER CROSS NATURAL ASOF DIRECTED SEMI ANTI".split())
_BEFORE_RELATION = frozenset({"(", "LATERAL", "TABLE"})


@dataclass(eq=False)
class Output:
    """An output column of a SELECT or of a set operation.

    `expression` is the item without its alias, and `scope` the one in which its columns live. A set
    operation's output has those of its sides as `branches`; one that a star or a renaming derived table
    hands on is `inherited`: its name and expression are those of the inner one. A column of which the schema
    tells has the name of its `table`.
    """

    name: str
    named: bool
    quoted: bool
    span: Span
    name_span: Span
    expression: exp.Expr
    expression_span: Span
    scope: Scope | None
    branches: tuple[Output, ...] = ()
    inherited: tuple[Relation, Output] | None = None
    star: Scope | None = None
    known: Facts | None = None
    table: str | None = None

    @cached_property
    def facts(self) -> Facts:
        """Tell what is known of the value."""
        if self.known is not None:
            return self.known
        if self.branches:
            return _merged([branch.facts for branch in self.branches])
        if self.inherited is not None:
            relation, inner = self.inherited
            is_kept = self.star is not None and self.star.keeps(relation, inner.name)
            return Narrowed(inner.facts, False) if is_kept else relation.seen_through(inner.facts)
        scope = self.scope
        if scope is None:
            return UNKNOWN
        varies = scope.reads_table(self.expression_span)
        return Inferred(scope.inference, self.expression, varies=varies, proves=lambda: scope.proves(self))

    @property
    def type(self) -> str | None:
        """Give the Snowflake type, None when it cannot be told."""
        return self.facts.type

    @property
    def family(self) -> str | None:
        """Give the family of the type."""
        return self.facts.family

    @property
    def nullable(self) -> bool | None:
        """Tell whether the value can be NULL."""
        return self.facts.nullable

    def origins(self, *, named: bool = False) -> tuple[Output, ...]:
        """Follow plain references through derived tables, CTEs, aliases and set operations to what makes the value.

        With `named` the way ends where the column of a table is named last, not at the star behind it.
        """
        found: list[Output] = []
        seen: set[int] = set()
        stack = [self]
        while stack:
            output = stack.pop()
            if id(output) in seen:
                continue
            seen.add(id(output))
            inner = output.inner()
            if inner and not (named and output.is_last_name):
                stack.extend(reversed(inner))
            else:
                found.append(output)
        return tuple(found)

    @property
    def is_last_name(self) -> bool:
        """Tell whether this names a column of a table that a star hands on to it."""
        return self.inherited is None and any(each.star is not None and each.table is not None for each in self.inner())

    @cached_property
    def is_bare(self) -> bool:
        """Tell whether this is a plain column of a table of which nothing more is known."""
        if self.branches or self.inherited is not None or type(self.expression) is not exp.Column or self.scope is None:
            return False
        reference = self.scope.reference(self.expression)
        return reference is not None and reference.output is None and self.family is None

    @cached_property
    def written(self) -> tuple[Output, ...]:
        """Give the outputs whose text stands for this one: a set operation's sides, what a star hands on."""
        if self.branches:
            return tuple(dict.fromkeys(side for branch in self.branches for side in branch.written))
        inner = self.inherited[1].written if self.inherited is not None else (self,)
        return inner if all(side.expression_span.end for side in inner) else (self,)

    def inner(self) -> tuple[Output, ...]:
        """Give the outputs that this one merely hands on; none when it makes the value itself."""
        if self.branches:
            return self.branches
        if self.inherited is not None:
            return (self.inherited[1],) if self.inherited[1].known is None else ()
        node = unwrap(self.expression) if not isinstance(self.expression, exp.Window) else self.expression
        if not isinstance(node, exp.Column) or self.scope is None:
            return ()
        reference = self.scope.reference(node)
        if reference is None or reference.output is None or reference.output.known is not None:
            return ()
        return (reference.output,)


def _merged(found: list[Facts]) -> Facts:
    values = {facts.nullable for facts in found}
    nullable = True if True in values else None if None in values else False
    sources = frozenset().union(*(facts.sources for facts in found))
    scale = max(facts.scale for facts in found)
    return Known(common(facts.type for facts in found), nullable, sources, False, found[0].structure, scale)


@dataclass(eq=False)
class Relation:
    """An item of FROM: a table, a derived table, a CTE, the rows of a function and the like.

    `parts` is the folded name as written, `listing` the columns in order (None when they cannot be told),
    `optional` says that an outer join can fill its columns with NULL. `input` is what a PIVOT or UNPIVOT reads.
    """

    name: str
    kind: RelationKind
    node: exp.Expr
    query: Query
    parts: tuple[str, ...] = ()
    aliased: bool = False
    listing: tuple[Output, ...] | None = None
    optional: bool = False
    join: exp.Join | None = None
    source: Result | None = None
    input: Relation | None = None

    @cached_property
    def columns(self) -> dict[str, Output] | None:
        """Give the columns by name, None when they cannot be told."""
        return None if self.listing is None else {output.name: output for output in reversed(self.listing)}

    @cached_property
    def written(self) -> dict[str, Output]:
        """Give the columns that stand beside a star which cannot be expanded.

        In a query that compiles the star has no column of such a name: nobody could ask for either of them.
        """
        alias = self.node.args.get("alias")
        if self.listing is not None or self.kind == "pivot" or self.source is None or len(self.source.selects) != 1:
            return {}
        if isinstance(alias, exp.TableAlias) and alias.columns:
            return {}
        return {output.name: output for output in self.source.outputs if output.named}

    @cached_property
    def span(self) -> Span:
        """Give the table's name in the text, or the whole derived table."""
        if self.kind in ("table", "cte", "pivot") and isinstance(self.node, exp.Table):
            names = [self.node.args.get(key) for key in ("catalog", "db", "this")]
            ends = [part._meta for part in names if isinstance(part, exp.Identifier) and part._meta]
            if ends:
                return Span(ends[0]["start"], ends[-1]["end"] + 1)
        return self.query.span(self.node)

    @cached_property
    def start(self) -> int:
        """Give where the relation begins; of a derived table its SELECT, in front of which nothing is read."""
        inner = self.scope if self.kind == "derived" else None
        return inner.text.keyword.start if inner is not None else self.span.start

    @cached_property
    def keyword(self) -> Span | None:
        """Give the join's keywords, or the comma, in front; None for the first item."""
        tokens = self.query.tokens
        at = self.query.token_at(self.span.start) - 1
        while at > 0 and tokens[at].text.upper() in _BEFORE_RELATION:
            at -= 1
        if at >= 0 and tokens[at].token_type == TokenType.COMMA:
            return self.query.token_span(at)
        last = at
        while at >= 0 and tokens[at].text.upper() in _JOIN_WORDS:
            at -= 1
        return self.query.token_span(at + 1, last) if at < last else None

    @property
    def scope(self) -> Scope | None:
        """Give the first SELECT of a derived table or CTE."""
        return self.source.selects[0] if self.source is not None and self.source.selects else None

    @property
    def is_base(self) -> bool:
        """Tell whether lineage ends here: a column of which nothing more is known is a source."""
        return self.kind in ("table", "pivot", "stage")

    @property
    def table(self) -> str:
        """Give the name that lineage shows."""
        return ".".join(self.parts) or self.name

    def seen_through(self, facts: Facts) -> Facts:
        """Tell what is known of a column once it has passed the joins of this FROM."""
        return Narrowed(facts, True) if self.optional else facts


class Star(NamedTuple):
    """A `*` or `t.*` of a select list; `expanded` when all its columns are known."""

    node: exp.Expr
    span: Span
    qualifier: str | None
    expanded: bool


@dataclass(eq=False)
class Reference:
    """A column reference and what it was resolved to."""

    node: exp.Column
    clause: str
    name: str
    qualifier: str | None
    status: Status
    relation: Relation | None = None
    output: Output | None = None

    @property
    def span(self) -> Span:
        """Give the whole reference, qualifiers included."""
        parts = [part._meta for part in self.node.parts if part._meta]
        return Span(parts[0]["start"], parts[-1]["end"] + 1) if parts else Span(0, 0)

    @property
    def name_span(self) -> Span:
        """Give the column's own name."""
        meta = self.node.this._meta
        return Span(meta["start"], meta["end"] + 1) if meta else self.span

    @property
    def qualifier_span(self) -> Span:
        """Give what stands in front of the column's name."""
        parts = [part._meta for part in self.node.parts[:-1] if part._meta]
        return Span(parts[0]["start"], parts[-1]["end"] + 1) if parts else self.span


@dataclass(eq=False)
class _Proven:
    """What cannot be NULL in the rows of a SELECT: columns, relations with a row, outputs by alias, expressions."""

    columns: set[tuple[int, str]] = field(default_factory=set)
    relations: set[int] = field(default_factory=set)
    outputs: set[int] = field(default_factory=set)
    values: tuple[exp.Expr, ...] = ()


@dataclass(eq=False)
class Scope:
    """One SELECT, resolved. `complete` is False when a star of its list could not be expanded."""

    node: exp.Select
    text: SelectText
    query: Query
    parent: Scope | None = None
    relations: tuple[Relation, ...] = ()
    outputs: tuple[Output, ...] = ()
    complete: bool = True
    stars: tuple[Star, ...] = ()
    references: tuple[Reference, ...] = ()
    children: tuple[Scope, ...] = ()
    results: dict[int, Result] = field(default_factory=dict, repr=False)
    _facts_of_columns: dict[int, Facts] = field(default_factory=dict, repr=False)
    _called: dict[str, list[Relation]] = field(default_factory=dict, repr=False)
    _count: int = field(default=0, repr=False)

    def called(self, qualifier: str) -> Sequence[Relation]:
        """Give the relations that a qualifier can mean, in order; looked up, for some queries join thousands."""
        if self._count != len(self.relations):
            self._called, self._count = {}, len(self.relations)
            for relation in self.relations:
                for name in {relation.name, *(relation.parts[-1:] if not relation.aliased else ())}:
                    self._called.setdefault(name, []).append(relation)
        return self._called.get(qualifier, ())

    def reference(self, node: exp.Column) -> Reference | None:
        """Give the reference of a column node that stands directly in this scope."""
        return self._by_node.get(id(node))

    @cached_property
    def _by_node(self) -> dict[int, Reference]:
        return {id(reference.node): reference for reference in self.references}

    def reads_table(self, span: Span) -> bool:
        """Tell whether a column of a table stands in a stretch of this SELECT, so that rows can differ there."""
        index = bisect_left(self._table_columns, span.start)
        return index < len(self._table_columns) and self._table_columns[index] < span.end

    @cached_property
    def _table_columns(self) -> list[int]:
        """Give where columns of tables are named, in order."""
        names = [r.node.this._meta for r in self.references if r.relation is not None and r.relation.kind == "table"]
        return sorted(meta["start"] for meta in names if meta)

    @cached_property
    def inference(self) -> Inference:
        """Infer the facts of expressions whose columns live in this scope."""
        return Inference(self._column, self._subquery, self.query.function_name, self._nullable)

    def _nullable(self, node: exp.Expr) -> bool | None:
        return self.nullness.of(node)

    @cached_property
    def nullness(self) -> Nullness:
        """Tell whether expressions of this scope can be NULL in the rows that its filters keep."""
        return Nullness(
            self._column_nullable,
            lambda node: self._subquery(node).nullable,
            self.query.function_name,
            any(join.side == "FULL" for join in self.node.args.get("joins") or ()),
            values=self._proven.values,
        )

    def facts(self, node: exp.Expr) -> Facts:
        """Tell what is known of any expression of this scope."""
        return self.inference.facts(node)

    def _column(self, node: exp.Column) -> Facts:
        """Tell what is known of a column before the filters of this SELECT."""
        found = self._facts_of_columns.get(id(node))
        if found is None:
            found = self._facts_of_columns[id(node)] = self._referenced(self.reference(node))
        return found

    @staticmethod
    def _referenced(reference: Reference | None) -> Facts:
        if reference is None:
            return UNKNOWN
        if reference.status == "pseudo":
            return Known(PSEUDO_COLUMNS.get(reference.name))
        relation, output = reference.relation, reference.output
        if output is not None:
            return output.facts if relation is None else relation.seen_through(output.facts)
        if relation is None:
            return UNKNOWN
        sources = frozenset({f"{relation.table}.{reference.name}"}) if relation.is_base else frozenset[str]()
        return Known(None, True if relation.optional else None, sources)

    def _column_nullable(self, node: exp.Column) -> bool | None:
        """Tell whether a column can be NULL in the rows that the filters of this SELECT keep."""
        reference = self.reference(node)
        if reference is not None:
            relation = id(reference.relation)
            if (relation, reference.name) in self._proven.columns:
                return False
            if reference.relation is not None and relation in self._proven.relations:
                return reference.output.nullable if reference.output is not None else None
        return self._column(node).nullable

    def keeps(self, relation: Relation, name: str | None = None) -> bool:
        """Tell whether the filters keep only rows in which a column of a relation, or some column, is not NULL."""
        return id(relation) in self._proven.relations if name is None else (id(relation), name) in self._proven.columns

    def proves(self, output: Output) -> bool:
        """Tell whether a filter names an output of this scope and keeps only rows in which it is not NULL."""
        return id(output) in self._proven.outputs

    @cached_property
    def _proven(self) -> _Proven:
        """Collect what is not NULL in the rows that the filters and the inner joins of this SELECT keep."""
        proven = _Proven()
        for value in predicates.not_null_in(self.node):
            reference = self.reference(value) if isinstance(value, exp.Column) else None
            if reference is None:
                proven.values += () if isinstance(value, exp.Column) else (value,)
            elif reference.status == "alias":
                proven.outputs.add(id(reference.output))
            else:
                proven.columns.add((id(reference.relation), reference.name))
                proven.relations.add(id(reference.relation))
        return proven

    @property
    def is_single_row(self) -> bool:
        """Tell whether this yields one row always: an aggregate without GROUP BY and without a filter on it."""
        if any(self.node.args.get(key) is not None for key in ("group", "having", "qualify", "limit")):
            return False
        return any(isinstance(unwrap(item), exp.AggFunc) for item in self.node.expressions)

    def _subquery(self, node: exp.Expr) -> Facts:
        result = self.results.get(id(node))
        if result is None and isinstance(node, exp.Subquery):
            result = self.results.get(id(node.this))
        if result is None or not result.outputs:
            return UNKNOWN
        facts = result.outputs[0].facts
        is_count = facts.nullable is False and all(not s.relations or s.is_single_row for s in result.selects)
        constant = facts.constant and all(not scope.relations for scope in result.selects)
        return Known(facts.type, not is_count, facts.sources, constant, facts.structure, facts.scale)


@dataclass(eq=False)
class Result:
    """What a query expression delivers: its outputs, and the SELECTs whose lists they are."""

    outputs: tuple[Output, ...] = ()
    complete: bool = False
    selects: tuple[Scope, ...] = ()

    @property
    def listing(self) -> tuple[Output, ...] | None:
        """Give the outputs, None when not all are known."""
        return self.outputs if self.complete else None


def identifier(node: exp.Expr | None) -> str:
    """Fold an identifier node."""
    if type(node) is not exp.Identifier:
        return ""
    name: str = node.args["this"]
    return name if node.args.get("quoted") else name.upper()
