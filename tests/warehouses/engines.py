"""An embedded warehouse for a test, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest

from sqlcheck.model import Source
from sqlcheck.schema import Parts
from sqlcheck.schemas import ddl
from sqlcheck.warehouses import embedded
from sqlcheck.warehouses.session import Limits, RefusedError, Session, closing

installed = find_spec("fakesnow") is not None
needed = pytest.mark.skipif(not installed, reason="the embedded warehouse is not installed")
NOW = datetime(2026, 1, 5, 15, 30, tzinfo=UTC)


@contextmanager
def engine(
    script: str = "", rows: Mapping[Parts, str] | None = None, limits: Limits = Limits(), database: str | None = None
) -> Iterator[Session]:
    """Start an engine over the tables of a DDL script."""
    schema = ddl.read(Source("schema.sql", script))
    assert schema.problems == ()
    with closing(embedded.connect(schema, rows or {}, limits, database=database, now=NOW)) as session:
        yield session


def said(call: Callable[[], object]) -> str:
    """Give the words with which a statement is refused."""
    try:
        call()
    except RefusedError as error:
        return error.message
    raise AssertionError("nothing was refused")
