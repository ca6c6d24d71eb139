"""The types of expressions: from casts, literals and operators, and of functions by the name that the author wrote.

What each function returns is in `sqlcheck.knowledge.result_types`; sqlglot's metadata fills the gaps where it
knows a fixed type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlglot import exp
from sqlglot.typing.snowflake import EXPRESSION_METADATA

from sqlcheck.knowledge.result_types import (
    ADDS_TO_DATE,
    COMMON_TYPE,
    DATE_PARTS,
    DAY_OR_LARGER,
    DECLARES_MEMBERS,
    FIRST_DECIDES,
    FROM_TEXT,
    GEOSPATIAL,
    KEEPS_BINARY,
    KEEPS_MEMBERS,
    NUMERIC,
    OF_ORDERED,
    QUALIFIED,
    RETURNS,
    SAME_AS_ARGUMENT,
    SAME_MOMENT,
    TYPE_NAMES,
)
from sqlcheck.resolution.facts import Facts, arguments, case_results, decode_results, operands, unwrap
from sqlcheck.resolution.members import INTERVAL, member, steps, type_name

NULL_TYPE = "NULL"
"""The type of a bare NULL while types are combined; never leaves `sqlcheck.resolution`."""

_NUMBERS = frozenset({"NUMBER", "FLOAT"})
_TIMESTAMPS = frozenset({"TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"})
_MOMENTS = _TIMESTAMPS | {"DATE", "TIME"}
_READ_AS_NUMBER = _NUMBERS | {"VARCHAR", "VARIANT"}
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
_INTERVAL_PART = re.compile(r"[+-]?\d+\s*([a-z]*)", re.IGNORECASE)
_ALIKE = SAME_AS_ARGUMENT | SAME_MOMENT | NUMERIC | GEOSPATIAL
_HANDS_ON = (exp.Max, exp.Min, exp.AnyValue, exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead, exp.ArgMax, exp.ArgMin)
_OF_QUOTIENT = 6
"""The least scale that a quotient or an average has: docs.snowflake.com/en/sql-reference/operators-arithmetic"""
_ELEMENTS = (exp.JSONExtract, exp.Bracket, exp.GetExtract, exp.GetIgnoreCase)


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
    if len(found) > 1:
        found -= {"VARCHAR"} if found - {"VARCHAR"} <= FROM_TEXT else set()
    if len(found) == 1:
        return found.pop()
    if found and found <= _NUMBERS:
        return "FLOAT"
    if len(found) == 2 and "DATE" in found and found <= {"DATE", *_TIMESTAMPS}:
        return (found - {"DATE"}).pop()
    return None


class Types(NamedTuple):
    """Tell the types of expressions; columns and subqueries are looked up by the caller."""

    column: Callable[[exp.Column], Facts]
    subquery: Callable[[exp.Expr], Facts]
    name_of: Callable[[exp.Expr], str | None]

    def of(self, node: exp.Expr) -> str | None:
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
        if isinstance(node, _ELEMENTS):
            return self._element(node)
        if isinstance(node, exp.Case):
            return common(map(self.of, case_results(node)))
        if isinstance(node, exp.Dot):
            return self._qualified(node)
        name = self.name_of(node)
        if name is not None:
            return self._function(name, node)
        if isinstance(node, _BOOLEAN_NODES):
            return "BOOLEAN"
        return self._operator(node)

    def structure(self, node: exp.Expr) -> exp.DataType | None:
        """Give the type of an expression where a cast declares it or the structured value that it is taken from."""
        node = unwrap(node)
        if isinstance(node, exp.Column):
            return self.column(node).structure
        if isinstance(node, exp.Query):
            return self.subquery(node).structure
        if isinstance(node, exp.Cast):
            return node.to if node.to.args.get("nested") else None
        if isinstance(node, _ELEMENTS):
            found = self.structure(node.this)
            for step in steps(node):
                found = member(found, step)
            return found
        kept = _kept_whole(self.name_of(node), node)
        return self.structure(kept) if kept is not None else None

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
        return max(map(self.scale, self._choices(node)), default=0)

    def _choices(self, node: exp.Expr) -> list[exp.Expr]:
        """Give the values of which an expression hands on one, in their common type; none when it makes its own."""
        if isinstance(node, exp.Case):
            return case_results(node)
        name = self.name_of(node)
        if name in COMMON_TYPE or name in FIRST_DECIDES:
            return arguments(node)
        if name in ("IFF", "NVL2"):
            return [node.args[key] for key in ("true", "false") if node.args.get(key)]
        return decode_results(node) if name == "DECODE" else []

    def _element(self, node: exp.Expr) -> str | None:
        """Give the type of an element, which is a VARIANT unless the whole declares another."""
        whole = unwrap(node.this)
        if self.structure(whole) is not None:
            return type_name(self.structure(node))
        name = self.name_of(whole)
        source = _subject(whole) if name is not None else None
        is_declared = name in DECLARES_MEMBERS or (source is not None and self.structure(source) is not None)
        return None if is_declared or self.of(whole) == "MAP" else "VARIANT"

    def _qualified(self, node: exp.Dot) -> str | None:
        """Give the type of a function of one of Snowflake's own schemas."""
        name = self.name_of(node.expression)
        parts = [part.name.upper() for part in node.this.flatten()] if isinstance(node.this, exp.Dot) else []
        return QUALIFIED.get(".".join([*parts, name])) if name is not None else None

    def _function(self, name: str, node: exp.Expr) -> str | None:
        if name in RETURNS:
            return self._unless_asked_otherwise(name, node)
        if name in COMMON_TYPE:
            return common(self.of(argument) for argument in arguments(node))
        if name in FIRST_DECIDES:
            return self._by_first(arguments(node))
        if name in ("IFF", "NVL2"):
            return common(self.of(node.args[key]) for key in ("true", "false") if node.args.get(key))
        if name == "DECODE":
            return common(self.of(result) for result in decode_results(node))
        if name in ADDS_TO_DATE:
            return self._added(node)
        if name == "REDUCE":
            return self.of(node.args["initial"]) if node.args.get("initial") else None
        if name == "UNIFORM":
            return common(self.of(bound) for bound in arguments(node)[:2])
        if name == "AI_COMPLETE":
            return None if len(arguments(node)) > 3 or _named(node) & {"RESPONSE_FORMAT", "SHOW_DETAILS"} else "VARCHAR"
        if name in ("MAX_BY", "MIN_BY") and node.args.get("count") is not None:
            return "ARRAY"
        if name in _ALIKE:
            kind = self._of_subject(_ordered(node) if name in OF_ORDERED else _subject(node))
            return _alike("DATE_TRUNC" if isinstance(node, exp.DateTrunc) else name, kind)
        return _FIXED.get(type(node))

    def _of_subject(self, subject: exp.Expr | None) -> str | None:
        return self.of(subject) if subject is not None else None

    def _unless_asked_otherwise(self, name: str, node: exp.Expr) -> str | None:
        """Give the type that a function returns unless its arguments ask for another."""
        if name.startswith(("TIMESTAMP_FROM", "TIMESTAMPFROM")) and node.args.get("zone"):
            return "TIMESTAMP_TZ"
        if name == "CONVERT_TIMEZONE" and node.args.get("source_tz"):
            return "TIMESTAMP_NTZ"
        if name in KEEPS_BINARY and self._any_binary(arguments(node)):
            return "BINARY"
        if name == "AVG" and (kind := self._of_subject(_subject(node))) in ("FLOAT", INTERVAL):
            return kind
        if name.startswith("AI_") and _asks_for_error(node):
            return "OBJECT"
        return RETURNS[name]

    def _any_binary(self, nodes: Iterable[exp.Expr]) -> bool:
        return any(self.of(node) == "BINARY" for node in nodes)

    def _by_first(self, nodes: list[exp.Expr]) -> str | None:
        """Give the type where the first argument decides it, if what the others are leaves no doubt."""
        kinds = [self.of(node) for node in nodes]
        found, first = common(kinds), kinds[0] if kinds else None
        return found if first in (found, NULL_TYPE) or {first, found} <= _NUMBERS else None

    def _added(self, node: exp.Expr) -> str | None:
        base = self.of(node.this)
        is_finer = node.text("unit").upper() not in DAY_OR_LARGER
        if base == "VARCHAR" or (base == "DATE" and is_finer):
            return "TIMESTAMP_NTZ"
        return base if base in _MOMENTS else None

    def _operator(self, node: exp.Expr) -> str | None:
        if isinstance(node, exp.Interval):
            return INTERVAL
        if isinstance(node, exp.Array):
            return "ARRAY"
        if isinstance(node, exp.Struct):
            return "OBJECT"
        if isinstance(node, exp.DPipe):
            return "BINARY" if self._any_binary(operands(node)) else "VARCHAR"
        if isinstance(node, exp.Mul | exp.Div | exp.Mod | exp.Neg):
            kinds = {self.of(side) for side in arguments(node)}
            return next((kind for kind in (INTERVAL, "FLOAT") if kind in kinds), "NUMBER")
        if isinstance(node, exp.Add | exp.Sub):
            return self._sum(node)
        return _FIXED.get(type(node))

    def _sum(self, node: exp.Expr) -> str | None:
        first, *others = operands(node)
        found = self.of(first)
        for side in others:
            kind = self.of(side)
            if kind == INTERVAL:
                found = _shifted(found, side)
            elif found == INTERVAL and isinstance(node, exp.Add):
                found = _shifted(kind, first)
            else:
                found = _difference(found, kind) if isinstance(node, exp.Sub) else _total(found, kind)
        return found


