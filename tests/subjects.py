"""A query as the one model of a project, made of texts alone."""

from __future__ import annotations

from sqlcheck.documents.document import read_document
from sqlcheck.inputs import from_text
from sqlcheck.model import Source
from sqlcheck.options import Options
from sqlcheck.project import read_project
from sqlcheck.settings import PROJECT
from sqlcheck.subject import QuerySubject

MODEL = """\
models:
  - id: users-model
    query: query.sql
    load_timestamp: {field: UPDATED_AT, type: timestamp_ntz, time_zone: UTC}
"""


def modelled(query: str, settings: str = "", options: Options = Options()) -> QuerySubject:
    """Give a query under its model; `settings` goes on with the text of the project file."""
    project = read_project(read_document(Source(PROJECT, MODEL + settings)))
    (subject,) = from_text(query, "query.sql", options, project).queries
    return subject
