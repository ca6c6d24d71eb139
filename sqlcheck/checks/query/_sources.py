"""How the sources in FROM are named to the author."""

from __future__ import annotations

from sqlcheck.resolution.scopes import Relation


def written(relation: Relation) -> str:
    """Give a relation's name as the author wrote it."""
    alias = relation.node.args.get("alias")
    name = alias.name if relation.aliased and alias is not None else relation.node.name
    return name if name.upper() == relation.name.upper() else relation.name


def listed(names: list[str]) -> str:
    """Join names, in backticks, to a phrase."""
    quoted = [f"`{name}`" for name in names[:5]] + (["…"] if len(names) > 5 else [])
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]
