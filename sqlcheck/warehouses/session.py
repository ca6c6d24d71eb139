"""The one way to a warehouse: a session that sends single SELECTs, gives up in time, and stops them on Ctrl-C."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlcheck.errors import SqlcheckError
from sqlcheck.sample import DescribedColumn, Row, Rows, Traits

T = TypeVar("T")
_SELECT = re.compile(r"SELECT\b")
_BATCH = 100
"""How many rows are fetched at once, so that a limit of bytes is kept without asking for each."""


class RefusedError(Exception):
    """The warehouse would not compile or run a statement; `message` is its own, with the position in it."""

    def __init__(self, message: str, errno: int | None = None, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.errno = errno
        self.sqlstate = sqlstate


class UnansweredError(Exception):
    """A call has not returned in the time that it was given; it goes on in a thread that nobody waits for."""


class OverdueError(SqlcheckError):
    """A statement took longer than it may, and was stopped in the warehouse."""


class Cursor(Protocol):
    """What is wanted of a cursor of the DB-API behind a statement that has run."""

    @property
    def description(self) -> Sequence[Sequence[object]] | None:
        """Give a tuple for each column, its name first."""

    def fetchmany(self, size: int) -> Sequence[Sequence[object]]:
        """Give the next rows, none when there are no more."""

    def close(self) -> object:
        """Let go of the result."""


class Driver(Protocol):
    """A connection to one warehouse; `describe` and `run` block, and are called from a thread of their own.

    Both raise `RefusedError` for what the warehouse will not do, and `SqlcheckError` when there is no answer.
    """

    @property
    def traits(self) -> Traits:
        """Tell what the warehouse can vouch for."""

    def describe(self, sql: str) -> tuple[DescribedColumn, ...]:
        """Compile a statement and give its columns."""

    def run(self, sql: str) -> Cursor:
        """Run a statement to its end."""

    def cancel(self) -> None:
        """Stop the statement that is running, from another thread."""

    def close(self) -> None:
        """End the connection."""


@dataclass(frozen=True)
class Limits:
    """How long one statement may take, in seconds, and how much is fetched of its result."""

    seconds: float = 60.0
    rows: int = 100
    bytes: int = 10_000_000


class Session:
    """A connection on which one SELECT at a time runs, in a thread that can be left when it takes too long."""

    def __init__(self, driver: Driver, limits: Limits = Limits()) -> None:
        self._driver = driver
        self.limits = limits

    @property
    def traits(self) -> Traits:
        """Tell what the warehouse can vouch for."""
        return self._driver.traits

    def describe(self, sql: str) -> tuple[DescribedColumn, ...]:
        """Give the columns of a statement, which does not run."""
        return self._timed(lambda: self._driver.describe(_checked(sql)))

    def fetch(self, sql: str, rows: int | None = None) -> Rows:
        """Run a statement and give its first rows."""
        return self._timed(lambda: self._fetch(_checked(sql), self.limits.rows if rows is None else rows))

    def _fetch(self, sql: str, most: int) -> Rows:
        cursor = self._driver.run(sql)
        try:
            names = tuple(str(column[0]) for column in cursor.description or ())
            found: list[Row] = []
            size = 0
            while len(found) < most and (batch := cursor.fetchmany(min(_BATCH, most - len(found)))):
                for row in batch:
                    size += sum(len(str(value)) for value in row)
                    if size > self.limits.bytes:
                        return Rows(names, tuple(found), cut=True)
                    found.append(tuple(row))
            return Rows(names, tuple(found))
        finally:
            cursor.close()

    def _timed(self, call: Callable[[], T]) -> T:
        """Call and wait; what is not done in time, or interrupted, is stopped in the warehouse too."""
        try:
            return waited(call, self.limits.seconds)
        except KeyboardInterrupt:
            self._driver.cancel()
            raise
        except UnansweredError:
            self._driver.cancel()
            raise OverdueError(
                f"the warehouse did not answer within {self.limits.seconds:g} seconds; the statement was stopped: "
                "give it longer with --timeout, or look at a shorter --interval"
            ) from None

    def close(self) -> None:
        """End the connection."""
        self._driver.close()


def waited(call: Callable[[], T], seconds: float) -> T:
    """Call in a thread of its own and give what comes of it; Ctrl-C gets through whatever the call waits for."""
    outcome: list[T] = []
    trouble: list[BaseException] = []

    def work() -> None:
        try:
            outcome.append(call())
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is raised again where the caller waits
            trouble.append(error)

    thread = threading.Thread(target=work, name="sqlcheck-warehouse", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise UnansweredError
    if trouble:
        raise trouble[0]
    return outcome[0]


@contextmanager
def closing(session: Session) -> Iterator[Session]:
    """End the connection behind the work, however that ends."""
    try:
        yield session
    finally:
        session.close()


def _checked(sql: str) -> str:
    """Refuse what is no SELECT of ours: whatever a caller gets wrong, nothing else leaves this door."""
    if not _SELECT.match(sql):
        raise AssertionError("only wrapped queries are sent to a warehouse")
    return sql
