"""What makes the load timestamp: has it the declared type, does it change with the row, how fine is it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from sqlcheck.apis.facts import Api
from sqlcheck.knowledge.moments import FAMILIES, UNITS, Unit
from sqlcheck.mapping import Mapping
from sqlcheck.model import Evidence, Finding, Severity
from sqlcheck.names import fold
from sqlcheck.resolution.answers import Answers
from sqlcheck.resolution.evidence import of_type, of_values
from sqlcheck.resolution.facts import case_results, unwrap
from sqlcheck.resolution.scopes import Output, Scope
from sqlcheck.resolution.steadiness import is_steady, tells_now
from sqlcheck.settings import Model

_WORDS = {
    "text": "a text",
    "number": "a number",
    "boolean": "a boolean",
    "date": "a date",
    "time": "a time of day",
    "timestamp_ntz": "a `TIMESTAMP_NTZ`",
    "timestamp_ltz": "a `TIMESTAMP_LTZ`",
    "timestamp_tz": "a `TIMESTAMP_TZ`",
    "array": "an array",
    "object": "an object",
    "map": "a map",
    "binary": "a binary value",
    "geo": "a place",
    "vector": "a vector",
    "file": "a file",
}
_MAKERS = {
    "timestamp_ntz": "TO_TIMESTAMP_NTZ(…)",
    "timestamp_ltz": "TO_TIMESTAMP_LTZ(…)",
    "timestamp_tz": "TO_TIMESTAMP_TZ(…)",
    "date": "TO_DATE(…)",
}
_EPOCH_PARTS: dict[str, Unit] = {
    **dict.fromkeys(("EPOCH", "EPOCH_SECOND", "EPOCH_SECONDS"), "seconds"),
    **dict.fromkeys(("EPOCH_MILLISECOND", "EPOCH_MILLISECONDS"), "milliseconds"),
    **dict.fromkeys(("EPOCH_MICROSECOND", "EPOCH_MICROSECONDS"), "microseconds"),
    **dict.fromkeys(("EPOCH_NANOSECOND", "EPOCH_NANOSECONDS"), "nanoseconds"),
}
_DIFFERENCE_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("SECOND", "SECONDS", "S", "SEC", "SECS"), "seconds"),
    **dict.fromkeys(("MILLISECOND", "MILLISECONDS", "MS", "MSEC"), "milliseconds"),
    **dict.fromkeys(("MICROSECOND", "MICROSECONDS", "US", "USEC"), "microseconds"),
    **dict.fromkeys(("NANOSECOND", "NANOSECONDS", "NS", "NSEC"), "nanoseconds"),
}
_COARSE_UNITS = frozenset(
    "DAY DAYS D DD DAYOFMONTH WEEK WEEKS W WK WEEKOFYEAR WOY WY WEEKISO WEEK_ISO MONTH MONTHS MM MON MONS "
    "QUARTER QUARTERS Q QTR QTRS YEAR YEARS Y YY YYY YYYY YR YRS".split()
)
_HANDED_ON = (exp.Max, exp.Min, exp.AnyValue, exp.Cast, exp.ConvertTimezone, exp.Lag, exp.Lead, exp.ArgMax, exp.ArgMin)


def constant_load_timestamp(mapping: Mapping) -> Iterator[Finding]:
    """Report a load timestamp that every row has alike."""
    column = mapping.load_timestamp
    if column is None:
        return
    for origin in column.output.origins():
        if origin.scope is None or not is_steady(origin.expression, origin.scope):
            continue
        shown = mapping.query.slice(origin.expression_span)
        shown = f"`{shown}`" if len(shown) <= 50 and "\n" not in shown else "this expression"
        if isinstance(unwrap(origin.expression), exp.Null):
            message = "the load timestamp is NULL, so no row is ever sent"
        elif tells_now(origin.expression, origin.scope):
            message = f"{shown} is the time of the run, so every row counts as changed on every run"
        else:
            message = f"{shown} is the same for every row, whatever changes"
        advice = "select the column that is written when the row changes"
        yield Finding(origin.expression_span, message, advice, column=column.name)


def mistyped_load_timestamp(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a load timestamp of another type than the declared one."""
    column, declared = mapping.load_timestamp, model.load_timestamp.type
    if column is None or declared is None or declared.value not in api.timestamp_types:
        return
    wanted, unit = FAMILIES.get(declared.value), UNITS.get(declared.value)
    for origin in column.output.origins(named=True):
        family = origin.family
        if wanted is None or family not in _WORDS or _is_steady(origin):
            continue
        counted = _counted(origin.expression) if unit else None
        if family != wanted:
            message = f"the load timestamp is {_WORDS[family]}, but the model declares `{declared.value}`"
            severity = Severity.WARNING if _depends_on_account(origin.expression, wanted) else None
            advice = _advice(family, wanted, declared.value)
            evidence = of_type(origin)
            yield Finding(origin.expression_span, message, advice, (), severity, evidence, column=column.name)
        elif counted is not None and counted != unit:
            message = f"the load timestamp counts {counted}, but `{declared.value}` counts {unit}"
            right = next((word for word, other in UNITS.items() if other == counted), None)
            advice = f"declare `{right}`, or count {unit}" if right else f"count {unit}"
            yield Finding(origin.expression_span, message, advice, column=column.name)


