"""Can the files that tell the tables and columns be read, and do they agree?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlcheck.model import Finding

if TYPE_CHECKING:
    from sqlcheck.schema import Schema


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
