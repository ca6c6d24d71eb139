"""`sqlcheck wrap`: the statements that mParticle runs around a query."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sqlcheck import wrapping
from sqlcheck.commands._options import paths_argument, query_options
from sqlcheck.commands._paths import gather_queries
from sqlcheck.commands._terminal import harmless, note, say
from sqlcheck.errors import SqlcheckError
from sqlcheck.formats.text import plural
from sqlcheck.model import Severity
from sqlcheck.sample import Interval

if TYPE_CHECKING:
    from sqlcheck.options import Options
    from sqlcheck.subject import QuerySubject


@click.command("wrap")
@paths_argument
@click.option("--interval", metavar="START..END", help="The sync interval, in UTC; the last full hour when left out.")
@query_options
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], interval: str | None, options: Options) -> None:
    """Print the statements that mParticle runs around a query, ready to paste into a worksheet.

    They count the rows of one sync interval, ask for the columns, and fetch the rows as objects.
    """
    span = Interval.read(interval) if interval else Interval.last_full_hour(datetime.now(UTC))
    queries, is_partial = gather_queries(paths, options, "wrap")
    say(harmless("\n".join(_wrapped(query, span, titled=len(queries) > 1) for query in queries)))
    for query in queries:
        _warn(query)
    context.exit(2 if is_partial else 0)


def _wrapped(query: QuerySubject, interval: Interval, *, titled: bool) -> str:
    stamp = query.configured.load_timestamp
    if stamp.field is None:
        named = f"{query.source.path}: no load timestamp is set"
        raise SqlcheckError(f"{named}; give --load-timestamp NAME, or `-- sqlcheck: load_timestamp=NAME` in the query")
    parts = [str(statement) for statement in wrapping.statements(query.source.text, stamp, interval)]
    if titled:
        model = query.configured.id
        parts.insert(0, f"-- {query.source.path}{f' (model {model})' if model else ''}\n")
    return "\n".join(parts)


def _warn(query: QuerySubject) -> None:
    """Say on stderr that the statements will not run as they are."""
    count = sum(found.severity is Severity.ERROR for found in query.check().diagnostics)
    if count:
        path = query.source.path
        note(f"warning: {path} has {plural(count, 'error')}, so these may not run: see `sqlcheck check {path}`")