def coarse_load_timestamp(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report a load timestamp that knows only the day, unless every pipeline is daily or slower."""
    column, declared = mapping.load_timestamp, model.load_timestamp.type
    intervals = {pipeline.interval.value for pipeline in model.pipelines if pipeline.interval is not None}
    if column is None or (model.pipelines and "hourly" not in intervals):
        return
    advice = "hand on the full timestamp" if model.pipelines else "hand on the full timestamp, or run it daily at most"
    is_date, settled = declared is not None and declared.value == "date", False
    for origin in column.output.origins(named=True):
        is_dated = origin.scope is None and origin.family == "date"
        is_coarse = is_dated or (origin.scope is not None and _is_coarse(origin.expression, origin.scope))
        # Whether the value is wrong for another reason costs more to tell.
        if (is_coarse or is_date) and (_is_steady(origin) or _is_mistyped(origin, model)):
            settled = True
        elif is_coarse:
            settled = True
            message = "the load timestamp knows only the day: what changes later that day is missed by an hourly run"
            evidence: Evidence = "schema" if is_dated or _is_stored_day(origin) else "static"
            yield Finding(origin.expression_span, message, advice, evidence=evidence, column=column.name)
    if declared is not None and is_date and not settled:
        message = "a `date` knows only the day: what changes later that day is missed by an hourly run"
        yield Finding(declared.place or column.name_span, message, advice, column=column.name)


def _is_stored_day(output: Output) -> bool:
    """Tell whether it is the schema that shows a column behind a value to be a date."""
    if output.scope is None or output.expression.find(exp.TimestampTrunc, exp.DateTrunc, exp.TsOrDsToDate) is not None:
        return False
    return of_values(output.expression, output.scope) == "schema"


def _is_steady(output: Output) -> bool:
    return output.scope is not None and is_steady(output.expression, output.scope)


def _is_mistyped(output: Output, model: Model) -> bool:
    declared, family = model.load_timestamp.type, output.family
    wanted = FAMILIES.get(declared.value) if declared is not None else None
    return wanted is not None and family is not None and wanted != family


def _advice(family: str, wanted: str, declared: str) -> str:
    if wanted == "number":
        unit = "millisecond" if UNITS[declared] == "milliseconds" else "second"
        maker = f"DATE_PART(epoch_{unit}, …)"
        return f"convert it with {maker}" + (f", or declare `{family}`" if family in FAMILIES else "")
    if family == "number":
        return f"declare `timestamp_unixtime_ms` or `timestamp_unixtime_s`, or convert it with {_MAKERS[wanted]}"
    if family in FAMILIES and family != "date":
        return f"declare `{family}`, or convert it with {_MAKERS[wanted]}"
    if family == "date":
        return "hand on the full timestamp, or declare `date`"
    return f"convert it with {_MAKERS[wanted]}"


def _depends_on_account(node: exp.Expr, wanted: str) -> bool:
    """Tell whether TIMESTAMP_TYPE_MAPPING could make the value what is wanted."""
    node = unwrap(node)
    if not wanted.startswith("timestamp"):
        return False
    if isinstance(node, exp.Cast):
        return bool(node.to.this == exp.DataType.Type.TIMESTAMP)
    if isinstance(node, exp.UnixToTime):
        kind = node.args.get("target_type")
        return isinstance(kind, exp.DataType) and bool(kind.this == exp.DataType.Type.TIMESTAMP)
    return isinstance(node, exp.Anonymous) and fold(node.name, False) in ("TO_TIMESTAMP", "TRY_TO_TIMESTAMP")


def _counted(node: exp.Expr) -> Unit | None:
    """Tell what a number of the epoch counts, where the expression says it."""
    node = unwrap(node)
    while isinstance(node, exp.Cast | exp.Max | exp.Min | exp.AnyValue):
        node = unwrap(node.this)
    if isinstance(node, exp.Greatest):
        counted = {_counted(argument) for argument in (node.this, *node.expressions)}
        return counted.pop() if len(counted) == 1 else None
    if isinstance(node, exp.Extract):
        return _EPOCH_PARTS.get(node.this.name.upper())
    if isinstance(node, exp.DateDiff):
        start = node.expression
        while isinstance(start, exp.Cast):
            start = start.this
        if isinstance(start, exp.Literal) and start.name.startswith("1970-01-01"):
            return _DIFFERENCE_UNITS.get(node.text("unit").upper())
    return None


def _is_coarse(node: exp.Expr, scope: Scope, known: Answers[bool] | None = None) -> bool:
    """Tell whether a value can only be a midnight; `known` are the outputs on the way here."""
    node = unwrap(node)
    known = Answers(False) if known is None else known
    if isinstance(node, exp.Column):
        reference = scope.reference(node)
        output = reference.output if reference is not None else None
        return output is not None and known.of(output, lambda: _is_coarse_output(output, known))
    if isinstance(node, exp.Greatest | exp.Least | exp.Coalesce):
        return _are_coarse((node.this, *node.expressions), scope, known)
    if scope.facts(node).family == "date":
        return True
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc | exp.TimeSlice):
        return _unit(node) in _COARSE_UNITS or _is_coarse(node.this, scope, known)
    if isinstance(node, exp.TimestampFromParts):
        clock = [node.args.get(part) for part in ("hour", "min", "sec")]
        return all(isinstance(part, exp.Literal) and part.name == "0" for part in clock)
    results = _results(node)
    return bool(results) and all(_is_coarse(result, scope, known) for result in results)


def _is_coarse_output(output: Output, known: Answers[bool]) -> bool:
    return all(
        origin.family == "date" if origin.scope is None else _is_coarse(origin.expression, origin.scope, known)
        for origin in output.origins()
    )


def _results(node: exp.Expr) -> list[exp.Expr]:
    """Give the values of which an expression hands on one, at the same hour of the day; none for any other."""
    if isinstance(node, exp.ConvertTimezone):
        # Midnight here is another hour there, yet still one moment a day.
        return [node.args["timestamp"]]
    if isinstance(node, _HANDED_ON):
        return [node.this]
    if isinstance(node, exp.DateAdd | exp.Add | exp.Sub):
        step = node if isinstance(node, exp.DateAdd) else node.expression
        return [node.this] if _unit(step) in _COARSE_UNITS else []
    if isinstance(node, exp.Extract):
        return [node.expression] if node.this.name.upper() in _EPOCH_PARTS else []
    if isinstance(node, exp.Anonymous) and fold(node.name, False).startswith(("TO_TIMESTAMP", "TRY_TO_TIMESTAMP")):
        return list(node.expressions) if len(node.expressions) == 1 else []
    if isinstance(node, exp.Case):
        return case_results(node)
    if isinstance(node, exp.If) and node.args.get("false") is not None:
        return [node.args["true"], node.args["false"]]
    return []


def _are_coarse(values: Iterable[exp.Expr], scope: Scope, known: Answers[bool]) -> bool:
    """Tell whether those values that change with the row are all midnights."""
    found = False
    for value in values:
        if _is_coarse(value, scope, known):
            found = found or not is_steady(value, scope)
        elif not is_steady(value, scope):
            return False
    return found


def _unit(node: exp.Expr) -> str:
    unit = node.args.get("unit")
    return (unit.this.name if isinstance(unit, exp.WeekStart) else unit.name).upper() if unit is not None else ""
