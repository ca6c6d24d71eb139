"""`sqlcheck config`: what applies, and where it was set."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from sqlcheck.commands._delivery import say_report
from sqlcheck.commands._options import paths_argument, settings_options
from sqlcheck.commands._paths import gather
from sqlcheck.commands._terminal import say, table
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Diagnostic, Place, Report, Severity
from sqlcheck.reports import ordered
from sqlcheck.settings import Value

if TYPE_CHECKING:
    from sqlcheck.options import Options
    from sqlcheck.project import Project
    from sqlcheck.subject import DocumentSubject, QuerySubject, Subject

Row = tuple[str, str, str]

HEADERS = ("setting", "value", "set in")
OPTION = "command line"
DEFAULT = "default"
UNHEARD = frozenset({"unreadable-document", "unknown-field", "mistyped-field", "unknown-value", "bad-directive"})
"""The rules about settings that are taken for none."""


@click.command("config")
@paths_argument
@click.option("--schema", is_flag=True, help="Print the JSON Schema of sqlcheck.yaml.")
@settings_options
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], schema: bool, options: Options) -> None:
    """Show the settings of a project and of each query, and where each of them was set.

    Options win over header comments, and these over the project file. What is set in vain is told on stderr.
    """
    if schema:
        from sqlcheck.project import json_schema

        say(json.dumps(json_schema(), indent=2) + "\n")
        return
    from sqlcheck.subject import DocumentSubject

    batch = gather(paths, options)
    tables, wrong = [], list[Diagnostic]()
    for entry in batch.inputs:
        for subject in entry.subjects:
            wrong += _wrong(subject)
            if not isinstance(subject, DocumentSubject):
                tables.append(_titled(_title(subject), _query_rows(subject)))
            elif subject.project is not None:
                tables.append(_titled(entry.path, _project_rows(subject, subject.project)))
    if not tables and not batch.failures:
        raise SqlcheckError("nothing here has settings; name a query or a project file")
    say("\n".join(tables))
    if wrong:
        files = tuple(entry.path for entry in batch.inputs)
        say_report(Report(ordered(wrong), files=files), err=True)
    context.exit(2 if batch.failures else int(bool(wrong)))


def _wrong(subject: Subject) -> Iterator[Diagnostic]:
    """Tell what a project file or the comments of a query say in vain."""
    return (found for found in subject.check().diagnostics if found.rule in UNHEARD)


def _titled(title: str, rows: Iterator[Row]) -> str:
    return f"{title}\n{table(HEADERS, list(rows), folding=('value',))}"


def _title(query: QuerySubject) -> str:
    model = query.configured.id
    return f"{query.source.path}{f' (model {model})' if model else ''}"


def _project_rows(subject: DocumentSubject, project: Project) -> Iterator[Row]:
    if subject.options.api is not None:
        yield "api", subject.api.name, OPTION
    else:
        yield "api", project.api_name, _where(project.api) if project.api else DEFAULT
    yield from _row("workspace_id", project.workspace_id)
    for path in project.schema:
        yield from _row("schema", path)
    for entry in project.rows:
        yield from _row(f"rows.{entry.table.value}", entry.path)
    yield from _row("data_plan", project.data_plan)
    for name, value in (project.connection.fields if project.connection else {}).items():
        yield from _row(f"connection.{name}", value)
    yield from _row("baseline", project.baseline)
    yield from _rules_rows("rules", project.severities)
    for override in project.overrides:
        paths = ",".join(path.value for path in override.paths)
        yield from _rules_rows(f"overrides[{paths}]", override.severities)


def _query_rows(query: QuerySubject) -> Iterator[Row]:
    model, stamp = query.configured, query.configured.load_timestamp
    yield "api", model.api, _api_place(query)
    yield from _row("load_timestamp", stamp.field)
    yield from _row("type", stamp.type)
    yield from _row("time_zone", stamp.time_zone)
    yield from _row("offset", stamp.offset)
    for name in model.identities or ():
        yield from _row("identities", name)
    for attribute in model.attributes or ():
        parts = [value.value for value in (attribute.type, attribute.origin) if value]
        where = _written(attribute.place) if attribute.place else OPTION
        yield f"attributes.{attribute.name}", " from ".join(parts), where
    for path in model.schema:
        yield from _row("schema", path)
    for entry in model.rows:
        yield from _row(f"rows.{entry.table.value}", entry.path)
    yield from _row("data_plan", model.data_plan)
    for pipeline in model.pipelines:
        yield from _row("pipeline", pipeline.id)
    if query.project is not None:
        yield from _rules_rows("rules", query.project.severities_for(query.source.path))


def _api_place(query: QuerySubject) -> str:
    if query.options.api is not None:
        return OPTION
    for directive in query.directives:
        for setting in directive.settings:
            if setting.key == "api":
                return _written(Place(query.source, setting.span))
    return _where(query.project.api) if query.project and query.project.api else DEFAULT


def _rules_rows(title: str, severities: Mapping[str, Value[Severity]]) -> Iterator[Row]:
    for name, severity in severities.items():
        yield f"{title}.{name}", severity.value.label, _where(severity)


def _row(name: str, value: Value[str] | Value[int] | None) -> Iterator[Row]:
    if value is None:
        return
    hidden = value.place is not None and value.place.span in value.place.source.secrets
    yield name, "********" if hidden else str(value.value), _where(value)


def _where(value: Value[str] | Value[int] | Value[Severity]) -> str:
    return _written(value.place) if value.place else OPTION


def _written(place: Place) -> str:
    source, span = place.source.resolve(place.span)
    start = source.lines.position(span.start)
    return f"{os.path.normpath(source.path)}:{start.line}:{start.column}"
