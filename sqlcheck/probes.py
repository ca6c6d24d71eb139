"""The SELECTs that ask a warehouse about a query: its load timestamp, and one interval in rows and in numbers.

Like mParticle's own statements they carry the author's bytes inside. What each gives back is read here as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from decimal import Decimal

from sqlcheck.apis.facts import IdentityFormat
from sqlcheck.names import quote
from sqlcheck.sample import ColumnProfile, Extent, Interval, Profile, Row, Unit
from sqlcheck.settings import LoadTimestamp
from sqlcheck.wrapping import EPOCHS, enclosed, kind_of, zone_of

_SECONDS: dict[Unit, int] = {"hour": 3600, "day": 86400, "week": 7 * 86400, "month": 30 * 86400}
_ORDERED = frozenset({"number", "date", "time", "timestamp_ntz", "timestamp_ltz", "timestamp_tz"})
_SCALAR = _ORDERED | {"text", "boolean"}
_CASTS = {"timestamp_tz": "TIMESTAMP_TZ", "timestamp_ltz": "TIMESTAMP_LTZ", "date": "DATE"}


@dataclass(frozen=True)
class Asked:
    """An output column to be profiled: its exact name, the family of its type, and what it identifies, if anything."""

    name: str
    family: str | None = None
    identity: str | None = None
    form: IdentityFormat | None = None


@dataclass(frozen=True)
class Clock:
    """The load timestamp as it is compared: the output's exact name, and how a moment is written in its type."""

    name: str
    stamp: LoadTimestamp

    @property
    def column(self) -> str:
        """Give the column as SQL."""
        return quote(self.name)

    @property
    def second(self) -> int | None:
        """Give how many units a second has where the column holds numbers."""
        return EPOCHS.get(kind_of(self.stamp))

    def literal(self, moment: datetime) -> str:
        """Write a moment as the column's type wants it."""
        kind = kind_of(self.stamp)
        if self.second:
            return str(round(moment.timestamp() * self.second))
        if kind in ("timestamp_tz", "timestamp_ltz"):
            return f"'{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00:00'::{_CASTS[kind]}"
        local = moment.astimezone(zone_of(self.stamp))
        if kind == "date":
            return f"'{local:%Y-%m-%d}'::DATE"
        return f"'{local:%Y-%m-%d %H:%M:%S}'::TIMESTAMP_NTZ"

    def moment(self, value: object) -> datetime | None:
        """Read a value of the column as a moment in UTC; None for what is none."""
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=zone_of(self.stamp))).astimezone(UTC)
        if isinstance(value, date):
            return datetime.combine(value, day_time(), zone_of(self.stamp)).astimezone(UTC)
        if isinstance(value, int | float | Decimal) and self.second:
            try:
                return datetime.fromtimestamp(float(value) / self.second, UTC)
            except (ValueError, OverflowError, OSError):  # a number that is no time at all
                return None
        return None

    def between(self, interval: Interval) -> str:
        """Give the condition that a row belongs to an interval."""
        return f"{self.column} BETWEEN {self.literal(interval.start)} AND {self.literal(interval.end)}"

    def bucket(self, unit: Unit) -> str:
        """Give the expression that is the same for all rows of one sync interval, on the column's own clock."""
        if self.second:
            size = _SECONDS[unit] * self.second
            return f"FLOOR({self.column} / {size}) * {size}"
        is_day = unit == "hour" and kind_of(self.stamp) == "date"
        return f"DATE_TRUNC('{'day' if is_day else unit}', {self.column})"


