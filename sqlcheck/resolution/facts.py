"""What the text alone says of a value: its type, whether it can be NULL, and whether every row has the same one.

Types of functions come from a table of ours by the name that the author wrote, then from sqlglot's
metadata where it is a fixed type.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sqlglot import exp
from sqlglot.typing.snowflake import EXPRESSION_METADATA

from sqlcheck.knowledge.result_types import RETURNS, TYPE_NAMES
from sqlcheck.model import FAMILIES

T = TypeVar("T")


class Facts(ABC):
    """What is known of a value; None stands for "cannot tell".

    `sources` are the base columns that it is made from, as far as their names were written.
    `constant` says that all rows have the same value.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def type(self) -> str | None:
        """Give the Snowflake type."""

    @property
    @abstractmethod
    def nullable(self) -> bool | None:
        """Tell whether the value can be NULL."""

    @property
    @abstractmethod
    def sources(self) -> frozenset[str]:
        """Give the base columns."""

    @property
    @abstractmethod
    def constant(self) -> bool:
        """Tell whether all rows have the same value."""

    @property
    def family(self) -> str | None:
        """Give the family of the type, which is what rules compare."""
        kind = self.type
        return FAMILIES.get(kind) if kind else None


@dataclass(frozen=True, slots=True)
class Known(Facts):
    """Facts that are at hand."""

    type: str | None = None
    nullable: bool | None = None
    sources: frozenset[str] = frozenset()
    constant: bool = False

    @classmethod
    def of(cls, facts: Facts) -> Known:
        """Find out all that there is to know, so that nothing holds on to the query."""
        return cls(facts.type, facts.nullable, facts.sources, facts.constant)


@dataclass(frozen=True, slots=True)
class Narrowed(Facts):
    """The facts of a value that joins or filters have made nullable, or not."""

    inner: Facts
    nullable: bool

    @property
    def type(self) -> str | None:
        """Give the type, which stays."""
        return self.inner.type

    @property
    def sources(self) -> frozenset[str]:
        """Give the sources, which stay."""
        return self.inner.sources

    @property
    def constant(self) -> bool:
        """Tell whether rows still all have one value: not where a join fills in NULL."""
        return not self.nullable and self.inner.constant


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


UNKNOWN: Facts = Known()
NULL_TYPE = "NULL"
"""The type of a bare NULL while types are combined; never leaves this module."""


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

# Tuples, as a union in a call of `isinstance` is built anew each time, which takes longer than the call.
_VARYING_NODES = (exp.AggFunc, exp.Window, exp.Parameter, exp.Dot, exp.Star, exp.Placeholder)
_VARIANT_NODES = (exp.JSONExtract, exp.Bracket)
_ARITHMETIC_NODES = (exp.Mul, exp.Div, exp.Mod, exp.Neg)
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
_TRANSPARENT = (
    exp.Paren,
    exp.Window,
    exp.WithinGroup,
    exp.IgnoreNulls,
    exp.RespectNulls,
    exp.Filter,
    exp.Alias,
    exp.Distinct,
    exp.Order,
    exp.Ordered,
    exp.Prior,
    exp.ConnectByRoot,
)
_DATE_UNITS = _names("YEAR QUARTER MONTH WEEK DAY")
_TEMPORAL = _names("DATE TIMESTAMP_NTZ TIMESTAMP_LTZ TIMESTAMP_TZ")


def type_name(data_type: exp.Expr | None) -> str | None:
    """Give Snowflake's name of a type as written in a cast or a table definition."""
    kind = data_type.this if isinstance(data_type, exp.DataType) else None
    return TYPE_NAMES.get(getattr(kind, "name", ""))


_FIXED = {
    node: name
    for node, metadata in EXPRESSION_METADATA.items()
    if "returns" in metadata and (name := TYPE_NAMES.get(getattr(metadata["returns"], "name", ""))) is not None
}


def common(types: Iterable[str | None]) -> str | None:
    """Give the type that Snowflake brings several values to, or None where that cannot be told."""
    found: set[str] = set()
    for kind in types:
        if kind is None:
            return None
        if kind != NULL_TYPE:
            found.add(kind)
    if not found:
        return None
    if len(found) == 1:
        return found.pop()
    if found <= {"NUMBER", "FLOAT"}:
        return "FLOAT"
    if found <= {"DATE", *_TEMPORAL} and len(found) == 2 and "DATE" in found:
        return (found - {"DATE"}).pop()
    return None


def unwrap(node: exp.Expr) -> exp.Expr:
    """Step into brackets, windows and aliases down to what makes the value."""
    while isinstance(node, _TRANSPARENT) and isinstance(node.this, exp.Expr):
        node = node.this
    return node


def arguments(node: exp.Expr) -> list[exp.Expr]:
    """Give the operands of a node in the order of the tree."""
    found: list[exp.Expr] = []
    for value in node.args.values():
        if type(value) is list:
            found += [child for child in value if isinstance(child, exp.Expr)]
        elif isinstance(value, exp.Expr):
            found.append(value)
    return found


def operands(node: exp.Expr) -> list[exp.Expr]:
    """Flatten a left-deep chain of one operator, such as `a || b || c`, into its operands."""
    kind, found = type(node), []
    while type(node) is kind:
        found.append(node.args["expression"])
        node = node.this
    found.append(node)
    return found[::-1]


class Inference(NamedTuple):
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
        if isinstance(node, _VARYING_NODES):
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
        if isinstance(node, _VARIANT_NODES):
            return "VARIANT"
        if isinstance(node, exp.Case):
            return common([*(self.type(branch.args["true"]) for branch in node.args["ifs"]), *self._default(node)])
        name = self.name_of(node)
        if name is not None:
            return self._function(name, node)
        if isinstance(node, _BOOLEAN_NODES):
            return "BOOLEAN"
        return self._operator(node)

    def _default(self, case: exp.Case) -> list[str | None]:
        default = case.args.get("default")
        return [self.type(default)] if default is not None else []

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
        if name in _COMMON_TYPE:
            return common(self.type(argument) for argument in arguments(node))
        if name in ("IFF", "NVL2"):
            return common(self.type(node.args[key]) for key in ("true", "false") if node.args.get(key))
        if name == "DECODE":
            return common(self.type(result) for result in decode_results(node))
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
        if isinstance(node, _ARITHMETIC_NODES):
            return "FLOAT" if any(self.type(side) == "FLOAT" for side in arguments(node)) else "NUMBER"
        if isinstance(node, exp.Add | exp.Sub):
            return self._sum(node)
        return _FIXED.get(type(node))

    def _sum(self, node: exp.Expr) -> str | None:
        sides = operands(node)
        kinds = [self.type(side) for side in sides]
        if any(isinstance(side, exp.Interval) for side in sides):
            return kinds[0] if kinds[0] in _TEMPORAL - {"DATE"} else None
        if all(kind in ("NUMBER", "FLOAT") for kind in kinds):
            return common(kinds)
        if kinds[0] == "DATE" and set(kinds[1:]) <= {"NUMBER"}:
            return "DATE"
        if kinds == ["DATE", "DATE"] and isinstance(node, exp.Sub):
            return "NUMBER"
        return None


def decode_results(node: exp.Expr) -> list[exp.Expr]:
    """Give the results of a DECODE: every second argument, and the default when there is one."""
    parts = node.expressions
    results = [parts[at] for at in range(2, len(parts), 2)]
    return [*results, parts[-1]] if parts and len(parts) % 2 == 0 else results
