"""Does the load timestamp move when any of the tables changes that attributes come from?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.facts import unwrap
from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding
from sqlcheck.moments import change_rank
from sqlcheck.predicates import conjuncts
from sqlcheck.scopes import Output, Relation, Scope, identifier
from sqlcheck.vocabulary import words

_FIXED_TERMS = frozenset(
    "dim dims dimension dimensions lookup lookups lkp ref refs reference static seed seeds calendar code codes type "
    "types country countries currency currencies language languages timezone timezones".split()
)
"""Words in the name of a table whose rows hardly ever change."""
_LIKELY = 2
_MAX_STEPS = 30


def one_sided_load_timestamp(mapping: Mapping) -> Iterator[Finding]:
    """Report a load timestamp that tracks one table while attributes come from others as well."""
    column = mapping.load_timestamp
    if column is None or len(mapping.attributes) == 0 or not _reads_several_tables(mapping):
        return
    at = mapping.columns.index(column)
    keys = None
    for outputs in _rows([each.output for each in mapping.columns], at):
        tracked = {_table(source) for source in outputs[at].facts.sources}
        if len(tracked) != 1 or not _is_traced(outputs[at]):
            continue
        keys = _join_keys(mapping) if keys is None else keys
        missing = _untracked(mapping, outputs, tracked, keys)
        if missing:
            culprit = _combining(outputs[at])
            names = " and ".join(f"`{table}`" for table in missing[:3])
            message = f"a change in {names} does not move the load timestamp, which comes from `{tracked.pop()}` alone"
            advice = _advice(mapping, culprit, missing)
            yield Finding(culprit.expression_span, message, advice, column=column.name)


def _reads_several_tables(mapping: Mapping) -> bool:
    tables = {r.table for scope in mapping.scopes for r in scope.relations if r.kind in ("table", "pivot", "stage")}
    return len(tables) > 1


def _rows(outputs: list[Output], at: int) -> Iterator[list[Output]]:
    """Follow all columns inwards together, into the sides of set operations, to the SELECTs that make their rows."""
    while True:
        sides = {len(output.branches) for output in outputs}
        if sides != {0}:
            for side in range(sides.pop() if len(sides) == 1 else 0):
                yield from _rows([output.branches[side] for output in outputs], at)
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


def _is_traced(output: Output, steps: int = 0) -> bool:
    """Tell whether every column that an output is made from is known with its table."""
    if steps > _MAX_STEPS:
        return False
    for origin in output.origins():
        if origin.scope is None:
            return False
        for column in origin.expression.find_all(exp.Column):
            reference = origin.scope.reference(column)
            if reference is not None and reference.output is not None:
                if not _is_traced(reference.output, steps + 1):
                    return False
            elif not origin.scope.facts(column).sources:
                return False
    return True


def _untracked(mapping: Mapping, outputs: list[Output], tracked: set[str], keys: set[str]) -> list[str]:
    """Give the tables that attributes come from beside the tracked one, unless that is of no weight itself."""
    missing: dict[str, None] = {}
    gives_something = False
    for column, output in zip(mapping.columns, outputs, strict=True):
        if column.role == "load_timestamp":
            continue
        for source in sorted(output.facts.sources):
            table = _table(source)
            if table in tracked:
                gives_something = True
            elif column.role == "attribute" and table and source not in keys and not _is_fixed(table):
                missing[table] = None
    return list(missing) if gives_something else []


def _table(source: str) -> str:
    return source.rpartition(".")[0]


def _is_fixed(table: str) -> bool:
    parts = table.split(".")
    return not _FIXED_TERMS.isdisjoint(word for part in parts[-2:] for word in words(part))


def _join_keys(mapping: Mapping) -> set[str]:
    """Give the base columns by which tables are joined: they say nothing that the other side does not."""
    keys: set[str] = set()
    for scope in mapping.scopes:
        conditions = [join.args["on"] for join in scope.node.args.get("joins") or () if join.args.get("on") is not None]
        where = scope.node.args.get("where")
        if where is not None and len(scope.relations) > 1:
            conditions.append(where.this)
        for part in (part for condition in conditions for part in conjuncts(condition)):
            if isinstance(part, exp.EQ):
                left, right = scope.facts(part.this).sources, scope.facts(part.expression).sources
                if left and right and {_table(s) for s in left} != {_table(s) for s in right}:
                    keys |= left | right
        for join in scope.node.args.get("joins") or ():
            for name in join.args.get("using") or ():
                keys |= {f"{relation.table}.{identifier(name)}" for relation in scope.relations}
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


def _advice(mapping: Mapping, culprit: Output, missing: list[str]) -> str:
    own = mapping.query.slice(culprit.expression_span)
    named = " and ".join(f"`{table}`" for table in missing[:3])
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