def _shifted(base: str | None, interval: exp.Expr) -> str | None:
    """Give the type of a moment moved by an interval."""
    if base == "DATE":
        return _moved_date(unwrap(interval))
    return base if base in _MOMENTS or base == INTERVAL else None


def _moved_date(interval: exp.Expr) -> str | None:
    """Give the type of a date that an interval is added to: a part smaller than a day makes it a timestamp."""
    if not isinstance(interval, exp.Interval) or not isinstance(interval.this, exp.Literal):
        return None
    unit = interval.args.get("unit")
    if unit is None:
        parts = _INTERVAL_PART.findall(interval.this.name)
    else:
        parts = [unit.this.name if isinstance(unit, exp.IntervalSpan) else unit.name]
        if parts[0].upper().startswith("DAY") and interval.this._meta:
            # INTERVAL '1' DAY is a value with a time of day, unlike '1 day': what a date becomes is not documented
            return None
    return "DATE" if parts and all(part.lower() in DATE_PARTS for part in parts) else "TIMESTAMP_NTZ"


def _total(left: str | None, right: str | None) -> str | None:
    for kind, other in ((left, right), (right, left)):
        if kind == "DATE" and other in _NUMBERS:
            return "DATE"
    return _number(left, right)


def _difference(left: str | None, right: str | None) -> str | None:
    if left == "DATE" and right in _NUMBERS:
        return "DATE"
    if left == right == "DATE":
        return "NUMBER"
    if left in _TIMESTAMPS and right in _TIMESTAMPS:
        return INTERVAL
    return _number(left, right)


