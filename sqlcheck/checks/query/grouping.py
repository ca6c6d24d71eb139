"""What may stand beside an aggregate."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.checks.query import _calls
from sqlcheck.checks.query._sources import listed
from sqlcheck.knowledge.functions import FUNCTIONS
from sqlcheck.mapping import Mapping
from sqlcheck.model import Edit, Evidence, Finding, Span
from sqlcheck.parse import Query
from sqlcheck.resolution.evidence import of_meaning, of_names
from sqlcheck.resolution.facts import arguments
from sqlcheck.resolution.members import type_name
from sqlcheck.resolution.scopes import Output, Scope

_GROUPING_SETS = (exp.GroupingSets, exp.Cube, exp.Rollup)
_BEHIND_GROUP = ("having", "qualify", "window", "order by", "limit", "fetch", "offset")

Shape = tuple[object, ...]


def ungrouped_column(query: Query, mapping: Mapping) -> Iterator[Finding]:
    """Report columns of the SELECT list that stand beside an aggregate or GROUP BY without being grouped."""
    grouping: set[int] = set()
    for node in _calls.aggregates(query):
        owner, clause = query.index.owners[id(node)]
        if clause in ("expressions", "having") and _calls.window_of(node) is None:
            grouping.add(id(owner))
    for scope in mapping.scopes:
        group = scope.node.args.get("group")
        is_empty = group is not None and not any(group.args.values())
        if (group is not None or id(scope.node) in grouping) and not is_empty:
            yield from _ungrouped(query, scope, group)


def _ungrouped(query: Query, scope: Scope, group: exp.Expr | None) -> Iterator[Finding]:
    keys = _Keys.of(scope, group)
    if keys is None:
        return
    bare = _Bare(query, scope, keys)
    for node in _after_grouping(scope.node):
        bare.read(node)
    yield from _ungrouped_stars(query, scope, keys)
    if not bare.found:
        return
    spans = {id(column): query.span(column) for column in bare.found.values()}
    # which of its sets a column is to be in, is for the author to say
    is_plain = group is None or not any(isinstance(key, _GROUPING_SETS) for key in group.expressions)
    edits = (_group_edit(query, scope, group, list(map(query.slice, spans.values()))),) if is_plain else ()
    for node in bare.found.values():
        span = spans[id(node)]
        name = query.slice(span)
        message = (
            f"`{name}` is neither in GROUP BY nor inside an aggregate"
            if group is not None
            else f"`{name}` stands beside an aggregate, and there is no GROUP BY"
        )
        advice = "add it to GROUP BY, or say which value you want: `MAX(…)`, `ANY_VALUE(…)`"
        reference = scope.reference(node)
        is_alias = reference is not None and of_meaning(reference, scope) == "schema"
        evidence: Evidence = "schema" if is_alias or keys.evidence == "schema" else "static"
        yield Finding(span, message, advice, edits, evidence=evidence)


def _ungrouped_stars(query: Query, scope: Scope, keys: _Keys) -> Iterator[Finding]:
    """Report stars of which a column is not grouped."""
    for star in scope.stars if keys.columns or scope.node.args.get("group") is None else ():
        columns = [output for output in scope.outputs if output.star is scope and output.span == star.span]
        bare = [output.name for output in columns if not keys.has_handed_on(output)]
        if bare:
            shown = query.slice(star.span).split(None, 1)[0]
            message = f"{listed(bare)} of `{shown}` {'is' if len(bare) == 1 else 'are'} not in GROUP BY"
            advice = "name the grouped columns instead of the star"
            yield Finding(star.span, message, advice, evidence=of_names(columns))


def _after_grouping(node: exp.Select) -> Iterator[exp.Expr]:
    """Yield what is read once the rows are grouped: the SELECT list, HAVING, QUALIFY and ORDER BY."""
    yield from node.expressions
    for key in ("having", "qualify"):
        clause = node.args.get(key)
        if clause is not None:
            yield clause.this
    order = node.args.get("order")
    if order is not None:
        yield from (key.this for key in order.expressions)


class _Keys:
    """What a SELECT groups by, in a form that does not depend on case and qualifiers."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.shapes: set[Shape] = set()
        self.kinds: set[type[exp.Expr]] = set()
        self.columns: dict[str, set[str | None]] = {}
        self.evidence: Evidence = "static"

    @classmethod
    def of(cls, scope: Scope, group: exp.Expr | None) -> _Keys | None:
        """Read GROUP BY, all members of grouping sets included; None where it cannot be told what it names."""
        keys = cls(scope)
        if group is None:
            return keys
        if group.args.get("all") or group.args.get("totals"):
            return None
        stack = list(group.expressions)
        while stack:
            node = stack.pop()
            if isinstance(node, exp.Paren):
                stack.append(node.this)
            elif isinstance(node, exp.Tuple | exp.GroupingSets | exp.Cube | exp.Rollup):
                stack.extend(node.expressions)
            elif isinstance(node, exp.Literal):
                if not keys.add_ordinal(node):
                    return None
            else:
                keys.add(node)
        return keys

    def add_ordinal(self, node: exp.Literal) -> bool:
        """Take the select item that a number stands for; a star in front of it hides which one that is."""
        items = self.scope.node.expressions
        if not node.is_int or not 1 <= int(node.name) <= len(items):
            return node.is_string
        at = int(node.name)
        if any(_calls.is_star(item) for item in items[:at]):
            return False
        self.add(items[at - 1].unalias())
        return True

    def add(self, node: exp.Expr) -> None:
        """Take a key, and what it stands for when it is the alias of a select item."""
        self.add_shape(node)
        if not isinstance(node, exp.Column):
            return
        self.columns.setdefault(_calls.column_name(node), set()).add(_qualifier(node))
        reference = self.scope.reference(node)
        # a column of the source goes before an alias: docs.snowflake.com/en/sql-reference/constructs/group-by
        if reference is not None and of_meaning(reference, self.scope) == "schema":
            self.evidence = "schema"
        if not node.table and (reference is None or reference.status != "resolved"):
            for item in self.scope.node.expressions:
                alias = item.args.get("alias") if isinstance(item, exp.Alias) else None
                if alias is not None and _calls.folded(alias) == _calls.column_name(node):
                    self.add_shape(item.this)

    def add_shape(self, node: exp.Expr) -> None:
        """Take an expression as it stands."""
        node = node.unnest()
        self.kinds.add(type(node))
        if isinstance(node, exp.Cast | exp.TsOrDsToDate):
            self.kinds |= {exp.Cast, exp.TsOrDsToDate}
        self.shapes.add(_shape(node))

    def has(self, node: exp.Expr) -> bool:
        """Tell whether an expression is one of the keys."""
        if isinstance(node, exp.Column):
            grouped = self.columns.get(_calls.column_name(node), set())
            own = _qualifier(node)
            is_grouped = bool(grouped) and (own is None or None in grouped or own in grouped)
            return is_grouped or self._is_alias_key(node)
        return type(node) in self.kinds and _shape(node) in self.shapes

    def has_handed_on(self, output: Output) -> bool:
        """Tell whether a column that a star hands on is one of the keys."""
        if output.inherited is None:
            return True
        relation, inner = output.inherited
        return not self.columns.get(inner.name, set()).isdisjoint({None, relation.name})

    def _is_alias_key(self, node: exp.Column) -> bool:
        """Tell whether a column is what a grouped alias or ordinal stands for."""
        return _shape(node) in self.shapes and not self.columns.get(_calls.column_name(node))


