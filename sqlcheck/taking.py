"""A text → what is to be checked in it: a query for each model that runs it, or a document and its queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlcheck import files
from sqlcheck.attachments import Readers
from sqlcheck.model import Source
from sqlcheck.options import Options
from sqlcheck.settings import Model, Settings
from sqlcheck.subject import DocumentSubject, QuerySubject, Subject

if TYPE_CHECKING:
    # a run over queries alone is spared what reads documents
    from sqlcheck.documents.document import Document
    from sqlcheck.project import Project

Find = Callable[[], "Project | None"]
"""How the project that a text belongs to is read, where it is needed."""


def take_apart(
    source: Source, content: files.Text, options: Options, find: Find, readers: Readers | None
) -> tuple[Subject, ...]:
    """Take a text apart by what its path says it is; it is judged by the settings of its project."""
    if files.is_yaml(source.path):
        return (_project_file(source, content, options, readers),)
    take = _payload if files.is_json(source.path) else _queries
    return take(source, content, options, find(), readers)


def _project_file(source: Source, content: files.Text, options: Options, readers: Readers | None) -> DocumentSubject:
    from sqlcheck.project import read_project

    document = _document(source, content)
    found = read_project(document)
    settings = options.settings(found.severities_for(source.path))
    return DocumentSubject(document, found, options, settings, readers=readers)


def _queries(
    source: Source, content: files.Text, options: Options, project: Project | None, readers: Readers | None
) -> tuple[Subject, ...]:
    settings = _settings(source, options, project)
    models = project.model_for(source.path) if project else ()
    if options.only is not None:
        models = tuple(model for model in models if model.id == options.only)
    elif not models:
        models = (project.common if project else Model(),)
    own = QuerySubject(source, Model(), options, settings, content.problem, readers, project=project)
    return tuple(replace(own, model=model) for model in models)


def _payload(
    source: Source, content: files.Text, options: Options, project: Project | None, readers: Readers | None
) -> tuple[Subject, ...]:
    from sqlcheck.documents.bodies import data_models

    settings = _settings(source, options, project)
    common = project.common if project else Model()
    document = _document(source, content)
    queries = (
        QuerySubject(
            sql,
            model._replace(api=common.api, data_plan=common.data_plan, schema=common.schema, rows=common.rows),
            options,
            settings,
            readers=readers,
            project=project,
        )
        for sql, model in data_models(document)
    )
    return (DocumentSubject(document, None, options, settings), *queries)


def _settings(source: Source, options: Options, project: Project | None) -> Settings:
    """Give the settings of rules by which a file is judged."""
    return options.settings(project.severities_for(source.path) if project else {})


def _document(source: Source, content: files.Text) -> Document:
    from sqlcheck.documents.document import Document, read_document

    if content.problem is None:
        return read_document(source)
    return Document(source, "json" if files.is_json(source.path) else "yaml", None, (content.problem,))
