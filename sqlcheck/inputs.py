"""PATHS → the texts to check, and the public `check()`: files, folders, project files, payloads, stdin."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlcheck import files, workers
from sqlcheck.attachments import Readers
from sqlcheck.engine import ordered
from sqlcheck.errors import SqlcheckError
from sqlcheck.mapping import Mapping
from sqlcheck.model import Diagnostic, Report, Skip, Source
from sqlcheck.names import closest
from sqlcheck.settings import PROJECT, Model, Value
from sqlcheck.subject import DocumentSubject, Options, QuerySubject, Subject

if TYPE_CHECKING:
    from sqlcheck.documents.document import Document
    from sqlcheck.fix import Fixed, Look
    from sqlcheck.project import Project, ProjectModel

STDIN = "-"
UNUSED = "unused-ignore"
_FOREIGN_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "target"})

Take = Callable[[Source, files.Text], tuple[Subject, ...]]
"""How the text of a file is taken apart into subjects."""
Ask = Callable[[QuerySubject], QuerySubject]
"""How a query is given what a warehouse says of it."""


@dataclass(frozen=True, eq=False)
class Input:
    """A file to check, and how its text is taken apart into subjects."""

    path: str
    text: files.Text
    take: Take
    is_stdin: bool = False

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Give what is to be checked here: a query for each model that runs it, or a document and its queries.

        Made anew each time, so that a run over many files does not keep all their trees.
        """
        return self.take(Source(self.path, self.text.text), self.text)

    @property
    def queries(self) -> tuple[QuerySubject, ...]:
        """Give the queries of this file."""
        return tuple(subject for subject in self.subjects if isinstance(subject, QuerySubject))

    def check(self, ask: Ask | None = None) -> Report:
        """Check everything in this file, after asking a warehouse about each query if `ask` is given.

        An ignore is unused when no model that runs the query needs it.
        """
        subjects = self.subjects
        if ask is not None:
            subjects = tuple(ask(each) if isinstance(each, QuerySubject) else each for each in subjects)
        reports = [subject.check() for subject in subjects]
        report = merge(reports)
        if not _is_shared(subjects):
            return report
        unused = [{found.span for found in each.diagnostics if found.rule == UNUSED} for each in reports]
        idle = set.intersection(*unused)
        kept = (found for found in report.diagnostics if found.rule != UNUSED or found.span in idle)
        return report._replace(diagnostics=tuple(kept))

    def look(self, text: str) -> Look:
        """See what there would be to say if the file had another text: for trying fixes."""
        from sqlcheck.fix import Look

        other = replace(self, text=self.text._replace(text=text))
        names = tuple(
            None if query.mapping is None else tuple(column.name for column in query.mapping.columns)
            for query in other.queries
        )
        diagnostics = other.check().diagnostics
        return Look(tuple(found for found in diagnostics if found.source.path == self.path), names)

    def fix(self, *, unsafe: bool = False, rules: Collection[str] | None = None) -> Fixed:
        """Apply the fixes of this file's diagnostics; a text in a wrong encoding is left alone."""
        from sqlcheck.fix import Fixed, fix

        if self.text.problem is not None:
            return Fixed(self.text.text)
        return fix(self.text.text, self.look, unsafe=unsafe, rules=rules)

    def write(self, text: str) -> None:
        """Give the file another text, unless somebody else has done so since it was read."""
        from sqlcheck.fix import write_atomic

        if files.read(self.path) != self.text:
            raise SqlcheckError(f"{self.path}: changed while it was looked at, and left as it is now; run again")
        write_atomic(Path(self.path), self.text.encode(text))


class Batch(NamedTuple):
    """The files of a run, and a line for each that could not be read: the run then ends with exit code 2."""

    inputs: tuple[Input, ...] = ()
    failures: tuple[str, ...] = ()

    def check(self, jobs: int | None = None, ask: Ask | None = None) -> Report:
        """Check every file, on as many processors as there are or as `jobs` says; a warehouse is asked by one."""
        count = 1 if ask is not None else workers.processors() if jobs is None else jobs
        report = merge(workers.each(lambda number: self.inputs[number].check(ask), len(self.inputs), count))
        return report._replace(files=tuple(entry.path for entry in self.inputs), failures=self.failures)


def merge(reports: Sequence[Report]) -> Report:
    """Join reports in order."""
    if len(reports) == 1:
        return reports[0]
    skips: dict[Skip, None] = dict.fromkeys(chain.from_iterable(report.skips for report in reports))
    return Report(
        ordered(chain.from_iterable(report.diagnostics for report in reports)),
        tuple(skips),
        withdrawn=ordered(chain.from_iterable(report.withdrawn for report in reports)),
    )


