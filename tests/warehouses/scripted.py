"""A warehouse that answers from a script: for what only an account can say, and for tests of what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlglot

from sqlcheck.sample import DescribedColumn, Traits
from sqlcheck.warehouses.session import Limits, RefusedError, Session

ACCOUNT = Traits("snowflake")


@dataclass
class Result:
    """A cursor over rows that are at hand."""

    names: Sequence[str]
    rows: list[tuple[object, ...]]

    @property
    def description(self) -> list[tuple[str]]:
        return [(name,) for name in self.names]

    def fetchmany(self, size: int) -> list[tuple[object, ...]]:
        batch, self.rows = self.rows[:size], self.rows[size:]
        return batch

    def close(self) -> None:
        self.rows = []


@dataclass
class Scripted:
    """A driver whose script has, as far as they are wanted: `describe`, `extent`, `profile`, `rows`, or `error`.

    `describe` is a list of [name, type, nullable]; `extent` the seven values of that question, moments maybe as text;
    `profile` the values of that one, and zeros where it is left out; `error` is {"message", "errno", "at"}, where `at`
    names the question.
    """

    script: Mapping[str, Any]
    traits: Traits = ACCOUNT
    sent: list[str] = field(default_factory=list)

    def describe(self, sql: str) -> tuple[DescribedColumn, ...]:
        self.sent.append(sql)
        self._refuse("describe")
        return tuple(DescribedColumn(*column) for column in self.script.get("describe", ()))

    def run(self, sql: str) -> Result:
        self.sent.append(sql)
        kind = "extent" if "MAX_BY(BUCKET" in sql else "rows" if sql.startswith("SELECT *") else "profile"
        self._refuse(kind)
        if kind == "rows":
            names = [column[0] for column in self.script.get("describe", ())]
            return Result(names, [tuple(row) for row in self.script.get("rows", ())])
        values = self.script.get(kind)
        if values is None:
            width = len(sqlglot.parse_one(sql, dialect="snowflake").expressions)
            values = [1, *[0] * (width - 1)]
        if kind == "extent":
            values = [datetime.fromisoformat(value) if isinstance(value, str) else value for value in values]
        return Result([str(n) for n in range(len(values))], [tuple(values)])

    def _refuse(self, kind: str) -> None:
        error = self.script.get("error")
        if error and error.get("at", "describe") == kind:
            raise RefusedError(error["message"], error.get("errno"), error.get("sqlstate"))

    def cancel(self) -> None:
        self.sent.append("cancel")

    def close(self) -> None:
        self.sent.append("close")


def session(script: Mapping[str, Any]) -> Session:
    """Open a session on a script, under the role that it names."""
    return Session(Scripted(script, Traits("snowflake", role=script.get("role"))), Limits(seconds=10.0))
