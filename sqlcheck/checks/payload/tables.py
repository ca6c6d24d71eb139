"""The tables: can the files that tell them be read, do they agree, and does the connection reach those of the query?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding, Span
from sqlcheck.settings import Model

if TYPE_CHECKING:
    from sqlcheck.schema import Schema

_FIRST_PART = r'"(?:[^"]|"")*"|[^."\s]+'


def unreadable_schema(schema: Schema) -> Iterator[Finding]:
    """Report what cannot be read in a file that tells the tables, and a file that is not there."""
    yield from _problems(schema, "unreadable")


def contradictory_schema(schema: Schema) -> Iterator[Finding]:
    """Report a table that is described twice, and not alike."""
    yield from _problems(schema, "contradictory")


def _problems(schema: Schema, kind: str) -> Iterator[Finding]:
    for problem in schema.problems:
        if problem.kind == kind:
            yield Finding(problem.place, problem.message, problem.help, evidence="schema")


def foreign_database(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report a table in another database than that of the connection."""
    own = model.connection.get("database") if model.connection else None
    if not own or "{" in own:
        return
    # quotes around the name have a finding of their own
    names = {own, own.upper(), own.strip('"'), own.strip('"').upper()}
    for scope in mapping.scopes:
        for relation in scope.relations:
            if relation.kind == "table" and len(relation.parts) == 3 and relation.parts[0] not in names:
                written = re.match(_FIRST_PART, mapping.query.slice(relation.span))
                end = relation.span.start + written.end() if written else relation.span.end
                message = f"`{relation.parts[0]}` is not the database of the connection, `{own}`"
                advice = "the connection's role needs USAGE on it and SELECT on its tables"
                yield Finding(Span(relation.span.start, end), message, advice)
