"""Infer what an expression is worth: its type, whether it can be NULL, and whether every row has the same value.

Types of functions come from a table of ours by the name that the author wrote, then from sqlglot's
metadata where it is a fixed type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlglot import exp
from sqlglot.typing.snowflake import EXPRESSION_METADATA

from sqlcheck.knowledge.result_types import RETURNS, TYPE_NAMES
from sqlcheck.resolution.facts import (
    NULL_TYPE,
    TEMPORAL,
    Facts,
    arguments,
    common,
    decode_results,
    operands,
    type_name,
    unwrap,
)

T = TypeVar("T")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAME_AS_ARGUMENT = _names(
    "MAX MIN ANY_VALUE MODE LAG LEAD FIRST_VALUE LAST_VALUE NTH_VALUE ABS ROUND CEIL FLOOR TRUNC TRUNCATE NULLIF "
    "MAX_BY MIN_BY ADD_MONTHS DATE_TRUNC TIME_SLICE MOD MEDIAN PERCENTILE_DISC CONNECT_BY_ROOT PRIOR SUM"
)
_KEEPS_BINARY = _names(
    "CONCAT CONCAT_WS SUBSTR SUBSTRING LEFT RIGHT LPAD RPAD REVERSE INSERT BITNOT BITAND BITOR BITXOR BITSHIFTLEFT "
    "BITSHIFTRIGHT"
)
_COMMON_TYPE = _names("COALESCE NVL IFNULL GREATEST LEAST GREATEST_IGNORE_NULLS LEAST_IGNORE_NULLS")
_ADDS_TO_DATE = _names("DATEADD TIMEADD TIMESTAMPADD")
_VARYING = _names("RANDOM UUID_STRING RANDSTR SEQ1 SEQ2 SEQ4 SEQ8 UNIFORM NORMAL ZIPF NEXTVAL ROW_NUMBER RANK")

_LEAVES = frozenset({exp.Literal, exp.Identifier, exp.DataType, exp.Var, exp.Boolean, exp.Null})
_BOOLEAN_NODES = (
    exp.Predicate,
    exp.Connector,
    exp.Not,
    exp.Exists,
    exp.Boolean,
    exp.Is,
    exp.In,
    exp.Between,
)
_HANDS_ON = (exp.Max, exp.Min, exp.AnyValue, exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead, exp.ArgMax, exp.ArgMin)
_OF_QUOTIENT = 6
"""The least scale that a quotient or an average has: docs.snowflake.com/en/sql-reference/operators-arithmetic"""
_DATE_UNITS = _names("YEAR QUARTER MONTH WEEK DAY")
_FIXED = {
    node: name
    for node, metadata in EXPRESSION_METADATA.items()
    if "returns" in metadata and (name := TYPE_NAMES.get(getattr(metadata["returns"], "name", ""))) is not None
}


class Inferred(Facts):
    """The facts of an expression, each found when it is first asked for.

    An expression that leads back to itself through aliases has facts that cannot be told. `varies` says that
    it is already known not to be constant.
    """

    __slots__ = ("_found", "_inference", "_node")

    def __init__(self, inference: Inference, node: exp.Expr, *, varies: bool = False) -> None:
        self._inference = inference
        self._node = node
        self._found: dict[str, Any] = {"constant": False} if varies else {}

    def _once(self, name: str, find: Callable[[exp.Expr], T], unknown: T) -> T:
        if name not in self._found:
            self._found[name] = unknown
            self._found[name] = find(self._node)
        found: T = self._found[name]
        return found

    @property
    def type(self) -> str | None:
        """Give the Snowflake type."""
        kind = self._once("type", self._inference.type, None)
        return None if kind == NULL_TYPE else kind

    @property
    def scale(self) -> int:
        """Give the scale of the type."""
        return self._once("scale", self._inference.scale, 0)

    @property
    def nullable(self) -> bool | None:
        """Tell whether the value can be NULL."""
        return self._once("nullable", self._inference.nullness, None)

    @property
    def sources(self) -> frozenset[str]:
        """Give the base columns."""
        return self._once("sources", self._inference.sources, frozenset())

    @property
    def constant(self) -> bool:
        """Tell whether all rows have the same value."""
        return self._once("constant", self._inference.constant, False)


@dataclass(frozen=True)
class Inference:
    """Infer the facts of expressions; columns and subqueries are looked up by the caller, as is nullability."""

    column: Callable[[exp.Column], Facts]
    subquery: Callable[[exp.Expr], Facts]
    name_of: Callable[[exp.Expr], str | None]
    nullness: Callable[[exp.Expr], bool | None]

    def facts(self, node: exp.Expr) -> Facts:
        """Tell all that can be told of an expression."""
        return Inferred(self, node)

    def sources(self, node: exp.Expr) -> frozenset[str]:
        """Give the base columns that an expression is made from."""
        found: set[str] = set()
        stack = [node]
        while stack:
            current = stack.pop()
            kind = type(current)
            if kind in _LEAVES:
                continue
            if kind is exp.Column:
                found |= self.column(current).sources  # type: ignore[arg-type]  # a Column by the line above
            elif isinstance(current, exp.Query):
                found |= self.subquery(current).sources
            else:
                stack += arguments(current)
        return frozenset(found)

    def constant(self, node: exp.Expr) -> bool:
        """Tell whether an expression has the same value in every row."""
        others = []
        stack = [node]
        while stack:
            current = stack.pop()
            kind = type(current)
            if kind is exp.Column:
                if not self.column(current).constant:  # type: ignore[arg-type]  # a Column by the line above
                    return False
            elif isinstance(current, exp.Query):
                if not self.subquery(current).constant:
                    return False
            elif kind not in _LEAVES:
                others.append(current)
                stack += arguments(current)
        # Most expressions hold a column, so that the dearer question is seldom asked.
        return not any(self._varies(other) for other in others)

    def _varies(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.AggFunc | exp.Window | exp.Parameter | exp.Dot | exp.Star | exp.Placeholder):
            return True
        if isinstance(node, exp.Func):
            name = self.name_of(node)
            return name in _VARYING or (isinstance(node, exp.Anonymous) and name not in RETURNS)
        return False

    def type(self, node: exp.Expr) -> str | None:
        """Give the Snowflake type of an expression."""
        node = unwrap(node)
        if isinstance(node, exp.Column):
            return self.column(node).type
        if isinstance(node, exp.Literal):
            return "VARCHAR" if node.is_string else ("FLOAT" if "e" in node.name.lower() else "NUMBER")
        if isinstance(node, exp.Cast):
            return type_name(node.to)
        if isinstance(node, exp.Null):
            return NULL_TYPE
        if isinstance(node, exp.Query):
            return self.subquery(node).type
        if isinstance(node, exp.JSONExtract | exp.Bracket):
            return "VARIANT"
        choices = self._choices(node)
        if choices is not None:
            return common(map(self.type, choices))
        name = self.name_of(node)
        if name is not None:
            return self._function(name, node)
        if isinstance(node, _BOOLEAN_NODES):
            return "BOOLEAN"
        return self._operator(node)

    def scale(self, node: exp.Expr) -> int:
        """Give how many digits behind the point a NUMBER is known to have."""
        node = unwrap(node)
        if isinstance(node, exp.Column):
            return self.column(node).scale
        if isinstance(node, exp.Query):
            return self.subquery(node).scale
        if isinstance(node, exp.Cast):
            return _digits(node.to.expressions[1:2])
        if isinstance(node, exp.ToNumber):
            return _digits([node.args.get("scale")])
        if isinstance(node, exp.Div | exp.Avg):
            return _OF_QUOTIENT
        if isinstance(node, _HANDS_ON):
            return self.scale(node.this)
        return max(map(self.scale, self._choices(node) or ()), default=0)

    def _choices(self, node: exp.Expr) -> list[exp.Expr] | None:
        """Give the values of which an expression hands on one, in their common type; None when it makes its own."""
        if isinstance(node, exp.Case):
            default = node.args.get("default")
            return [*(branch.args["true"] for branch in node.args["ifs"]), *([default] if default is not None else [])]
        name = self.name_of(node)
        if name in _COMMON_TYPE:
            return arguments(node)
        if name in ("IFF", "NVL2"):
            return [node.args[key] for key in ("true", "false") if node.args.get(key)]
        return decode_results(node) if name == "DECODE" else None

    def _function(self, name: str, node: exp.Expr) -> str | None:
        if name == "TIMESTAMP_FROM_PARTS" or name == "TIMESTAMPFROMPARTS":
            return "TIMESTAMP_TZ" if node.args.get("zone") else "TIMESTAMP_NTZ"
        if name == "CONVERT_TIMEZONE":
            return "TIMESTAMP_NTZ" if node.args.get("source_tz") else "TIMESTAMP_TZ"
        if name in _KEEPS_BINARY and any(self.type(argument) == "BINARY" for argument in arguments(node)):
            return "BINARY"
        if name in ("MAX_BY", "MIN_BY") and node.args.get("count") is not None:
            return "ARRAY"
        if name in RETURNS:
            return RETURNS[name]
        if name in _ADDS_TO_DATE:
            return self._added(node)
        if name in _SAME_AS_ARGUMENT:
            first = next(iter(arguments(node)), None)
            kind = self.type(first) if first is not None else None
            return "NUMBER" if kind is None and name in ("SUM", "ABS", "ROUND", "CEIL", "FLOOR") else kind
        if name == "AVG":
            return "FLOAT" if self.type(node.this) == "FLOAT" else "NUMBER"
        return _FIXED.get(type(node))

    def _added(self, node: exp.Expr) -> str | None:
        base = self.type(node.this)
        unit = node.text("unit").upper()
        if base == "VARCHAR" or (base == "DATE" and unit not in _DATE_UNITS):
            return "TIMESTAMP_NTZ"
        return base

    def _operator(self, node: exp.Expr) -> str | None:
        if isinstance(node, exp.Array):
            return "ARRAY"
        if isinstance(node, exp.Struct):
            return "OBJECT"
        if isinstance(node, exp.DPipe):
            return "VARCHAR"
        if isinstance(node, exp.Mul | exp.Div | exp.Mod | exp.Neg):
            return "FLOAT" if any(self.type(side) == "FLOAT" for side in arguments(node)) else "NUMBER"
        if isinstance(node, exp.Add | exp.Sub):
            return self._sum(node)
        return _FIXED.get(type(node))

    def _sum(self, node: exp.Expr) -> str | None:
        sides = operands(node)
        kinds = [self.type(side) for side in sides]
        if any(isinstance(side, exp.Interval) for side in sides):
            return kinds[0] if kinds[0] in TEMPORAL - {"DATE"} else None
        if all(kind in ("NUMBER", "FLOAT") for kind in kinds):
            return common(kinds)
        if kinds[0] == "DATE" and set(kinds[1:]) <= {"NUMBER"}:
            return "DATE"
        if kinds == ["DATE", "DATE"] and isinstance(node, exp.Sub):
            return "NUMBER"
        return None


def _digits(size: Sequence[object]) -> int:
    """Read a scale."""
    written = size[0].name if size and isinstance(size[0], exp.Expr) else ""
    return int(written) if written.isdigit() else 0
