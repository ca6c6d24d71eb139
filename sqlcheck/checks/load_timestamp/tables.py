"""Does the load timestamp move when any of the tables changes that attributes come from?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.knowledge.moments import change_rank
from sqlcheck.knowledge.vocabulary import words
from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding
from sqlcheck.resolution.answers import Answers
from sqlcheck.resolution.evidence import of_expression
from sqlcheck.resolution.facts import arguments, unwrap
from sqlcheck.resolution.predicates import conjuncts
from sqlcheck.resolution.references import merged_columns
from sqlcheck.resolution.scopes import Output, Relation, Scope

_FIXED_TERMS = frozenset(
    "dim dims dimension dimensions lookup lookups lkp ref refs reference static seed seeds calendar code codes type "
    "types country countries currency currencies language languages timezone timezones".split()
)
"""Words in the name of a table whose rows hardly ever change."""
_LIKELY = 2


def one_sided_load_timestamp(mapping: Mapping) -> Iterator[Finding]:
    """Report a load timestamp that tracks one table while attributes come from others as well."""
    column = mapping.load_timestamp
    if column is None or not mapping.attributes or len(tables := _tables(mapping)) < 2:
        return
    # The usual case, told without following every column: the timestamp is made from all tables.
    if not mapping.set_operations and tables <= {_table(source) for source in column.output.facts.sources}:
        return
    at = mapping.columns.index(column)
    keys = None
    for outputs in _rows([each.output for each in mapping.columns], set()):
        tracked = {_table(source) for source in outputs[at].facts.sources}
        if not tracked or not _is_traced(outputs[at], Answers(False)):
            continue
        keys = _join_keys(mapping) if keys is None else keys
        missing = _untracked(mapping, outputs, tracked, keys)
        culprit = _combining(outputs[at])
        # A value for the rows without a partner, for which nullable-load-timestamp asks, tracks the other table too.
        if missing and not _is_outer_joined(culprit):
            message = (
                f"a change in {_listed(missing)} does not move the load timestamp, "
                f"which comes from {_listed(sorted(tracked))} alone"
            )
            advice = _advice(mapping, culprit, missing)
            rests = any(of_expression(o.expression, o.scope) == "schema" for o in outputs if o.scope is not None)
            evidence = "schema" if rests else mapping.evidence
            yield Finding(culprit.expression_span, message, advice, evidence=evidence, column=column.name)


def _tables(mapping: Mapping) -> set[str]:
    return {r.table for scope in mapping.scopes for r in scope.relations if r.is_base}


def _rows(outputs: list[Output], seen: set[tuple[int, ...]]) -> Iterator[list[Output]]:
    """Follow all columns inwards together, into the sides of set operations, to the SELECTs that make their rows."""
    while (key := tuple(map(id, outputs))) not in seen:
        seen.add(key)
        sides = {len(output.branches) for output in outputs}
        if sides != {0}:
            for side in range(sides.pop() if len(sides) == 1 else 0):
                yield from _rows([output.branches[side] for output in outputs], seen)
            return
        inner = [output.inner() for output in outputs]
        relations = {id(_handed_on_by(output)) for output in outputs}
        if len(relations) != 1 or None in map(_handed_on_by, outputs) or any(len(each) != 1 for each in inner):
            yield outputs
            return
        outputs = [each[0] for each in inner]


def _handed_on_by(output: Output) -> Relation | None:
    """Give the relation of which an output hands on a column."""
    if output.inherited is not None:
        return output.inherited[0]
    node = unwrap(output.expression)
    reference = output.scope.reference(node) if output.scope is not None and isinstance(node, exp.Column) else None
    return reference.relation if reference is not None else None


def _is_traced(output: Output, known: Answers[bool]) -> bool:
    """Tell whether every column that an output is made from is known with its table."""
    return known.of(output, lambda: all(_is_known(origin, known) for origin in output.origins()))


def _is_known(origin: Output, known: Answers[bool]) -> bool:
    scope = origin.scope
    if origin.table is not None or scope is None:
        return origin.table is not None
    for column in origin.expression.find_all(exp.Column):
        reference = scope.reference(column)
        if reference is not None and reference.output is not None:
            if not _is_traced(reference.output, known):
                return False
        elif not scope.facts(column).sources:
            return False
    return True


def _untracked(mapping: Mapping, outputs: list[Output], tracked: set[str], keys: set[str]) -> list[str]:
    """Give the tables that attributes come from beside the tracked one, unless that is of no weight itself."""
    missing: dict[str, None] = {}
    unchanging = {"", *_of_one_row(mapping, keys)}
    gives_something = False
    for column, output in zip(mapping.columns, outputs, strict=True):
        if column.role == "load_timestamp":
            continue
        for source in sorted(output.facts.sources):
            table = _table(source)
            if table in tracked:
                gives_something = True
            elif column.role == "attribute" and source not in keys and not (table in unchanging or _is_fixed(table)):
                missing[table] = None
        for tables in _counted(output) if column.role == "attribute" else ():
            if tracked.isdisjoint(tables) and unchanging.isdisjoint(tables):
                missing |= dict.fromkeys([table for table in tables if not _is_fixed(table)][:1])
    return list(missing) if gives_something else []


def _counted(output: Output) -> Iterator[list[str]]:
    """Yield, for each value behind an output that is a count or names no column, the tables whose rows make it."""
    seen: set[int] = set()
    stack = list(output.origins())
    while stack:
        origin = stack.pop()
        scope = origin.scope
        if scope is None or id(origin) in seen:
            continue
        seen.add(id(origin))
        nodes = list(_named(origin.expression))
        if not nodes or origin.expression.find(exp.Count) is not None:
            yield _read(scope)
        for node in nodes:
            inner = _made_by(node, scope)
            stack += inner.origins() if inner is not None else ()


def _named(expression: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the columns and subqueries of an expression."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Column | exp.Query):
            yield node
        else:
            stack += arguments(node)


def _made_by(node: exp.Expr, scope: Scope) -> Output | None:
    """Give the output behind a column, or that of a subquery which has a value of its own for each row."""
    if isinstance(node, exp.Column):
        reference = scope.reference(node)
        return reference.output if reference is not None else None
    result = scope.results.get(id(node)) or scope.results.get(id(node.this))
    is_tied = result is not None and any(map(_leans_outwards, result.selects))
    return result.outputs[0] if result is not None and result.outputs and is_tied else None


def _read(scope: Scope) -> list[str]:
    """Give the tables that a SELECT reads, itself and through derived tables and views."""
    tables: dict[str, None] = {}
    stack, seen = [scope], set[int]()
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        for relation in current.relations:
            if relation.is_base:
                stored = (_table(source) for output in relation.listing or () for source in output.facts.sources)
                tables |= dict.fromkeys(stored) or {relation.table: None}
            elif relation.source is not None:
                stack += relation.source.selects
    return list(tables)


def _is_outer_joined(output: Output) -> bool:
    """Tell whether the value is NULL where an outer join finds no row."""
    if output.inherited is not None:
        return output.inherited[0].optional and bool(output.nullable)
    if output.scope is None or not output.nullable:
        return False
    found = (output.scope.reference(column) for column in output.expression.find_all(exp.Column))
    return any(reference.relation.optional for reference in found if reference and reference.relation)


def _of_one_row(mapping: Mapping, keys: set[str]) -> set[str]:
    """Give the tables that are read as a single row, as settings are: cross joined, or aggregated before."""
    tables: set[str] = set()
    for scope in mapping.scopes:
        for result in scope.results.values():
            if _is_one_for_all(result.selects):
                tables |= {each.table for select in result.selects for each in select.relations}
        for relation in scope.relations:
            inner = relation.source.selects if relation.source is not None else ()
            read = {each.table for select in inner for each in select.relations} or {relation.table}
            is_crossed = relation.join is not None and relation.join.kind == "CROSS"
            if _is_one_for_all(inner):
                tables |= read
            elif is_crossed and not any(map(_leans_outwards, inner)):
                tables |= read - {_table(key) for key in keys}
    return tables


def _is_one_for_all(selects: tuple[Scope, ...]) -> bool:
    """Tell a subquery that has one row, which is the same for all rows around it."""
    return bool(selects) and all(select.is_single_row and not _leans_outwards(select) for select in selects)


def _leans_outwards(scope: Scope) -> bool:
    return any(reference.status == "outer" for reference in scope.references)


def _table(source: str) -> str:
    return source.rpartition(".")[0]


def _is_fixed(table: str) -> bool:
    parts = table.split(".")
    return not _FIXED_TERMS.isdisjoint(word for part in parts[-2:] for word in words(part))


def _join_keys(mapping: Mapping) -> set[str]:
    """Give the base columns by which tables are joined: they say nothing that the other side does not."""
    keys: set[str] = set()
    for scope in mapping.scopes:
        joins = [relation.join for relation in scope.relations if relation.join is not None]
        conditions = [join.args["on"] for join in joins if join.args.get("on") is not None]
        where = scope.node.args.get("where")
        if where is not None and len(scope.relations) > 1:
            conditions.append(where.this)
        for part in (part for condition in conditions for part in conjuncts(condition)):
            if isinstance(part, exp.EQ):
                left, right = scope.facts(part.this).sources, scope.facts(part.expression).sources
                if left and right and {_table(s) for s in left} != {_table(s) for s in right}:
                    keys |= left | right
        for name in merged_columns(scope.relations):
            for relation in scope.relations:
                column = (relation.columns or {}).get(name)
                keys |= {f"{relation.table}.{name}"} if column is None else column.facts.sources
    return keys


def _combining(output: Output) -> Output:
    """Follow a column inwards to the SELECT in which tables are joined."""
    for _ in range(100):
        inner = output.inner()
        joins = output.inherited is None and output.scope is not None and len(output.scope.relations) > 1
        if len(inner) != 1 or joins:
            return output
        output = inner[0]
    return output


def _listed(tables: list[str]) -> str:
    return " and ".join(f"`{table}`" for table in tables[:3])


def _advice(mapping: Mapping, culprit: Output, missing: list[str]) -> str:
    own = mapping.query.slice(culprit.expression_span)
    named = _listed(missing)
    terms = []
    for table in missing:
        found = _timestamp_of(culprit.scope, table) if culprit.scope is not None else None
        if found is None or len(own) > 60 or "\n" in own:
            return f"take the latest with GREATEST over it and a timestamp of {named}"
        relation, name = found
        term = f"{relation.name.lower()}.{name.lower()}"
        terms.append(f"COALESCE({term}, {own})" if relation.optional else term)
    return f"take the latest: `GREATEST({', '.join([own, *terms])})`"


def _timestamp_of(scope: Scope, table: str) -> tuple[Relation, str] | None:
    """Give the column of a table, seen in this query, that looks most like the time of its changes."""
    best: tuple[int, Relation, str] | None = None
    for relation in scope.relations:
        names = list(relation.columns or ())
        if relation.kind == "table" and relation.table == table:
            names += [reference.name for reference in scope.references if reference.relation is relation]
        elif not any(_table(s) == table for output in (relation.columns or {}).values() for s in output.facts.sources):
            continue
        for name in names:
            rank = change_rank(name)
            if rank >= _LIKELY and (best is None or rank > best[0]):
                best = (rank, relation, name)
    return best[1:] if best else None