class _Bare:
    """Collect the columns of select items and later clauses that neither a key nor an aggregate covers."""

    def __init__(self, query: Query, scope: Scope, keys: _Keys) -> None:
        self.query, self.scope, self.keys = query, scope, keys
        self.found: dict[tuple[str, str | None], exp.Column] = {}

    def read(self, item: exp.Expr) -> None:
        stack = [item.unalias()]
        while stack:
            node = stack.pop()
            if isinstance(node, exp.Query | exp.Lambda) or _calls.is_star(node) or self.keys.has(node):
                continue
            if isinstance(node, exp.Column):
                self.take(node, item)
            elif isinstance(node, exp.Window):
                stack.extend(reversed(list(self.parts(node))))
            elif not self.is_covered(node):
                stack.extend(reversed(list(arguments(node))))

    def is_covered(self, node: exp.Expr) -> bool:
        """Tell an aggregate, or a function that may be the user's own aggregate."""
        inner = node
        while isinstance(inner, _calls.CALL_PARTS):
            inner = inner.this
        is_own = isinstance(inner, exp.Anonymous) and inner.name.upper() not in FUNCTIONS
        return is_own or _calls.is_aggregate(self.query, inner)

    def parts(self, window: exp.Window) -> Iterator[exp.Expr]:
        """Yield what a window function reads: the arguments of its call, its partitions and its order."""
        call = window.this
        while isinstance(call, _calls.CALL_PARTS):
            yield from (part for part in arguments(call) if part is not call.this)
            call = call.this
        yield from arguments(call)
        yield from (part for part in arguments(window) if part is not window.this)

    def take(self, node: exp.Column, item: exp.Expr) -> None:
        reference = self.scope.reference(node)
        if reference is None or reference.status not in ("resolved", "open"):
            return
        may_be_alias = reference.status == "open" or reference.clause in ("having", "qualify")
        if reference.qualifier is None and may_be_alias and self.is_other_alias(reference.name, item):
            return
        self.found.setdefault((_calls.column_name(node), _qualifier(node)), node)

    def is_other_alias(self, name: str, item: exp.Expr) -> bool:
        """Tell whether a name can stand for another select item that is computed."""
        return any(
            isinstance(other, exp.Alias)
            and other is not item
            and _calls.folded(other.args["alias"]) == name
            and not isinstance(other.this, exp.Column)
            for other in self.scope.node.expressions
        )


