"""One text to check, with all that is known about it: what the checks and the views look at."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlcheck import comment, engine, mapping, rulebook
from sqlcheck.apis import API_VERSIONS, DEFAULT
from sqlcheck.apis.facts import Api
from sqlcheck.attachments import Readers
from sqlcheck.mapping import Mapping
from sqlcheck.model import Attached, Directive, Problem, Report, Source
from sqlcheck.options import Options
from sqlcheck.parse import Query, deep, parse
from sqlcheck.settings import Model, Settings
from sqlcheck.syntax.stumble import Fault

if TYPE_CHECKING:
    from sqlcheck.documents.data_plan import DataPlan
    from sqlcheck.documents.document import Document
    from sqlcheck.project import Project
    from sqlcheck.sample import Sample
    from sqlcheck.schema import Schema


@dataclass(frozen=True, eq=False)
class QuerySubject:
    """A query: its text, and the settings that it is judged by.

    `model` is what the project file or a payload says; `problem` tells why the text is not the author's;
    `readers` read the data plan and the schema that are set, and are None where no file is to be read.
    `sample` is what a warehouse said of the query, if one was asked; `project` is the one that it belongs to.
    """

    source: Source
    model: Model = Model()
    options: Options = Options()
    settings: Settings = Settings()
    problem: Problem | None = None
    readers: Readers | None = None
    sample: Sample | None = None
    project: Project | None = None

    @cached_property
    def query(self) -> Query:
        """Give the text as it was read."""
        if self.problem is None:
            return parse(self.source)
        problem = self.problem
        return Query(self.source, fault=Fault(problem.span, problem.message, problem.help))

    @cached_property
    def directives(self) -> tuple[Directive, ...]:
        """Give the text's `-- sqlcheck:` comments."""
        return comment.read(self.query, API_VERSIONS)

    @cached_property
    def configured(self) -> Model:
        """Give the settings in force: options over header comments over the project file, and the data plan below."""
        model = self._set
        if self.data_plan is None:
            return model
        return model._replace(plan=self.data_plan.profile(API_VERSIONS.get(model.api, API_VERSIONS[DEFAULT])))

    @cached_property
    def _set(self) -> Model:
        return self.options.over(comment.configure(self.model, self.directives, self.source))

    @cached_property
    def data_plan(self) -> DataPlan | None:
        """Give the data plan that is set, as far as it can be read."""
        path = self._set.data_plan
        return self.readers.plan(path) if path is not None and self.readers is not None else None

    @cached_property
    def schema(self) -> Schema | None:
        """Give the tables that are described, None when no file is set that tells them."""
        paths = self._set.schema
        return self.readers.schemas.load(paths) if paths and self.readers is not None else None

    @property
    def _attached(self) -> tuple[Attached, ...]:
        if self.readers is None:
            return ()
        return tuple(self.readers.attached(self._set.data_plan, self._set.schema))

    @property
    def api(self) -> Api:
        """Give the facts of the API version in force."""
        return API_VERSIONS.get(self.configured.api, API_VERSIONS[DEFAULT])

    @property
    def now(self) -> datetime:
        """Give the time that schedules and rows are judged by."""
        return self.options.now or datetime.now(UTC)

    @cached_property
    def mapping(self) -> Mapping | None:
        """Give what the output columns become, None when the query cannot be read."""
        described = self.sample.description if self.sample else None
        return mapping.build(self.query, self.configured, self.api, self.schema, described)

    @property
    def _outputs(self) -> tuple[str, ...] | None:
        """Give the names of the output columns, None when they are not all known."""
        if self.mapping is None or not self.mapping.complete:
            return None
        return tuple(column.name for column in self.mapping.columns)

    def check(self) -> Report:
        """Run the checks of a query; what a warehouse said of it settles what it can."""
        if self.sample is None:
            return self._check({})
        from sqlcheck import settling

        foreseen = replace(self, sample=None)
        report = foreseen.check()
        values = self.sample.values()
        if foreseen.mapping is not None:
            values["foreseen"] = foreseen.mapping
        settled = {rule.name: rule.settled for rule in rulebook.rules().values()}
        return settling.settle(report, self._check(values), self.sample, settled)

    def _check(self, more: Dictionary[str, object]) -> Report:
        values: dict[str, object] = {
            "query": self.query,
            "directives": self.directives,
            "model": self.configured,
            "api": self.api,
            "rules": tuple(rulebook.rules().values()),
            "now": self.now,
            "outputs": self._outputs,
            **more,
        }
        if self.data_plan is not None:
            values["data_plan"] = self.data_plan
        if self.schema is not None:
            values["schema"] = self.schema
        if self.mapping is not None:
            values["mapping"] = self.mapping
        with deep():
            return engine.run(values, self.settings)._replace(attached=self._attached)


@dataclass(frozen=True, eq=False)
class DocumentSubject:
    """A project file or a payload as a document of its own; its schedules are judged by the hour.

    `emitted` is what a payload would be if emitted now; `readers` read the schema that a project sets.
    """

    document: Document
    project: Project | None = None
    options: Options = field(default_factory=Options)
    settings: Settings = Settings()
    emitted: str | None = None
    readers: Readers | None = None

    @property
    def source(self) -> Source:
        """Give the text of the document."""
        return self.document.source

    @property
    def api(self) -> Api:
        """Give the facts of the API version in force."""
        name = self.options.api or (self.project.api_name if self.project else DEFAULT)
        return API_VERSIONS.get(name, API_VERSIONS[DEFAULT])

    def check(self) -> Report:
        """Run the checks of a document."""
        values: dict[str, object] = {
            "document": self.document,
            "api": self.api,
            "rules": tuple(rulebook.rules().values()),
            "now": (self.options.now or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0),
        }
        attached: tuple[Attached, ...] = ()
        if self.project is not None:
            values["project"] = self.project
            if self.project.schema and self.readers is not None:
                values["schema"] = self.readers.schemas.load(self.project.schema)
            if self.readers is not None:
                values["absent"] = self.readers.absent(self.project.rows)
                attached = tuple(self.readers.attached(schema=self.project.schema, rows=self.project.rows))
        if self.emitted is not None:
            values["emitted"] = self.emitted
        return engine.run(values, self.settings)._replace(attached=attached)


Subject = QuerySubject | DocumentSubject
