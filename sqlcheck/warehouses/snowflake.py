"""Snowflake, over the public DB-API of its connector: 4.8, which is written in Python, and 5, with a core in Rust."""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Dictionary
from contextlib import AbstractContextManager, ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from sqlcheck.documents.document import expand
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import FAMILIES
from sqlcheck.names import closest
from sqlcheck.sample import DescribedColumn, Traits
from sqlcheck.settings import Connection
from sqlcheck.warehouses.session import Cursor, Limits, Session, UnansweredError, waited
from sqlcheck.warehouses.troubles import Login, refused, unusable

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection
    from snowflake.connector.cursor import SnowflakeCursor

Options = Dictionary[str, object]

_FIELDS = ("account", "region", "user", "password", "role", "warehouse", "database")
"""The fields of the project file's connection that the connector wants."""
LOGIN_SECONDS = 10.0
"""How long a login may take that asks nobody anything."""
INTERACTIVE = {"externalbrowser": 180.0, "oauth_authorization_code": 180.0, "username_password_mfa": 90.0}
"""How long a login may take in which a person has to do something, by authenticator."""
_GOODBYE_SECONDS = 3.0
"""How long is waited for a statement to be stopped, or a session to be closed."""
_POLLS = (0.05, 1.0)
"""The first and the longest pause between two looks at whether a statement has run."""

TYPES = {"FIXED": "NUMBER", "DECFLOAT": "NUMBER", "REAL": "FLOAT", "TEXT": "VARCHAR"}
"""The names that the connector has for types whose SQL name is another."""


def connect(name: str, connection: Connection | None, environment: Dictionary[str, str], limits: Limits) -> Session:
    """Open a session over the project's connection, when that is its id, or over a profile of the user's."""
    if connection is not None and connection.get("id") == name:
        return login(project_options(connection, environment), limits)
    return login(profile_options(name, connection.get("id") if connection else None), limits)


def project_options(connection: Connection, environment: Dictionary[str, str]) -> dict[str, object]:
    """Give the connector's options for the connection of a project file."""
    missing = [name for name in ("account", "user", "password") if connection.get(name) is None]
    if missing:
        raise SqlcheckError(
            f"the connection `{connection.get('id')}` has no {missing[0]}: set it in the project file, or name a "
            "profile of connections.toml, which can also log in by key pair, token or browser"
        )
    options: dict[str, object] = {
        name: expand(connection.fields[name], environment) for name in _FIELDS if name in connection.fields
    }
    account, region = str(options["account"]), options.pop("region", None)
    # a region belongs to an account locator; the name of an organization's account has a hyphen, and no region
    if region and not {".", "-"} & set(account):
        options["account"] = f"{account}.{region}"
    return options


def profile_options(name: str, project: str | None = None) -> dict[str, object]:
    """Give what stands in a profile of connections.toml or config.toml, found as the connector does."""
    _connector()
    from snowflake.connector.config_manager import CONFIG_MANAGER

    try:
        with _quiet():
            profiles: dict[str, dict[str, object]] = {**cast(Any, CONFIG_MANAGER["connections"])}
    except failures() as error:
        raise SqlcheckError(unusable(error)) from None
    if name not in profiles:
        near = closest(name, [*profiles, *([project] if project else [])])
        hint = f"did you mean `{near}`?" if near else f"there are {', '.join(sorted(profiles)) or 'none'}"
        raise SqlcheckError(f"no connection is called `{name}`, in the project file or in connections.toml: {hint}")
    return {**profiles[name], "connection_name": name}


def login(options: Options, limits: Limits) -> Session:
    """Log in with options of the connector, and settle what a session may do and how long it may take."""
    connector = _connector()
    context = Login(options)
    patience = INTERACTIVE.get(str(options.get("authenticator")).lower(), min(LOGIN_SECONDS, limits.seconds))
    # a profile's fields are for the connector to read, which knows more kinds of them than it takes as arguments
    given = {name: options[name] for name in options if name == "connection_name"} or options
    settings = {**given, **_settings(options, limits, patience, int(connector.__version__.split(".")[0]))}
    try:
        with _quiet():
            # in a thread of its own, so that Ctrl-C gets through and a login in vain can be left
            connection: SnowflakeConnection = waited(lambda: connector.connect(**settings), patience + _GOODBYE_SECONDS)
    except UnansweredError:
        raise context.silence() from None
    except failures() as error:
        raise context.trouble(error) from None
    return Session(Snowflake(connection, context), limits)


def _settings(options: Options, limits: Limits, patience: float, major: int) -> dict[str, object]:
    """Give the options that are ours to set, whatever a profile says."""
    seconds = max(1, round(limits.seconds))
    own = options.get("session_parameters")
    common: dict[str, object] = {
        "session_parameters": {**(own if isinstance(own, dict) else {}), **_session_parameters(seconds)},
        # the rights that are looked at are those of the one role, as mParticle's user has no other
        "secondary_roles": options.get("secondary_roles", "NONE"),
        "login_timeout": max(1, round(patience)),
        "client_session_keep_alive": False,
    }
    if major < 5:
        # not `network_timeout`: a thread of its own would cancel what is late, and print how that failed
        return common | {"backoff_policy": _a_few_times, "socket_timeout": seconds}
    return common | {
        "retry_max_attempts": 3,
        "retry_backoff_cap_ms": 1000,
        "connect_timeout": 10,
        "retry_timeout": seconds,
        "query_timeout": seconds,
        "request_timeout": seconds,
        "enable_server_session_keep_alive_auto_detection": False,
        "server_session_keep_alive": False,
        "logout_max_attempts": 1,
        "logout_total_timeout_seconds": int(_GOODBYE_SECONDS),
    }


