"""PATHS of a command line → what is there; what cannot be read is said at once, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlcheck.commands._terminal import note
from sqlcheck.errors import SqlcheckError

if TYPE_CHECKING:
    from sqlcheck.batch import Batch
    from sqlcheck.cache import Cache
    from sqlcheck.options import Options
    from sqlcheck.subject import QuerySubject


def gather(paths: tuple[str, ...], options: Options, cache: Cache | None = None) -> Batch:
    """Find the files that are meant."""
    from sqlcheck.inputs import collect

    batch = collect(paths, options, cache)
    for failure in batch.failures:
        note(f"error: {failure}")
    return batch


def gather_queries(paths: tuple[str, ...], options: Options, verb: str) -> tuple[tuple[QuerySubject, ...], bool]:
    """Find the queries that something is to be done with, and tell whether a file could not be read."""
    batch = gather(paths, options)
    queries = batch.queries
    if not queries and not batch.failures:
        raise SqlcheckError(f"there is no query to {verb} here; name a file with one")
    return queries, bool(batch.failures)
