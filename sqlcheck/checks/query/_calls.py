"""Aggregates and window functions among the calls of a query, and the names of columns beside them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.knowledge.functions import AGGREGATES, RANKINGS
from sqlcheck.parse import Query

CALL_PARTS = (exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup, exp.Filter)
"""What stands around a call and belongs to it."""


def aggregates(query: Query) -> Iterator[exp.Expr]:
    for kind, nodes in query.index.by_type.items():
        if issubclass(kind, exp.AggFunc) or kind is exp.Anonymous:
            yield from (node for node in nodes if is_aggregate(query, node))


def is_aggregate(query: Query, node: exp.Expr) -> bool:
    """Tell by the name that the author wrote; sqlglot's classes also hold ranking functions."""
    if isinstance(node, exp.Anonymous):
        return node.name.upper() in AGGREGATES and not isinstance(node.parent, exp.Dot)
    return isinstance(node, exp.AggFunc) and query.function_name(node) not in RANKINGS


def window_of(node: exp.Expr) -> exp.Window | None:
    """Give the OVER that makes a window function of a call."""
    parent = node.parent
    while isinstance(parent, CALL_PARTS):
        node, parent = parent, parent.parent
    return parent if isinstance(parent, exp.Window) and parent.this is node else None


def is_star(item: exp.Expr) -> bool:
    return isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))


def folded(node: exp.Expr) -> str:
    return node.name if node.args.get("quoted") else node.name.upper()


def column_name(node: exp.Column) -> str:
    return folded(node.this)