def _session_parameters(seconds: int) -> dict[str, object]:
    """Give the parameters of the session: https://docs.snowflake.com/en/sql-reference/parameters."""
    return {
        "TIMEZONE": "UTC",
        "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
        "QUERY_TAG": "sqlcheck",
        "MULTI_STATEMENT_COUNT": 1,
        "AUTOCOMMIT": True,
        "STATEMENT_TIMEOUT_IN_SECONDS": seconds,
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": seconds,
        # what runs on when this process is killed
        "ABORT_DETACHED_QUERY": True,
        "CLIENT_TELEMETRY_ENABLED": False,
    }


class GivenUpError(Exception):
    """No answer has come, however often it was asked for; what went wrong at last is its context."""


def failures() -> tuple[type[Exception], ...]:
    """Give all that the connector raises: beside its own errors 4.8 lets through what its parts raise."""
    from snowflake.connector.errors import Error

    return (Error, GivenUpError, OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError)


def _a_few_times() -> Iterator[int]:
    """Wait a second, then no longer, then give up: 4.8 has no other way to bound its attempts."""
    yield from (1, 0)
    raise GivenUpError


@dataclass(frozen=True)
class _Running:
    """What two threads tell each other of a statement: that it is to stop, and that it is over."""

    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


class Snowflake:
    """A session with Snowflake; one thread at a time sends statements, and another may stop them."""

    def __init__(self, connection: SnowflakeConnection, login: Login) -> None:
        self._connection = connection
        self._login = login
        self._running: _Running | None = None

    @property
    def traits(self) -> Traits:
        """Tell what the warehouse can vouch for."""
        return Traits("snowflake", role=self._connection.role)

    def describe(self, sql: str) -> tuple[DescribedColumn, ...]:
        """Compile a statement and give its columns."""
        from snowflake.connector.constants import FIELD_ID_TO_NAME

        with self._translating(), self._connection.cursor() as cursor:
            columns = cursor.describe(sql)
        return tuple(
            DescribedColumn(column.name, _type(str(FIELD_ID_TO_NAME.get(column.type_code))), column.is_nullable)
            for column in columns or ()
        )

    def run(self, sql: str) -> Cursor:
        """Run a statement to its end.

        It is handed over and then asked after, so that its id is known by which it can be stopped, and no request
        takes long. `execute` would tell the id only when all is over.
        """
        running = self._running = _Running()
        try:
            with self._translating(), ExitStack() as cleanup:
                cursor = cleanup.enter_context(self._connection.cursor())
                number = str(cursor.execute_async(sql)["queryId"])
                pause, longest = _POLLS
                while self._connection.is_still_running(self._connection.get_query_status_throw_if_error(number)):
                    if running.stop.wait(pause):
                        cursor.abort_query(number)
                        raise UnansweredError
                    pause = min(2 * pause, longest)
                cursor.query_result(number)
                cleanup.pop_all()
                return _Result(cursor, self._translating)
        finally:
            running.over.set()

    def cancel(self) -> None:
        """Stop the statement that is running, and wait until Snowflake has been told."""
        if self._running:
            self._running.stop.set()
            self._running.over.wait(_GOODBYE_SECONDS)

    def close(self) -> None:
        """End the session."""
        with suppress(UnansweredError, *failures()), _quiet():
            waited(self._connection.close, _GOODBYE_SECONDS)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except failures() as error:
            raise refused(error) or self._login.trouble(error) from None


@dataclass(frozen=True)
class _Result:
    """The rows of a statement, which may still have to be fetched from the account's storage."""

    cursor: SnowflakeCursor
    translating: Callable[[], AbstractContextManager[None]]

    @property
    def description(self) -> Sequence[Sequence[object]] | None:
        return self.cursor.description

    def fetchmany(self, size: int) -> Sequence[Sequence[object]]:
        with self.translating():
            return self.cursor.fetchmany(size)

    def close(self) -> object:
        return self.cursor.close()


def _type(name: str) -> str | None:
    name = TYPES.get(name, name)
    return name if name in FAMILIES else None


def _connector() -> ModuleType:
    """Import the connector, and see to it that it talks to nobody but the account."""
    logger = logging.getLogger("snowflake")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    # it would ask the metadata services of three clouds where it runs
    os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
    try:
        with _quiet():
            import snowflake.connector
    except ImportError:
        raise SqlcheckError("Snowflake's connector is not installed: pip install 'sqlcheck[snowflake]'") from None
    return snowflake.connector


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings to itself, and stdout for the report: a browser login prints its address."""
    with warnings.catch_warnings(), redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        yield
