"""`sqlcheck schema`: the tables as the account knows them, kept in a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sqlcheck.commands._live import account_options, opened
from sqlcheck.commands._options import paths_argument, query_options
from sqlcheck.commands._paths import gather
from sqlcheck.commands._terminal import note, say
from sqlcheck.errors import SqlcheckError
from sqlcheck.formats.text import plural

if TYPE_CHECKING:
    from sqlcheck.commands._live import Live
    from sqlcheck.options import Options
    from sqlcheck.schema import Parts, Schema
    from sqlcheck.subject import QuerySubject


@click.group("schema")
def command() -> None:
    """Keep the tables' columns in a file, so that queries are proven against them without a warehouse."""


@command.command("pull")
@paths_argument
@click.option(
    "--output", type=click.Path(dir_okay=False), metavar="FILE", help="The snapshot; the project's when left out."
)
@click.option("--all", "everything", is_flag=True, help="All tables of the databases that the queries read.")
@click.option("--check", is_flag=True, help="Write nothing; say how the snapshot has drifted, with exit code 1.")
@account_options
@query_options
@click.pass_context
def pull(
    context: click.Context,
    paths: tuple[str, ...],
    output: str | None,
    everything: bool,
    check: bool,
    live: Live,
    options: Options,
) -> None:
    """Write the columns of the tables that the queries read, as the account's information schema tells them.

    One SELECT a database is sent. The snapshot is small, sorted and made for a diff; `schema:` of the project file, or
    `--schema`, makes the checks use it.
    """
    from sqlcheck import pulling

    batch = gather(paths, options)
    queries = batch.queries
    tables = sorted({name for query in queries for name in _whole(query)})
    if not tables:
        raise SqlcheckError("the queries read no table with a full name, as `database.schema.table`; nothing to pull")
    target = Path(output or _snapshot(queries))
    databases = sorted({table[0] for table in tables}) if everything else []
    with opened(live, queries[0].configured.connection) as session:
        schema = pulling.pull(session, () if everything else tables, databases)
    seen = {table.parts for table in schema.tables}
    unseen = [name for name in tables if name not in seen]
    for name in unseen:
        note(f"error: the role sees no table `{'.'.join(name)}`")
    code = _compare(target, schema) if check else _write(target, schema)
    context.exit(2 if batch.failures else max(code, int(bool(unseen))))


def _whole(query: QuerySubject) -> list[Parts]:
    """Give the tables of a query with their database and schema, as far as these are known."""
    if query.mapping is None:
        note(f"error: {query.source.path}: this query cannot be read, so its tables are not known")
        return []
    whole: list[Parts] = [name for name in query.mapping.tables if len(name) == 3]
    for name in query.mapping.tables:
        if len(name) < 3:
            note(f"warning: {query.source.path}: `{'.'.join(name)}` is left out; write `database.schema.table`")
    return whole


def _snapshot(queries: tuple[QuerySubject, ...]) -> str:
    """Find the one file of the `schema:` setting that is a snapshot, or could become one."""
    from sqlcheck.settings import resolve

    named = {resolve(path) for query in queries for path in query.configured.schema}
    found = sorted(path for path in named if path.endswith((".yaml", ".yml")) and "*" not in path)
    if len(found) != 1:
        raise SqlcheckError("say with --output FILE where the snapshot is, or name one `.yaml` file under `schema:`")
    return found[0]


def _write(target: Path, schema: Schema) -> int:
    from sqlcheck.fix import write_atomic
    from sqlcheck.schemas import snapshot

    text = snapshot.write(schema, datetime.now(UTC).date())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SqlcheckError(f"cannot make the folder {target.parent}: {error.strerror or error}") from error
    write_atomic(target, text.encode())
    columns = sum(len(table.columns or ()) for table in schema.tables)
    note(f"wrote {target}: {plural(columns, 'column')} of {plural(len(schema.tables), 'table')}")
    return 0


def _compare(target: Path, schema: Schema) -> int:
    from sqlcheck import pulling, schemas

    old = schemas.load(str(target))
    lines = list(pulling.drift(old, schema))
    for line in lines:
        say(f"{line}\n")
    if not lines:
        note(f"{target} agrees with the account")
    return int(bool(lines))
