"""The load timestamp over all rows: which of them are never sent, or not when they should be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlcheck.apis.facts import Api
from sqlcheck.knowledge.moments import UNITS
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Finding, Severity
from sqlcheck.sample import Extent, Profile
from sqlcheck.settings import Model

_SCALES = (("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000), ("nanoseconds", 1_000_000_000))
_FIRST, _LAST = 631_152_000, 4_102_444_800
"""1990 and 2100, in seconds since 1970: where the moments of real rows lie."""
_OTHER = {"seconds": "timestamp_unixtime_s", "milliseconds": "timestamp_unixtime_ms"}


def no_rows(mapping: Mapping, profile: Profile) -> Iterator[Finding]:
    """Report a query that gives no row in the interval that was looked at."""
    if profile.rows:
        return
    where = "in the interval" if profile.interval else "at all"
    yield Finding(mapping.keyword, f"the query gives no row {where}", evidence="live")


def null_load_timestamp(mapping: Mapping, extent: Extent) -> Iterator[Finding]:
    """Report rows whose load timestamp is NULL."""
    column = mapping.load_timestamp
    if column is None or not extent.nulls:
        return
    message = f"the load timestamp is NULL in {extent.share(extent.nulls)}, which are never sent"
    advice = "give such rows a moment, as with COALESCE, or leave them out"
    yield _at(column, message, advice)


def future_load_timestamp(mapping: Mapping, extent: Extent, model: Model) -> Iterator[Finding]:
    """Report rows whose load timestamp has not come yet."""
    column = mapping.load_timestamp
    if column is None or not extent.future or _unit(extent, model) not in (None, _declared(model)):
        return
    message = f"the load timestamp lies in the future in {extent.share(extent.future)}"
    advice = "is the time zone right? Such rows wait until their moment has come"
    yield _at(column, message, advice)


def misread_epoch(mapping: Mapping, extent: Extent, model: Model) -> Iterator[Finding]:
    """Report numbers that count other units since 1970 than the declared type says."""
    column, declared, unit = mapping.load_timestamp, _declared(model), _unit(extent, model)
    if column is None or declared is None or unit in (None, declared):
        return
    message = f"numbers such as {extent.earliest} count {unit} since 1970, and `{_OTHER[declared]}` counts {declared}"
    advice = f"declare `{_OTHER[unit]}`" if unit in _OTHER else f"divide, so that it counts {declared}"
    yield _at(column, message, advice)


def excess_volume(mapping: Mapping, extent: Extent, api: Api, model: Model) -> Iterator[Finding]:
    """Report a sync interval with more rows than mParticle takes."""
    column = mapping.load_timestamp
    interval = {"hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly"}[extent.unit]
    most, relaxed = api.max_records[interval], api.relaxed_records[interval]
    if column is None or extent.fullest <= most:
        return
    begin = _begin(extent, model)
    where = f", from {begin}," if begin else ""
    message = f"the fullest {extent.unit}{where} has {extent.fullest:,} rows, over the {interval} limit of {most:,}"
    advice = "run the pipeline more often, or give the query fewer rows"
    if extent.fullest <= relaxed:
        message += f"; a later source names {relaxed:,}"
    yield Finding(
        column.name_span,
        message,
        advice,
        severity=Severity.WARNING if extent.fullest <= relaxed else None,
        evidence="live",
        column=column.name,
    )


def _at(column: OutputColumn, message: str, advice: str) -> Finding:
    return Finding(column.name_span, message, advice, evidence="live", column=column.name)


def _begin(extent: Extent, model: Model) -> str:
    """Write where the fullest interval begins, by the column's own clock; nothing where that is no time."""
    at, declared = extent.fullest_at, _declared(model)
    if declared is not None and isinstance(at, int | float | Decimal):
        seconds = float(at) / dict(_SCALES)[declared]
        at = datetime.fromtimestamp(seconds, UTC) if _FIRST <= seconds <= _LAST else None
    if not isinstance(at, date):
        return ""
    return f"{at:%Y-%m-%d %H:%M}" if extent.unit == "hour" else f"{at:%Y-%m-%d}"


def _declared(model: Model) -> str | None:
    kind = model.load_timestamp.type
    return UNITS.get(kind.value.lower()) if kind else None


def _unit(extent: Extent, model: Model) -> str | None:
    """Tell what numbers count, by their size: the only unit in which they lie between 1990 and 2100."""
    value = extent.earliest
    if _declared(model) is None or not isinstance(value, int | float | Decimal):
        return None
    fitting = [name for name, scale in _SCALES if _FIRST <= float(value) / scale <= _LAST]
    return fitting[0] if len(fitting) == 1 else None
