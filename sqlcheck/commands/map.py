"""`sqlcheck map`: what every output column becomes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from sqlcheck.commands._options import paths_argument, query_options
from sqlcheck.commands._terminal import note, say, table
from sqlcheck.commands.check import say_report
from sqlcheck.errors import SqlcheckError

if TYPE_CHECKING:
    from sqlcheck.mapping import Mapping, OutputColumn
    from sqlcheck.model import Diagnostic, Source
    from sqlcheck.subject import Options, QuerySubject

VERSION = 1
HEADERS = ("#", "output column", "role", "becomes", "type", "null", "made from", "problems")
NULLABLE = {True: "yes", False: "no", None: "?"}


@click.command("map")
@paths_argument
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@query_options
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], form: str, options: Options) -> None:
    """Show which identity or user attribute every output column of a query becomes.

    Beside each column stand its type, whether it can be NULL, the table columns that it is made from, and the rules
    that found something about it. `?` is what the text of the query alone cannot tell.
    """
    from sqlcheck.inputs import collect

    batch = collect(paths, options)
    for failure in batch.failures:
        note(f"error: {failure}")
    queries = [query for entry in batch.inputs for query in entry.queries]
    if not queries and not batch.failures:
        raise SqlcheckError("there is no query to map here; name a file with one")
    mapped = [(query, mapping) for query in queries if (mapping := query.mapping) is not None]
    if form == "json":
        columns = [entry for query, mapping in mapped for entry in _objects(query, mapping)]
        say(json.dumps({"version": VERSION, "columns": columns}, indent=2) + "\n")
    else:
        say("\n".join(_view(query, mapping) for query, mapping in mapped))
    for query in queries:
        if query.mapping is None:
            say_report(query.check(), 1, err=True)
    context.exit(2 if batch.failures else int(len(mapped) < len(queries)))


def _view(query: QuerySubject, mapping: Mapping) -> str:
    problems, others = _problems(query, mapping)
    model = query.configured.id
    lines = [f"{query.source.path}{f' (model {model})' if model else ''}\n"]
    if mapping.columns:
        rows = [_row(column, problems[column.position]) for column in mapping.columns]
        lines.append(table(HEADERS, rows, folding=("made from", "problems")))
    if not mapping.complete:
        lines.append("There may be more columns: a `*` stands for columns that only the tables' schema can tell.\n")
    for found in others:
        where = f"{found.source.path}:{found.start.line}:{found.start.column}"
        lines.append(f"{where}: {found.severity.label}[{found.rule}] {found.message}\n")
    return "".join(lines)


def _row(column: OutputColumn, problems: list[str]) -> tuple[str, ...]:
    return (
        str(column.position),
        column.name,
        column.role.replace("_", " "),
        column.target or "",
        column.type or "?",
        NULLABLE[column.nullable],
        ", ".join(column.sources) or ("?" if _is_open(column) else ""),
        ", ".join(problems),
    )


def _is_open(column: OutputColumn) -> bool:
    """Tell whether a column is made from something that could not be traced, rather than from nothing."""
    return not column.output.facts.constant


def _problems(query: QuerySubject, mapping: Mapping) -> tuple[defaultdict[int, list[str]], list[Diagnostic]]:
    """Sort the findings by the position of the column that they are about; the others come second."""
    by_column: defaultdict[int, list[str]] = defaultdict(list)
    others = []
    for found in query.check().diagnostics:
        columns = [column for column in mapping.columns if _is_about(found, column, query.source)]
        for column in columns:
            if found.rule not in by_column[column.position]:
                by_column[column.position].append(found.rule)
        if not columns:
            others.append(found)
    return by_column, others


def _is_about(found: Diagnostic, column: OutputColumn, source: Source) -> bool:
    if found.column is not None:
        return found.column == column.name
    place, span = source.resolve(column.span)
    return found.source is place and span.contains(found.span)


def _objects(query: QuerySubject, mapping: Mapping) -> Iterator[dict[str, object]]:
    problems, _ = _problems(query, mapping)
    for column in mapping.columns:
        source, span = query.source.resolve(column.span)
        start = source.lines.position(span.start)
        yield {
            "position": column.position,
            "name": column.name,
            "role": column.role,
            "target": column.target,
            "type": column.type,
            "nullable": column.nullable,
            "sources": list(column.sources),
            "line": start.line,
            "column": start.column,
            "file": source.path,
            "model": query.configured.id,
            "problems": problems[column.position],
        }
