"""Whether an expression can be NULL, with what conditions around it rule out.

Source of what each function does with NULL: docs.snowflake.com/en/sql-reference/functions-all, the page of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sqlglot import exp

from sqlcheck.knowledge.functions import FUNCTIONS
from sqlcheck.names import fold
from sqlcheck.resolution.facts import arguments, decode_results, operands, unwrap
from sqlcheck.resolution.predicates import hedged, unless_true, when_true


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FIRST_NOT_NULL = _names("COALESCE NVL IFNULL GREATEST_IGNORE_NULLS LEAST_IGNORE_NULLS")
_NEVER_NULL = _names(
    "COUNT COUNT_IF ROW_NUMBER RANK DENSE_RANK NTILE PERCENT_RANK CUME_DIST CURRENT_TIMESTAMP LOCALTIMESTAMP GETDATE "
    "SYSTIMESTAMP SYSDATE CURRENT_DATE CURRENT_TIME LOCALTIME UUID_STRING RANDOM RANDSTR ZEROIFNULL HASH EQUAL_NULL "
    "GROUPING APPROX_COUNT_DISTINCT HLL ARRAY_AGG ARRAYAGG ARRAY_UNIQUE_AGG OBJECT_AGG OBJECTAGG OBJECT_CONSTRUCT "
    "OBJECT_CONSTRUCT_KEEP_NULL ARRAY_CONSTRUCT ARRAY_CONSTRUCT_COMPACT LISTAGG SEQ1 SEQ2 SEQ4 SEQ8 PI CURRENT_USER "
    "CURRENT_ROLE CURRENT_ACCOUNT"
)
_NULL_ON_FAILURE = _names("NULLIF NULLIFZERO")
_TOTAL = _names(
    "UPPER LOWER TRIM LTRIM RTRIM CONCAT TO_CHAR TO_VARCHAR TO_NUMBER ABS ROUND CEIL FLOOR TRUNC LENGTH REPLACE "
    "COALESCE NVL IFNULL GREATEST LEAST DATE_TRUNC TIME_SLICE ADD_MONTHS LAST_DAY DATEADD TIMEADD TIMESTAMPADD "
    "DATEDIFF TIMEDIFF TIMESTAMPDIFF TO_DATE DATE TO_TIME TIME CONVERT_TIMEZONE TIMESTAMP_FROM_PARTS DATE_FROM_PARTS "
    "TO_TIMESTAMP TO_TIMESTAMP_NTZ TO_TIMESTAMP_LTZ TO_TIMESTAMP_TZ YEAR MONTH DAY HOUR MINUTE SECOND DATE_PART "
    "EXTRACT MD5 SHA1 SHA2 SUBSTR SUBSTRING LEFT RIGHT INITCAP"
)
_AGGREGATES = _names("MAX MIN ANY_VALUE MODE SUM AVG MEDIAN MAX_BY MIN_BY")
_NEVER_NULL_NODES = (exp.Literal, exp.Boolean, exp.Exists, exp.Is, exp.Interval, exp.Var, exp.Array)
_UNKNOWN_NODES = (exp.JSONExtract, exp.Bracket, exp.Dot, exp.Parameter)
_KEYWORDS = (exp.Var, exp.DataType, exp.Interval)


class Nullness(NamedTuple):
    """Tell whether values can be NULL; columns and subqueries are looked up by the caller.

    `columns`, `tables` and `values` are known not to be NULL here: by a filter, or inside a CASE branch
    by its condition. A table counts when one of its columns is not NULL, for then it has a row.
    `has_full_join` tells that of two nullable sides one always has a row.
    """

    column: Callable[[exp.Column], bool | None]
    subquery: Callable[[exp.Expr], bool | None]
    name_of: Callable[[exp.Expr], str | None]
    has_full_join: bool = False
    columns: frozenset[tuple[str, str]] = frozenset()
    tables: frozenset[str] = frozenset()
    values: tuple[exp.Expr, ...] = ()

    def given(self, known: Iterable[exp.Expr]) -> Nullness:
        """Tell the same where some more values are known not to be NULL."""
        found = list(known)
        if not found:
            return self
        columns = [value for value in found if isinstance(value, exp.Column)]
        return self._replace(
            columns=self.columns.union(_key(column) for column in columns),
            tables=self.tables.union(_key(column)[0] for column in columns if column.table),
            values=(*self.values, *(value for value in found if not isinstance(value, exp.Column))),
        )

    def of(self, node: exp.Expr) -> bool | None:
        """Tell whether an expression can be NULL; None where that cannot be told."""
        while isinstance(node, exp.Paren):
            node = node.this
        if self.values and any(node == value for value in self.values):
            return False
        node = unwrap(node)
        if isinstance(node, exp.Column):
            return self._of_column(node)
        if isinstance(node, _NEVER_NULL_NODES):
            return False
        if isinstance(node, exp.Null | exp.TryCast):
            return True
        if isinstance(node, exp.Query):
            return self.subquery(node)
        if isinstance(node, _UNKNOWN_NODES):
            # a path may lead nowhere even in a value that is there
            return True if isinstance(node, exp.JSONExtract | exp.Bracket) and self.of(node.this) else None
        return self._of_operation(node)

    def _of_operation(self, node: exp.Expr) -> bool | None:
        if isinstance(node, exp.Cast | exp.Not | exp.Neg):
            return self.of(node.this)
        if isinstance(node, exp.Case):
            return self._of_case(node)
        if isinstance(node, exp.DecodeCase):
            has_default = len(node.expressions) % 2 == 0
            return _any([*(self.of(result) for result in decode_results(node)), not has_default])
        name = self.name_of(node)
        if name is not None and isinstance(node, exp.Func):
            return self._of_function(name, node)
        if isinstance(node, exp.Connector | exp.DPipe | exp.Add):
            return _any(self.of(side) for side in operands(node))
        if isinstance(node, exp.Binary):
            return _any(self.of(side) for side in arguments(node))
        return None

    def _of_column(self, node: exp.Column) -> bool | None:
        if not self.columns:
            return self.column(node)
        key = _key(node)
        if key in self.columns:
            return False
        found = self.column(node)
        return None if found and key[0] in self.tables else found

    def _of_case(self, node: exp.Case) -> bool | None:
        default = node.args.get("default")
        if default is None:
            return True
        here, found = self, []
        for branch in node.args["ifs"]:
            condition = branch.this if node.this is None else exp.EQ(this=node.this, expression=branch.this)
            here = here.given(hedged(condition))
            found.append(here.given(when_true(condition)).of(branch.args["true"]))
            here = here.given(unless_true(condition))
        return self._unless_other_side(_any([*found, here.of(default)]), node)

    def _of_function(self, name: str, node: exp.Expr) -> bool | None:
        if name in _NEVER_NULL:
            return False
        if name in _NULL_ON_FAILURE or name.startswith("TRY_"):
            return True
        if name in _FIRST_NOT_NULL:
            return self._of_choice(node)
        if name == "IFF" or name == "NVL2":
            return self._of_branches(node)
        if name in ("LAG", "LEAD"):
            default = node.args.get("default")
            return True if default is None else _any([self.of(node.this), self.of(default)])
        if name in _AGGREGATES:
            first = next(iter(arguments(node)), None)
            maybe = self.of(first) if first is not None else None
            return maybe if maybe or isinstance(node.parent, exp.Window) or _is_grouped(node) else None
        if isinstance(node, exp.Anonymous) and name not in FUNCTIONS:
            return None
        found = [self.of(argument) for argument in arguments(node) if not isinstance(argument, _KEYWORDS)]
        if True in found:
            return True
        return False if name in _TOTAL and found and None not in found else None

    def _of_choice(self, node: exp.Expr) -> bool | None:
        found = [self.of(argument) for argument in arguments(node)]
        if False in found:
            return False
        if not all(found):
            return None
        return self._unless_other_side(True, node)

    def _of_branches(self, node: exp.Expr) -> bool | None:
        """Tell it of IFF, and of NVL2, whose condition is that the first argument is not NULL."""
        condition, yes, no = node.this, node.args.get("true"), node.args.get("false")
        if yes is None or no is None:
            return True
        if isinstance(node, exp.Nvl2):
            return _any([self.given([condition]).of(yes), self.of(no)])
        here = self.given(hedged(condition))
        found = _any([here.given(when_true(condition)).of(yes), here.given(unless_true(condition)).of(no)])
        return self._unless_other_side(found, node)

    def _unless_other_side(self, found: bool | None, node: exp.Expr) -> bool | None:
        """Take back a NULL that a choice between the two sides of a full join may well rule out."""
        if not found or not self.has_full_join:
            return found
        return None if len({column.table.upper() for column in node.find_all(exp.Column)}) > 1 else found


def _key(column: exp.Column) -> tuple[str, str]:
    table, name = column.args.get("table"), column.this
    return _folded(table), _folded(name)


def _folded(node: exp.Expr | None) -> str:
    return fold(node.name, bool(node.args.get("quoted"))) if isinstance(node, exp.Identifier) else ""


def _any(values: Iterable[bool | None]) -> bool | None:
    found = list(values)
    return True if True in found else (None if None in found else False)


def _is_grouped(node: exp.Expr) -> bool:
    select = node.find_ancestor(exp.Select)
    return select is not None and select.args.get("group") is not None
