"""Do it again whenever a file changes that it was about."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NoReturn

from sqlcheck import files
from sqlcheck.commands._terminal import is_terminal, note, say
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Report

PERIOD = 0.3
"""How many seconds pass between two looks at the files."""

_CLEAR = "\x1b[2J\x1b[H"
_NAMES = (".sql", ".ddl", ".json", ".yaml", ".yml")

State = dict[str, object]
"""Path → what changes when it is written to; None for one that is not there."""


def watch(paths: Sequence[str], check: Callable[[], Report]) -> NoReturn:
    """Check, and check again whenever one of the files behind the report changes; only Ctrl-C ends it."""
    places = set(_named(paths))
    while True:
        start = time.time_ns()
        state = _state(places)
        _say_time()
        try:
            places.update(_places(check()))
            places.update(_named(paths))
        except SqlcheckError as error:
            note(f"error: {error}")
        note("watching for changes; Ctrl-C ends this")
        state |= _state(places - state.keys(), start)
        while _state(places) == state:
            time.sleep(PERIOD)


def _say_time() -> None:
    if is_terminal():
        say(_CLEAR)
    note(f"{datetime.now().astimezone():%H:%M:%S}")


def _named(paths: Sequence[str]) -> Iterator[str]:
    """Give what the command line names, and the folders in which a file may appear."""
    for path in paths or (".",):
        yield path
        if os.path.isdir(path):
            yield from (folder for folder, _ in files.walk(path))
        elif not paths or not files.is_yaml(path):
            yield from _projects(path)
    if not paths:
        yield from _projects(os.curdir)


def _places(report: Report) -> Iterator[str]:
    """Give the files that a report is about, those it rests on, and where others like them would appear."""
    found = {*report.files, *(path for each in report.attached for path in (each.path, *files.expand(each.path)))}
    for path in found:
        yield path
        yield os.path.dirname(path) or os.curdir
        yield from _projects(path)


def _projects(path: str) -> Iterator[str]:
    """Give the places where the project file of a path may be."""
    return files.project_places(os.path.dirname(os.path.abspath(path)))


def _state(places: Iterable[str], start: int | None = None) -> State:
    """Tell how things stand; a file that was written to after `start` counts as changed since."""
    return {path: _one(path, start) for path in places}


def _one(path: str, start: int | None) -> object:
    try:
        state = os.stat(path)
        if os.path.isdir(path):
            return tuple(sorted(entry.name for entry in os.scandir(path) if _counts(entry)))
    except OSError:
        return None
    is_late = start is not None and state.st_mtime_ns > start
    return None if is_late else (state.st_mtime_ns, state.st_size, state.st_ino)


def _counts(entry: os.DirEntry[str]) -> bool:
    return entry.name[0] != "." and (entry.name.lower().endswith(_NAMES) or entry.is_dir())