def _number(*kinds: str | None) -> str | None:
    """Give the type of arithmetic on numbers, as which it reads texts and VARIANTs too."""
    if not _READ_AS_NUMBER.issuperset(kinds):
        return None
    return "FLOAT" if "FLOAT" in kinds else "NUMBER"


def _alike(name: str, kind: str | None) -> str | None:
    """Give the type of a function that returns what it is given."""
    if name in SAME_AS_ARGUMENT:
        return kind
    if name in SAME_MOMENT and (kind is None or kind in _MOMENTS):
        return kind
    if name in NUMERIC:
        return kind if kind in ("FLOAT", INTERVAL) else "NUMBER"
    if name in GEOSPATIAL:
        return "GEOMETRY" if kind == "GEOMETRY" else "GEOGRAPHY"
    return None


def _subject(node: exp.Expr) -> exp.Expr | None:
    """Give the argument that a function is about: the first one, which sqlglot may keep behind others."""
    subject = node.this if isinstance(node.this, exp.Expr) else next(iter(arguments(node)), None)
    return subject.expressions[0] if isinstance(subject, exp.Distinct) and subject.expressions else subject


def _kept_whole(name: str | None, node: exp.Expr) -> exp.Expr | None:
    """Give the value whose members the result of an operation declares as well."""
    if name in KEEPS_MEMBERS:
        return _subject(node)
    branch = node.args["ifs"][0] if isinstance(node, exp.Case) else node
    return branch.args.get("true") if isinstance(branch, exp.If | exp.Nvl2) else None


def _ordered(node: exp.Expr) -> exp.Expr | None:
    """Give what WITHIN GROUP orders by."""
    order = node.parent.args.get("expression") if isinstance(node.parent, exp.WithinGroup) else None
    return unwrap(order.expressions[0]) if isinstance(order, exp.Order) and order.expressions else None


def _named(node: exp.Expr) -> set[str]:
    return {argument.this.name.upper() for argument in arguments(node) if isinstance(argument, exp.Kwarg)}


def _asks_for_error(node: exp.Expr) -> bool:
    """Tell whether an AI function is to return its result beside an error."""
    given = (argument.expression if isinstance(argument, exp.Kwarg) else argument for argument in arguments(node))
    return any(isinstance(value, exp.Boolean) and value.this for value in given)


def _digits(size: Sequence[object]) -> int:
    """Read a scale."""
    written = size[0].name if size and isinstance(size[0], exp.Expr) else ""
    return int(written) if written.isdigit() else 0
