"""How the sources in FROM are tied together, and what WHERE does to a join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp
from sqlglot.tokens import TokenType

from sqlcheck.knowledge.functions import AGGREGATES, STRICT
from sqlcheck.mapping import Mapping
from sqlcheck.model import Evidence, Finding
from sqlcheck.resolution.answers import Answers
from sqlcheck.resolution.evidence import of_expression, of_reference
from sqlcheck.resolution.facts import arguments, operands
from sqlcheck.resolution.predicates import conjuncts, is_outer_join
from sqlcheck.resolution.scopes import Relation, Scope

_TIED_BY_NATURE = ("function", "lateral", "stage")


def cartesian_join(mapping: Mapping) -> Iterator[Finding]:
    """Report joins that nothing ties to the sources in front of them."""
    for scope in mapping.scopes:
        if len(scope.relations) > 1:
            yield from _untied(mapping, scope)


def _untied(mapping: Mapping, scope: Scope) -> Iterator[Finding]:
    names = [relation.name for relation in scope.relations if relation.name]
    is_early = any(reference.status == "early" for reference in scope.references)
    if len(set(names)) < len(names) or is_early:
        return
    known = Answers(True)  # behind a chain of CTEs that is too long may be one row
    many = [relation for relation in scope.relations if not _has_one_row(relation, known)]
    if not any(_needs_condition(relation) for relation in many[1:]):
        return
    ties = _Ties(mapping, scope)
    if not ties.read():
        return
    reached: set[int] = set()
    for at, relation in enumerate(many):
        group = ties.group_of(relation)
        is_tied = group in reached or not _needs_condition(relation)
        reached.add(group)
        if at == 0 or is_tied or _has_empty_on(mapping, relation):
            continue
        keyword = relation.keyword
        is_comma = keyword is None or mapping.query.slice(keyword) == ","
        name = mapping.query.slice(relation.span) if relation.kind in ("table", "cte") else "the subquery"
        yield Finding(
            relation.span if keyword is None or is_comma else keyword,
            f"nothing ties {f'`{name}`' if name != 'the subquery' else name} to the rest: every row meets every row",
            "add the condition, or write CROSS JOIN if all pairs are wanted",
            evidence=ties.evidence,
        )


def _has_empty_on(mapping: Mapping, relation: Relation) -> bool:
    """Tell whether ON stands behind a source, with nothing behind it: the fault is then another one."""
    following = mapping.query.after(mapping.query.span(relation.node).end)
    no_condition = relation.join is not None and relation.join.args.get("on") is None
    return no_condition and following is not None and following.token_type == TokenType.ON


def _needs_condition(relation: Relation) -> bool:
    """Tell whether a source is meant to be joined by a condition of the author's."""
    join = relation.join
    if relation.kind in _TIED_BY_NATURE or join is None:
        return False
    return not (join.kind.upper() == "CROSS" or join.method or join.args.get("using"))


def _has_one_row(relation: Relation, known: Answers[bool]) -> bool:
    """Tell whether a source has one row at most."""
    if relation.kind == "values":
        return len(relation.node.expressions) == 1
    source = relation.source
    if source is None or len(source.selects) != 1:
        return False
    scope = source.selects[0]
    return known.of(scope, lambda: _is_one_row(scope, known))


def _is_one_row(scope: Scope, known: Answers[bool]) -> bool:
    node = scope.node
    limit = node.args.get("limit")
    if limit is not None and (limit.args.get("expression") or limit.args.get("count")) == exp.Literal.number(1):
        return True
    if not scope.relations:
        return True
    if node.args.get("group") is None and any(_sums(item) for item in node.expressions):
        return True
    if node.args.get("group") is not None:
        return False
    return all(_has_one_row(relation, known) for relation in scope.relations)


def _sums(item: exp.Expr) -> bool:
    stack = [item]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.AggFunc):
            return True
        if isinstance(node, exp.Anonymous) and node.name.upper() in AGGREGATES:
            return True
        if not isinstance(node, exp.Window | exp.Query):
            stack.extend(arguments(node))
    return False


