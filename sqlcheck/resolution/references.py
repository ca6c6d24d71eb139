"""Resolve one column reference: to a relation of its scope, an alias of its SELECT list, or an outer scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from sqlcheck.resolution.facts import unwrap
from sqlcheck.resolution.scopes import Output, Reference, Relation, Scope, identifier

_IN_FROM = frozenset({"from_", "joins", "laterals", "on"})
_PSEUDO = frozenset({"LEVEL", "NEXTVAL", "CONNECT_BY_ISCYCLE", "CONNECT_BY_ISLEAF", "CURRVAL"})


def resolve_qualified(reference: Reference, scope: Scope) -> None:
    """Resolve `relation.column`."""
    if reference.name in ("NEXTVAL", "CURRVAL"):
        reference.status = "pseudo"
        return
    node, qualifier = reference.node, reference.qualifier or ""
    parts: tuple[str, ...] = (qualifier,)
    if node.args.get("db") is not None:
        longer = (identifier(node.args[key]) for key in ("catalog", "db") if node.args.get(key) is not None)
        parts = (*longer, qualifier)
    early: Relation | None = None
    current: Scope | None = scope
    while current is not None:
        for relation in current.called(qualifier):
            if not _answers_to(relation, parts):
                continue
            if _comes_behind(relation, reference, current):
                early = relation
                continue
            reference.relation = relation
            if relation.columns is None:
                reference.output = relation.written.get(reference.name)
                reference.status = "outer" if current is not scope else "resolved" if reference.output else "open"
            elif isinstance(node.this, exp.Parameter):
                reference.output = _by_position(relation, node.this)
                reference.status = "pseudo" if reference.output is None else "resolved" if current is scope else "outer"
            elif _is_double(relation, reference.name):
                reference.status = "ambiguous"
            elif reference.name in relation.columns:
                reference.output = relation.columns[reference.name]
                reference.status = "resolved" if current is scope else "outer"
            else:
                reference.status = "pseudo" if reference.name.startswith("METADATA$") else "unknown-column"
            return
        current = current.parent
    if early is not None:
        _meet_early(reference, early)
    else:
        reference.status = "unknown-alias"


def _comes_behind(relation: Relation, reference: Reference, scope: Scope) -> bool:
    """Tell whether a reference stands in the FROM of a scope in front of the relation, and so cannot see it."""
    owners = scope.query.index.owners
    owner, clause = owners.get(id(reference.node), (None, ""))
    while owner is not None and owner is not scope.node:
        owner, clause = owners[id(owner)]
    return owner is not None and clause in _IN_FROM and 0 < reference.span.start < relation.start


def _meet_early(reference: Reference, relation: Relation) -> None:
    reference.status, reference.relation = "early", relation
    reference.output = (relation.columns or {}).get(reference.name)


def resolve_reshaped(reference: Reference, source: Relation) -> None:
    """Report a name that PIVOT or UNPIVOT looks for in its input, where it cannot be."""
    if reference.qualifier is None and source.columns is not None and reference.name not in source.columns:
        reference.status, reference.relation, reference.output = "unknown-column", source, None


def reshaped_columns(pivot: exp.Pivot) -> Iterator[exp.Column]:
    """Yield the columns that PIVOT (what it aggregates, and FOR) or UNPIVOT (its list) takes from its input."""
    taken = [] if pivot.args.get("unpivot") else list(pivot.expressions)
    for field in pivot.args.get("fields") or ():
        taken += field.expressions if pivot.args.get("unpivot") else [field.this]
    for node in taken:
        yield from node.find_all(exp.Column)


def _is_double(relation: Relation, name: str) -> bool:
    """Tell whether two columns of a derived table have the name, so that none of them can be named."""
    listing, columns = relation.listing or (), relation.columns or {}
    return len(columns) < len(listing) and sum(output.name == name for output in listing) > 1


def _by_position(relation: Relation, node: exp.Parameter) -> Output | None:
    """Find the column that `$1` names."""
    number = int(node.name) if node.name.isdecimal() else 0
    listing = relation.listing or ()
    return listing[number - 1] if 0 < number <= len(listing) else None


def resolve_name(
    reference: Reference,
    scope: Scope,
    aliases: Mapping[str, Output],
    by_item: Mapping[int, Output],
    merged: frozenset[str],
) -> None:
    """Resolve a bare name; `aliases` are the outputs by name, `by_item` by the id of their expression."""
    name = reference.name
    if name in _PSEUDO or name.startswith("METADATA$"):
        reference.status = "pseudo"
        return
    alias = aliases.get(name)
    if reference.clause == "order" and alias is not None:
        reference.status, reference.output = "alias", alias
        return
    named = [r for r in scope.relations if r.columns is not None and name in r.columns]
    holders = [r for r in named if not _comes_behind(r, reference, scope)]
    unknown = [r for r in scope.relations if r.columns is None]
    if holders:
        is_ambiguous = (len(holders) > 1 and name not in merged) or _is_double(holders[0], name)
        reference.status = "ambiguous" if is_ambiguous else "resolved"
        if not is_ambiguous:
            reference.relation = holders[0]
            assert holders[0].columns is not None
            reference.output = holders[0].columns[name]
        return
    beside = [r for r in unknown if name in r.written and not _comes_behind(r, reference, scope)]
    if len(beside) == 1:
        reference.status, reference.relation, reference.output = "resolved", beside[0], beside[0].written[name]
        return
    if alias is not None and _means_alias(reference, alias, by_item, has_open=bool(unknown)):
        reference.status, reference.output = "alias", alias
        return
    if len(unknown) == 1 or (unknown and name in merged):
        reference.relation = unknown[0]
    if unknown:
        return
    if _found_outside(reference, scope):
        return
    if named:
        _meet_early(reference, named[0])
        return
    reference.status = "unknown-column" if scope.relations or scope.parent is None else "open"


def _found_outside(reference: Reference, scope: Scope) -> bool:
    """Resolve a bare name that only an outer SELECT can have."""
    current = scope.parent
    while current is not None:
        holders = [r for r in current.relations if r.columns is None or reference.name in r.columns]
        if holders:
            reference.status = "outer"
            if len(holders) == 1:
                reference.relation = holders[0]
                reference.output = (holders[0].columns or {}).get(reference.name)
            return True
        current = current.parent
    return False


def merged_columns(relations: Sequence[Relation]) -> frozenset[str]:
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


def _answers_to(relation: Relation, parts: tuple[str, ...]) -> bool:
    if len(parts) == 1 and relation.name == parts[0]:
        return True
    written = min(len(parts), len(relation.parts))
    return not relation.aliased and written > 0 and relation.parts[-written:] == parts[-written:]


def _item_around(node: exp.Expr, by_item: Mapping[int, Output]) -> Output | None:
    current: exp.Expr | None = node
    while current is not None and not isinstance(current, exp.Select):
        if id(current) in by_item:
            return by_item[id(current)]
        current = current.parent
    return None


def _means_alias(reference: Reference, alias: Output, by_item: Mapping[int, Output], *, has_open: bool) -> bool:
    """Tell whether a name that no known relation has means an alias of the SELECT list.

    A column of the table would win. Where the table's columns are not known, an alias that comes only later,
    or one that swaps names with this item, is taken for a mere namesake.
    """
    own = _item_around(reference.node, by_item)
    if alias is own or _is_itself(alias, reference.name):
        return False
    if not has_open or own is None:
        return True
    return alias.span.start < own.span.start and not _is_itself(alias, own.name)


def _is_itself(output: Output, name: str) -> bool:
    """Tell whether an output is a plain column under its own name, so that its name means the column."""
    node = unwrap(output.expression)
    return isinstance(node, exp.Column) and identifier(node.this) == name
