"""The options that lead to a warehouse, and the sessions behind them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sqlcheck.commands._options import Function, Option, with_options
from sqlcheck.commands._terminal import note, progress
from sqlcheck.errors import SqlcheckError

if TYPE_CHECKING:
    from sqlcheck.sample import Interval, Sample
    from sqlcheck.settings import Connection
    from sqlcheck.subject import QuerySubject
    from sqlcheck.warehouses.session import Session

ROWS = 100
"""How many rows are fetched where only findings are wanted."""

_ACCOUNT = (
    click.option(
        "--connection",
        metavar="NAME",
        help="A connection of Snowflake's connections.toml, or the id of the project's; embedded when left out.",
    ),
    click.option("--timeout", type=click.FloatRange(min=0.1), default=60.0, metavar="SECONDS", show_default=True),
)
_INTERVAL = click.option(
    "--interval", metavar="START..END", help="The sync interval, in UTC; the newest one with rows when left out."
)


class Live(NamedTuple):
    """How a warehouse is to be asked, as the command line says it."""

    connection: str | None = None
    timeout: float = 60.0
    interval: Interval | None = None


def account_options(function: Function) -> Function:
    """Add the options that lead to an account, and hand them over as `live`."""
    return _gathered(function, _ACCOUNT)


def live_options(function: Function) -> Function:
    """Add the options that lead to the rows of an interval, and hand them over as `live`."""
    return _gathered(function, (*_ACCOUNT, _INTERVAL))


def _gathered(function: Function, added: tuple[Option, ...]) -> Function:
    @functools.wraps(function)
    def gathering(connection: str | None, timeout: float, interval: str | None = None, **values: Any) -> Any:
        return function(live=Live(connection, timeout, _interval(interval)), **values)

    return with_options(gathering, added)


def _interval(written: str | None) -> Interval | None:
    if written is None:
        return None
    from sqlcheck.sample import Interval

    return Interval.read(written)


Question = Callable[["QuerySubject", int, Callable[[str], None]], "Sample"]


@contextmanager
def warehouse(live: Live) -> Iterator[Question]:
    """Give what asks a warehouse about a query; an account is connected to once, and only when there is a query."""
    from sqlcheck.sampling import Wish, sendable, take

    with ExitStack() as stack:
        account: list[Session] = []

        def session(subject: QuerySubject) -> Session:
            if live.connection is None:
                return stack.enter_context(_embedded(live, subject))
            if not account:
                account.append(stack.enter_context(opened(live, subject.configured.connection)))
            return account[0]

        def ask(subject: QuerySubject, rows: int, tell: Callable[[str], None]) -> Sample:
            sendable(subject)  # before anybody is called
            return take(subject, session(subject), Wish(subject.now, live.interval, rows), tell)

        yield ask


@contextmanager
def asking(live: Live) -> Iterator[Callable[[QuerySubject], QuerySubject]]:
    """Give what looks at a query's rows before it is checked; one that must not be sent is left as it is."""
    from sqlcheck.sampling import obstacle

    with warehouse(live) as question:

        def ask(subject: QuerySubject) -> QuerySubject:
            if subject.mapping is None or obstacle(subject) is not None:
                return subject
            with progress(subject.source.path) as tell:
                sample = question(subject, ROWS, tell)
            if sample.limitation is not None:
                note(f"{subject.source.path}: not looked at: {sample.limitation}")
            return replace(subject, sample=sample)

        yield ask


@contextmanager
def opened(live: Live, connection: Connection | None) -> Iterator[Session]:
    """Give a session on the account that is named, and end it."""
    if live.connection is None:
        named = "a connection of connections.toml, or the id of the project's"
        raise SqlcheckError(f"say with --connection NAME which account to ask: {named}")
    from sqlcheck.warehouses import snowflake
    from sqlcheck.warehouses.session import Limits, closing

    with closing(snowflake.connect(live.connection, connection, os.environ, Limits(live.timeout))) as session:
        yield session


@contextmanager
def _embedded(live: Live, subject: QuerySubject) -> Iterator[Session]:
    """Give a session on the tables that the query's schema describes, and end it."""
    from sqlcheck.schema import Schema, split_name
    from sqlcheck.settings import resolve
    from sqlcheck.warehouses import embedded
    from sqlcheck.warehouses.session import Limits, closing

    model = subject.configured
    rows = {split_name(entry.table.value) or (): resolve(entry.path) for entry in model.rows}
    database = model.connection.get("database") if model.connection else None
    schema = subject.schema or Schema()
    with closing(embedded.connect(schema, rows, Limits(live.timeout), database=database, now=subject.now)) as session:
        yield session
