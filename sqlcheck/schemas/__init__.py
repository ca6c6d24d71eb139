"""Files that tell tables and columns → `Schema`: one module a format, and the choice among them."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlcheck import files
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Place, Source, Span
from sqlcheck.names import closest
from sqlcheck.schema import Schema
from sqlcheck.schemas import dbt, ddl, snapshot
from sqlcheck.schemas.assembly import Assembly
from sqlcheck.settings import Value, resolve

_SNAPSHOT = re.compile(rf"^[ \t{{]*[\"']?{snapshot.KEY}[\"']?[ \t]*:", re.MULTILINE)
_WANTED = "name DDL (`.sql`), dbt's `catalog.json` or `manifest.json`, or a snapshot by `sqlcheck schema pull`"


class _MissingError(Exception):
    """A path or pattern that leads to no file."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@dataclass
class Loader:
    """Read the files that describe tables, each once in a run."""

    _expanded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _loaded: dict[tuple[str, ...], Schema] = field(default_factory=dict)
    _others: dict[str, Schema] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)

    def load(self, paths: Sequence[Value[str]]) -> Schema:
        """Join what files say, in order; a path or pattern is relative to the file that it is written in.

        What is wrong with a file is a problem of the schema; so is a file that is not there, at the place
        that names it. One that the command line names stops the run.
        """
        missing = Assembly()
        schema = self._load(self._find(paths, missing))
        if not missing.problems:
            return schema
        return Schema(schema.tables, (*schema.problems, *missing.problems), schema.sources, schema.pulled)

    def digests(self, path: Value[str]) -> tuple[str, ...]:
        """Give the files that a path or pattern was found to stand for, each with the digest of what was read."""
        found = self._expanded.get(resolve(path), ())
        return tuple(part for each in found for part in (each, self._digests[each]))

    def _find(self, paths: Sequence[Value[str]], missing: Assembly) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for path in paths:
            try:
                found |= dict.fromkeys(self._expand(path))
            except _MissingError as error:
                if path.place is None:
                    raise SqlcheckError(f"{error.message}; {error.help}" if error.help else error.message) from error
                missing.refuse(path.place, error.message, error.help)
        return tuple(found)

    def _expand(self, path: Value[str]) -> tuple[str, ...]:
        """Give the files that a path or pattern stands for."""
        place = resolve(path)
        if place not in self._expanded:
            self._expanded[place] = _files(place, path.value)
        return self._expanded[place]

    def _load(self, paths: tuple[str, ...]) -> Schema:
        if paths not in self._loaded:
            assembly = Assembly()
            for path in paths:
                self._read(path, assembly)
            self._loaded[paths] = assembly.schema()
        return self._loaded[paths]

    def _read(self, path: str, assembly: Assembly) -> None:
        """Read a file into what is known; DDL changes that, whatever it comes from."""
        if path in self._others:
            assembly.include(self._others[path])
            return
        content = files.read(path, files.MAX_ATTACHED)
        self._digests[path] = content.digest
        source = Source(path, content.text)
        if content.problem is not None:
            problem = content.problem
            assembly.sources.append(source)
            assembly.refuse(Place(source, problem.span), problem.message, problem.help)
        elif path.lower().endswith((".sql", ".ddl")):
            ddl.run(source, assembly)
        else:
            self._others[path] = read(source)
            assembly.include(self._others[path])


def load(path: str) -> Schema:
    """Load one file, or those that a pattern such as `schema/*.sql` stands for; without any, raise `SqlcheckError`."""
    return Loader().load((Value(path),))


def read(source: Source) -> Schema:
    """Read a text by the reader that its name or its content calls for."""
    text = source.text
    if source.path.lower().endswith((".sql", ".ddl")):
        return ddl.read(source)
    if text.lstrip().startswith("{") and '"metadata"' in text and ('"nodes"' in text or '"sources"' in text):
        return dbt.read(source)
    if _SNAPSHOT.search(text):
        return snapshot.read(source)
    assembly = Assembly(sources=[source])
    assembly.refuse(Place(source, Span(0, min(1, len(text)))), "this file describes no tables", _WANTED)
    return assembly.schema()


def _files(path: str, written: str) -> tuple[str, ...]:
    try:
        found = files.expand(path)
    except SqlcheckError as error:
        raise _MissingError(str(error)) from error
    if found:
        return found
    if os.path.isdir(path):
        raise _MissingError(f"`{written}` is a folder", f"write `{written.rstrip('/')}/*.sql`")
    if glob.has_magic(path):
        raise _MissingError(f"no file fits `{written}`")
    raise _MissingError(f"there is no file `{written}`", _advice(path, written))


def _advice(path: str, written: str) -> str | None:
    folder = os.path.dirname(path) or "."
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    guess = closest(os.path.basename(path), names)
    return f"did you mean `{os.path.join(os.path.dirname(written), guess)}`?" if guess else None