def collect(paths: Sequence[str], options: Options = Options()) -> Batch:
    """Find the texts that paths stand for; no path means the project file found from here upwards."""
    collector = _Collector(options)
    if options.data_plan is not None:
        collector.readers.plan(Value(options.data_plan))
    if options.schema:
        collector.readers.schemas.load(tuple(map(Value, options.schema)))
    for path in paths or (options.project or _project_here(),):
        collector.add(path)
    collector.require_model()
    return Batch(tuple(collector.inputs.values()), tuple(dict.fromkeys(collector.failures)))


def from_text(
    text: str | bytes, path: str = "query.sql", options: Options = Options(), project: Project | None = None
) -> Input:
    """Make an input of a text alone, without a look at any file; the path tells what the text is."""
    content = files.decode(text) if isinstance(text, bytes) else files.Text(text)
    return Input(path, content, _take(path, options, project))


def query_subject(text: str, path: str = "query.sql", options: Options = Options()) -> QuerySubject:
    """Make a subject of a text alone, without a look at any file."""
    return QuerySubject(Source(path, text), options=options, settings=options.settings({}))


def check(
    text: str | bytes,
    *,
    path: str = "query.sql",
    load_timestamp: str | None = None,
    type: str | None = None,
    time_zone: str | None = None,
    offset: int | None = None,
    identities: Sequence[str] | None = None,
    api: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> list[Diagnostic]:
    """Check a query, a payload (`path` ends in `.json`) or a project file (`.yaml`), and give its diagnostics in order.

    Settings given here win over header comments in the text; `select` and `ignore` take names of rules and
    families. No file is read. A setting that makes no sense raises `SqlcheckError`.
    """
    options = Options(
        load_timestamp=load_timestamp,
        type=type,
        time_zone=time_zone,
        offset=offset,
        identities=None if identities is None else tuple(identities),
        api=api,
        select=tuple(select),
        ignore=tuple(ignore),
    )
    return list(from_text(text, path, options).check().diagnostics)


def read_mapping(
    text: str, *, load_timestamp: str | None = None, api: str | None = None, path: str = "query.sql"
) -> Mapping | None:
    """Give what the output columns of a query become, None when it cannot be read."""
    return query_subject(text, path, Options(load_timestamp=load_timestamp, api=api)).mapping


@dataclass
class _Collector:
    """Gather the inputs of a run, each file once."""

    options: Options
    readers: Readers = field(default_factory=Readers)
    inputs: dict[str, Input] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    projects: dict[str, tuple[Input, Project]] = field(default_factory=dict)
    folders: dict[str, Path | None] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)

    def add(self, path: str) -> None:
        """Add what a path stands for; what cannot be read is noted, and the others go on."""
        try:
            if "\0" in path:
                raise SqlcheckError(f"{path}: no file has such a name")
            if path == STDIN:
                self._add_stdin(self.options.stdin_filename or "<stdin>")
            elif os.path.isdir(path):
                self._add_folder(path)
            elif _is_yaml(path):
                self._add_project(path)
            elif self._identity(path) not in self.inputs:
                self._take(path, files.read(path))
        except SqlcheckError as error:
            self.failures.append(str(error))

    def _add_stdin(self, path: str) -> None:
        """Add the text of stdin, in place of the file that it is called after."""
        self.inputs.pop(self._identity(path), None)
        self._take(path, files.read_stdin())
        key = self._identity(path)
        self.inputs[key] = replace(self.inputs[key], is_stdin=True)

    def _add_folder(self, folder: str) -> None:
        described = self._schema_files(folder)
        closed: list[OSError] = []
        files_here = list(_sql_files(folder, closed.append))
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
            self.add(path)

    def _schema_files(self, folder: str) -> set[str]:
        """Give the files that tell the tables: what is in them is no query."""
        project = self._project_of(os.path.join(folder, PROJECT))
        paths = (*map(Value, self.options.schema), *(project.schema if project else ()))
        return set(map(self._identity, self.readers.schemas.files(paths)))

    def _add_project(self, path: str) -> None:
        entry, project = self._project(path)
        self.inputs.setdefault(self._identity(path), entry)
        for model in project.models:
            wanted = self.options.only in (None, model.model.id)
            if wanted and model.path is not None and self._identity(model.path) not in self.inputs:
                shown = model.path if os.path.isabs(model.path) else os.path.relpath(model.path)
                try:
                    self._take(shown, files.read(shown), project)
                except SqlcheckError as error:
                    self.failures.append(f"{_line(model)}{error}")

    def _identity(self, path: str) -> str:
        """Give what two paths of one file have in common, looked up once: it asks for every folder on the way."""
        if path not in self.identities:
            self.identities[path] = os.path.realpath(path)
        return self.identities[path]

    def require_model(self) -> None:
        """Stop when none of the projects has the one model that is asked for."""
        wanted = self.options.only
        known = [model.model.id for _, project in self.projects.values() for model in project.models if model.model.id]
        if wanted is not None and wanted not in known:
            guess = closest(wanted, known)
            advice = f"did you mean `{guess}`?" if guess else f"the models are {', '.join(known) or 'none'}"
            raise SqlcheckError(f"there is no model `{wanted}`; {advice}")

    def _take(self, path: str, text: files.Text, project: Project | None = None) -> None:
        """Add a text under a path; a project file that comes here is checked without its queries."""
        if project is None and not _is_yaml(path):
            project = self._project_of(path)
        take = _take(path, self.options, project, self.readers)
        self.inputs.setdefault(self._identity(path), Input(path, text, take))

    def _project(self, path: str) -> tuple[Input, Project]:
        key = self._identity(path)
        if key not in self.projects:
            self.projects[key] = _read_project(path, files.read(path), self.options, self.readers)
        return self.projects[key]

    def _project_of(self, path: str) -> Project | None:
        """Find the project that a file belongs to; when it cannot be read, the report says so."""
        if self.options.project is not None:
            return self._project(self.options.project)[1]
        folder = os.path.dirname(path)
        if folder not in self.folders:
            self.folders[folder] = files.find_project(Path(folder))
        place = self.folders[folder]
        if place is None:
            return None
        entry, project = self._project(str(place) if os.path.isabs(path) else os.path.relpath(place))
        if project.document.root is None:
            self.inputs.setdefault(self._identity(str(place)), entry)
        return project


