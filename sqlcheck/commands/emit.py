"""`sqlcheck emit`: the bodies to send to the API."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sqlcheck.commands._delivery import say_report
from sqlcheck.commands._options import paths_argument, query_options
from sqlcheck.commands._terminal import harmless, note, say
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Severity

if TYPE_CHECKING:
    from sqlcheck.batch import Batch
    from sqlcheck.options import Options
    from sqlcheck.project import Project
    from sqlcheck.subject import DocumentSubject, QuerySubject

RESOURCES = ("data-model", "connection", "pipeline")
PRIVATE = 0o600
STALE = "stale-payload"


@dataclass(frozen=True)
class Emitted:
    """A body as text, under the id that names its file; `secret` when a password stands in it."""

    id: str
    text: str
    secret: bool = False


@dataclass(frozen=True)
class Given:
    """What the command line says about the resource itself."""

    id: str | None
    name: str | None
    workspace_id: int | None


@click.command("emit")
@paths_argument
@click.option("--resource", type=click.Choice(RESOURCES), default="data-model", show_default=True)
@click.option("--out", type=click.Path(), metavar="FILE|DIR", help="Where to write; a folder gets a file for each id.")
@click.option("--check", "compare", is_flag=True, help="Compare with what --out names, and write nothing.")
@click.option(
    "--id", "identifier", metavar="ID", help="The id of the data model; else the project's, or the file's name."
)
@click.option("--name", metavar="NAME", help="Its name for people.")
@click.option("--workspace-id", type=int, metavar="N", help="The number of the mParticle workspace.")
@query_options
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    resource: str,
    out: str | None,
    compare: bool,
    identifier: str | None,
    name: str | None,
    workspace_id: int | None,
    options: Options,
) -> None:
    """Print or write the bodies that the Warehouse Sync API takes, data models first.

    The query goes in as it is written. While an error stands, the report goes to stderr, nothing is written, and the
    exit code is 1.
    """
    from sqlcheck.inputs import collect

    batch = collect(paths, options)
    if batch.failures:
        raise SqlcheckError(batch.failures[0])
    report = batch.check()
    if any(found.severity is Severity.ERROR for found in report.diagnostics):
        say_report(report, err=True)
        context.exit(1)
    emitted = list(_emitted(batch, resource, Given(identifier, name, workspace_id), options.only))
    if not emitted:
        raise SqlcheckError(f"there is no {resource.replace('-', ' ')} to emit here")
    targets = _targets(emitted, out)
    if compare:
        context.exit(_compare(emitted, targets))
    for body, target in zip(emitted, targets, strict=True):
        _deliver(body, target)


def _emitted(batch: Batch, resource: str, given: Given, only: str | None) -> Iterator[Emitted]:
    if resource == "data-model":
        queries = batch.queries
        if len(queries) > 1 and (given.id or given.name):
            raise SqlcheckError("--id and --name are for one query; choose a model with --model")
        for query in queries:
            yield _data_model(query, given)
        return
    for subject in _documents(batch):
        if subject.project is not None:
            yield from _others(subject, subject.project, resource, given, only)


def _documents(batch: Batch) -> Iterator[DocumentSubject]:
    from sqlcheck.subject import DocumentSubject

    for entry in batch.inputs:
        yield from (subject for subject in entry.subjects if isinstance(subject, DocumentSubject))


def _data_model(query: QuerySubject, given: Given) -> Emitted:
    """Build the body of a query; of one that is no model of a project, what is not settled is left out."""
    from sqlcheck.documents import payloads

    model = query.configured
    model = model._replace(
        id=given.id or model.id or _slug(query.source.path),
        name=given.name or model.name,
        workspace_id=model.workspace_id if given.workspace_id is None else given.workspace_id,
    )
    payload = payloads.data_model(query.api, model, query.source.text, partial=model.place is None)
    missing = [field.name for field in query.api.resources["data_model"].fields if field.required]
    missing = [name for name in missing if name not in payload]
    if missing:
        note(f"warning: not set, and so left out of the payload of {query.source.path}: {', '.join(missing)}")
    return Emitted(str(model.id), payloads.render(payload))


def _slug(path: str) -> str:
    """Make an id of a file's name."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", Path(path).stem).strip("-") or "data-model"


def _others(
    subject: DocumentSubject, project: Project, resource: str, given: Given, only: str | None
) -> Iterator[Emitted]:
    """Build the connection or the pipelines of a project."""
    from sqlcheck.documents import payloads

    workspace = project.workspace_id.value if project.workspace_id else None
    workspace = workspace if given.workspace_id is None else given.workspace_id
    link = project.connection
    if resource == "connection" and link is not None:
        body = payloads.connection(subject.api, link, workspace, os.environ)
        yield Emitted(str(body["id"]), payloads.render(body), secret=True)
    elif resource == "pipeline":
        for pipeline in project.pipelines:
            if only is None or (pipeline.model is not None and pipeline.model.value == only):
                body = payloads.pipeline(subject.api, pipeline, link.get("id") if link else None, workspace, os.environ)
                yield Emitted(str(body["id"]), payloads.render(body), secret=True)


def _targets(emitted: list[Emitted], out: str | None) -> list[Path | None]:
    """Choose a file for each body; a path that ends in a slash, or is a folder, gets a file for each id."""
    if out is not None and (out.endswith(("/", os.sep)) or os.path.isdir(out)):
        names = [f"{body.id}.json" for body in emitted]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise SqlcheckError(f"two payloads would be written to {os.path.join(out, twice)}; give them different ids")
        return [Path(out) / name for name in names]
    if len(emitted) > 1:
        ids = ", ".join(body.id for body in emitted)
        raise SqlcheckError(
            f"there are {len(emitted)} payloads ({ids}); choose with --model ID, or give a folder: --out DIR/"
        )
    return [Path(out) if out is not None else None]


def _deliver(body: Emitted, target: Path | None) -> None:
    from sqlcheck.fix import write_atomic

    if target is None:
        say(harmless(body.text))
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SqlcheckError(f"cannot make the folder {target.parent}: {error.strerror or error}") from error
    write_atomic(target, body.text.encode("utf-8"), mode=PRIVATE if body.secret else None)
    note(f"wrote {target}")


def _compare(emitted: list[Emitted], targets: list[Path | None]) -> int:
    """Report the payloads on disk that are not what would be written now."""
    from sqlcheck import files, rulebook
    from sqlcheck.documents.document import read_json
    from sqlcheck.model import Source
    from sqlcheck.reports import merge
    from sqlcheck.settings import Settings
    from sqlcheck.subject import DocumentSubject

    reports = []
    for body, target in zip(emitted, targets, strict=True):
        if target is None:
            raise SqlcheckError("--check compares with a payload on disk: say with --out where it is")
        text = files.read(str(target)).text if target.exists() else ""
        document = read_json(Source(str(target), text))
        settings = Settings(select=rulebook.select((STALE,)))
        reports.append(DocumentSubject(document, settings=settings, emitted=body.text).check())
    report = merge(reports)._replace(files=tuple(map(str, targets)))
    say_report(report)
    return int(bool(report.diagnostics))
