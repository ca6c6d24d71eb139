"""What was found before: the report of a text that is unchanged, as is all that its report rests on.

A key is made of the text, its path, its project file, the options, the time as far as it matters, and the edition of
sqlcheck. What else was read (a schema, a data plan) is known only afterwards: the report names it, and is believed
while it is as it was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from sqlcheck import attachments, files, frozen
from sqlcheck.edition import edition
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Report, Source
from sqlcheck.options import Options
from sqlcheck.store import Store

if TYPE_CHECKING:

    class Judge(Protocol):
        """The project file that a text is judged by."""

        @property
        def path(self) -> str:
            """Its path as it is shown."""

        @property
        def text(self) -> files.Text:
            """Its text."""

        @property
        def digest(self) -> str:
            """What tells its text from all others."""

    class Asked(Protocol):
        """What a report is wanted for."""

        @property
        def path(self) -> str:
            """Its path as it is shown."""

        @property
        def text(self) -> files.Text:
            """Its text."""

        @property
        def project(self) -> Judge | None:
            """The project file that judges it."""


FORMAT = "3"
"""The form of the entries; another one makes other keys."""

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Cache:
    """The answers of one run of the program, under its options."""

    store: Store
    options: Options = Options()
    _texts: dict[str, files.Text] = field(default_factory=dict)
    _states: dict[tuple[str, str], str] = field(default_factory=dict)
    _sources: dict[object, Source] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    @cached_property
    def _base(self) -> str:
        return files.digest(FORMAT, edition(), os.getcwd(), repr(replace(self.options, baseline=None, now=None)))

    @cached_property
    def _moments(self) -> tuple[str, str]:
        return _moments(self.options.now or datetime.now(UTC))

    @cached_property
    def _thawing(self) -> frozen.Thawing:
        return frozen.Thawing(self._shared)

    def find(self, asked: Asked) -> Report | None:
        """Give the report that stands for a text, None when it is not known or may be another one by now."""

        def thaw(kept: Any) -> Report | None:
            if any(self.state(each.kind, each.path) != each.state for each in frozen.attached(kept)):
                return None
            return self._thawing.report(kept, lambda path, secrets: self._source(asked, path, secrets))

        return self.recall(self._key(asked), thaw)

    def keep(self, asked: Asked, report: Report) -> None:
        """Keep a report, unless it cannot be told what it rests on, or where the texts that it shows are."""
        is_document = files.is_document(asked.path)
        if _moments(self.options.now or datetime.now(UTC))[is_document] != self._moments[is_document]:
            return  # an hour has begun since, and it is not known of which one the report is
        try:
            is_whole = all(found.source.text == self._text(asked, found.source.path) for found in report.diagnostics)
        except SqlcheckError:
            return
        if is_whole and all(each.state for each in report.attached):
            self.remember(self._key(asked), frozen.freeze(report, self._share))

    def prune(self, asked: Iterable[Asked]) -> None:
        """Keep the store within its bounds, after reports were kept."""
        self.store.prune(map(self._key, asked))

    def state(self, kind: Literal["texts", "presence"], path: str) -> str:
        """Tell what is at a path now, looked at once in a run; empty when it cannot be told."""
        if (kind, path) not in self._states:
            try:
                self._states[kind, path] = attachments.state(kind, path, self._read)
            except SqlcheckError:
                self._states[kind, path] = ""
        return self._states[kind, path]

    def name(self, *parts: str) -> str:
        """Make a key of what something follows from."""
        return files.digest(self._base, *parts)

    def recall(self, key: str, read: Callable[[Any], T]) -> T | None:
        """Give what is kept under a key, as `read` makes it of the JSON; None when it cannot."""
        kept = self.store.get(key)
        try:
            return None if kept is None else read(json.loads(kept))
        except (SqlcheckError, ValueError, TypeError, LookupError):
            return None

    def remember(self, key: str, value: object) -> None:
        """Keep what JSON can say, under a key."""
        self.store.put(key, _json(value))

    def _share(self, value: object) -> str:
        """Keep a part of many reports, unless this run has done so."""
        text = _json(value)
        key = self.name("shared", text)
        if key not in self._kept:
            self._kept.add(key)
            self.store.put(key, text)
        return key

    def _shared(self, key: str) -> Any:
        kept = self.store.get(key)
        if kept is None:
            raise LookupError(key)
        return json.loads(kept)

    def _key(self, asked: Asked) -> str:
        moment, project = self._moments[files.is_document(asked.path)], asked.project
        return self.name(moment, asked.path, *asked.text.parts, *((project.path, project.digest) if project else ()))

    def _source(self, asked: Asked, path: str, secrets: frozen.Secrets) -> Source:
        """Give a source, the same one to all that show it: its lines are then counted once."""
        text = self._text(asked, path)
        return self._sources.setdefault((path, text, secrets), Source(path, text, secrets=secrets))

    def _text(self, asked: Asked, path: str) -> str:
        for known in (asked, asked.project):
            if known is not None and known.path == path:
                return known.text.text
        return self._read(path).text

    def _read(self, path: str) -> files.Text:
        if path not in self._texts:
            self._texts[path] = files.read(path, files.MAX_ATTACHED)
        return self._texts[path]


def _json(value: object) -> str:
    """Write JSON in ASCII: a path may be no Unicode."""
    return json.dumps(value, separators=(",", ":"))


def _moments(now: datetime) -> tuple[str, str]:
    """Say the time as far as reports follow from it: of a query by the year, as zones; of a document by the hour."""
    return f"{now:%Y}", f"{now:%Y-%m-%d %H}"
