"""The texts of a run and what is found in them, on several processors, and beside what the cache knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from sqlcheck import files, workers
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Report, Source
from sqlcheck.reports import merge

if TYPE_CHECKING:
    # what a run that is answered from the cache does not pay for, or one that goes without a cache
    from sqlcheck.cache import Cache
    from sqlcheck.fix import Fixed, Look
    from sqlcheck.projectfile import ProjectFile
    from sqlcheck.subject import QuerySubject, Subject

IDLE = frozenset({"unused-ignore", "unknown-ignore"})
"""The rules about ignores that no model needs."""
_QUERY = frozenset({"query", "mapping"})
"""Some of what the checks of a query want: by these they are loaded."""

Take = Callable[[Source, files.Text], "tuple[Subject, ...]"]
"""How the text of a file is taken apart into subjects."""
Ask = Callable[["QuerySubject"], "QuerySubject"]
"""How a query is given what a warehouse says of it."""


@dataclass(frozen=True, eq=False)
class Input:
    """A file to check, how its text is taken apart into subjects, and the project file that judges it."""

    path: str
    text: files.Text
    take: Take
    is_stdin: bool = False
    project: ProjectFile | None = None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Give what is to be checked here: a query for each model that runs it, or a document and its queries.

        Made anew each time, so that a run over many files does not keep all their trees.
        """
        return self.take(Source(self.path, self.text.text), self.text)

    @property
    def queries(self) -> tuple[QuerySubject, ...]:
        """Give the queries of this file."""
        from sqlcheck.subject import QuerySubject

        return tuple(subject for subject in self.subjects if isinstance(subject, QuerySubject))

    def check(self, ask: Ask | None = None) -> Report:
        """Check everything in this file, after asking a warehouse about each query if `ask` is given.

        An ignore is unused when no model that runs the query needs it.
        """
        subjects = self.subjects
        if ask is not None:
            from sqlcheck.subject import QuerySubject

            subjects = tuple(ask(each) if isinstance(each, QuerySubject) else each for each in subjects)
        reports = [subject.check() for subject in subjects]
        report = merge(reports)
        if not _is_shared(subjects):
            return report
        idle = set.intersection(*({(found.rule, found.span) for found in each.diagnostics} for each in reports))
        kept = (found for found in report.diagnostics if found.rule not in IDLE or (found.rule, found.span) in idle)
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
        write_atomic(self.path, self.text.encode(text))


class Batch(NamedTuple):
    """The files of a run, and a line for each that could not be read or written: the run then ends with exit code 2."""

    inputs: tuple[Input, ...] = ()
    failures: tuple[str, ...] = ()
    projects: tuple[ProjectFile, ...] = ()

    @property
    def queries(self) -> tuple[QuerySubject, ...]:
        """Give the queries of all files, made anew each time."""
        return tuple(query for entry in self.inputs for query in entry.queries)

    def check(
        self,
        jobs: int | None = None,
        ask: Ask | None = None,
        cache: Cache | None = None,
        tell: Callable[[int, int], None] | None = None,
    ) -> Report:
        """Check every file, on as many processors as there are or as `jobs` says; a warehouse is asked by one.

        What the cache knows is not checked again; what a warehouse said it does not get to know. `tell` hears how many
        of how many files are checked.
        """
        cache = cache if ask is None else None
        known = [cache.find(entry) if cache else None for entry in self.inputs]
        wanted = [entry for entry, report in zip(self.inputs, known, strict=True) if report is None]

        def check(number: int) -> Report:
            report = wanted[number].check(ask)
            if cache is not None:
                cache.keep(wanted[number], report)
            return report

        _prepare(wanted)
        count = 1 if ask is not None else workers.processors() if jobs is None else jobs
        fresh = iter(workers.each(check, len(wanted), count, tell))
        if cache is not None:
            cache.prune(wanted)
        report = merge([next(fresh) if report is None else report for report in known])
        return report._replace(files=tuple(entry.path for entry in self.inputs), failures=self.failures)


def _prepare(entries: Sequence[Input]) -> None:
    """Import and read what files have in common before the workers fork, so that not each of them has to."""
    if entries:
        import_module("sqlcheck.taking")
    if len(entries) > workers.WORTH:
        from sqlcheck import engine

        engine.checks(_QUERY)
    for entry in entries:
        if entry.project is not None:
            _ = entry.project.project


def _is_shared(subjects: tuple[Subject, ...]) -> bool:
    """Tell whether several models run one query."""
    return len(subjects) > 1 and subjects[0].source is subjects[1].source
