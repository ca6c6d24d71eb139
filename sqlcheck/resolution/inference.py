"""The facts of expressions, each found out when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, TypeVar

from sqlglot import exp

from sqlcheck.knowledge.result_types import RETURNS
from sqlcheck.resolution.facts import Facts, arguments
from sqlcheck.resolution.types import NULL_TYPE, Types
from sqlcheck.syntax.tree import LEAVES

T = TypeVar("T")

MAX_DEPTH = 300
"""How many aliases are followed from one to the next; each takes a dozen and more frames of the stack."""

_VARYING = frozenset(
    "RANDOM UUID_STRING RANDSTR SEQ1 SEQ2 SEQ4 SEQ8 UNIFORM NORMAL ZIPF NEXTVAL ROW_NUMBER RANK".split()
)


class Inferred(Facts):
    """The facts of an expression, each found when it is first asked for.

    An expression that leads back to itself through aliases has facts that cannot be told, nor has one at the end of a
    chain of more than `MAX_DEPTH`. `varies` says that it is already known not to be constant; `proves` tells whether
    something else shows it not to be NULL.
    """

    __slots__ = ("_found", "_inference", "_node", "_proves")
    _depth: ClassVar[int] = 0
    """Through how many expressions the question has come that is being answered."""

    def __init__(
        self,
        inference: Inference,
        node: exp.Expr,
        *,
        varies: bool = False,
        proves: Callable[[], bool] | None = None,
    ) -> None:
        self._inference = inference
        self._node = node
        self._proves = proves
        self._found: dict[str, Any] = {"constant": False} if varies else {}

    def _once(self, name: str, find: Callable[[exp.Expr], T], unknown: T) -> T:
        if name not in self._found:
            if Inferred._depth > MAX_DEPTH:
                return unknown
            self._found[name] = unknown
            Inferred._depth += 1
            try:
                self._found[name] = find(self._node)
            finally:
                Inferred._depth -= 1
        found: T = self._found[name]
        return found

    @property
    def type(self) -> str | None:
        """Give the Snowflake type."""
        kind = self._once("type", self._inference.type, None)
        return None if kind == NULL_TYPE else kind

    @property
    def structure(self) -> exp.DataType | None:
        """Give the type with its declared members."""
        return self._once("structure", self._inference.types.structure, None)

    @property
    def scale(self) -> int:
        """Give the scale of the type."""
        return self._once("scale", self._inference.types.scale, 0)

    @property
    def nullable(self) -> bool | None:
        """Tell whether the value can be NULL."""
        return self._once("nullable", self._nullable, None)

    def _nullable(self, node: exp.Expr) -> bool | None:
        return False if self._proves is not None and self._proves() else self._inference.nullness(node)

    @property
    def sources(self) -> frozenset[str]:
        """Give the base columns."""
        return self._once("sources", self._inference.sources, frozenset())

    @property
    def constant(self) -> bool:
        """Tell whether all rows have the same value."""
        return self._once("constant", self._inference.constant, False)


class Inference(NamedTuple):
    """Infer the facts of expressions; columns and subqueries are looked up by the caller, as is nullability."""

    column: Callable[[exp.Column], Facts]
    subquery: Callable[[exp.Expr], Facts]
    name_of: Callable[[exp.Expr], str | None]
    nullness: Callable[[exp.Expr], bool | None]

    @property
    def types(self) -> Types:
        """Tell of the types alone."""
        return Types(self.column, self.subquery, self.name_of)

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
            if kind in LEAVES:
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
            elif kind not in LEAVES:
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
        return self.types.of(node)
