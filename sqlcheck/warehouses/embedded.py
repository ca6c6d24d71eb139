"""The embedded warehouse: Snowflake's SQL on DuckDB in this process, by fakesnow, without files and network.

It tells what stands in the rows and whether a query runs. Names, types and what can be NULL it does not know well:
these are the static mapping's business.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from sqlcheck.errors import SqlcheckError
from sqlcheck.sample import DescribedColumn, Traits
from sqlcheck.schema import Parts, Schema
from sqlcheck.warehouses._refusals import BROKEN, refusal
from sqlcheck.warehouses._tables import DATABASE, SCHEMA, Tables
from sqlcheck.warehouses.session import Limits, RefusedError, Session

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from fakesnow.conn import FakeSnowflakeConnection

NAME = "embedded"
MEMORY = "512MB"
THREADS = 2
_GOODBYE_SECONDS = 3.0
"""How long is waited for a statement to be stopped."""

_SEED = re.compile(r"\ASELECT setseed\([^()]*\); ")
"""What fakesnow puts before a query with SAMPLE … SEED."""
_LOCKS = (
    "temp_directory = ''",  # what does not fit into the memory is an error, and never a file
    "enable_external_access = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "allow_persistent_secrets = false",
    "python_enable_replacements = false",
    f"memory_limit = '{MEMORY}'",
    f"threads = {THREADS}",
    "lock_configuration = true",
)
"""Settings of DuckDB, of which the last one makes the others final."""


def connect(
    schema: Schema,
    rows: Mapping[Parts, str],
    limits: Limits = Limits(),
    *,
    database: str | None = None,
    now: datetime | None = None,
) -> Session:
    """Make a warehouse of described tables; `rows` are files with rows of some, the others get invented ones.

    `database` is the one in which short names are looked for first, as in the connection; `now` is the moment before
    which invented rows lie. A table costs nothing until a statement names it.
    """
    return Session(EmbeddedDriver(schema, rows, database, now or datetime.now(UTC)), limits)


class EmbeddedDriver:
    """The door to one engine of its own."""

    def __init__(self, schema: Schema, rows: Mapping[Parts, str], database: str | None, now: datetime) -> None:
        self._engine, self._gate, self._connection = start()
        self._idle = threading.Event()
        self._idle.set()
        self._loader = self._engine.cursor()
        self._tables = Tables(self._loader, self._make_view, schema, rows, database, now)

    @property
    def traits(self) -> Traits:
        """Tell that values alone can be vouched for, and whose rows were invented so far."""
        return Traits(NAME, emulated=True, invented=self._tables.invented)

    def describe(self, sql: str) -> tuple[DescribedColumn, ...]:
        """Compile a statement and give the names of its columns; of two alike the engine renames the second."""
        cursor = self.run(f"SELECT * FROM (\n{sql}\n) LIMIT 0")
        return tuple(DescribedColumn(str(column[0])) for column in cursor.description)

    def run(self, sql: str) -> _Cursor:
        """Run a statement; its rows are computed as they are fetched."""
        self._gate.stopped.clear()
        with self._working():
            self._tables.prepare(sql)
            self._execute(sql)
        return _Cursor(self._engine, self._working)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Let another thread know when this one has left the engine."""
        self._idle.clear()
        try:
            with _translated():
                yield
        finally:
            self._idle.set()

    def _make_view(self, sql: str) -> None:
        with _translated():
            self._execute(sql, "CREATE")

    def _execute(self, sql: str, *more: str) -> None:
        self._gate.kinds = frozenset({"SELECT", *more})
        self._connection.cursor().execute(sql)

    def cancel(self) -> None:
        """Interrupt DuckDB, and keep what has not come to it from beginning.

        DuckDB forgets an interrupt that comes before its statement has begun, so that one is not enough.
        """
        self._gate.stopped.set()
        end = time.monotonic() + _GOODBYE_SECONDS
        while time.monotonic() < end and not self._idle.is_set():
            self._loader.interrupt()
            self._engine.interrupt()
            self._idle.wait(0.02)

    def close(self) -> None:
        """Drop the engine with all of its tables."""
        self._loader.close()
        self._engine.close()


class _Cursor:
    """The result of the statement that the engine runs, straight from DuckDB."""

    def __init__(self, engine: DuckDBPyConnection, working: Callable[[], AbstractContextManager[None]]) -> None:
        self._engine = engine
        self._working = working
        self.description: Sequence[Sequence[object]] = tuple(engine.description or ())

    def fetchmany(self, size: int) -> Sequence[Sequence[object]]:
        """Give the next rows."""
        with self._working():
            return self._engine.fetchmany(size)

    def close(self) -> None:
        """Leave the rows that are not fetched uncomputed."""
        self._engine.abort()


class _Gate:
    """DuckDB as fakesnow is given it: only statements of some kinds pass, and their rows stay where they are.

    fakesnow would turn all rows of a result into an Arrow table: that has no limit of memory, keeps one of two columns
    of a name, and warns on the screen.
    """

    def __init__(self, engine: DuckDBPyConnection) -> None:
        self._engine = engine
        self.kinds = frozenset({"SELECT", "SET"})
        self.stopped = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def execute(self, sql: str, parameters: object = None) -> DuckDBPyConnection:
        """Run a statement of an allowed kind."""
        if self.stopped.is_set():
            raise RefusedError("the statement was stopped")
        statements = self._engine.extract_statements(_SEED.sub("", sql))
        if len(statements) > 1 or any(statement.type.name not in self.kinds for statement in statements):
            raise RefusedError("the embedded warehouse runs nothing but a single SELECT")
        return self._engine.execute(sql, parameters)

    def to_arrow_table(self) -> pa.Table:
        """Give an empty table."""
        import pyarrow as pa

        return pa.table({})


def start() -> tuple[DuckDBPyConnection, _Gate, FakeSnowflakeConnection]:
    """Start an engine, and lock it: from then on nothing can be read but the tables in its memory."""
    try:
        from fakesnow.conn import FakeSnowflakeConnection
        from fakesnow.instance import FakeSnow
        from fakesnow.transforms.stage import LOCAL_BUCKET_PATH
        from fakesnow.variables import Variables
    except ImportError as error:
        raise SqlcheckError("the embedded warehouse is not installed: pip install 'sqlcheck[embedded]'") from error
    with contextlib.suppress(OSError):
        os.rmdir(LOCAL_BUCKET_PATH)  # fakesnow makes a folder for stages, which nothing here can reach, and leaves it
    server = FakeSnow()
    engine = server.duck_conn.cursor()
    FakeSnowflakeConnection(engine, {}, DATABASE, SCHEMA)
    for setting in _LOCKS:
        engine.execute(f"SET {setting}")
    gate = _Gate(engine)
    connection = FakeSnowflakeConnection(cast("DuckDBPyConnection", gate), {}, DATABASE, SCHEMA)

    class NoVariables(Variables):
        """Leave `"$FirstName"` alone: fakesnow takes it for a variable of the session, though it is a quoted name."""

        def inline_variables(self, sql: str) -> str:
            return sql

    connection.variables = NoVariables()
    return engine, gate, connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the engine raises into a refusal of one line."""
    import duckdb
    from snowflake.connector import errors
    from sqlglot.errors import SqlglotError

    troubles: tuple[type[Exception], ...] = (duckdb.Error, errors.Error, SqlglotError, *BROKEN)
    try:
        yield
    except troubles as error:
        raise refusal(error) from error
