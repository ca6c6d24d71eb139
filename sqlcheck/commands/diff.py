"""`sqlcheck diff`: what a change of a query means for profiles."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from sqlcheck.commands._delivery import say_report
from sqlcheck.commands._options import query_options
from sqlcheck.commands._terminal import note, say, table
from sqlcheck.errors import SqlcheckError
from sqlcheck.formats._screen import visible
from sqlcheck.formats.markdown import escaped
from sqlcheck.formats.text import plural

if TYPE_CHECKING:
    from sqlcheck.batch import Input
    from sqlcheck.comparison.mappings import Change, Comparison
    from sqlcheck.comparison.revisions import Revision
    from sqlcheck.mapping import Mapping, OutputColumn
    from sqlcheck.options import Options
    from sqlcheck.project import Project
    from sqlcheck.subject import QuerySubject

VERSION = 1
HEADERS = ("change", "what", "name", "meaning")
NOTHING = "nothing changes for profiles\n"


@dataclass(frozen=True)
class Pair:
    """A query as it was and as it is; None where it is not there, and how the two are called."""

    old: QuerySubject | None
    new: QuerySubject | None
    title: str


@click.command("diff")
@click.argument("paths", nargs=-1, type=click.Path(), metavar="OLD NEW | [PATHS]...")
@click.option("--against", metavar="REV", help="Compare the files with what they were at a revision of git.")
@click.option("--merge-base", is_flag=True, help="Leave out what the revision has gained since this branch left it.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@query_options
@click.pass_context
def command(
    context: click.Context, paths: tuple[str, ...], against: str | None, merge_base: bool, form: str, options: Options
) -> None:
    """Show what a change of a query means for profiles.

    Attributes and identities that are added, dropped, renamed or made in another way, and whether other rows may be
    sent. Compare two files, or files, folders and projects with what they were at a revision: `--against main`.
    Settings of the project count as they were then, where the project file has changed.

    Exit codes: 0 nothing changes for profiles, 1 something does or may, 2 could not compare.
    """
    if merge_base and against is None:
        raise click.UsageError("--merge-base goes with --against")
    if against is not None:
        pairs, failures = _against(against, paths, options, merge_base=merge_base)
    elif len(paths) == 2:
        pairs, failures = _two(paths, options), ()
    else:
        raise SqlcheckError("give two files, OLD and NEW, or a revision: `--against main`")
    for failure in failures:
        note(f"error: {failure}")
    unread = [query for pair in pairs for query in (pair.old, pair.new) if query is not None and query.mapping is None]
    for query in unread:
        say_report(query.check()._replace(files=(query.source.path,)), err=True)
    compared = [(pair, _compared(pair)) for pair in pairs if pair.old not in unread and pair.new not in unread]
    could_compare = not failures and not unread
    if form == "json":
        say(_json(compared))
    else:
        say((_markdown if form == "markdown" else _text)(compared, could_compare))
    changed = any(comparison.changes for _, comparison in compared)
    context.exit(int(changed) if could_compare else 2)


def _two(paths: Sequence[str], options: Options) -> list[Pair]:
    """Pair the queries of two files; one that no project knows is judged by the settings of the other."""
    old, new = ([*_read(path, options)] for path in paths)
    pairs = []
    for before, after in _matched(old, new):
        if before is not None and after is not None:
            if before.model.id is None:
                before = replace(before, model=after.model)
            elif after.model.id is None:
                after = replace(after, model=before.model)
        pairs.append(Pair(before, after, f"{paths[0]} → {paths[1]}{_model(after or before)}"))
    return pairs


def _read(path: str, options: Options) -> tuple[QuerySubject, ...]:
    from sqlcheck.inputs import collect

    if os.path.isdir(path):
        raise SqlcheckError(f"{path}: a folder; give two files, or a revision: `--against main`")
    batch = collect([path], options)
    if batch.failures:
        raise SqlcheckError(batch.failures[0])
    queries = batch.queries
    if not queries:
        raise SqlcheckError(f"{path}: there is no query in it")
    return queries


def _matched(
    old: Sequence[QuerySubject], new: Sequence[QuerySubject]
) -> Iterator[tuple[QuerySubject | None, QuerySubject | None]]:
    """Pair queries by the id of their model, and what is left in order."""
    by_id = {query.configured.id: query for query in old}
    sure = [(by_id.pop(query.configured.id, None), query) for query in new]
    left = iter([query for query in old if query.configured.id in by_id])
    for before, after in sure:
        yield before or next(left, None), after
    yield from ((before, None) for before in left)


def _model(query: QuerySubject | None) -> str:
    return f" (model {query.configured.id})" if query is not None and query.configured.id else ""


def _against(
    name: str, paths: Sequence[str], options: Options, *, merge_base: bool
) -> tuple[list[Pair], tuple[str, ...]]:
    """Pair the queries of files with what they were; files that are the same under the same settings are left out."""
    from sqlcheck.comparison.revisions import Revision
    from sqlcheck.inputs import collect

    first = paths[0] if paths else options.project or "."
    revision = Revision.find(name, first if os.path.isdir(first) else os.path.dirname(first) or ".")
    revision = revision.merge_base() if merge_base else revision
    gone = [path for path in paths if not os.path.exists(path) and revision.read(path) is not None]
    here = [path for path in paths if path not in gone]
    batch = collect(here, options) if here or not paths else None
    past = _Past(revision, options)
    pairs: list[Pair] = []
    for entry in batch.inputs if batch else ():
        pairs += past.pairs(entry)
    known = {os.path.realpath(entry.path) for entry in batch.inputs} if batch else set()
    for path in revision.removed:
        if path not in known and (path in map(os.path.realpath, gone) or past.covers(path, here, everything=not paths)):
            pairs += past.removed(os.path.relpath(path))
    return pairs, batch.failures if batch else ()


class _Past:
    """The files of a revision, read by the settings that they had then."""

    def __init__(self, revision: Revision, options: Options) -> None:
        self._revision = revision
        self._options = options
        self._projects: dict[str, Project | None] = {}

    def pairs(self, entry: Input) -> Iterator[Pair]:
        """Pair the queries of a file with those that it had."""
        new = entry.queries
        if not new:
            return
        path = os.path.relpath(self._revision.was(entry.path))
        project = self._project(entry.path)
        if project is None and not self._revision.differs(entry.path):
            return
        data = self._revision.read(path)
        old = [] if data is None else self._old(entry, path, data, project)
        label = f"{path} → {entry.path}" if data is not None and path != os.path.relpath(entry.path) else entry.path
        for before, after in _matched(old, new):
            when = f"new since {self._revision.name}" if before is None else f"since {self._revision.name}"
            when = when if after is not None else f"gone since {self._revision.name}"
            yield Pair(before, after, f"{label}{_model(after or before)}, {when}")

    def _old(self, entry: Input, path: str, data: bytes, project: Project | None) -> list[QuerySubject]:
        from sqlcheck import files
        from sqlcheck.model import Source

        content = files.decode(data)
        if not path.lower().endswith(".sql"):
            return list(replace(entry, path=path, text=content).queries)
        source = Source(path, content.text)
        then = [replace(query, source=source, problem=content.problem) for query in entry.queries]
        models = project.model_for(path) if project is not None else ()
        return [replace(then[0], model=model) for model in models if self._options.only in (None, model.id)] or then

    def _project(self, path: str) -> Project | None:
        """Give the project file as it was, None when it is the same now."""
        from sqlcheck.files import find_project

        found = self._options.project or find_project(os.path.dirname(path))
        place = found if found is not None else ""
        if place not in self._projects:
            is_changed = bool(place) and self._revision.differs(place)
            self._projects[place] = self._read_project(place) if is_changed else None
        return self._projects[place]

    def _read_project(self, place: str) -> Project | None:
        from sqlcheck.inputs import from_text
        from sqlcheck.subject import DocumentSubject

        data = self._revision.read(place)
        if data is None:
            return None
        (subject,) = from_text(data, os.path.relpath(place), self._options).subjects
        return subject.project if isinstance(subject, DocumentSubject) else None

    def covers(self, path: str, folders: Sequence[str], *, everything: bool) -> bool:
        """Tell whether a file that is gone was a query of what is compared."""
        if not path.lower().endswith(".sql"):
            return False
        if everything:
            project = self._project("")
            return project is not None and bool(project.model_for(path))
        inside = (os.path.realpath(folder) for folder in folders if os.path.isdir(folder))
        return any(path.startswith(os.path.join(folder, "")) for folder in inside)

    def removed(self, path: str) -> Iterator[Pair]:
        """Give the queries of a file that is gone."""
        from sqlcheck.inputs import from_text

        data = self._revision.read(path)
        if data is None:
            return
        entry = from_text(data, path, self._options, self._project(path))
        for query in entry.queries:
            yield Pair(query, None, f"{path}{_model(query)}, gone since {self._revision.name}")


def _compared(pair: Pair) -> Comparison:
    from sqlcheck.comparison.mappings import compare
    from sqlcheck.settings import LoadTimestamp

    stamps = [query.configured.load_timestamp if query else LoadTimestamp() for query in (pair.old, pair.new)]
    return compare(_mapping(pair.old), _mapping(pair.new), *stamps)


def _mapping(query: QuerySubject | None) -> Mapping | None:
    return query.mapping if query is not None else None


def _text(compared: Sequence[tuple[Pair, Comparison]], could_compare: bool) -> str:
    parts = []
    for pair, comparison in compared:
        if not comparison.changes and not comparison.notes:
            continue
        parts.append(f"{visible(pair.title)}\n")
        if comparison.changes:
            parts.append(table(HEADERS, [_row(change) for change in comparison.changes], folding=("meaning",)))
        parts += [f"{said}\n" for said in comparison.notes]
        parts.append("\n")
    return "".join([*parts, _summary(compared, could_compare)])


def _markdown(compared: Sequence[tuple[Pair, Comparison]], could_compare: bool) -> str:
    """Write the sum, and a table for each query, for a comment on a pull request or a job's summary."""
    blocks = [f"**sqlcheck diff**: {escaped(_summary(compared, could_compare).strip() or 'could not compare')}"]
    for pair, comparison in compared:
        if comparison.changes or comparison.notes:
            blocks.append(f"### {escaped(pair.title)}")
        if comparison.changes:
            rows = (HEADERS, ("---",) * len(HEADERS), *(map(escaped, _row(change)) for change in comparison.changes))
            blocks.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
        blocks += map(escaped, comparison.notes)
    return "\n\n".join(blocks) + "\n"


