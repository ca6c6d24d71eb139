"""The text of a file → what is to be checked in it: a query for each model, or a document and its queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlcheck import files
from sqlcheck.attachments import Readers
from sqlcheck.engine import Settings
from sqlcheck.model import Source
from sqlcheck.settings import Model
from sqlcheck.subject import DocumentSubject, Options, QuerySubject, Subject

if TYPE_CHECKING:
    from sqlcheck.documents.document import Document
    from sqlcheck.project import Project

Take = Callable[[Source, files.Text], tuple[Subject, ...]]
"""How the text of a file is taken apart into subjects."""


def take_of(path: str, options: Options, project: Project | None, readers: Readers | None = None) -> Take:
    """Tell by its path how a text is taken apart; it is judged by the settings of its project."""
    if is_yaml(path):
        return project_file(options, readers)
    return (_payload if path.lower().endswith(".json") else _query)(options, project, readers)


def project_file(options: Options, readers: Readers | None) -> Take:
    """Take a project file as a document; its queries are files of their own."""

    def take(source: Source, content: files.Text) -> tuple[Subject, ...]:
        from sqlcheck.project import read_project

        document = _document(source, content)
        found = read_project(document)
        settings = options.settings(found.severities_for(source.path))
        return (DocumentSubject(document, found, options, settings, readers=readers),)

    return take


def _query(options: Options, project: Project | None, readers: Readers | None) -> Take:
    settings_of = _settings(options, project)

    def take(source: Source, content: files.Text) -> tuple[Subject, ...]:
        settings = settings_of(source.path)
        models = project.model_for(source.path) if project else ()
        if options.only is not None:
            models = tuple(model for model in models if model.id == options.only)
        elif not models:
            models = (_default(project),)
        own = QuerySubject(source, Model(), options, settings, content.problem, readers, project=project)
        return tuple(replace(own, model=model) for model in models)

    return take


def _payload(options: Options, project: Project | None, readers: Readers | None) -> Take:
    settings_of = _settings(options, project)
    common = _default(project)

    def take(source: Source, content: files.Text) -> tuple[Subject, ...]:
        from sqlcheck.documents.bodies import data_models

        document, settings = _document(source, content), settings_of(source.path)
        queries = (
            QuerySubject(
                sql,
                replace(model, api=common.api, data_plan=common.data_plan, schema=common.schema, rows=common.rows),
                options,
                settings,
                readers=readers,
                project=project,
            )
            for sql, model in data_models(document)
        )
        return (DocumentSubject(document, None, options, settings), *queries)

    return take


def _settings(options: Options, project: Project | None) -> Callable[[str], Settings]:
    """Tell by which settings of rules a file is judged; options that make no sense stop the run at once."""
    common = options.settings({})
    return lambda path: common if project is None else options.settings(project.severities_for(path))


def _default(project: Project | None) -> Model:
    """Give what a project says about a query that is none of its models."""
    if project is None:
        return Model()
    workspace = project.workspace_id.value if project.workspace_id else None
    return Model(
        workspace_id=workspace,
        connection=project.connection,
        api=project.api_name,
        data_plan=project.data_plan,
        schema=project.schema,
        rows=project.rows,
    )


def _document(source: Source, content: files.Text) -> Document:
    from sqlcheck.documents.document import Document, read_document

    if content.problem is None:
        return read_document(source)
    return Document(source, "json" if source.path.lower().endswith(".json") else "yaml", None, (content.problem,))


def is_yaml(path: str) -> bool:
    """Tell by its name whether a file is a project file."""
    return path.lower().endswith((".yaml", ".yml"))
