"""What the query reads: tables, qualifiers, columns."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck import grammar
from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding
from sqlcheck.names import closest, quote
from sqlcheck.scopes import Reference, Relation, Scope, identifier


def select_star(mapping: Mapping) -> Iterator[Finding]:
    """Report stars of the outermost SELECT whose columns this query does not name itself."""
    for scope in mapping.selects:
        for star in scope.stars:
            if not star.expanded:
                written = mapping.query.slice(star.span).split(None, 1)[0]
                yield Finding(
                    star.span,
                    f"`{written}` sends whatever columns the table has on the day",
                    "name the columns that the profile is to have",
                )


def unqualified_table(mapping: Mapping) -> Iterator[Finding]:
    """Report tables that are not written as database.schema.table."""
    for scope in mapping.scopes:
        for relation in scope.relations:
            if relation.kind in ("table", "pivot") and 0 < len(relation.parts) < 3 and not _is_known(mapping, relation):
                missing = "its database and schema" if len(relation.parts) == 1 else "its database"
                yield Finding(
                    relation.span,
                    f"`{mapping.query.slice(relation.span)}` lacks {missing}",
                    "write `database.schema.table`: the connection has no default schema",
                )


def _is_known(mapping: Mapping, relation: Relation) -> bool:
    """Tell the names that need no more parts: `db..table`, whose schema is PUBLIC, DUAL, and a CTE that is pivoted."""
    if relation.node.args.get("catalog") or relation.parts == ("DUAL",):
        return True
    if relation.kind != "pivot" or len(relation.parts) > 1:
        return False
    return any(identifier(cte.args["alias"].this) in relation.parts for cte in mapping.nodes(exp.CTE))


def unknown_alias(mapping: Mapping) -> Iterator[Finding]:
    """Report qualifiers that nothing in FROM answers to, each once a SELECT."""
    for scope in mapping.scopes:
        unknown = [reference for reference in scope.references if reference.status == "unknown-alias"]
        told = set()
        for reference in sorted(unknown, key=_start):
            qualifier = mapping.query.slice(reference.qualifier_span)
            if qualifier.upper() not in told:
                told.add(qualifier.upper())
                yield Finding(
                    reference.qualifier_span, f"nothing in FROM is called `{qualifier}`", _advice(qualifier, scope)
                )


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
            return f"the table has the alias `{_written(relation)}` here, its own name no longer counts"
    twin = next((relation for relation in visible if relation.name.upper() == last), None)
    if twin is not None:
        return f"FROM calls it `{quote(twin.name)}`: names in quotes count with their case"
    names = {_written(relation): relation for relation in visible}
    guess = closest(qualifier, names)
    if guess is not None:
        return f"did you mean `{guess}`?"
    return f"FROM has {_listed(sorted(names, key=lambda name: names[name].span))}" if names else "there is no FROM"


def _written(relation: Relation) -> str:
    """Give a relation's name as the author wrote it."""
    alias = relation.node.args.get("alias")
    name = alias.name if relation.aliased and alias is not None else relation.node.name
    return name if name.upper() == relation.name.upper() else relation.name


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names[:5]] + (["…"] if len(names) > 5 else [])
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]


def unknown_column(mapping: Mapping) -> Iterator[Finding]:
    """Report columns that no source has, where all sources name their columns."""
    for scope in mapping.scopes:
        unknown = [reference for reference in scope.references if reference.status == "unknown-column"]
        if unknown and not scope.relations:
            # What is missing is FROM: one finding says it for all columns.
            unknown = [min(unknown, key=_start)]
        # A misspelt keyword that the parser takes for a column is reported as what it is.
        slips = _slips(mapping) if unknown else frozenset()
        for reference in unknown:
            if reference.name_span.start in slips:
                continue
            name = mapping.query.slice(reference.name_span)
            where = f"`{_written(reference.relation)}`" if reference.relation and reference.relation.name else "FROM"
            message = f"{where} has no column `{name}`" if scope.relations else f"`{name}` has no FROM to come from"
            yield Finding(reference.name_span, message, _column_advice(reference, scope, name))


def _slips(mapping: Mapping) -> frozenset[int]:
    tokens = mapping.query.tokens
    return frozenset(slip.span(tokens).start for slip in grammar.slips(tokens))


def _column_advice(reference: Reference, scope: Scope, name: str) -> str | None:
    relations = (reference.relation,) if reference.relation is not None else scope.relations
    candidates = [column for relation in relations for column in relation.columns or ()]
    twin = next((column for column in candidates if column.upper() == reference.name.upper()), None)
    if twin is not None:
        return f"the column is called `{twin}`: names count with their case, and without quotes are upper case"
    guess = closest(name, candidates)
    if guess is None:
        return None
    return f"did you mean `{guess.lower() if name.islower() and guess.isupper() else guess}`?"


def ambiguous_column(mapping: Mapping) -> Iterator[Finding]:
    """Report columns without qualifier that two sources have."""
    for scope in mapping.scopes:
        for reference in scope.references:
            if reference.status == "ambiguous":
                holders = [r for r in scope.relations if r.columns is not None and reference.name in r.columns]
                names = [_written(holder) for holder in holders if holder.name]
                written = mapping.query.slice(reference.span)
                whose = _listed(names) if names else f"{len(holders)} sources"
                help_ = f"write `{names[0]}.{written}`, if that is meant" if names else "give the sources an alias"
                yield Finding(reference.span, f"`{written}` is a column of {whose}", help_)
