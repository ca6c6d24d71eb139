"""What a warehouse says of a query: whether it runs, its columns, and what stands in its rows. Immutable values.

Values of rows are held in memory alone; whoever shows one masks it first, see `masking`.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

from sqlcheck.errors import SqlcheckError
from sqlcheck.model import FAMILIES, Span

Row = tuple[object, ...]
Unit = Literal["hour", "day", "week", "month"]
"""How long a sync interval is."""


@dataclass(frozen=True)
class Traits:
    """What a warehouse can vouch for.

    An emulated one vouches for values alone: names and types are those of the static mapping, and what it
    cannot run Snowflake may. `invented` are the tables whose rows were made up for want of any. `role` is the one
    that an account was asked under.
    """

    name: str
    emulated: bool = False
    role: str | None = None
    invented: frozenset[str] = frozenset()


class DescribedColumn(NamedTuple):
    """An output column as the warehouse describes it: its exact name, its type, and whether it can be NULL.

    The type is a key of `FAMILIES`, None for one that is not known here; `nullable` is None where nothing is proven.
    """

    name: str
    type: str | None = None
    nullable: bool | None = None

    @property
    def family(self) -> str | None:
        """Give the family of the type."""
        return FAMILIES.get(self.type) if self.type else None


@dataclass(frozen=True)
class Description:
    """The columns of the wrapped query, which the warehouse has compiled but not run."""

    columns: tuple[DescribedColumn, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Give the names in order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Refusal:
    """Why a warehouse would not compile or run the wrapped query.

    `at` is the place in the author's text, None where the warehouse names none. `kind` tells missing rights
    from an object that is not there or must not be seen, and from everything else. `grants` are the statements
    that would give the rights, and `known` the names that the role can see and that come near the missing one.
    `described` says that the schema files know the object, so that it is hidden rather than missing.
    """

    message: str
    kind: Literal["rights", "object", "other"] = "other"
    at: Span | None = None
    name: str | None = None
    grants: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    described: bool = False
    errno: int | None = None


@dataclass(frozen=True)
class Interval:
    """One sync interval, in UTC; both ends belong to it."""

    start: datetime
    end: datetime

    @classmethod
    def last_full_hour(cls, now: datetime) -> Interval:
        """Give the hour before the one that `now` stands in."""
        end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return cls(end - timedelta(hours=1), end)

    @classmethod
    def read(cls, text: str) -> Interval:
        """Read `START..END`, two ISO 8601 times; one without an offset is in UTC."""
        first, dots, second = text.partition("..")
        if not dots:
            raise SqlcheckError(f"`{text}` is not an interval: write two times, as 2026-01-01T00:00..2026-01-01T01:00")
        interval = cls(_time(first), _time(second))
        if interval.end <= interval.start:
            raise SqlcheckError(f"the interval `{text}` ends before it begins")
        return interval


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise SqlcheckError(f"`{text}` is not a time: write it as 2026-01-01T00:00:00Z") from None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Extent:
    """The load timestamp over all rows of the query.

    `earliest` and `latest` are values as they come, those in the future left out of `latest`; `fullest` is how
    many rows the fullest sync interval has, and `fullest_at` the value with which it begins.
    """

    rows: int
    nulls: int = 0
    future: int = 0
    earliest: object = None
    latest: object = None
    unit: Unit = "day"
    fullest: int = 0
    fullest_at: object = None

    def share(self, part: int) -> str:
        """Write how many of the rows these are."""
        return _share(part, self.rows)


@dataclass(frozen=True)
class ColumnProfile:
    """An output column over all rows of one interval; None stands for what was not asked.

    `longest` counts characters, `entries` those of the longest list. `malformed` are the values that do not have
    the form of the identity, `example` one of these. `repeated` are rows whose identity an earlier row has already.
    """

    name: str
    nulls: int
    distinct: int | None = None
    minimum: object = None
    maximum: object = None
    longest: int | None = None
    entries: int | None = None
    malformed: int | None = None
    example: object = None
    repeated: int | None = None


@dataclass(frozen=True)
class Profile:
    """All rows of one interval, in numbers that the warehouse computed; `nameless` rows have no identity at all."""

    interval: Interval | None
    rows: int
    columns: tuple[ColumnProfile, ...] = ()
    nameless: int = 0

    def share(self, part: int) -> str:
        """Write how many of the rows these are."""
        return _share(part, self.rows)

    @cached_property
    def by_name(self) -> Dictionary[str, ColumnProfile]:
        """Give the columns by name."""
        return {column.name: column for column in self.columns}


@dataclass(frozen=True)
class Rows:
    """Some rows of one interval, in the order of `names`; `cut` says that a limit of bytes left some out."""

    names: tuple[str, ...]
    rows: tuple[Row, ...] = field(default=(), repr=False)
    cut: bool = False


@dataclass(frozen=True)
class Sample:
    """All that a warehouse said of one query. What was not asked or not answered is None.

    `limitation` says in one line why an emulated warehouse could not go on: that proves nothing.
    """

    traits: Traits
    description: Description | None = None
    refusal: Refusal | None = None
    extent: Extent | None = None
    profile: Profile | None = None
    rows: Rows | None = None
    limitation: str | None = None

    def values(self) -> dict[str, object]:
        """Give the parts that are at hand, by the names that checks ask for; invented rows prove nothing."""
        named: dict[str, object] = {"description": self.description, "refusal": self.refusal}
        if not self.traits.invented:
            named |= {"extent": self.extent, "profile": self.profile, "rows": self.rows}
        if self.limitation is None and not self.traits.invented:
            named["sample"] = self
        return {name: value for name, value in named.items() if value is not None}


def _share(part: int, whole: int) -> str:
    """Write how many rows of how many, in plain words."""
    if part == whole:
        return "every row" if whole != 1 else "the only row"
    percent = 100 * part / whole
    shown = f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
    return f"{part:,} of {whole:,} rows ({shown})"
