"""A baseline: findings that are known and do not count. Each is known again by its fingerprint.

    {
      "version": 1,
      "findings": [
        {"file": "queries/churn.sql", "rule": "folded-attribute", "about": "PLAN", "fingerprint": "…"}
      ]
    }

Files are relative to the baseline's own folder, with forward slashes. There is a line for each finding, in order, and
no place or wording in it, so that only what came or went shows in a diff; `about` is for people.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sqlcheck.documents.document import read_json
from sqlcheck.documents.nodes import Node
from sqlcheck.errors import SqlcheckError
from sqlcheck.fingerprints import fingerprints, subject
from sqlcheck.model import Diagnostic, Place, Source, Span

VERSION = 1
ABOUT = 60
"""How many characters of a text are told to people."""
FIELDS = ("file", "rule", "about", "fingerprint")


class Entry(NamedTuple):
    """A finding of a baseline; `about` is its output column or the beginning of its text."""

    file: str
    rule: str
    about: str
    fingerprint: str
    span: Span = Span(0, 0)


@dataclass(frozen=True, eq=False)
class Baseline:
    """A baseline as it was read; `stale` are the entries that a run has not found again."""

    source: Source
    entries: tuple[Entry, ...] = ()
    stale: tuple[Entry, ...] = ()

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        """Give the fingerprints of all entries."""
        return frozenset(entry.fingerprint for entry in self.entries)

    def named(self, path: str) -> str:
        """Name a file as this baseline does."""
        inside = os.path.relpath(os.path.abspath(path), os.path.dirname(os.path.abspath(self.source.path)))
        return inside.replace(os.sep, "/")

    def path(self, entry: Entry) -> str:
        """Give the path of an entry's file."""
        return os.path.join(os.path.dirname(self.source.path), entry.file)

    def prints(self, diagnostics: Iterable[Diagnostic]) -> list[str]:
        """Give the fingerprints that diagnostics have in this baseline."""
        return fingerprints(diagnostics, self.named)

    def listed(self, diagnostics: Sequence[Diagnostic]) -> list[Entry]:
        """Make an entry of each diagnostic."""
        return [
            Entry(self.named(found.source.path), found.rule, _about(found), fingerprint)
            for found, fingerprint in zip(diagnostics, self.prints(diagnostics), strict=True)
        ]


def read_baseline(source: Source) -> Baseline:
    """Read a baseline; one that cannot be read stops the run, for nothing could be said of what is new."""
    document = read_json(source)
    root = document.root
    if root is None or document.problems:
        problem = document.problems[0]
        raise _broken(source, problem.span, problem.message)
    version, findings = root.get("version"), root.get("findings")
    if version is None or type(version.value) is not int:
        raise _broken(source, root.span, "this is no baseline: it has no `version`")
    if version.value != VERSION:
        raise _broken(source, version.span, f"version {version.value} of baselines, of which only {VERSION} is known")
    if findings is None or findings.kind != "array":
        raise _broken(source, root.span, "this is no baseline: it has no list `findings`")
    return Baseline(source, tuple(_entry(source, node) for node in findings.elements))


def render(entries: Iterable[Entry]) -> str:
    """Write a baseline, sorted, with a line for each entry."""
    described = (dict(zip(FIELDS, entry, strict=False)) for entry in sorted(entries, key=_order))
    lines = ",\n    ".join(json.dumps(each, ensure_ascii=False) for each in described)
    findings = f"[\n    {lines}\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'


def _order(entry: Entry) -> tuple[str, ...]:
    return entry.file, entry.rule, entry.about, entry.fingerprint


def _entry(source: Source, node: Node) -> Entry:
    texts = [value.text if (value := node.get(name)) else None for name in FIELDS]
    file, rule, about, fingerprint = texts
    if file is None or rule is None or about is None or fingerprint is None:
        raise _broken(source, node.span, f"an entry has the texts {', '.join(FIELDS)}")
    return Entry(file, rule, about, fingerprint, node.span)


def _about(diagnostic: Diagnostic) -> str:
    _, text = subject(diagnostic)
    return text if len(text) <= ABOUT else f"{text[: ABOUT - 1]}…"


def _broken(source: Source, span: Span, why: str) -> SqlcheckError:
    return SqlcheckError(f"{Place(source, span).line}: {why}; mend it, or remove it and run with --baseline-update")
