"""PATHS → the texts to check: files, folders, project files, payloads, stdin."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from sqlcheck import files
from sqlcheck.attachments import Readers
from sqlcheck.batch import Batch, Input, Take
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Source
from sqlcheck.names import closest
from sqlcheck.options import Options
from sqlcheck.settings import PROJECT, Value

if TYPE_CHECKING:
    # what a run that is answered from the cache does not pay for, or one that goes without a cache
    from sqlcheck.cache import Cache
    from sqlcheck.project import Project
    from sqlcheck.projectfile import ProjectFile
    from sqlcheck.subject import QuerySubject, Subject
    from sqlcheck.taking import Find

STDIN = "-"


def collect(paths: Sequence[str], options: Options = Options(), cache: Cache | None = None) -> Batch:
    """Find the texts that paths stand for; no path means the project file found from here upwards."""
    collector = _Collector(options, cache)
    collector.require_attachments()
    options.settings({})  # stops the run when it names a rule that there is not
    for path in paths or (options.project or files.project_here(),):
        collector.add(path)
    collector.require_model()
    projects = tuple(project for _, project in collector.projects.values())
    return Batch(tuple(collector.inputs.values()), tuple(dict.fromkeys(collector.failures)), projects)


def from_text(
    text: str | bytes, path: str = "query.sql", options: Options = Options(), project: Project | None = None
) -> Input:
    """Make an input of a text alone, without a look at any file; the path tells what the text is."""
    content = files.decode(text) if isinstance(text, bytes) else files.Text(text)
    return Input(path, content, _take(options, lambda: project))


def query_subject(text: str, path: str = "query.sql", options: Options = Options()) -> QuerySubject:
    """Make a subject of a text alone, without a look at any file."""
    from sqlcheck.subject import QuerySubject

    return QuerySubject(Source(path, text), options=options, settings=options.settings({}))


@dataclass(eq=False)
class _Collector:
    """Gather the inputs of a run, each file once."""

    options: Options
    cache: Cache | None = None
    readers: Readers = field(default_factory=Readers)
    inputs: dict[str, Input] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    projects: dict[str, tuple[Input, ProjectFile]] = field(default_factory=dict)
    folders: dict[str, str | None] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    attached: dict[str, set[str]] = field(default_factory=dict)
    takes: dict[str, Take] = field(default_factory=dict)

    def add(self, path: str) -> None:
        """Add what a path stands for; what cannot be read is noted, and the others go on."""
        if path == STDIN:
            self._try(self._add_stdin, self.options.stdin_filename or "<stdin>")
        else:
            self._try(self._add_folder if os.path.isdir(path) else self._add_file, path)

    def _try(self, add: Callable[[str], None], path: str) -> None:
        try:
            add(path)
        except SqlcheckError as error:
            self.failures.append(str(error))

    def _add_stdin(self, path: str) -> None:
        """Add the text of stdin, in place of the file that it is called after."""
        self.inputs.pop(self._identity(path), None)
        self._take(path, files.read_stdin())
        key = self._identity(path)
        self.inputs[key] = replace(self.inputs[key], is_stdin=True)

    def _add_folder(self, folder: str) -> None:
        described = self._attached(self._project_of(os.path.join(folder, PROJECT)))
        closed: list[OSError] = []
        files_here = list(files.queries(folder, closed.append))
        self.failures += (files.told(os.path.normpath(error.filename), error) for error in closed)
        found = [path for path in files_here if self._identity(path) not in described]
        project = os.path.normpath(os.path.join(folder, PROJECT))
        if os.path.isfile(project):
            found.insert(0, project)
        if not found and files_here:
            raise SqlcheckError(f"{folder}: its `.sql` files tell the tables; there is no query in this folder")
        if not found and not closed:
            raise SqlcheckError(f"{folder}: no `.sql` file and no `{PROJECT}` in this folder")
        for path in found:
            self._try(self._add_file, path)

    def _add_file(self, path: str) -> None:
        """Add a query, a payload or a project; what a project reads beside its queries stands for the project."""
        project = None if os.path.basename(path) == PROJECT else self._project_of(path)
        if project is not None and self._identity(path) in self._attached(project):
            path = project.path
        if files.is_yaml(path):
            self._add_project(path)
        elif self._is_better(path):
            self.inputs.pop(self._identity(path), None)
            self._take(path, files.read(path))

    def _is_better(self, path: str) -> bool:
        """Tell whether a path is not here yet, or its file only by a link; models go by the file's own path."""
        identity = self._identity(path)
        known = self.inputs.get(identity)
        return known is None or identity == os.path.abspath(path) != os.path.abspath(known.path)

    def _attached(self, project: ProjectFile | None) -> set[str]:
        """Give the files that a project reads beside its queries: of tables, rows, a data plan, a baseline."""
        key = project.path if project else ""
        if key not in self.attached:
            named = map(project.resolve, project.gist.named) if project else ()
            schema = (*self.options.schema, *(map(project.resolve, project.gist.schema) if project else ()))
            tables = chain.from_iterable(files.expand(os.path.normpath(path)) for path in schema)
            self.attached[key] = set(map(self._identity, (*tables, *named)))
        return self.attached[key]

    def _add_project(self, path: str) -> None:
        entry, project = self._project(path)
        self.inputs.setdefault(self._identity(path), entry)
        for model in project.gist.models:
            place = project.resolve(model.query) if model.query else None
            wanted = self.options.only in (None, model.id)
            if wanted and place is not None and self._identity(place) not in self.inputs:
                shown = place if os.path.isabs(place) else os.path.relpath(place)
                try:
                    self._take(shown, files.read(shown), project)
                except SqlcheckError as error:
                    self.failures.append(f"{project.path}:{model.line}: {error}")

    def _identity(self, path: str) -> str:
        """Give what two paths of one file have in common, looked up once, as is that of the folder on the way."""
        if path not in self.identities:
            folder, name = os.path.split(path)
            if "\0" in path:  # no file has one in its path, and none can be looked for
                real = path
            elif name in ("", os.curdir, os.pardir) or os.path.islink(path):
                real = os.path.realpath(path)
            else:
                real = os.path.join(self._identity(folder or os.curdir), name)
            self.identities[path] = real
        return self.identities[path]

    def require_attachments(self) -> None:
        """Stop when a file that the command line names cannot be read; the cache may know that it can."""
        plan, schema = self.options.data_plan, self.options.schema
        named = (*((plan,) if plan is not None else ()), *schema)
        if self.cache is not None and all(self.cache.state("texts", os.path.normpath(path)) for path in named):
            return
        if plan is not None:
            self.readers.plan(Value(plan))
        if schema:
            self.readers.schemas.load(tuple(map(Value, schema)))

    def require_model(self) -> None:
        """Stop when none of the projects has the one model that is asked for."""
        wanted = self.options.only
        known = [model.id for _, project in self.projects.values() for model in project.gist.models if model.id]
        if wanted is not None and wanted not in known:
            guess = closest(wanted, known)
            advice = f"did you mean `{guess}`?" if guess else f"the models are {', '.join(known) or 'none'}"
            raise SqlcheckError(f"there is no model `{wanted}`; {advice}")

    def _take(self, path: str, text: files.Text, project: ProjectFile | None = None) -> None:
        """Add a text under a path; a project file that comes here is checked without its queries."""
        if project is None and not files.is_yaml(path):
            project = self._project_of(path)
        self.inputs.setdefault(self._identity(path), Input(path, text, self._taking(project), project=project))

    def _taking(self, project: ProjectFile | None) -> Take:
        """Tell how the files of a project are taken apart."""
        key = project.path if project else ""
        if key not in self.takes:
            self.takes[key] = _take(self.options, lambda: project.project if project else None, self.readers)
        return self.takes[key]

    def _project(self, path: str) -> tuple[Input, ProjectFile]:
        key = self._identity(path)
        if key not in self.projects:
            self.projects[key] = _project_input(path, files.read(path), self.options, self.readers, self.cache)
        return self.projects[key]

    def _project_of(self, path: str) -> ProjectFile | None:
        """Find the project that a file belongs to; when it cannot be read, the report says so."""
        if self.options.project is not None:
            return self._project(self.options.project)[1]
        folder = os.path.dirname(path)
        if folder not in self.folders:
            self.folders[folder] = files.find_project(folder)
        place = self.folders[folder]
        if place is None:
            return None
        entry, project = self._project(place if os.path.isabs(path) else os.path.relpath(place))
        if not project.gist.is_readable:
            self.inputs.setdefault(self._identity(place), entry)
        return project


def _project_input(
    path: str, text: files.Text, options: Options, readers: Readers, cache: Cache | None
) -> tuple[Input, ProjectFile]:
    """Make the input of a project file, whose document is the one that its queries are judged by."""
    from sqlcheck.projectfile import ProjectFile

    take = _take(options, lambda: None, readers)

    @lru_cache(maxsize=1)
    def subjects() -> tuple[Subject, ...]:
        return take(Source(path, text.text), text)

    def load() -> Project:
        from sqlcheck.subject import DocumentSubject

        (subject,) = subjects()
        assert isinstance(subject, DocumentSubject)
        assert subject.project is not None
        return subject.project

    entry = Input(path, text, lambda source, content: subjects() if content is text else take(source, content))
    return entry, ProjectFile(path, text, load, cache)


def _take(options: Options, find: Find, readers: Readers | None = None) -> Take:
    """Tell how a text is taken apart; what that takes is imported when it is first done."""

    def take(source: Source, content: files.Text) -> tuple[Subject, ...]:
        from sqlcheck.taking import take_apart

        return take_apart(source, content, options, find, readers)

    return take
