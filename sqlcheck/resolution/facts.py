"""What is known of a value: its type, whether it can be NULL, and whether every row has the same one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from sqlcheck.knowledge.result_types import TYPE_NAMES
from sqlcheck.model import FAMILIES


class Facts(ABC):
    """What is known of a value; None stands for "cannot tell".

    `sources` are the base columns that it is made from, as far as their names were written. `scale` is how many
    digits behind the point its type is known to have. `constant` says that all rows have the same value.
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
    def scale(self) -> int:
        """Give the scale of the type, 0 where none is known."""

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
    scale: int = 0

    @classmethod
    def of(cls, facts: Facts) -> Known:
        """Find out all that there is to know, so that nothing holds on to the query."""
        return cls(facts.type, facts.nullable, facts.sources, facts.constant, facts.scale)


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
    def scale(self) -> int:
        """Give the scale, which stays."""
        return self.inner.scale

    @property
    def sources(self) -> frozenset[str]:
        """Give the sources, which stay."""
        return self.inner.sources

    @property
    def constant(self) -> bool:
        """Tell whether rows still all have one value: not where a join fills in NULL."""
        return self.inner.constant and not self.nullable


UNKNOWN: Facts = Known()
NULL_TYPE = "NULL"
"""The type of a bare NULL while types are combined; no value is said to have it."""
TEMPORAL = frozenset({"DATE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"})


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


def type_name(data_type: exp.Expr | None) -> str | None:
    """Give Snowflake's name of a type as written in a cast or a table definition."""
    kind = data_type.this if isinstance(data_type, exp.DataType) else None
    return TYPE_NAMES.get(getattr(kind, "name", ""))


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
    if found <= TEMPORAL and len(found) == 2 and "DATE" in found:
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


def decode_results(node: exp.Expr) -> list[exp.Expr]:
    """Give the results of a DECODE: every second argument, and the default when there is one."""
    parts = node.expressions
    results = [parts[at] for at in range(2, len(parts), 2)]
    return [*results, parts[-1]] if parts and len(parts) % 2 == 0 else results
