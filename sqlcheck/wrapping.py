"""The statements that mParticle runs around a query, by its SQL page: a count, the columns, the rows of an interval.

The query's own bytes stand inside, as they do in mParticle's statements: what breaks there breaks here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlcheck.names import needs_quotes, quote
from sqlcheck.sample import Interval
from sqlcheck.settings import LoadTimestamp

EPOCHS = {"timestamp_unixtime_s": 1, "timestamp_unixtime_ms": 1000}
"""Type of the load timestamp → units a second, where the column holds a number."""
WALL_CLOCKS = frozenset({"timestamp_ntz", "datetime", "date"})
"""Types without a zone of their own: the model says in which zone they are read."""


@dataclass(frozen=True)
class Statement:
    """One statement with what it is for and what to know about it."""

    title: str
    sql: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        comments = "".join(f"-- {line}\n" for line in (self.title, *self.notes))
        return f"{comments}{self.sql};\n"


def statements(query: str, stamp: LoadTimestamp, interval: Interval) -> Iterator[Statement]:
    """Wrap a query as mParticle does; the load timestamp's name must be set."""
    assert stamp.field, "the caller asks for the name first"
    where = condition(stamp, interval)
    notes = tuple(_notes(stamp, interval))
    yield Statement("how many rows the interval has", count(query, where), notes)
    yield Statement("which columns there are", columns(query))
    yield Statement("what is sent: one object a row", rows(query, where))


def count(query: str, where: str) -> str:
    """Count the rows of an interval."""
    return f"SELECT COUNT(*)\n{enclosed(query)}\nWHERE {where}"


def columns(query: str) -> str:
    """Ask for the columns, and for no row."""
    return f"SELECT *\n{enclosed(query)}\nLIMIT 0"


def rows(query: str, where: str) -> str:
    """Fetch the rows of an interval as objects."""
    return f"SELECT OBJECT_CONSTRUCT_KEEP_NULL(*)\n{enclosed(query)}\nWHERE {where}"


def enclosed(query: str) -> str:
    """Write the FROM around a query."""
    # The line break before the bracket is mParticle's own: without it, a comment in the last line would hide it.
    return f"FROM\n(\n{query}{'' if query.endswith(chr(10)) else chr(10)})"


def condition(stamp: LoadTimestamp, interval: Interval) -> str:
    """Compare the load timestamp with an interval, in the form that its type wants."""
    name = stamp.field.value if stamp.field else ""
    written = quote(name) if needs_quotes(name.upper()) else name.upper()
    return f"{written} BETWEEN {_literal(interval.start, stamp)} AND {_literal(interval.end, stamp)}"


def _literal(time: datetime, stamp: LoadTimestamp) -> str:
    kind = kind_of(stamp)
    if kind in EPOCHS:
        return str(round(time.timestamp() * EPOCHS[kind]))
    local = time.astimezone(zone_of(stamp))
    return f"'{local:%Y-%m-%d}'" if kind == "date" else f"'{local:%Y-%m-%d %H:%M:%S%z}'"


def kind_of(stamp: LoadTimestamp) -> str:
    """Give the declared type in lower case; empty when none is."""
    return stamp.type.value.lower() if stamp.type else ""


def zone_of(stamp: LoadTimestamp) -> ZoneInfo:
    """Give the zone in which the column's values are read; UTC where it does not matter or is not known."""
    if stamp.time_zone and kind_of(stamp) in WALL_CLOCKS:
        with contextlib.suppress(KeyError, ValueError, OSError):  # what ZoneInfo raises for a name that it cannot load
            return ZoneInfo(stamp.time_zone.value)
    return ZoneInfo("UTC")


def _notes(stamp: LoadTimestamp, interval: Interval) -> Iterator[str]:
    """Say how the times of the interval came to be what they are."""
    span = f"{interval.start:%Y-%m-%d %H:%M:%S} to {interval.end:%Y-%m-%d %H:%M:%S} UTC"
    kind, zone = kind_of(stamp), zone_of(stamp)
    if kind in EPOCHS:
        unit = "milliseconds" if EPOCHS[kind] == 1000 else "seconds"
        yield f"the interval is {span}, written as {unit} since 1970"
    elif zone.key not in ("UTC", "Etc/UTC"):
        yield f"the interval is {span}, written as the clock shows it in {zone.key}"
    else:
        yield f"the interval is {span}"
    if stamp.offset and stamp.offset.value:
        yield f"the model's offset of {stamp.offset.value} seconds is left out: no page says which way it moves"
