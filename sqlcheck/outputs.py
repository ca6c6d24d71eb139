"""What the text of an output shows about its value: a count, a few labels, a digest, nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlcheck.apis.facts import Api
from sqlcheck.knowledge.moments import change_rank
from sqlcheck.knowledge.vocabulary import NearMiss, Sensitive, is_helper, near_identity, sensitive, words
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Span
from sqlcheck.resolution.facts import arguments, case_results, decode_results, operands, unwrap
from sqlcheck.resolution.scopes import Output, Scope
from sqlcheck.settings import Model

Leaf = tuple[exp.Expr, Scope | None]

# functions that hand on a value, as it is or written in another way
_HANDS_ON = frozenset(
    "MAX MIN ANY_VALUE MODE MAX_BY MIN_BY FIRST_VALUE LAST_VALUE NTH_VALUE LAG LEAD NULLIF UPPER LOWER INITCAP TRIM "
    "LTRIM RTRIM TO_CHAR TO_VARCHAR TO_NUMBER TO_DECIMAL TO_NUMERIC TRY_TO_NUMBER TRY_TO_DECIMAL TRY_TO_NUMERIC "
    "TO_VARIANT LEFT RIGHT SUBSTR SUBSTRING LPAD RPAD REPLACE TRANSLATE REVERSE COLLATE HEX_ENCODE BASE64_ENCODE "
    "AS_CHAR AS_VARCHAR AS_INTEGER CONNECT_BY_ROOT".split()
)
_COUNTS = frozenset(
    "COUNT COUNT_IF APPROX_COUNT_DISTINCT HLL HLL_ESTIMATE ARRAY_SIZE REGEXP_COUNT REGR_COUNT GROUPING".split()
)
_RANKS = frozenset("ROW_NUMBER RANK DENSE_RANK NTILE PERCENT_RANK CUME_DIST".split())
_CALCULATIONS = frozenset(
    "SUM AVG MEDIAN STDDEV STDDEV_POP STDDEV_SAMP VARIANCE VAR_POP VAR_SAMP VARIANCE_POP VARIANCE_SAMP CORR COVAR_POP "
    "COVAR_SAMP PERCENTILE_CONT PERCENTILE_DISC APPROX_PERCENTILE SKEW KURTOSIS RATIO_TO_REPORT ROUND CEIL FLOOR TRUNC "
    "TRUNCATE ABS SIGN SQRT EXP LN LOG POWER POW MOD SQUARE DIV0 DIV0NULL DATEDIFF TIMEDIFF TIMESTAMPDIFF "
    "MONTHS_BETWEEN DATE_PART EXTRACT YEAR MONTH DAY DAYOFWEEK DAYOFMONTH DAYOFYEAR WEEK WEEKOFYEAR QUARTER HOUR "
    "MINUTE SECOND LENGTH LEN OCTET_LENGTH EDITDISTANCE JAROWINKLER_SIMILARITY CHARINDEX POSITION ZEROIFNULL "
    "HAVERSINE".split()
)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_CHOICES = (exp.Case, exp.If, exp.Nvl2, exp.Coalesce, exp.DecodeCase)
_CONSTANTS = (exp.Literal, exp.Null, exp.Boolean)
NEVER_IDS = {
    "boolean": "true or false",
    "date": "a date",
    "time": "a time of day",
    "timestamp_ntz": "a point in time",
    "timestamp_ltz": "a point in time",
    "timestamp_tz": "a point in time",
}
"""Family of values that never tell users apart → what such a value is."""
_DIGESTS = frozenset({"sha", "hash", "hashed", "hmac"})


def leaves(output: Output, *, joined: bool = False, exact: bool = False) -> Iterator[Leaf]:
    """Yield the expressions of which one becomes the value, each with the scope of its columns.

    CASE, COALESCE and the like yield their results, columns of derived tables what they are made from.
    With `joined` the pieces of a concatenation are yielded too, with `exact` only what a choice hands on unchanged.
    """
    stack: list[Leaf] = [(origin.expression, origin.scope) for origin in reversed(output.origins())]
    seen: set[int] = set()
    while stack:
        node, scope = stack.pop()
        node = unwrap(node)
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, exp.Column):
            reference = scope.reference(node) if scope is not None else None
            inner = reference.output if reference is not None else None
            if inner is not None and inner.known is None:
                stack += [(origin.expression, origin.scope) for origin in reversed(inner.origins())]
            else:
                yield node, scope
            continue
        results = _results(node, scope, joined) if not exact or isinstance(node, _CHOICES) else None
        if results is None:
            yield node, scope
        else:
            stack += [(result, scope) for result in reversed(results)]


def labels(output: Output) -> Iterator[Leaf]:
    """Yield the literals that become the value as they are written, in one row or another."""
    if not output.is_bare:
        for node, scope in leaves(output, exact=True):
            if isinstance(node, exp.Literal | exp.Boolean):
                yield node, scope


def _results(node: exp.Expr, scope: Scope | None, joined: bool) -> list[exp.Expr] | None:
    """Give the parts of an expression that can be its value, None when it makes a value of its own."""
    if isinstance(node, exp.Cast):
        return [node.this]
    if isinstance(node, exp.Case):
        return case_results(node)
    if isinstance(node, exp.If | exp.Nvl2):
        return [node.args[key] for key in ("true", "false") if node.args.get(key) is not None]
    if isinstance(node, exp.Coalesce):
        return [node.this, *node.expressions]
    if isinstance(node, exp.DecodeCase):
        return decode_results(node)
    if joined and isinstance(node, exp.DPipe):
        return operands(node)
    if joined and isinstance(node, exp.Concat | exp.ConcatWs):
        return list(node.expressions)
    name = scope.query.function_name(node) if scope is not None and isinstance(node, exp.Func) else None
    first = next(iter(arguments(node)), None) if name in _HANDS_ON else None
    return [first] if first is not None else None


def is_empty(output: Output) -> bool:
    """Tell whether the value is NULL, or one that the query itself spells out, in every row."""
    if output.is_bare:
        return False
    origins = output.origins()
    if origins and all(is_literal(origin) for origin in origins):
        return True
    found = [node for node, _ in leaves(output)]
    return bool(found) and all(isinstance(node, exp.Null) for node in found)


def is_literal(output: Output) -> bool:
    """Tell whether an output spells out one value for all rows, without asking the session or the clock."""
    node = output.expression
    if output.known is not None or not output.facts.constant or output.branches or isinstance(node, exp.Query):
        return False
    return not any(isinstance(part, exp.Func) and not arguments(part) for part in node.walk())


def cannot_identify(output: Output) -> str | None:
    """Say what the value is when it cannot identify anybody, such as `a count`; None when it can, or who knows."""
    if output.is_bare:
        return None
    found: str | None = NEVER_IDS.get(output.family or "")
    if found is not None:
        return found
    for node, scope in leaves(output):
        if isinstance(node, exp.Null):
            continue
        kind = _kind(node, scope)
        if kind is None:
            return None
        if found is None or found == _LABEL:
            found = kind
    return found


_LABEL = "one of a few labels"


def _kind(node: exp.Expr, scope: Scope | None) -> str | None:
    if isinstance(node, exp.Boolean):
        return NEVER_IDS["boolean"]
    if isinstance(node, exp.Literal):
        return _LABEL
    if isinstance(node, _ARITHMETIC):
        facts = scope.facts(node) if scope is not None else None
        return NEVER_IDS.get(facts.family or "", "a calculation") if facts is not None else "a calculation"
    name = scope.query.function_name(node) if scope is not None and isinstance(node, exp.Func) else None
    if name in _COUNTS:
        return "a count"
    if name in _RANKS:
        return "a rank"
    if name in ("LISTAGG", "STRING_AGG"):
        return "a list of values"
    kind = scope.facts(node).family if scope is not None else None
    if kind in NEVER_IDS:
        return NEVER_IDS[kind]
    return "a calculation" if name in _CALCULATIONS else None


def digest(output: Output) -> Span | None:
    """Give the call of a hash function that makes the value, or a piece of it."""
    if output.is_bare:
        return None
    for node, scope in leaves(output, joined=True):
        if scope is not None and _is_digest(node, scope):
            return scope.query.span(node)
    return None


def _is_digest(node: exp.Expr, scope: Scope) -> bool:
    if isinstance(node, exp.Dot):
        last = node.expression
        name = last.name if isinstance(last, exp.Anonymous) else None
    else:
        name = scope.query.function_name(node) if isinstance(node, exp.Func) else None
    if not name:
        return False
    parts = words(name.upper())
    return bool(_DIGESTS.intersection(parts)) or parts[:2] in (("md", "5"), ("md", "4"))


def canonical(name: str, api: Api) -> str:
    """Give the identity that a reserved name stands for."""
    lower = name.lower()
    return api.aliases.get(lower, lower)


def is_declared(name: str, model: Model) -> bool:
    """Tell whether the model declares an attribute of that name, in whatever case."""
    lower = name.lower()
    return any(attribute.name.lower() == lower for attribute in model.declared)


def misspelt(column: OutputColumn, mapping: Mapping, model: Model, api: Api) -> NearMiss | None:
    """Tell which identity an attribute's name was meant to be, if it looks like one and may well hold one."""
    if not column.named or column.name.startswith("$"):
        # a name with `$` is a fault of its own: `unknown-reserved-attribute`
        return None
    near = near_identity(column.name, api)
    if near is None or is_declared(column.name, model) or is_helper(column.name):
        return None
    if near.reason == "typo" and any(canonical(other.name, api) == near.identity for other in mapping.identities):
        return None
    if column.family == "array" or cannot_identify(column.output) is not None:
        return None
    return near


def secret(column: OutputColumn, model: Model) -> Sensitive | None:
    """Tell whether an attribute holds a secret or data of a special category, by its name and what makes its value."""
    found = sensitive(column.name) if column.named and not is_helper(column.name) else None
    if found is None or is_declared(column.name, model):
        return None
    kind = cannot_identify(column.output)
    about = kind is not None and kind != _LABEL and not (kind == NEVER_IDS["boolean"] and found.kind == "category")
    return None if about else found


def leaks(column: OutputColumn, model: Model) -> bool:
    """Tell whether a column is a helper that was not meant to be sent."""
    if not column.named or not is_helper(column.name) or is_declared(column.name, model):
        return False
    return not may_be_load_timestamp(column, model)


def may_be_load_timestamp(column: OutputColumn, model: Model) -> bool:
    """Tell whether a column is likely to be the load timestamp of a model that does not name one."""
    declared = model.load_timestamp.field
    if declared is not None and declared.value.strip():
        return False
    family = column.family
    return (family is None or family.startswith(("timestamp", "date", "number"))) and change_rank(column.name) >= 2
