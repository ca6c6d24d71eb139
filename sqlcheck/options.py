"""What the command line settles, above headers and project files."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import datetime

from sqlcheck import rulebook
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Severity
from sqlcheck.names import closest
from sqlcheck.settings import LoadTimestamp, Model, Settings, Value


@dataclass(frozen=True)
class Options:
    """What the command line settles: for every query, above its header and above the project file.

    `select` and `ignore` name rules or families; `project` is the file to use instead of the one found,
    `only` the id of the one model that counts; `baseline` has the findings that do not count; `now` is the
    time that schedules are judged by, the present one when it is None.
    """

    load_timestamp: str | None = None
    type: str | None = None
    time_zone: str | None = None
    offset: int | None = None
    identities: tuple[str, ...] | None = None
    api: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    stdin_filename: str | None = None
    project: str | None = None
    data_plan: str | None = None
    schema: tuple[str, ...] = ()
    baseline: str | None = None
    only: str | None = None
    now: datetime | None = None

    def __post_init__(self) -> None:
        if self.api is None:
            return
        from sqlcheck.apis import API_VERSIONS

        if self.api not in API_VERSIONS:
            guess = closest(self.api, API_VERSIONS)
            advice = f"did you mean `{guess}`?" if guess else f"the versions are {', '.join(API_VERSIONS)}"
            raise SqlcheckError(f"`{self.api}` is not a version of the API; {advice}")

    def over(self, model: Model) -> Model:
        """Lay these options over the settings of a model."""
        stamp = model.load_timestamp
        return model._replace(
            load_timestamp=LoadTimestamp(
                field=stamp.field if self.load_timestamp is None else Value(self.load_timestamp),
                type=stamp.type if self.type is None else Value(self.type),
                time_zone=stamp.time_zone if self.time_zone is None else Value(self.time_zone),
                offset=stamp.offset if self.offset is None else Value(self.offset),
            ),
            identities=model.identities if self.identities is None else tuple(map(Value, self.identities)),
            api=self.api or model.api,
            data_plan=model.data_plan if self.data_plan is None else Value(self.data_plan),
            schema=tuple(map(Value, self.schema)) or model.schema,
        )

    def settings(self, severities: Dictionary[str, Value[Severity]]) -> Settings:
        """Join the severities of a project with the rules that these options choose."""
        return Settings(
            tuple((name, severity.value) for name, severity in severities.items()),
            rulebook.select(self.select) if self.select else None,
            rulebook.select(self.ignore),
        )