class _Ties:
    """Which sources of a FROM are tied by some predicate, directly or through others."""

    def __init__(self, mapping: Mapping, scope: Scope) -> None:
        self.mapping, self.scope = mapping, scope
        self.above = {id(relation): id(relation) for relation in scope.relations}
        self.evidence: Evidence = "static"

    def read(self) -> bool:
        """Read all predicates; False where one may tie sources that cannot be told."""
        for relation in self.scope.relations:
            join = relation.join
            if join is not None and (join.args.get("using") or join.method):
                self.tie((relation, *self.scope.relations[: self.scope.relations.index(relation)]))
        return all(self.take(predicate) for predicate in self.predicates())

    def predicates(self) -> Iterator[exp.Expr]:
        node = self.scope.node
        conditions = [relation.join.args.get("on") for relation in self.scope.relations if relation.join is not None]
        conditions += [clause.this for key in ("where", "qualify") if (clause := node.args.get(key)) is not None]
        conditions += [node.args.get("connect")]
        for condition in conditions:
            if condition is not None:
                yield from conjuncts(condition)
        for relation in self.scope.relations:
            if relation.kind in _TIED_BY_NATURE:
                yield relation.node

    def take(self, predicate: exp.Expr) -> bool:
        """Tie what a predicate names; a lone column of its own source ties nothing."""
        known: dict[int, Relation] = {}
        open_columns, told = 0, False
        for column in predicate.find_all(exp.Column):
            scope = self.mapping.scope_of(column)
            reference = scope.reference(column) if scope is not None else None
            if reference is None or reference.status in ("alias", "pseudo"):
                continue
            if reference.relation is None:
                open_columns += scope is self.scope or reference.status == "outer"
            elif id(reference.relation) in self.above:
                told = told or of_reference(reference, self.scope) == "schema"
                known[id(reference.relation)] = reference.relation
        if open_columns and len(known) + open_columns > 1:
            return False
        if told and len(list(predicate.find_all(exp.Column))) > 1:
            self.evidence = "schema"
        if len(known) == 1 and predicate is not (relation := next(iter(known.values()))).node:
            return not _is_own_condition(predicate, relation)
        self.tie(known.values())
        return True

    def tie(self, relations: Iterable[Relation]) -> None:
        """Join the groups of sources."""
        groups = [self.group_of(relation) for relation in relations if id(relation) in self.above]
        for group in groups[1:]:
            self.above[group] = self._top(groups[0])

    def group_of(self, relation: Relation) -> int:
        """Give the group that a source is in; tied sources share it."""
        return self._top(id(relation))

    def _top(self, at: int) -> int:
        while self.above[at] != at:
            self.above[at] = at = self.above[self.above[at]]
        return at


def _is_own_condition(predicate: exp.Expr, relation: Relation) -> bool:
    """Tell an ON that picks rows of the joined source, as `ON d.is_default`: the author chose them with care."""
    join = relation.join
    on = join.args.get("on") if join is not None else None
    if on is None or predicate.find_ancestor(exp.Join) is not join:
        return False
    sides = [predicate.args.get("this"), predicate.args.get("expression")]
    return not all(isinstance(side, exp.Column) for side in sides)


def outer_join_undone(mapping: Mapping) -> Iterator[Finding]:
    """Report the predicate of WHERE that drops the rows for which an outer join found no partner."""
    for scope in mapping.scopes:
        where = scope.node.args.get("where")
        optional = [relation for relation in scope.relations if relation.optional]
        if where is None or not optional:
            continue
        told: set[int] = set()
        for predicate in conjuncts(where.this):
            if is_outer_join(predicate):
                continue
            for relation in optional:
                if id(relation) not in told and _Nulls(scope, relation).never_true(predicate):
                    told.add(id(relation))
                    message = (
                        f"this drops rows without a partner in {_named(mapping, relation)}: the outer join is undone"
                    )
                    help_ = "move the predicate into ON, or write INNER JOIN if that is meant"
                    evidence = of_expression(predicate, scope)
                    yield Finding(mapping.query.span(predicate), message, help_, evidence=evidence)
                    break