def _summary(compared: Sequence[tuple[Pair, Comparison]], could_compare: bool) -> str:
    counts = Counter(change.kind for _, comparison in compared for change in comparison.changes)
    if not counts:
        return NOTHING if could_compare else ""
    kinds = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    queries = sum(bool(comparison.changes) for _, comparison in compared)
    return f"{plural(counts.total(), 'change')} in {queries} of {_queries(len(compared))}: {kinds}\n"


def _queries(count: int) -> str:
    return "1 query" if count == 1 else f"{count} queries"


def _row(change: Change) -> tuple[str, ...]:
    kind = change.kind if change.certain else f"{change.kind}?"
    return kind, change.role.replace("_", " "), change.name, change.message


def _json(compared: Sequence[tuple[Pair, Comparison]]) -> str:
    entries = [
        {
            "old": pair.old.source.path if pair.old else None,
            "new": pair.new.source.path if pair.new else None,
            "model": next((query.configured.id for query in (pair.new, pair.old) if query is not None), None),
            "changes": [_change(pair, change) for change in comparison.changes],
            "notes": list(comparison.notes),
        }
        for pair, comparison in compared
    ]
    return json.dumps({"version": VERSION, "comparisons": entries}, indent=2) + "\n"


def _change(pair: Pair, change: Change) -> dict[str, object]:
    return {
        "kind": change.kind,
        "role": change.role,
        "certain": change.certain,
        "message": change.message,
        "old": _column(pair.old, change.old),
        "new": _column(pair.new, change.new),
    }


def _column(query: QuerySubject | None, column: OutputColumn | None) -> dict[str, object] | None:
    if query is None or column is None:
        return None
    source, span = query.source.resolve(column.span)
    start = source.lines.position(span.start)
    return {
        "name": column.name,
        "target": column.target,
        "type": column.type,
        "sources": list(column.sources),
        "line": start.line,
        "column": start.column,
    }