def _qualifier(node: exp.Column) -> str | None:
    table = node.args.get("table")
    return _calls.folded(table) if table is not None else None


def _shape(node: exp.Expr) -> Shape:
    """Give a hashable form of an expression in which brackets, and case and qualifiers of names, do not count."""
    shape: list[object] = []
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, exp.Paren):
            stack.append(current.this)
        elif isinstance(current, exp.Column):
            shape.append(("column", _calls.column_name(current)))
        elif isinstance(current, exp.Identifier):
            shape.append(("name", _calls.folded(current)))
        elif isinstance(current, exp.Cast | exp.TsOrDsToDate) and (kind := _cast_type(current)) is not None:
            shape.append(("cast", kind))
            stack.append(current.this)
        elif isinstance(current, exp.Anonymous):
            shape.append((exp.Anonymous, current.name.upper(), len(current.expressions)))
            stack.extend(reversed(current.expressions))
        elif isinstance(current, exp.Expr):
            shape.append((type(current), len(current.args)))
            for key, value in current.args.items():
                stack.extend(value if isinstance(value, list) else (value,))
                stack.append(key)
        else:
            shape.append(str(current))
    return tuple(shape)


def _cast_type(node: exp.Expr) -> str | None:
    """Give the type that a plain cast brings a value to; `TO_DATE(x)` is `x::DATE`, VARCHAR is STRING."""
    if isinstance(node, exp.TsOrDsToDate):
        return "DATE" if node.args.get("format") is None else None
    return type_name(node.args["to"]) if not isinstance(node, exp.TryCast) else None


def _group_edit(query: Query, scope: Scope, group: exp.Expr | None, names: list[str]) -> Edit:
    """Write all bare columns into GROUP BY, behind what it has."""
    later = [scope.text.clauses[name].start for name in _BEHIND_GROUP if name in scope.text.clauses]
    last = query.before(min(later)) if later else None
    end = last.end + 1 if last is not None else scope.text.body.end
    if group is not None:
        return Edit(Span(end, end), f", {', '.join(names)}")
    separator = "\n" + _indent(query, scope) if "\n" in query.text[scope.text.body.start : end] else " "
    return Edit(Span(end, end), f"{separator}GROUP BY {', '.join(names)}")


def _indent(query: Query, scope: Scope) -> str:
    """Give the blanks in front of FROM's line, so that GROUP BY lines up with it."""
    anchor = scope.text.clauses.get("from", scope.text.keyword).start
    line = query.text[query.text.rfind("\n", 0, anchor) + 1 : anchor]
    return line if not line.strip() else line[: len(line) - len(line.lstrip())]
