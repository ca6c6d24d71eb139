"""Query + Session → Sample: describe the wrapped query, look at its load timestamp, then at one interval of rows.

Nothing is sent before two proofs: the rules find a plain query that does nothing but read, and each statement
that is built around it reads as one SELECT.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from sqlcheck import engine, probes
from sqlcheck.errors import SqlcheckError
from sqlcheck.knowledge.moments import FAMILIES
from sqlcheck.model import Diagnostic, Source, Span
from sqlcheck.parse import parse
from sqlcheck.sample import Description, Interval, Profile, Refusal, Rows, Sample, Unit
from sqlcheck.settings import Settings
from sqlcheck.subject import QuerySubject
from sqlcheck.warehouses import refusals
from sqlcheck.warehouses.session import RefusedError
from sqlcheck.wrapping import columns as columns_of
from sqlcheck.wrapping import kind_of

if TYPE_CHECKING:
    from sqlcheck.mapping import Mapping
    from sqlcheck.warehouses.session import Session

T = TypeVar("T")

GUARDS = frozenset(
    "empty-query foreign-quoting not-a-select several-statements side-effect trailing-semicolon "
    "typographic-character unfilled-placeholder unreadable-query".split()
)
"""The rules whose findings keep a query from being sent, whatever the settings and the ignores say."""

_NO_TABLE = 2003
_UNITS: dict[str, Unit] = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}


@lru_cache(maxsize=1)  # it is asked before a login, and once more before anything is sent
def obstacle(subject: QuerySubject) -> Diagnostic | None:
    """Tell why a query must not be sent to a warehouse; None when it may."""
    values: dict[str, object] = {"query": subject.query, "model": subject.configured, "api": subject.api}
    if subject.mapping is not None:
        values["mapping"] = subject.mapping
    return next(iter(engine.run(values, Settings(select=GUARDS)).diagnostics), None)


@dataclass(frozen=True)
class Wish:
    """What is to be looked at: how many rows of which interval, with `now` for what lies in the future."""

    now: datetime
    interval: Interval | None = None
    rows: int = 100


def take(subject: QuerySubject, session: Session, wish: Wish, tell: Callable[[str], None] = lambda _: None) -> Sample:
    """Ask a warehouse about a query, the free question first; `tell` hears what is being done.

    What the warehouse refuses is part of the sample. A query that must not be sent raises `SqlcheckError`.
    """
    sample = _Taking(subject, sendable(subject), session, wish, tell).run()
    # which rows had to be invented is known once the tables were read
    return replace(sample, traits=session.traits)


def sendable(subject: QuerySubject) -> Mapping:
    """Give the mapping of a query that may be sent; one that must not be raises `SqlcheckError`."""
    found = obstacle(subject)
    if found is None and subject.mapping is not None:
        return subject.mapping
    said = f": {found.message}" if found else ""
    line = f"{found.source.path}:{found.start.line}" if found else subject.source.path
    raise SqlcheckError(f"{line}: this query is not sent to a warehouse{said}")


@dataclass
class _Taking:
    """The questions about one query, in order; the first refusal ends them."""

    subject: QuerySubject
    mapping: Mapping
    session: Session
    wish: Wish
    tell: Callable[[str], None]

    def run(self) -> Sample:
        sample = Sample(self.session.traits)
        try:
            self.tell("describing the columns")
            columns = self._ask(columns_of(self._text), self.session.describe)
            if not sample.traits.emulated:
                sample = replace(sample, description=Description(columns))
            asked = self._asked(sample.description)
            clock = self._clock(asked)
            interval = None  # without a load timestamp nothing tells which rows belong to one
            if clock is not None:
                self.tell("looking at the load timestamp of all rows")
                unit = self._unit()
                row = self._row(probes.extent(self._text, clock, self.wish.now, unit))
                extent = probes.read_extent(row, unit)
                sample = replace(sample, extent=extent)
                latest = clock.moment(extent.latest)
                interval = self.wish.interval or (probes.newest(latest, unit) if latest else None)
            self.tell(f"fetching up to {self.wish.rows} rows")
            sample = replace(sample, rows=self._rows(clock, interval))
            self.tell("profiling the columns")
            return replace(sample, profile=self._profile(clock, interval, asked))
        except _RefusedAtError as refused:
            return self._refused(sample, refused)

    @property
    def _text(self) -> str:
        return self.subject.source.text

    def _rows(self, clock: probes.Clock | None, interval: Interval | None) -> Rows:
        most = self.wish.rows
        return self._ask(
            probes.rows(self._text, clock, interval, most), lambda statement: self.session.fetch(statement, most)
        )

    def _profile(
        self, clock: probes.Clock | None, interval: Interval | None, asked: tuple[probes.Asked, ...]
    ) -> Profile:
        return probes.read_profile(self._row(probes.profile(self._text, clock, interval, asked)), interval, asked)

    def _row(self, sql: str) -> tuple[object, ...]:
        found = self._ask(sql, lambda statement: self.session.fetch(statement, 1))
        if not found.rows:
            raise SqlcheckError("the warehouse gave no row for an aggregate; try again with a shorter --interval")
        return found.rows[0]

    def _ask(self, sql: str, question: Callable[[str], T]) -> T:
        """Send one statement that reads as one SELECT."""
        query = parse(Source("", sql))
        if query.tree is None or len(query.statements) != 1 or query.foreign is not None:
            path = self.subject.source.path
            raise SqlcheckError(f"{path}: wrapped, this query no longer reads as one SELECT, so it is not sent")
        try:
            return question(sql)
        except RefusedError as error:
            raise _RefusedAtError(error, sql) from error

    def _refused(self, sample: Sample, refused: _RefusedAtError) -> Sample:
        error, sql = refused.error, refused.sql
        start = sql.index("(\n" + self._text) + 2
        refusal = refusals.translate(error, sql, Span(start, start + len(self._text)), sample.traits.role)
        if sample.traits.emulated:
            advice = "; tell its columns with `schema:` or --schema" if refusal.errno == _NO_TABLE else ""
            return replace(sample, limitation=f"{refusal.message}{advice}")
        refusal = refusals.with_known(replace(refusal, described=self._is_described(refusal)), self.session)
        return replace(sample, refusal=refusal)

    def _is_described(self, refusal: Refusal) -> bool:
        """Tell whether the schema files know the object that the warehouse does not show."""
        schema, name = self.subject.schema, refusals.parts(refusal.name or "")
        return schema is not None and bool(name) and schema.find(name) is not None

    def _asked(self, description: Description | None) -> tuple[probes.Asked, ...]:
        """Give the columns that a statement can name: each name once, and none that Snowflake makes up."""
        if description is not None:
            found = [(column.name, column.family) for column in description.columns]
        else:
            found = [(column.name, column.family) for column in self.mapping.columns if column.named]
        names = [name for name, _ in found]
        roles = {column.name: column.target for column in self.mapping.identities}
        forms = self.subject.api.identity_formats
        return tuple(
            probes.Asked(name, family, roles.get(name), forms.get(roles.get(name) or ""))
            for name, family in found
            if names.count(name) == 1
        )

    def _clock(self, asked: tuple[probes.Asked, ...]) -> probes.Clock | None:
        """Give the load timestamp, unless its type shows that the comparison with an interval would be refused."""
        column, stamp = self.mapping.load_timestamp, self.subject.configured.load_timestamp
        if column is None:
            return None
        family = next((each.family for each in asked if each.name == column.name), None)
        declared = FAMILIES.get(kind_of(stamp))
        is_number = declared == "number"
        if family is not None and declared is not None and (family == "number") != is_number:
            return None
        return probes.Clock(column.name, stamp)

    def _unit(self) -> Unit:
        intervals = [pipeline.interval.value for pipeline in self.subject.configured.pipelines if pipeline.interval]
        return next((_UNITS[name] for name in intervals if name in _UNITS), "day")


class _RefusedAtError(Exception):
    def __init__(self, error: RefusedError, sql: str) -> None:
        super().__init__(error.message)
        self.error = error
        self.sql = sql
