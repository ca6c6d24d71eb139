"""Moments in time: what the types of load timestamps stand for, and which names speak of a moment or of an epoch.

Source of the types: https://docs.mparticle.com/developers/warehouse-sync-api/v1/reference/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from sqlcheck.knowledge.vocabulary import words

Unit = Literal["milliseconds", "seconds", "microseconds", "nanoseconds"]

FAMILIES: Mapping[str, str] = {
    "timestamp_ntz": "timestamp_ntz",
    "datetime": "timestamp_ntz",
    "timestamp_ltz": "timestamp_ltz",
    "timestamp_tz": "timestamp_tz",
    "date": "date",
    "timestamp_unixtime_ms": "number",
    "timestamp_unixtime_s": "number",
}
"""Declared type → the family of the Snowflake types that hold it."""

UNITS: Mapping[str, Unit] = {"timestamp_unixtime_ms": "milliseconds", "timestamp_unixtime_s": "seconds"}
"""Declared type → what its numbers count."""

_UNIT_WORDS: Mapping[str, Unit] = {
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "milli", "milliseconds", "millisecond"), "milliseconds"),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "seconds"),
    **dict.fromkeys(("micros", "microseconds", "usec", "usecs"), "microseconds"),
    **dict.fromkeys(("nanos", "nanoseconds", "nsec", "nsecs"), "nanoseconds"),
}
_SHORT_UNITS: Mapping[str, Unit] = {"s": "seconds", "ns": "nanoseconds"}
_EPOCHS = frozenset({"epoch", "unix", "unixtime", "unixtimestamp", "epochtime"})
_TIMES = frozenset(
    {"at", "ts", "time", "timestamp", "date", "datetime", "dt", "dttm", "timestamps", "tstamp", *_EPOCHS}
)
_CHANGES = frozenset(
    "updated update modified modify changed change loaded load synced sync ingested inserted refreshed scanned "
    "processed extracted upserted lastmodified lastupdated revised edited touched calculated computed scored mod "
    "upd".split()
)
_OTHERS = frozenset(
    "created create opened ordered closed sent received registered deleted seen visited active activity login "
    "purchased event signup paid shipped started ended".split()
)
_ABOUT_TIME = _CHANGES | _OTHERS | {"last", "first", "utc", "s", "ns", "us", "milli", "on"}
_NOT_A_CHANGE = frozenset(
    "birth dob birthday expires expiry expiration due start end valid until scheduled next renewal planned".split()
)


def epoch_unit(name: str) -> tuple[bool, Unit | None]:
    """Tell whether a name speaks of an epoch number, and what that counts where the name says so."""
    parts = words(name)
    if not parts:
        return False, None
    epoch = bool(_EPOCHS.intersection(parts)) and _closes_with_epoch(parts)
    unit = _UNIT_WORDS.get(parts[-1])
    if unit is None and len(parts) > 1 and parts[-2] in _TIMES:
        unit = _SHORT_UNITS.get(parts[-1])
    return epoch or unit is not None, unit


def _closes_with_epoch(parts: Sequence[str]) -> bool:
    """Tell whether nothing but words of time follows the epoch: `unix_ts`, `epoch_updated_at`, not `unix_host_at`."""
    last = max(at for at, part in enumerate(parts) if part in _EPOCHS)
    return all(part in _TIMES or part in _UNIT_WORDS or part in _ABOUT_TIME for part in parts[last + 1 :])


def speaks_of_days(name: str) -> bool:
    """Tell whether a name speaks of a calendar date, which no epoch number is."""
    parts = words(name)
    return (
        bool(parts)
        and not epoch_unit(name)[0]
        and bool({"date", "datetime"}.intersection((parts[0], parts[-1])) or parts[-2:] == ("date", "time"))
    )


def change_rank(name: str) -> int:
    """Rank a name as that of a load timestamp: 3 a moment of change, 2 some moment, 1 a date, 0 none."""
    parts = frozenset(words(name))
    if parts & _NOT_A_CHANGE:
        return 0
    is_moment = bool(parts & _TIMES or epoch_unit(name)[0] or "on" in parts)
    if parts & _CHANGES:
        return 3 if is_moment or len(parts) == 1 or "last" in parts else 0
    if not is_moment:
        return 0
    if parts & _OTHERS or parts & {"at", "ts", "timestamp"}:
        return 2
    return 1 if parts & _TIMES else 0
