"""A project file that is read only as far as a run needs it: what it leads to is remembered, YAML is slow to read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlcheck.files import Text

if TYPE_CHECKING:
    from sqlcheck.cache import Cache
    from sqlcheck.project import Project, ProjectModel


class Lead(NamedTuple):
    """A model, the path of its query from the project's folder, and the line that names it."""

    id: str | None
    query: str | None
    line: int | None


class Gist(NamedTuple):
    """Where a project file leads, as it is written: to models, and to what is read beside them.

    `schema` are paths and patterns of what tells tables, `named` the other files: of rows, a data plan, a baseline.
    """

    is_readable: bool
    models: tuple[Lead, ...] = ()
    schema: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    baseline: str | None = None

    @classmethod
    def of(cls, project: Project) -> Gist:
        """Draw it from the whole."""
        named = (*(entry.path for entry in project.rows), project.data_plan, project.baseline)
        return cls(
            project.document.root is not None,
            tuple(map(_lead, project.models)),
            tuple(path.value for path in project.schema),
            tuple(path.value for path in named if path is not None),
            project.baseline.value if project.baseline else None,
        )

    @classmethod
    def read(cls, kept: Any) -> Gist:
        """Read it from what was kept."""
        is_readable, models, schema, named, baseline = kept
        return cls(is_readable, tuple(Lead(*model) for model in models), tuple(schema), tuple(named), baseline)


@dataclass(frozen=True, eq=False)
class ProjectFile:
    """A project file by its path; `load` reads it."""

    path: str
    text: Text
    load: Callable[[], Project]
    cache: Cache | None = None

    @cached_property
    def project(self) -> Project:
        """Read the file."""
        return self.load()

    @cached_property
    def digest(self) -> str:
        """Tell the text from all others."""
        return self.text.digest

    @cached_property
    def gist(self) -> Gist:
        """Tell where the file leads."""
        if self.cache is None:
            return Gist.of(self.project)
        key = self.cache.name("gist", self.digest)
        found = self.cache.recall(key, Gist.read)
        if found is None:
            found = Gist.of(self.project)
            self.cache.remember(key, found)
        return found

    def resolve(self, written: str) -> str:
        """Turn a path of the project file into one from the current folder."""
        return os.path.normpath(os.path.join(os.path.dirname(self.path), written))


def _lead(model: ProjectModel) -> Lead:
    query = model.query
    line = query.place.source.lines.position(query.place.span.start).line if query and query.place else None
    return Lead(model.model.id, query.value if query else None, line)
