"""What is declared about the load timestamp: its type, its time zone, its offset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlcheck.apis.facts import Api
from sqlcheck.knowledge import zones
from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding, Place, Severity, Span
from sqlcheck.names import closest
from sqlcheck.settings import Model, Value

_LOCAL = frozenset({"timestamp_ntz", "datetime", "date"})
"""Types without a time zone of their own."""
_DAY = 86_400
_HOUR_OF_MILLISECONDS = 3_600_000


def unknown_timestamp_type(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a declared type that the API does not take for Snowflake."""
    declared = model.load_timestamp.type
    if declared is None or not api.timestamp_types or declared.value in api.timestamp_types:
        return
    word = declared.value
    bare = word.lower().partition("(")[0].strip()
    every = ", ".join(f"`{name}`" for name in api.timestamp_types)
    message = f"`{word}` is not a type of load timestamp"
    guess = closest(bare, api.timestamp_types)
    if bare in api.timestamp_types:
        advice = f"write `{bare}`"
    elif bare in api.foreign_timestamp_types:
        message = f"`{word}` is not a type of load timestamp on Snowflake"
        advice = f"write `{api.foreign_timestamp_types[bare]}`, or whichever of {every} the column has"
    elif guess:
        advice = f"did you mean `{guess}`?"
    else:
        advice = f"the types are {every}"
    yield Finding(_place(mapping, declared), message, advice)


def missing_time_zone(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report a type without a time zone for which no time zone is declared."""
    declared, zone = model.load_timestamp.type, model.load_timestamp.time_zone
    if declared is None or declared.value not in _LOCAL or (zone is not None and zone.value):
        return
    if declared.place is None and mapping.load_timestamp is None:
        return
    yield Finding(
        _place(mapping, declared),
        f"`{declared.value}` has no time zone, and the model names none",
        "store UTC and declare the time zone `UTC`, or name the zone in which the values are written",
    )


def idle_time_zone(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a time zone beside a type that needs none."""
    declared, zone = model.load_timestamp.type, model.load_timestamp.time_zone
    if declared is None or zone is None or declared.value in _LOCAL or declared.value not in api.timestamp_types:
        return
    if zone.value and not zones.is_utc(zone.value) and zones.exists(zone.value):
        message = f"a `{declared.value}` is a moment in time and needs no time zone"
        yield Finding(_place(mapping, zone), message, f"remove `{zone.value}`")


def unknown_time_zone(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report a time zone that the IANA database does not have."""
    zone = model.load_timestamp.time_zone
    if zone is None or not zone.value or zones.exists(zone.value):
        return
    name = zone.value
    message = f"`{name}` is not a time zone of the IANA database"
    minutes = zones.offset_minutes(name)
    guess = None if minutes is not None else zones.meant(name)
    if minutes is not None:
        message = f"`{name}` is an offset, not a time zone of the IANA database"
        advice = _for_offset(minutes)
    elif guess and guess.lower() == name.lower():
        advice = f"case counts: write `{guess}`"
    elif guess and len(name) <= 4:
        message = f"`{name}` is an abbreviation, not a time zone of the IANA database"
        advice = f"name a city of the zone, such as `{guess}`"
    elif guess:
        advice = f"did you mean `{guess}`?"
    else:
        advice = "write a name such as `America/New_York`, or `UTC`"
    yield Finding(_place(mapping, zone), message, advice)


def ambiguous_time_zone(mapping: Mapping, model: Model, now: datetime) -> Iterator[Finding]:
    """Report a zone whose clocks are changed, for values without a zone, and an old name of a zone."""
    declared, zone = model.load_timestamp.type, model.load_timestamp.time_zone
    if declared is None or zone is None or declared.value not in _LOCAL:
        return
    name = zone.value
    if not name or zones.is_utc(name) or not zones.exists(name):
        return
    # A day is the same day before and after the change of clocks.
    repeats = declared.value != "date" and zones.repeats_hours(name, now.year)
    successor = zones.successor(name)
    old = f"; `{name}` is an old name of `{successor}`" if successor else ""
    if repeats:
        message = f"one hour a year comes twice in `{name}`, and a `{declared.value}` does not tell which one is meant"
        advice = f"store UTC and declare the time zone `UTC`{old}"
    elif successor:
        message = f"`{name}` is an old name of `{successor}`"
        advice = f"write `{successor}`; better still, store UTC and declare the time zone `UTC`"
    else:
        return
    yield Finding(_place(mapping, zone), message, advice)


def odd_time_offset(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an offset that is no plausible number of seconds."""
    offset = model.load_timestamp.offset
    if offset is None:
        return
    value = offset.value
    if isinstance(value, str):
        message = f"`{value}` is not a whole number of seconds"
        # A payload has no room for it, so that none may be written.
        yield Finding(_place(mapping, offset), message, "write an integer, such as 1800", severity=Severity.ERROR)
    elif value and value % _HOUR_OF_MILLISECONDS == 0:
        message = f"an offset of {value} seconds looks like milliseconds"
        yield Finding(_place(mapping, offset), message, f"write it in seconds: `{value // 1000}`")
    elif abs(value) > _DAY:
        advice = "write the seconds by which the load timestamp is to be moved"
        yield Finding(_place(mapping, offset), f"an offset of {value} seconds is more than a day", advice)
    elif 0 < abs(value) <= 24:
        message = f"an offset of {value} seconds looks like hours"
        yield Finding(_place(mapping, offset), message, f"write it in seconds: `{value * 3600}`")


def _for_offset(minutes: int) -> str:
    utc = "store UTC and declare `UTC`"
    if minutes == 0:
        return "write `UTC`"
    if minutes % 60 or not -12 <= minutes // 60 <= 14:
        return f"name a city of the zone; better still, {utc}"
    hours = minutes // 60
    return f"{utc}; a fixed offset is `Etc/GMT{-hours:+d}`, with the sign turned around"


def _place(mapping: Mapping, setting: Value[str] | Value[int]) -> Place | Span:
    """Give where a setting was made; one from the command line concerns the load timestamp's column."""
    if setting.place is not None:
        return setting.place
    column = mapping.load_timestamp
    return column.name_span if column else mapping.keyword