def _read_project(path: str, text: files.Text, options: Options, readers: Readers) -> tuple[Input, Project]:
    take = _project_file(options, readers)
    (subject,) = subjects = take(Source(path, text.text), text)
    assert isinstance(subject, DocumentSubject)
    assert subject.project is not None
    entry = Input(path, text, lambda source, content: subjects if content is text else take(source, content))
    return entry, subject.project


def _take(path: str, options: Options, project: Project | None, readers: Readers | None = None) -> Take:
    """Tell by its path how a text is taken apart; it is judged by the settings of its project."""
    if _is_yaml(path):
        return _project_file(options, readers)
    return (_payload if path.lower().endswith(".json") else _query)(options, project, readers)


def _project_file(options: Options, readers: Readers | None) -> Take:
    def take(source: Source, content: files.Text) -> tuple[Subject, ...]:
        from sqlcheck.project import read_project

        document = _document(source, content)
        found = read_project(document)
        settings = options.settings(found.severities)
        return (DocumentSubject(document, found, options, settings, readers=readers),)

    return take


def _query(options: Options, project: Project | None, readers: Readers | None) -> Take:
    settings = options.settings(project.severities if project else {})

    def take(source: Source, content: files.Text) -> tuple[Subject, ...]:
        models = project.model_for(source.path) if project else ()
        if options.only is not None:
            models = tuple(model for model in models if model.id == options.only)
        elif not models:
            models = (_default(project),)
        return tuple(QuerySubject(source, model, options, settings, content.problem, readers) for model in models)

    return take


def _payload(options: Options, project: Project | None, readers: Readers | None) -> Take:
    settings = options.settings(project.severities if project else {})
    common = _default(project)

    def take(source: Source, content: files.Text) -> tuple[Subject, ...]:
        from sqlcheck.documents.bodies import data_models

        document = _document(source, content)
        queries = (
            QuerySubject(
                sql,
                replace(model, api=common.api, data_plan=common.data_plan, schema=common.schema, rows=common.rows),
                options,
                settings,
                readers=readers,
            )
            for sql, model in data_models(document)
        )
        return (DocumentSubject(document, None, options, settings), *queries)

    return take


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


def _is_shared(subjects: tuple[Subject, ...]) -> bool:
    """Tell whether several models run one query."""
    return len(subjects) > 1 and subjects[0].source is subjects[1].source


def _line(model: ProjectModel) -> str:
    place = model.query.place if model.query else None
    if place is None:
        return ""
    return f"{place.source.path}:{place.source.lines.position(place.span.start).line}: "


def _project_here() -> str:
    found = files.find_project(Path())
    if found is None:
        raise SqlcheckError(f"no `{PROJECT}` here or above; name the files to check, or start with `sqlcheck init`")
    return os.path.relpath(found)


def _is_yaml(path: str) -> bool:
    return path.lower().endswith((".yaml", ".yml"))


def _sql_files(folder: str, refuse: Callable[[OSError], None]) -> Iterator[str]:
    """Find the queries in a folder and those inside it; what cannot be listed is handed to `refuse`."""
    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if name[0] != "." and name not in _FOREIGN_FOLDERS)
        found = (name for name in sorted(names) if name.lower().endswith(".sql"))
        yield from (os.path.normpath(os.path.join(root, name)) for name in found)
