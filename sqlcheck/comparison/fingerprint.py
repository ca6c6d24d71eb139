"""Numbers by which values and rows of two queries are the same, whatever they are called and however laid out.

What stands behind an alias, a derived table or a CTE counts, not its name; brackets, layout and the order
of conditions do not count. Equal numbers mean equal; different ones mean that it cannot be told.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable

from sqlglot import exp

from sqlcheck.mapping import Mapping
from sqlcheck.resolution.scopes import Output, Reference, Relation, Result, Scope, Star

_Task = Generator["_Task", int, int]
"""A calculation that hands out its parts: nesting costs no stack."""
_Tasks = Generator[_Task, int, list[int]]

_RESOLVED = frozenset({"this", "db", "catalog", "alias", "joins", "laterals"})
_CLAUSES = ("having", "qualify", "connect", "match", "sample")
_DERIVED = frozenset({"quoted", "columns"})
"""What the parser works out of other arguments, with the comments in them."""
_CUT = ("limit", "offset", "order")
"""The order counts only where it decides which rows are kept."""
_TRANSPARENT = (exp.Paren, exp.Alias)


class Fingerprints:
    """The fingerprints of the values and rows of any number of mappings; those of one object can be compared."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._done: dict[Hashable, int] = {}
        self._kept: list[Mapping] = []
        self._scopes: dict[int, Scope] = {}
        self._references: dict[int, Reference] = {}
        self._again: dict[int, int] = {}

    def learn(self, mapping: Mapping) -> None:
        """Take in the scopes of a mapping; a table that one FROM names twice is told apart."""
        self._kept.append(mapping)
        for scope in mapping.scopes:
            self._scopes[id(scope.node)] = scope
            self._references.update((id(reference.node), reference) for reference in scope.references)
            seen: dict[str, int] = {}
            for relation in scope.relations:
                name = relation.table if relation.kind == "table" else str(id(relation.source))
                self._again[id(relation)] = seen[name] = seen.get(name, -1) + 1

    def value(self, output: Output) -> int:
        """Give the number of an output's value."""
        return _run(self._output(output))

    def rows(self, mapping: Mapping) -> int:
        """Give the number of the rows that a query selects."""
        assert mapping.query.tree is not None
        return _run(self._query(mapping.query.tree))

    def stars(self, mapping: Mapping) -> int:
        """Give the number of what the stars that could not be expanded stand for."""
        return _run(self._open(mapping.selects))

    def _number(self, *parts: Hashable) -> int:
        return self._numbers.setdefault(parts, len(self._numbers))

    # values

    def _output(self, output: Output) -> _Task:
        key = ("output", id(output))
        if key in self._done:
            return self._done[key]
        self._done[key] = self._number("itself")
        if output.branches:
            found = self._number("sides", *(yield from self._all(output.branches)))
        elif output.inherited is not None:
            found = yield self._column(*output.inherited)
        elif output.scope is not None:
            found = yield self._expression(output.expression)
        else:
            found = self._number("known", output.name)
        self._done[key] = found
        return found

    def _column(self, relation: Relation, output: Output) -> _Task:
        again = self._again.get(id(relation), 0)
        if output.known is None:
            value = yield self._output(output)
            return self._number("again", value, again) if again else value
        if relation.kind == "table":
            return self._number("column", relation.table, output.name, again)
        call = yield self._node(relation.node)
        return self._number("row", call, output.name)

    def _reference(self, node: exp.Column) -> _Task:
        reference = self._references.get(id(node))
        if reference is None:
            return (yield self._node(node))
        relation, output = reference.relation, reference.output
        if output is not None:
            return (yield self._column(relation, output) if relation is not None else self._output(output))
        if relation is None:
            return self._number("open", reference.qualifier, reference.name)
        return self._number("column", relation.table, reference.name, self._again.get(id(relation), 0))

    def _expression(self, node: exp.Expr) -> _Task:
        while isinstance(node, _TRANSPARENT):
            node = node.this
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            return (yield self._reference(node))
        if isinstance(node, exp.Query):
            return (yield self._query(node, valued=True))
        return (yield self._node(node))

    def _node(self, node: exp.Expr, skip: frozenset[str] = frozenset({"alias"})) -> _Task:
        """Number a node by its class and all its arguments."""
        parts: list[Hashable] = [type(node).__name__]
        is_literal = isinstance(node, exp.Literal) or (isinstance(node, exp.Identifier) and node.args.get("quoted"))
        for key, value in sorted(node.args.items()):
            if key in skip or key in _DERIVED or value is None or value is False or value == []:
                continue
            parts.append(key)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, exp.Expr):
                    parts.append((yield self._expression(part)))
                else:
                    parts.append(str(part) if is_literal else str(part).upper())
        return self._number(*parts)

    # rows

    def _query(self, node: exp.Expr, *, valued: bool = False) -> _Task:
        """Number the rows of a query; with `valued` the values in them too."""
        if isinstance(node, exp.SetOperation):
            left = yield self._query(node.this, valued=valued)
            right = yield self._query(node.expression, valued=valued)
            return self._number(type(node).__name__, bool(node.args.get("distinct")), left, right)
        if isinstance(node, exp.Subquery):
            return (yield self._query(node.this, valued=valued))
        scope = self._scopes.get(id(node))
        if scope is None:
            return (yield self._node(node))
        rows = yield self._select(scope)
        return self._number(rows, *(yield from self._all(scope.outputs))) if valued else rows

    def _all(self, outputs: Iterable[Output]) -> _Tasks:
        return (yield from _each(self._output(output) for output in outputs))

    def _select(self, scope: Scope) -> _Task:
        key = ("rows", id(scope))
        if key in self._done:
            return self._done[key]
        self._done[key] = self._number("itself")
        node = scope.node
        parts: list[Hashable] = [*(yield from _each(self._relation(relation) for relation in scope.relations))]
        where = node.args.get("where")
        parts.append((yield from self._conditions(where and where.this)))
        if node.args.get("group") is not None:
            parts.append(("group", (yield self._group(node.args["group"], scope))))
        is_cut = node.args.get("limit") is not None or node.args.get("offset") is not None
        clauses = [name for name in (*_CLAUSES, *(_CUT if is_cut else ())) if node.args.get(name)]
        parts.append((*clauses, *(yield from _each(self._node(node.args[name]) for name in clauses))))
        if node.args.get("distinct") is not None:
            parts.append(("distinct", *sorted((yield from self._all(scope.outputs)))))
        self._done[key] = found = self._number("select", *parts)
        return found

    def _conditions(self, node: exp.Expr | None) -> Generator[_Task, int, tuple[int, ...]]:
        """Number the parts of an AND, in no order."""
        found: set[int] = set()
        stack = [node] if node is not None else []
        while stack:
            part = stack.pop()
            while isinstance(part, exp.Paren):
                part = part.this
            if isinstance(part, exp.And):
                stack += [part.this, part.expression]
            else:
                found.add((yield self._expression(part)))
        return tuple(sorted(found))

    def _group(self, node: exp.Expr, scope: Scope) -> _Task:
        """Number a GROUP BY; what it names by position or alias counts as what stands there."""
        found: set[int] = set()
        for item in node.expressions:
            at = int(item.name) if isinstance(item, exp.Literal) and item.name.isdigit() else 0
            is_position = 0 < at <= len(scope.outputs)
            found.add((yield self._output(scope.outputs[at - 1]) if is_position else self._expression(item)))
        rest = yield self._node(node, frozenset({"expressions"}))
        return self._number("group", rest, *sorted(found))

    def _relation(self, relation: Relation) -> _Task:
        parts: list[Hashable] = [relation.kind, relation.optional, (yield self._rows_of(relation))]
        join = relation.join
        if join is not None:
            parts += [join.side, join.kind, join.method]
            parts += sorted(column.name.upper() for column in join.args.get("using") or ())
            parts.append((yield from self._conditions(join.args.get("on"))))
        return self._number(*parts)

    def _rows_of(self, relation: Relation) -> _Task:
        node, source = relation.node, relation.source
        if source is not None:
            rows = yield self._result(source)
            return self._number("rows", rows, (yield self._node(node, _RESOLVED)))
        if relation.kind in ("table", "pivot") and isinstance(node, exp.Table):
            return self._number("table", relation.table, (yield self._node(node, _RESOLVED)))
        return (yield self._node(node))

    def _result(self, result: Result) -> _Task:
        if not result.selects:
            return self._number("recursion")
        top: exp.Expr = result.selects[0].node
        while isinstance(top.parent, exp.SetOperation):
            top = top.parent
        return (yield self._query(top))

    # stars

    def _open(self, selects: tuple[Scope, ...]) -> _Task:
        stars = ((scope, star) for scope in selects for star in scope.stars if not star.expanded)
        return self._number("stars", *sorted((yield from _each(self._star(*star) for star in stars))))

    def _star(self, scope: Scope, star: Star) -> _Task:
        parts: list[Hashable] = []
        for relation in scope.relations:
            if star.qualifier in (None, relation.name):
                parts.append((yield self._rows_of(relation)))
                if relation.source is not None:
                    parts.append((yield self._open(relation.source.selects)))
        node = star.node if isinstance(star.node, exp.Star) else star.node.this
        return self._number("star", (yield self._node(node)), *parts)


def _each(tasks: Iterable[_Task]) -> _Tasks:
    found = []
    for task in tasks:
        found.append((yield task))  # noqa: PERF401 - a comprehension cannot hand out tasks
    return found


def _run(task: _Task) -> int:
    """Finish a calculation and all the parts that it hands out."""
    stack, value = [task], None
    while True:
        try:
            stack.append(stack[-1].send(value))  # type: ignore[arg-type]  # a generator starts by None
            value = None
        except StopIteration as done:
            stack.pop()
            value = done.value
            if not stack:
                return int(done.value)
