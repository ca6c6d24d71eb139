"""Declared types and their members: ARRAY(T), OBJECT(k T), MAP(K, V)."""

from __future__ import annotations

from sqlglot import exp

from sqlcheck.knowledge.result_types import TYPE_NAMES

INTERVAL = "INTERVAL"
VARIANT = exp.DataType.build("variant")


def type_name(data_type: exp.Expr | None) -> str | None:
    """Give Snowflake's name of a type as written in a cast or a table definition."""
    kind = data_type.this if isinstance(data_type, exp.DataType) else None
    return INTERVAL if isinstance(kind, exp.Interval) else TYPE_NAMES.get(getattr(kind, "name", ""))


def steps(node: exp.Expr) -> list[object]:
    """Give the keys and positions that lead from the whole to an element; None for one that is computed."""
    if isinstance(node, exp.Bracket):
        path = node.expressions
    else:
        path = node.expression.expressions if isinstance(node.expression, exp.JSONPath) else [node.expression]
    return [
        step.this if isinstance(step, exp.Literal | exp.JSONPathPart) else None
        for step in path
        if not isinstance(step, exp.JSONPathRoot)
    ]


def member(whole: exp.DataType | None, step: object) -> exp.DataType | None:
    """Give the declared type of an element; what declares nothing holds VARIANTs."""
    kind = type_name(whole)
    if whole is None or kind not in ("ARRAY", "OBJECT", "MAP", "VARIANT"):
        return None
    members = whole.expressions
    if kind == "VARIANT" or not members:
        return VARIANT
    if kind == "OBJECT":
        key = str(step).upper()
        members = [member.args["kind"] for member in members if member.name.upper() == key][:1]
    return members[-1] if members and isinstance(members[-1], exp.DataType) else None
