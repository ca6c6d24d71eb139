"""What the text alone says of a value: its type, whether it can be NULL, and whether every row has the same one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from sqlglot import exp

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
    def constant(self) -> bool:
        """Tell whether all rows have the same value."""

    @property
    def structure(self) -> exp.DataType | None:
        """Give the type with those of its members, where it declares them: ARRAY(T), OBJECT(k T) or MAP(K, V)."""
        return None

    @property
    @abstractmethod
    def scale(self) -> int:
        """Give the scale of the type, 0 where none is known."""

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
    structure: exp.DataType | None = None
    scale: int = 0

    @classmethod
    def of(cls, facts: Facts) -> Known:
        """Find out all that there is to know, so that nothing holds on to the query."""
        structure = facts.structure
        detached = structure.copy() if structure is not None else None
        return cls(facts.type, facts.nullable, facts.sources, facts.constant, detached, facts.scale)


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

    @property
    def structure(self) -> exp.DataType | None:
        """Give the declared members, which stay."""
        return self.inner.structure

    @property
    def scale(self) -> int:
        """Give the scale, which stays."""
        return self.inner.scale


UNKNOWN: Facts = Known()

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


def case_results(node: exp.Case) -> list[exp.Expr]:
    """Give the results of a CASE: that of each branch, and the ELSE when there is one."""
    default = node.args.get("default")
    return [*(branch.args["true"] for branch in node.args["ifs"]), *([default] if default is not None else [])]
