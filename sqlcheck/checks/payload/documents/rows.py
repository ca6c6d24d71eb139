"""Can the files with rows be used?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlcheck.model import Finding
from sqlcheck.names import closest
from sqlcheck.settings import RowsFile

if TYPE_CHECKING:
    from sqlcheck.project import Project
    from sqlcheck.schema import Schema


def unreadable_rows(absent: tuple[RowsFile, ...]) -> Iterator[Finding]:
    """Report a file with rows that is not there."""
    for entry in absent:
        if entry.path.place is not None:
            yield Finding(entry.path.place, f"there is no file `{entry.path.value}`")


def dangling_rows(project: Project, schema: Schema) -> Iterator[Finding]:
    """Report rows of a table that is not described."""
    from sqlcheck.schema import split_name

    if any(problem.kind == "unreadable" for problem in schema.problems):
        return
    for entry in project.rows:
        name, place = entry.table.value, entry.table.place
        parts = split_name(name)
        if place is None or (parts is not None and schema.find(parts) is not None):
            continue
        guess = closest(name, schema.candidates(parts or ()))
        advice = f"did you mean `{guess}`?" if guess else "name it as the files under `schema` do"
        yield Finding(place, f"no table `{name}` is described", advice, evidence="schema")