def newest(moment: datetime, unit: Unit) -> Interval:
    """Give the sync interval that a moment belongs to."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "hour":
        start = moment.replace(minute=0, second=0, microsecond=0)
        return Interval(start, start + timedelta(hours=1))
    if unit == "day":
        return Interval(day, day + timedelta(days=1))
    if unit == "week":
        start = day - timedelta(days=day.weekday())
        return Interval(start, start + timedelta(days=7))
    start = day.replace(day=1)
    return Interval(start, (start + timedelta(days=32)).replace(day=1))


def rows(query: str, clock: Clock | None, interval: Interval | None, most: int) -> str:
    """Fetch some rows, of one interval if there is one."""
    return f"SELECT *\n{enclosed(query)}{_where(clock, interval)}\nLIMIT {most}"


def extent(query: str, clock: Clock, now: datetime, unit: Unit) -> str:
    """Ask for the load timestamp over all rows, in one pass: by sync interval first, then all together."""
    column, present = clock.column, clock.literal(now)
    fullest = "IFF(BUCKET IS NULL, 0, N)"
    return (
        f"SELECT SUM(N), SUM(NULLS), SUM(LATER), MIN(EARLIEST), MAX(LATEST), MAX({fullest}), "
        f"MAX_BY(BUCKET, {fullest})\n"
        f"FROM (SELECT {clock.bucket(unit)} AS BUCKET, COUNT(*) AS N, COUNT_IF({column} IS NULL) AS NULLS, "
        f"COUNT_IF({column} > {present}) AS LATER, MIN({column}) AS EARLIEST, "
        f"MAX(IFF({column} <= {present}, {column}, NULL)) AS LATEST\n{enclosed(query)}\nGROUP BY 1)"
    )


def read_extent(row: Row, unit: Unit) -> Extent:
    """Read the one row that `extent` asks for."""
    count, nulls, later, earliest, latest, fullest, at = row
    return Extent(_number(count), _number(nulls), _number(later), earliest, latest, unit, _number(fullest), at)


def profile(query: str, clock: Clock | None, interval: Interval | None, asked: Sequence[Asked]) -> str:
    """Ask for all columns over all rows of an interval: one statement, which gives one row."""
    identities = [quote(column.name) for column in asked if column.identity]
    nameless = f"COUNT_IF({' AND '.join(f'{name} IS NULL' for name in identities)})" if identities else "0"
    measures = [sql for column in asked for _, sql in _measures(column)]
    return f"SELECT {', '.join(['COUNT(*)', nameless, *measures])}\n{enclosed(query)}{_where(clock, interval)}"


def read_profile(row: Row, interval: Interval | None, asked: Sequence[Asked]) -> Profile:
    """Read the one row that `profile` asks for."""
    count, nameless, *values = row
    found = iter(values)
    columns = []
    for column in asked:
        measured = {name: next(found) for name, _ in _measures(column)}
        columns.append(_column(column, measured))
    return Profile(interval, _number(count), tuple(columns), _number(nameless))


def _column(asked: Asked, measured: dict[str, object]) -> ColumnProfile:
    def number(name: str) -> int | None:
        return _number(measured[name]) if name in measured else None

    return ColumnProfile(
        asked.name,
        _number(measured["nulls"]),
        distinct=number("distinct"),
        minimum=measured.get("minimum"),
        maximum=measured.get("maximum"),
        longest=number("longest"),
        entries=number("entries"),
        malformed=number("malformed"),
        example=measured.get("example"),
        repeated=_number(measured["filled"]) - _number(measured["distinct"]) if asked.identity else None,
    )


def _measures(asked: Asked) -> Iterator[tuple[str, str]]:
    """Give what is asked of a column: name and SQL."""
    name = quote(asked.name)
    yield "nulls", f"COUNT_IF({name} IS NULL)"
    if asked.identity:
        yield "filled", f"COUNT({name})"
        yield "distinct", f"COUNT(DISTINCT {name})"
    elif asked.family in _SCALAR:
        yield "distinct", f"APPROX_COUNT_DISTINCT({name})"
    if asked.family in _ORDERED:
        yield "minimum", f"MIN({name})"
        yield "maximum", f"MAX({name})"
    if asked.family == "text":
        yield "longest", f"MAX(LENGTH({name}))"
    if asked.family == "array":
        yield "entries", f"MAX(ARRAY_SIZE({name}))"
    if asked.form is not None:
        odd = f"NOT REGEXP_LIKE({name}::VARCHAR, '{asked.form.pattern}')"
        yield "malformed", f"COUNT_IF({odd})"
        yield "example", f"MIN(IFF({odd}, {name}::VARCHAR, NULL))"


def _where(clock: Clock | None, interval: Interval | None) -> str:
    return f"\nWHERE {clock.between(interval)}" if clock is not None and interval is not None else ""


def _number(value: object) -> int:
    """Read a count; an aggregate over no row is NULL."""
    return int(value) if isinstance(value, int | float | Decimal | str) else 0