def _named(mapping: Mapping, relation: Relation) -> str:
    if not relation.name:
        return "the subquery"
    alias = relation.node.args.get("alias")
    return f"`{alias.name if relation.aliased and alias is not None else mapping.query.slice(relation.span)}`"


_OPERATORS = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.RegexpLike,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe,
)  # fmt: skip
_TRANSPARENT = (exp.Paren, exp.Not, exp.Cast, exp.Neg, exp.Escape, exp.JSONExtract, exp.Bracket, exp.Collate)


class _Nulls:
    """What expressions come to in the rows in which all columns of one source are NULL."""

    def __init__(self, scope: Scope, relation: Relation) -> None:
        self.scope, self.relation = scope, relation
        self.unmatched = {id(r.node) for r in scope.references if r.relation is relation and r.status != "outer"}

    def is_null(self, node: exp.Expr) -> bool:
        """Tell whether an expression is NULL for sure."""
        while isinstance(node, _TRANSPARENT):
            node = node.this
        if isinstance(node, exp.Column):
            return id(node) in self.unmatched
        if isinstance(node, exp.And | exp.Or):
            return all(self.is_null(side) for side in operands(node))
        if isinstance(node, exp.In):
            return self.is_null(node.this) and not node.args.get("query")
        if isinstance(node, exp.Between):
            return self.is_null(node.this)
        return self.is_null_operation(node) if isinstance(node, _OPERATORS) else self.is_strict_call(node)

    def is_null_operation(self, node: exp.Expr) -> bool:
        """Tell whether an operand is NULL; one that is written NULL is another rule's business."""
        found = False
        while isinstance(node, _OPERATORS):
            right = node.args["expression"]
            if isinstance(right, exp.Null):
                return False
            found = found or self.is_null(right)
            node = node.this
        return not isinstance(node, exp.Null) and (found or self.is_null(node))

    def is_strict_call(self, node: exp.Expr) -> bool:
        """Tell whether a call gives NULL because an argument is NULL."""
        if not isinstance(node, exp.Func) or isinstance(node, exp.AggFunc):
            return False
        name = self.scope.query.function_name(node) or node.sql_name()
        if name not in STRICT or (name in ("GREATEST", "LEAST") and node.args.get("ignore_nulls")):
            return False
        given = [node.this] if name == "NULLIF" else arguments(node)
        return any(self.is_null(argument) for argument in given if isinstance(argument, exp.Expr))

    def never_true(self, node: exp.Expr) -> bool:
        """Tell whether a predicate is false or NULL for sure."""
        if isinstance(node, exp.Paren):
            return self.never_true(node.this)
        if isinstance(node, exp.Not):
            return self.never_false(node.this)
        if isinstance(node, exp.And):
            return any(self.never_true(side) for side in operands(node))
        if isinstance(node, exp.Or):
            return all(self.never_true(side) for side in operands(node))
        if isinstance(node, exp.Is):
            return isinstance(node.expression, exp.Boolean) and self.is_null(node.this)
        if isinstance(node, exp.In):
            tested = node.this.expressions if isinstance(node.this, exp.Tuple) else (node.this,)
            return any(self.is_null(value) for value in tested)
        return self.is_null(node)

    def never_false(self, node: exp.Expr) -> bool:
        """Tell whether a predicate is true or NULL for sure."""
        if isinstance(node, exp.Paren):
            return self.never_false(node.this)
        if isinstance(node, exp.Not):
            return self.never_true(node.this)
        if isinstance(node, exp.And):
            return all(self.never_false(side) for side in operands(node))
        if isinstance(node, exp.Or):
            return any(self.never_false(side) for side in operands(node))
        if isinstance(node, exp.Is):
            return isinstance(node.expression, exp.Null) and self.is_null(node.this)
        return self.is_null(node)
