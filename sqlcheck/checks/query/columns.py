"""Which columns the query reads, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from sqlcheck.checks.query._sources import listed, written
from sqlcheck.mapping import Mapping
from sqlcheck.model import Evidence, Finding
from sqlcheck.names import closest, is_plain, quote
from sqlcheck.resolution.evidence import of_names
from sqlcheck.resolution.scopes import Reference, Relation, Scope, identifier
from sqlcheck.syntax import grammar

_MANY = 3
"""So many unknown columns of one source, and it is the source that is wrong."""


def unknown_column(mapping: Mapping) -> Iterator[Finding]:
    """Report columns that no source has, each once a SELECT."""
    for scope in mapping.scopes:
        unknown = [reference for reference in scope.references if reference.status == "unknown-column"]
        if unknown and not scope.relations:
            # What is missing is FROM: one finding says it for all columns.
            first = min(unknown, key=_start)
            name = mapping.query.slice(first.name_span)
            yield Finding(first.name_span, f"`{name}` has no FROM to come from")
        elif unknown:
            # A misspelt keyword that the parser takes for a column is reported as what it is.
            slips = _slips(mapping)
            readable = [reference for reference in unknown if reference.name_span.start not in slips]
            for group in _grouped(scope, sorted(readable, key=_start)):
                yield _unknown(mapping, scope, group)
        yield from _early(mapping, scope)
        yield from _unjoined(mapping, scope)


def _early(mapping: Mapping, scope: Scope) -> Iterator[Finding]:
    """Report names without a qualifier that only a source has which is joined behind them."""
    for reference in scope.references:
        if reference.status == "early" and reference.qualifier is None and reference.relation is not None:
            relation, name = reference.relation, mapping.query.slice(reference.name_span)
            whose = f"`{written(relation)}`" if relation.name else "a subquery"
            message = f"`{name}` is a column of {whose}, which is joined only behind this"
            advice = f"join {whose} first, or say this in its ON"
            yield Finding(reference.name_span, message, advice, evidence=_basis((relation,)))


def _start(reference: Reference) -> int:
    return reference.span.start


def _slips(mapping: Mapping) -> frozenset[int]:
    tokens = mapping.query.tokens
    return frozenset(slip.span(tokens).start for slip in grammar.slips(tokens))


def _grouped(scope: Scope, unknown: list[Reference]) -> Iterator[list[Reference]]:
    """Put together what has one cause: uses of one name, and the columns of a source under a wrong alias."""
    names: dict[tuple[int | None, str], Reference] = {}
    for reference in unknown:
        key = id(reference.relation) if reference.relation is not None else None
        names.setdefault((key, reference.name), reference)
    by_relation: dict[int | None, list[Reference]] = {}
    for (key, _), reference in names.items():
        by_relation.setdefault(key, []).append(reference)
    for key, group in by_relation.items():
        if key is not None and _is_mistaken(scope, group):
            yield group
        else:
            yield from ([reference] for reference in group)


def _is_mistaken(scope: Scope, group: list[Reference]) -> bool:
    """Tell whether it is the qualifier that is wrong: another source has the columns, or hardly any is right."""
    relation = group[0].relation
    if len(group) > 1 and _holder(scope, group) is not None:
        return True
    right = {each.name for each in scope.references if each.relation is relation and each.status == "resolved"}
    return len(group) >= _MANY and len(group) > len(right)


def _holder(scope: Scope, group: list[Reference]) -> Relation | None:
    """Give the other source in FROM that has all of the columns."""
    if _is_reshaped(scope, group[0].relation):
        return None
    for relation in scope.relations:
        is_other = relation is not group[0].relation and bool(relation.name)
        if is_other and all(reference.name in (relation.columns or {}) for reference in group):
            return relation
    return None


def _is_reshaped(scope: Scope, relation: Relation | None) -> bool:
    """Tell the input of a PIVOT or UNPIVOT, which nothing else in the SELECT can see."""
    return relation is not None and any(each.input is relation for each in scope.relations)


def _unknown(mapping: Mapping, scope: Scope, group: list[Reference]) -> Finding:
    first = group[0]
    names = [mapping.query.slice(reference.name_span) for reference in group]
    relations = (first.relation,) if first.relation is not None else scope.relations
    where = f"`{written(relations[0])}`" if len(relations) == 1 and relations[0].name else "FROM"
    if _is_reshaped(scope, first.relation):
        where = f"what {'UNPIVOT' if relations[0].node.args['pivots'][0].args.get('unpivot') else 'PIVOT'} reads"
    message = f"{where} has no column {listed(names).replace(' and ', ' or ')}"
    twin = _twin(first, relations) if len(group) == 1 else None
    if twin is not None:
        message += f", but has `{twin if twin == twin.upper() else quote(twin)}`"
    return Finding(first.name_span, message, _advice(scope, group, relations, twin), evidence=_basis(relations))


def _basis(relations: tuple[Relation, ...]) -> Evidence:
    return of_names(output for relation in relations for output in relation.listing or ())


def _twin(reference: Reference, relations: tuple[Relation, ...]) -> str | None:
    """Give the column that differs from a name in case alone."""
    candidates = [column for relation in relations for column in relation.columns or ()]
    return next((column for column in candidates if column.upper() == reference.name.upper()), None)


def _advice(scope: Scope, group: list[Reference], relations: tuple[Relation, ...], twin: str | None) -> str | None:
    first = group[0]
    if twin is not None:
        if is_plain(twin) and twin == twin.upper():
            return f"write `{twin.lower()}` without quotes: in quotes a name counts with its case"
        return f"write `{quote(twin)}`: without quotes a name is read in upper case"
    holder = _holder(scope, group)
    if holder is not None:
        alias = written(holder)
        return f"`{alias}` has {'it' if len(group) == 1 else 'them'}: write `{alias}.{first.node.this.name}`"
    if len(group) > 1:
        relation = first.relation
        return f"`{written(relation)}` is `{relation.table}` here" if relation is not None and relation.parts else None
    name = first.node.this.name
    near = [column for relation in relations for column in relation.columns or ()] if len(name) > 1 else []
    guess = closest(name, near)
    return f"did you mean `{guess.lower() if name.islower() and guess.isupper() else guess}`?" if guess else None


def _unjoined(mapping: Mapping, scope: Scope) -> Iterator[Finding]:
    """Report names in USING that one of the two sides does not have."""
    for at, relation in enumerate(scope.relations):
        for node in relation.join.args.get("using") or () if relation.join is not None else ():
            name, before = identifier(node), scope.relations[:at]
            span = mapping.query.span(node)
            shown = mapping.query.slice(span)
            if relation.columns is not None and name not in relation.columns:
                message = f"`{written(relation)}` has no column `{shown}` to join by"
                yield Finding(span, message, _near(name, (relation,)), evidence=_basis((relation,)))
            elif all(each.columns is not None and name not in each.columns for each in before):
                message = f"{listed([written(each) for each in before])} has no column `{shown}` to join by"
                yield Finding(span, message, _near(name, before), evidence=_basis(before))


def _near(name: str, relations: tuple[Relation, ...]) -> str:
    guess = closest(name, [column for relation in relations for column in relation.columns or ()])
    return f"did you mean `{guess}`?" if guess else "write the condition with ON"


def ambiguous_column(mapping: Mapping) -> Iterator[Finding]:
    """Report columns that two sources have, or one source twice, each once a SELECT."""
    for scope in mapping.scopes:
        told: set[tuple[str | None, str]] = set()
        found = [reference for reference in scope.references if reference.status == "ambiguous"]
        for reference in sorted(found, key=_start):
            if (reference.qualifier, reference.name) in told:
                continue
            told.add((reference.qualifier, reference.name))
            shown = mapping.query.slice(reference.span)
            own = (reference.relation,) if reference.relation is not None else scope.relations
            holders = [relation for relation in own if reference.name in (relation.columns or {})]
            if len(holders) == 1:
                whose = f"`{written(holders[0])}`" if holders[0].name else "the subquery"
                message, advice = f"{whose} has two columns `{reference.name}`", "give one of them another name there"
            else:
                names = [written(holder) for holder in holders if holder.name]
                message = f"`{shown}` is a column of {_told(holders) if names else f'{len(holders)} sources'}"
                advice = f"write `{names[0]}.{shown}`, if that is meant" if names else "give the sources an alias"
            yield Finding(reference.span, message, advice, evidence=_basis(tuple(holders)))


def _told(holders: list[Relation]) -> str:
    """Name sources by what FROM calls them, and tables under an alias by their own name as well."""
    names = []
    for holder in holders:
        if holder.name:
            table = f" (`{holder.table}`)" if holder.kind == "table" and holder.aliased else ""
            names.append(f"`{written(holder)}`{table}")
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
