"""What makes a diagnostic the same one after an edit elsewhere: for baselines, and services that compare two runs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePath

from sqlcheck.model import Diagnostic

LENGTH = 32
"""Of the hash in hexadecimal digits."""


def _as_given(path: str) -> str:
    return PurePath(path).as_posix()


def fingerprints(diagnostics: Iterable[Diagnostic], named: Callable[[str], str] = _as_given) -> list[str]:
    """Give each diagnostic a fingerprint that no other one has, from its rule, its file and what it is about.

    Lines and messages do not count: a query may grow and wording may change. Equal ones are numbered in order.
    `named` tells what a file is called.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for diagnostic in diagnostics:
        key = (diagnostic.rule, named(diagnostic.source.path), *subject(diagnostic))
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        found.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH])
    return found


def subject(diagnostic: Diagnostic) -> tuple[str, str]:
    """Name the output column concerned, or the text, however it is broken into lines; a secret counts as stars."""
    if diagnostic.column is not None:
        return "column", diagnostic.column
    start, end = diagnostic.span
    return "text", " ".join(diagnostic.source.shown[start:end].split())
