"""The files that settings name beside the query: each is read once, however many queries it is for."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from sqlcheck import files
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Finding, Place, Source
from sqlcheck.settings import RowsFile, Value

if TYPE_CHECKING:
    from sqlcheck.documents.data_plan import DataPlan
    from sqlcheck.schemas import Loader


class Readers:
    """How the files behind the settings of a run are read: its data plan, its schema, and the rows of tables."""

    def plan(self, path: Value[str]) -> DataPlan:
        """Read a data plan."""
        return read_plan(path)

    def absent(self, rows: tuple[RowsFile, ...]) -> tuple[RowsFile, ...]:
        """Give the files with rows that are not there."""
        return tuple(entry for entry in rows if not os.path.isfile(resolve(entry.path)))

    @cached_property
    def schemas(self) -> Loader:
        """Give the reader of schema files; most runs have none, and the readers take long to import."""
        from sqlcheck.schemas import Loader

        return Loader()


def read_plan(path: Value[str]) -> DataPlan:
    """Read a data plan; its path is relative to the file that it is written in.

    That there is no such file is a problem of the file that names it; one that the command line names stops the run.
    """
    found = resolve(path)
    try:
        return _plan(found, *_state(found))
    except SqlcheckError as error:
        if path.place is None:
            raise
        reason = str(error).removeprefix(f"{found}: ")
        from sqlcheck.documents.data_plan import DataPlan

        message = f"the data plan `{path.value}` cannot be read: {reason}"
        advice = f"the path is relative to the file that it stands in: that makes it `{found}`"
        return DataPlan(problems=(Finding(path.place, message, advice),))


def resolve(path: Value[str]) -> str:
    """Turn a path, which is relative to the file that it is written in, into one from the current folder."""
    folder = os.path.dirname(path.place.source.path) if path.place else ""
    return os.path.normpath(os.path.join(folder, path.value))


def _state(path: str) -> tuple[int, int]:
    """Tell a changed file from one that was read before."""
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=16)
def _plan(path: str, _changed: int, _size: int) -> DataPlan:
    from sqlcheck.documents.data_plan import DataPlan, read_data_plan
    from sqlcheck.documents.document import read_document

    content = files.read(path)
    source, problem = Source(path, content.text), content.problem
    if problem is not None:
        return DataPlan(problems=(Finding(Place(source, problem.span), problem.message, problem.help),))
    return read_data_plan(read_document(source))
