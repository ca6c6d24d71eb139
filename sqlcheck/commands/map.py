"""`sqlcheck map`: what every output column becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sqlcheck.commands._delivery import say_report
from sqlcheck.commands._options import paths_argument, query_options
from sqlcheck.commands._paths import gather_queries
from sqlcheck.commands._terminal import coloured, say, table

if TYPE_CHECKING:
    from sqlcheck.mapping import OutputColumn
    from sqlcheck.options import Options
    from sqlcheck.views._sheet import Sheet

FORMATS = ["text", "json", "dot", "mermaid", "html"]
HEADERS = ("#", "output column", "role", "becomes", "type", "null", "made from", "problems")
FOLDING = ("made from", "problems")


@click.command("map")
@paths_argument
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--lineage", is_flag=True, help="Show the path of each column down to the columns of tables.")
@query_options
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], form: str, lineage: bool, options: Options) -> None:
    """Show which identity or user attribute every output column of a query becomes.

    Beside each column stand its type, whether it can be NULL, the table columns that it is made from, and the rules
    that found something about it. `?` is what the text of the query alone cannot tell. `html` is one page with a
    picture, `dot` and `mermaid` are graphs for other tools.
    """
    from sqlcheck import views
    from sqlcheck.parse import deep
    from sqlcheck.views._sheet import Sheet

    queries, is_partial = gather_queries(paths, options, "map")
    sheets = [
        Sheet(query.source, query.configured.id, query.mapping, query.check().diagnostics)
        for query in queries
        if query.mapping is not None
    ]
    with deep():
        shown = "\n".join(_text(sheet, lineage) for sheet in sheets) if form == "text" else ""
        say(shown if form == "text" else views.load(form)(sheets, lineage=lineage))
    for query in queries:
        if query.mapping is None:
            say_report(query.check()._replace(files=(query.source.path,)), err=True)
    context.exit(2 if is_partial else int(len(sheets) < len(queries)))


def _text(sheet: Sheet, lineage: bool) -> str:
    from sqlcheck.views._tree import draw

    mapping = sheet.mapping
    parts = [f"{sheet.title}\n"]
    if mapping.columns:
        parts.append(table(HEADERS, [_row(sheet, column) for column in mapping.columns], folding=FOLDING))
    if not mapping.complete:
        parts.append("There may be more columns: a `*` stands for columns that only the tables' schema can tell.\n")
    parts += (f"{found.where}: {found.severity.label}[{found.rule}] {found.message}\n" for found in sheet.others)
    if lineage and mapping.columns:
        parts.append(f"\n{draw(sheet, colour=coloured())}")
    return "".join(parts)


def _row(sheet: Sheet, column: OutputColumn) -> tuple[str, ...]:
    from sqlcheck.views._sheet import NULLABLE

    return (
        str(column.position),
        column.name,
        column.role.replace("_", " "),
        column.target or "",
        column.type or "?",
        NULLABLE[column.nullable],
        sheet.origin(column),
        ", ".join(sheet.rules(column)),
    )
