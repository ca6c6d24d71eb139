"""The options that lead to a warehouse, and the sessions behind them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from sqlcheck.errors import SqlcheckError
from sqlcheck.sample import Interval

if TYPE_CHECKING:
    from sqlcheck.sample import Sample
    from sqlcheck.settings import Connection
    from sqlcheck.subject import QuerySubject
    from sqlcheck.warehouses.session import Session

Function = Callable[..., Any]

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


@dataclass(frozen=True)
class Live:
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


def _gathered(function: Function, added: tuple[Callable[[Function], Function], ...]) -> Function:
    @functools.wraps(function)
    def gathering(connection: str | None, timeout: float, interval: str | None = None, **values: Any) -> Any:
        live = Live(connection, timeout, Interval.read(interval) if interval else None)
        return function(live=live, **values)

    decorated: Function = gathering
    for option in reversed(added):
        decorated = option(decorated)
    return decorated


@contextmanager
def warehouse(live: Live) -> Iterator[Callable[[QuerySubject, int, Callable[[str], None]], Sample]]:
    """Give what asks a warehouse about a query; an account is connected to once, and only when there is a query."""
    from sqlcheck.sampling import Wish, take

    with ExitStack() as stack:
        account: list[Session] = []

        def session(subject: QuerySubject) -> Session:
            if live.connection is None:
                return stack.enter_context(embedded(live, subject))
            if not account:
                account.append(stack.enter_context(opened(live, subject.configured.connection)))
            return account[0]

        def ask(subject: QuerySubject, rows: int, tell: Callable[[str], None]) -> Sample:
            now = subject.options.now or datetime.now(UTC)
            return take(subject, session(subject), Wish(now, live.interval, rows), tell)

        yield ask


@contextmanager
def opened(live: Live, connection: Connection | None) -> Iterator[Session]:
    """Give a session on the account that is named, and end it."""
    if live.connection is None:
        raise SqlcheckError(
            "say with --connection NAME which account to ask: a connection of connections.toml, or the project's"
        )
    from sqlcheck.warehouses import snowflake
    from sqlcheck.warehouses.session import Limits, closing

    with closing(snowflake.connect(live.connection, connection, os.environ, Limits(live.timeout))) as session:
        yield session
