"""The files that settings name beside the query: each is read once, however many queries it is for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from sqlcheck import files
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Attached, Finding, Place, Source
from sqlcheck.settings import RowsFile, Value, resolve

if TYPE_CHECKING:
    from sqlcheck.documents.data_plan import DataPlan
    from sqlcheck.schemas import Loader

_PRESENT, _ABSENT = "present", "absent"


class Readers:
    """How the files behind the settings of a run are read: its data plan, its schema, and the rows of tables."""

    def __init__(self) -> None:
        self._plans: dict[str, tuple[DataPlan, str]] = {}
        self._presence: dict[str, bool] = {}

    def plan(self, path: Value[str]) -> DataPlan:
        """Read a data plan; its path is relative to the file that it is written in.

        That there is none is a problem of the file that names it; one that the command line names stops the run.
        """
        found = resolve(path)
        if found not in self._plans:
            try:
                self._plans[found] = _plan(found, *_stamp(found))
            except SqlcheckError as error:
                return _missing_plan(path, found, error)
        return self._plans[found][0]

    def absent(self, rows: tuple[RowsFile, ...]) -> tuple[RowsFile, ...]:
        """Give the files with rows that are not there."""
        return tuple(entry for entry in rows if not self._is_file(resolve(entry.path)))

    def _is_file(self, path: str) -> bool:
        if path not in self._presence:
            self._presence[path] = os.path.isfile(path)
        return self._presence[path]

    def attached(
        self, plan: Value[str] | None = None, schema: Sequence[Value[str]] = (), rows: Sequence[RowsFile] = ()
    ) -> Iterator[Attached]:
        """Tell what was read of the files that settings name, behind the reading."""
        if plan is not None:
            path = resolve(plan)
            yield Attached("texts", path, self._plans[path][1] if path in self._plans else "")
        for each in schema:
            found = self.schemas.digests(each)
            yield Attached("texts", resolve(each), files.digest(*found) if found else "")
        for entry in rows:
            path = resolve(entry.path)
            yield Attached("presence", path, _PRESENT if self._is_file(path) else _ABSENT)

    @cached_property
    def schemas(self) -> Loader:
        """Give the reader of schema files; most runs have none, and the readers take long to import."""
        from sqlcheck.schemas import Loader

        return Loader()


def _missing_plan(path: Value[str], found: str, error: SqlcheckError) -> DataPlan:
    if path.place is None:
        raise error
    from sqlcheck.documents.data_plan import DataPlan

    reason = str(error).removeprefix(f"{found}: ")
    message = f"the data plan `{path.value}` cannot be read: {reason}"
    advice = f"the path is relative to the file that it stands in: that makes it `{found}`"
    return DataPlan(problems=(Finding(path.place, message, advice),))


def state(kind: Literal["texts", "presence"], path: str, read: Callable[[str], files.Text]) -> str:
    """Tell what is at a path now, as `Readers.attached` tells what was there; empty when there is nothing to read."""
    if kind == "presence":
        return _PRESENT if os.path.isfile(path) else _ABSENT
    found = files.expand(path)
    return files.digest(*(part for each in found for part in (each, read(each).digest))) if found else ""


def _stamp(path: str) -> tuple[int, int]:
    """Tell a changed file from one that was read before."""
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=16)
def _plan(path: str, _changed: int, _size: int) -> tuple[DataPlan, str]:
    from sqlcheck.documents.data_plan import DataPlan, read_data_plan
    from sqlcheck.documents.document import read_document

    content = files.read(path)
    source, problem, state = Source(path, content.text), content.problem, files.digest(path, content.digest)
    if problem is not None:
        return DataPlan(problems=(Finding(Place(source, problem.span), problem.message, problem.help),)), state
    return read_data_plan(read_document(source)), state
