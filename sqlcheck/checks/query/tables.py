"""What the query reads: tables, and the qualifiers that stand for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlcheck.checks.query._sources import listed, written
from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding
from sqlcheck.names import closest, quote
from sqlcheck.resolution.scopes import Reference, Relation, Scope, identifier

if TYPE_CHECKING:
    from sqlcheck.schema import Schema


def unqualified_table(mapping: Mapping) -> Iterator[Finding]:
    """Report tables that are not written as database.schema.table."""
    for scope in mapping.scopes:
        for relation in scope.relations:
            parts = _parts(relation)
            if relation.kind in ("table", "pivot") and 0 < len(parts) < 3 and not _is_known(mapping, relation):
                missing = "its database and schema" if len(parts) == 1 else "its database"
                yield Finding(
                    relation.span,
                    f"`{mapping.query.slice(relation.span)}` lacks {missing}",
                    "write `database.schema.table`: the connection has no default schema",
                )


def _parts(relation: Relation) -> tuple[str, ...]:
    """Give the parts of a table's name as they are written; the schema may know more."""
    keys = [key for key in ("catalog", "db", "this") if isinstance(relation.node.args.get(key), exp.Identifier)]
    return tuple(identifier(relation.node.args[key]) for key in keys)


def _is_known(mapping: Mapping, relation: Relation) -> bool:
    """Tell the names that need no more parts: `db..table`, whose schema is PUBLIC, DUAL, and a CTE that is pivoted."""
    if relation.node.args.get("catalog") or relation.parts == ("DUAL",):
        return True
    return _is_pivoted_cte(mapping, relation)


def _is_pivoted_cte(mapping: Mapping, relation: Relation) -> bool:
    if relation.kind != "pivot" or len(relation.parts) > 1:
        return False
    return any(identifier(cte.args["alias"].this) in relation.parts for cte in mapping.nodes(exp.CTE))


def unknown_table(mapping: Mapping, schema: Schema) -> Iterator[Finding]:
    """Report tables that the schema does not have though it describes what is around them."""
    for scope in mapping.scopes:
        for relation in scope.relations:
            if relation.kind not in ("table", "pivot") or _is_pivoted_cte(mapping, relation):
                continue
            if relation.listing is None and schema.covers(relation.parts):
                message = f"the schema has no table `{mapping.query.slice(relation.span)}`"
                advice = _meant(relation.parts, schema.candidates(relation.parts))
                yield Finding(relation.span, message, advice, evidence="schema")


def _meant(parts: tuple[str, ...], candidates: tuple[str, ...]) -> str | None:
    """Say which table was probably meant: one that differs in case, stands elsewhere, or has almost this name."""
    from sqlcheck.schema import dotted, split_name  # runs without a schema do without the module

    split = {name: split_name(name) or () for name in candidates}
    for name, found in split.items():
        if tuple(map(str.upper, found)) == tuple(map(str.upper, parts)):
            return f"it is called `{name}`: names count with their case, and without quotes are upper case"
    elsewhere = next((name for name, found in split.items() if found[-1:] == parts[-1:]), None)
    if elsewhere is not None:
        return f"did you mean `{elsewhere}`?"
    beside = {dotted(found[-1:]): name for name, found in split.items() if found[:-1] == parts[:-1]}
    near = closest(parts[-1], beside)
    guess = beside[near] if near is not None else closest(dotted(parts), candidates)
    return f"did you mean `{guess}`?" if guess is not None else None


def unknown_alias(mapping: Mapping) -> Iterator[Finding]:
    """Report qualifiers that nothing in FROM answers to, or only what is joined later, each once a SELECT."""
    for scope in mapping.scopes:
        unknown = [each for each in scope.references if each.status in ("unknown-alias", "early") and each.qualifier]
        told = set()
        for reference in sorted(unknown, key=_start):
            qualifier = mapping.query.slice(reference.qualifier_span)
            if qualifier.upper() in told:
                continue
            told.add(qualifier.upper())
            message, advice = f"nothing in FROM is called `{qualifier}`", _advice(qualifier, scope)
            if reference.status == "early":
                message = f"`{qualifier}` is joined only behind this"
                advice = f"join `{qualifier}` first" + (", or say this in its ON" if reference.clause == "on" else "")
            yield Finding(reference.qualifier_span, message, advice)


def _start(reference: Reference) -> int:
    return reference.span.start


def _advice(qualifier: str, scope: Scope) -> str | None:
    current: Scope | None = scope
    visible = []
    while current is not None:
        visible += [relation for relation in current.relations if relation.name]
        current = current.parent
    last = qualifier.rpartition(".")[2].strip('"').upper()
    for relation in visible:
        if relation.aliased and relation.parts and relation.parts[-1].upper() == last:
            return f"the table has the alias `{written(relation)}` here, its own name no longer counts"
    twin = next((relation for relation in visible if relation.name.upper() == last), None)
    if twin is not None:
        return f"FROM calls it `{quote(twin.name)}`: names in quotes count with their case"
    names = {written(relation): relation for relation in visible}
    guess = closest(qualifier, names)
    if guess is not None:
        return f"did you mean `{guess}`?"
    return f"FROM has {listed(sorted(names, key=lambda name: names[name].span))}" if names else "there is no FROM"
