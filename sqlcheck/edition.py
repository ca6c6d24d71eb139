"""What stands behind an answer: the very sqlcheck, Python and libraries that gave it, told without importing them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder

from sqlcheck import __version__, files, rulebook
from sqlcheck.errors import SqlcheckError

LIBRARIES = {"sqlglot": ("sqlglot", "sqlglotc"), "yaml": ("pyyaml",), "tzdata": ("tzdata",)}
"""Module → the distributions that it may come from; answers follow from what these say."""


def edition() -> str:
    """Give a digest that changes with every part of the program that bears on what it finds."""
    parts = [sys.implementation.name, *map(str, sys.version_info[:2]), __version__, *_own(os.path.dirname(__file__))]
    for module, distributions in LIBRARIES.items():
        parts += _library(module, distributions)
    return files.digest(*parts)


def _own(package: str) -> Iterator[str]:
    """Tell the pages as they are, and this package: an installed one by its digests, a checkout by its files."""
    record = os.path.join(os.path.dirname(package), f"sqlcheck-{__version__}.dist-info", "RECORD")
    try:
        yield files.read(record).text
    except SqlcheckError:
        yield from _states(package, ".py")
    yield from _states(rulebook.home(), ".md")


def _states(folder: str, ending: str) -> Iterator[str]:
    """Tell the files below a folder by name, size and time of change."""
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        if entry.is_dir():
            yield from _states(entry.path, ending)
        elif entry.name.endswith(ending):
            yield _state(entry.path)


def _state(path: str) -> str:
    state = os.stat(path)
    return f"{path}:{state.st_mtime_ns}:{state.st_size}"


def _library(module: str, distributions: tuple[str, ...]) -> Iterator[str]:
    """Tell a library by the versions beside it, or by its first file where none is written down."""
    spec = PathFinder.find_spec(module)
    if spec is None or spec.origin is None:
        return
    beside = os.path.dirname(os.path.dirname(spec.origin))
    written = tuple(f"{name}-" for name in distributions)
    found = [
        name for name in sorted(os.listdir(beside)) if name.endswith(".dist-info") and name.lower().startswith(written)
    ]
    yield from found or (_state(spec.origin),)
