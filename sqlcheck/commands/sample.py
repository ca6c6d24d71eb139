"""`sqlcheck sample`: what stands in the rows of a query, and what the profile will get of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from sqlcheck.commands import _sampled
from sqlcheck.commands._delivery import say_report
from sqlcheck.commands._live import Live, live_options, warehouse
from sqlcheck.commands._options import check_options, paths_argument
from sqlcheck.commands._paths import gather_queries
from sqlcheck.commands._terminal import is_terminal, progress, say
from sqlcheck.commands.check import fails, tell_withdrawn
from sqlcheck.errors import SqlcheckError

if TYPE_CHECKING:
    from sqlcheck.model import Report
    from sqlcheck.options import Options
    from sqlcheck.subject import QuerySubject


@click.command("sample")
@paths_argument
@click.option("--rows", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many rows to fetch.")
@click.option("--show-values", is_flag=True, help="Show identities and texts in clear; on a terminal alone.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@live_options
@check_options
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    rows: int,
    show_values: bool,
    form: str,
    live: Live,
    options: Options,
) -> None:
    """Run a query over one sync interval and show what the profiles would get.

    The warehouse describes the query, looks at its load timestamp, gives some rows and computes a profile of every
    column; only SELECTs around the query are sent. Without --connection the rows are those of the embedded warehouse.
    Identities and texts are shown as shapes: letters as `a`, digits as `9`.
    """
    from sqlcheck.reports import merge

    if show_values and not is_terminal():
        raise SqlcheckError("--show-values is for a terminal alone, so that values are not kept in a file or a log")
    queries, is_partial = gather_queries(paths, options, "sample")
    seen: list[QuerySubject] = []
    with warehouse(live) as ask:
        for query in queries:
            with progress(query.source.path) as tell:
                seen.append(replace(query, sample=ask(query, rows, tell)))
            if form == "text":
                say("\n" if len(seen) > 1 else "")
                _say(seen[-1], show_values)
    report = merge([query.check() for query in seen])
    if form == "json":
        say(_json(seen, report, show_values))
    stuck = [query for query in seen if query.sample and query.sample.limitation]
    context.exit(2 if is_partial or stuck else int(fails(report, "error")))


def _say(query: QuerySubject, show_values: bool) -> None:
    """Print one sample, and below it what is wrong with the query and its rows."""
    say(_sampled.text(query, show_values=show_values))
    report = query.check()
    say("\n")
    say_report(report)
    tell_withdrawn(report)


def _json(seen: list[QuerySubject], report: Report, show_values: bool) -> str:
    from sqlcheck.formats.json import described

    samples = [_sampled.document(query, show_values=show_values) for query in seen]
    found = {"version": 1, "samples": samples, "diagnostics": [described(each) for each in report.diagnostics]}
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
