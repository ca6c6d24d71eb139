"""Time zones of the IANA database: which names exist, what replaced an old one, which clocks are put back.

All facts come from the `tzdata` package, never from the machine, so that every machine gives the same report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from sqlcheck.names import closest, skeleton

_UTC = frozenset(
    "UTC UCT GMT GMT0 GMT+0 GMT-0 Greenwich Universal Zulu Etc/UTC Etc/UCT Etc/GMT Etc/GMT0 Etc/GMT+0 Etc/GMT-0 "
    "Etc/Greenwich Etc/Universal Etc/Zulu".split()
)
_OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*([+\u2212-])\s*(\d{1,2})(?::?(\d\d))?\Z", re.IGNORECASE)

_ABBREVIATIONS = {
    "America/Los_Angeles": "PST PDT PT Pacific",
    "America/Denver": "MDT MT Mountain",
    "America/Chicago": "CST CDT CT Central",
    "America/New_York": "EDT ET Eastern",
    "America/Anchorage": "AKST AKDT",
    "America/Sao_Paulo": "BRT",
    "Europe/London": "BST",
    "Europe/Lisbon": "WEST",
    "Europe/Berlin": "CEST",
    "Europe/Athens": "EEST",
    "Europe/Moscow": "MSK",
    "Asia/Kolkata": "IST",
    "Asia/Shanghai": "CHN",
    "Asia/Tokyo": "JST",
    "Asia/Seoul": "KST",
    "Asia/Singapore": "SGT",
    "Asia/Hong_Kong": "HKT",
    "Australia/Sydney": "AEST AEDT AET",
    "Australia/Adelaide": "ACST ACDT",
    "Australia/Perth": "AWST",
    "Pacific/Auckland": "NZST NZDT",
    "UTC": "Z coordinated",
}
_PLACES = {word.upper(): zone for zone, words in _ABBREVIATIONS.items() for word in words.split()}
_LONG = re.compile(
    r"(?:US[ /_-])?([A-Za-z]+)[ _-](?:(?:Standard|Daylight|Summer)[ _-])?(?:Time|Universal.*)\Z", re.IGNORECASE
)


def is_utc(name: str) -> bool:
    """Tell whether a name stands for UTC itself."""
    return name in _UTC


@cache
def names() -> frozenset[str]:
    """Give every name of the database that stands for a time zone."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - {"Factory"}


def exists(name: str) -> bool:
    """Tell whether the database has the name, in exactly this case."""
    return name in _UTC or name in names()


@cache
def successor(name: str) -> str | None:
    """Give the name that replaced an old one, or None for a name that is current."""
    if name in _UTC:
        return None
    if name in _POSIX:
        return _POSIX[name]
    folder = files("tzdata").joinpath("zoneinfo")
    links = folder.joinpath("tzdata.zi").read_text(encoding="utf-8")
    link = re.search(rf"^L (\S+) {re.escape(name)}$", links, re.MULTILINE)
    if link is None:
        return None
    # Many links are current names of a country whose clocks agree with another's (Europe/Amsterdam).
    current = re.search(
        rf"^[^#\t]+\t[^\t]+\t{re.escape(name)}(?:\t|$)",
        folder.joinpath("zone.tab").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return None if current else link[1]


_POSIX = {
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
}
"""Names kept for old systems, which some releases of the database hold as zones and others as links."""


@cache
def repeats_hours(name: str, year: int) -> bool:
    """Tell whether the clocks of a zone are changed in the course of a year."""
    if name in _UTC:
        return False
    from zoneinfo import ZoneInfo  # few queries name a zone whose clocks are changed

    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        zone = ZoneInfo.from_file(file, key=name)
    return len({day.astimezone(zone).utcoffset() for day in _weeks(year)}) > 1


def _weeks(year: int) -> Iterator[datetime]:
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        yield day
        day += timedelta(days=7)


def offset_minutes(name: str) -> int | None:
    """Read `+02:00`, `GMT+2` or `UTC-530` as minutes ahead of UTC, or None when a name is no such offset."""
    found = _OFFSET.match(name.strip())
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return minutes if found[1] == "+" else -minutes


def meant(name: str) -> str | None:
    """Give the name of the database that a wrong one probably stands for."""
    wanted = skeleton(name)
    bare = name.strip().upper()
    long = _LONG.match(name.strip())
    if bare in _PLACES:
        return _PLACES[bare]
    if long and long[1].upper() in _PLACES:
        return _PLACES[long[1].upper()]
    same = sorted(known for known in names() if skeleton(known) == wanted)
    if same:
        return successor(same[0]) or same[0]
    cities = sorted(known for known in names() if skeleton(known.rpartition("/")[2]) == wanted and "/" in known)
    current = [known for known in cities if successor(known) is None]
    near = current or cities
    return near[0] if near else closest(name, sorted(names()))
