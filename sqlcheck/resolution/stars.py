"""What a `*` delivers, with EXCLUDE, ILIKE, REPLACE and RENAME."""

from __future__ import annotations

import re

from sqlglot import exp

from sqlcheck.model import Span
from sqlcheck.resolution.relations import handed_on
from sqlcheck.resolution.scopes import Output, Reference, Scope, identifier


def expand(
    scope: Scope, star: exp.Star, qualifier: str | None, span: Span, merged: frozenset[str]
) -> tuple[list[Output], bool]:
    """Give the columns that a star delivers, as far as they are known, and whether these are all.

    `merged` are the columns that USING or NATURAL makes one.
    """
    relations = [r for r in scope.relations if qualifier is None or r.name == qualifier]
    is_known = bool(relations) and all(r.listing is not None for r in relations)
    pattern = star.args.get("ilike")
    replaced = {
        _name(item.args["alias"]): item for item in star.args.get("replace") or () if isinstance(item, exp.Alias)
    }
    if not is_known and pattern is not None:
        return [], False
    is_like = _like(pattern.name) if pattern is not None else None
    dropped = {_name(node) for node in star.args.get("except_") or ()}
    renamed = {
        _name(node.this): identifier(node.args["alias"])
        for node in star.args.get("rename") or ()
        if isinstance(node, exp.Alias)
    }
    found: list[Output] = []
    seen: set[str] = set()
    for relation in relations:
        known = relation.source.outputs if relation.listing is None and relation.source else relation.listing
        for inner in known or ():
            name = inner.name
            if name in dropped or (qualifier is None and name in merged and name in seen):
                continue
            if is_like is not None and not is_like.fullmatch(name):
                continue
            seen.add(name)
            new = renamed.get(name, name)
            if name in replaced:
                found.append(_replaced(replaced[name], new, scope))
            else:
                found.append(handed_on(relation, inner, new, span, scope))
    if not is_known:
        missing = (name for name in replaced if name not in seen)
        found += [_replaced(replaced[name], renamed.get(name, name), scope) for name in missing]
    return found, is_known


def is_picked(node: exp.Column) -> bool:
    """Tell whether a column stands in the EXCLUDE or RENAME of a star."""
    parent = node.parent
    if isinstance(parent, exp.Alias) and parent.arg_key == "rename":
        parent = parent.parent
    return isinstance(parent, exp.Star)


def resolve_picked(reference: Reference, scope: Scope) -> None:
    """Look up a name in the EXCLUDE or RENAME of a star, which names a column of these sources but does not read it."""
    star = reference.node.find_ancestor(exp.Star)
    above = star.parent if star is not None else None
    qualifier = identifier(above.args.get("table")) if isinstance(above, exp.Column) else ""
    relations = [r for r in scope.relations if not qualifier or r.name == qualifier]
    if not relations or any(relation.columns is None for relation in relations):
        return
    holders = [relation for relation in relations if reference.name in (relation.columns or {})]
    reference.status = "pseudo" if holders else "unknown-column"
    if not holders and len(relations) == 1:
        reference.relation = relations[0]


def _replaced(alias: exp.Expr, name: str, scope: Scope) -> Output:
    """Give the output that REPLACE puts in the place of a column."""
    query, written = scope.query, alias.args["alias"]
    span, name_span = query.span(alias), query.span(written)
    value = alias.this
    return Output(name, True, bool(written.args.get("quoted")), span, name_span, value, query.span(value), scope)


def _like(pattern: str) -> re.Pattern[str]:
    parts = (".*" if char == "%" else "." if char == "_" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _name(node: exp.Expr) -> str:
    return identifier(node.this if isinstance(node, exp.Column) else node)
