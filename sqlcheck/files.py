"""Bytes ↔ text: read what is asked for, and keep hold of what a text must be written back with."""

from __future__ import annotations

import glob
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Problem, Span
from sqlcheck.settings import PROJECT

MAX_BYTES = 16 * 1024 * 1024
"""Nothing larger is read; Snowflake takes a query of 1 MB at most."""

MAX_ATTACHED = 256 * 1024 * 1024
"""No file that tells tables may be larger; the manifest of a thousand models has some 50 MB."""

MAX_FOLDERS = 10_000
"""So many folders are looked through in a second or two; a whole disk has a million."""

_FOREIGN_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "target"})
_ALL_FOLDERS = re.compile(rf"(?:\A|(?<={re.escape(os.sep)}))\*\*(?:{re.escape(os.sep)}|\Z)")
_HERE = os.path.join(os.curdir, "")
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class Text(NamedTuple):
    """The text of a file without its byte order mark; `problem` tells why it is not the author's text."""

    text: str
    bom: bool = False
    problem: Problem | None = None

    @property
    def parts(self) -> tuple[str, str]:
        """Tell this text from all others."""
        return self.text, repr(self[1:])

    @property
    def digest(self) -> str:
        """Tell this text from all others, by few characters."""
        return digest(*self.parts)

    def encode(self, text: str) -> bytes:
        """Give the bytes of a changed text, as this one was encoded."""
        return (_BOM if self.bom else b"") + text.encode("utf-8")


def read(path: str, limit: int = MAX_BYTES) -> Text:
    """Read a regular file of at most `limit` bytes; whatever they are, a text comes back."""
    if "\0" in path:
        raise SqlcheckError(f"{path}: no file has such a name")
    try:
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode):
            raise SqlcheckError(f"{path}: not a regular file; give its text on stdin and `-` as path")
        data = load(path, state.st_size) if state.st_size <= limit else b""
    except OSError as error:
        raise SqlcheckError(told(path, error)) from error
    if max(state.st_size, len(data)) > limit:
        advice = "; a query has 1 MB at most" if limit == MAX_BYTES else ""
        raise SqlcheckError(f"{path}: larger than {limit // 1024 // 1024} MB{advice}")
    return decode(data)


def load(path: str, size: int) -> bytes:
    """Read a file of about `size` bytes to its end; to make a file object takes longer than the reading."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        data = os.read(handle, size + 1)
        if len(data) > size:  # it has grown, or is one of those that have no size
            while part := os.read(handle, MAX_BYTES):
                data += part
    finally:
        os.close(handle)
    return data


def told(path: str, error: OSError) -> str:
    """Say in one line why a path cannot be read."""
    reason = error.strerror or str(error)
    return f"{path}: {reason[:1].lower()}{reason[1:]}"


def read_stdin() -> Text:
    """Read the standard input to its end."""
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SqlcheckError(f"<stdin>: larger than {MAX_BYTES // 1024 // 1024} MB; a query has 1 MB at most")
    return decode(data)


def decode(data: bytes) -> Text:
    """Decode UTF-8 with or without a byte order mark; another encoding is a problem of the text."""
    if data.startswith(_WIDE):
        text = data.decode("utf-16", "replace")
        problem = Problem(Span(0, min(1, len(text))), "the file is encoded in UTF-16", "save it as UTF-8")
        return Text(text, problem=problem)
    bom = data.startswith(_BOM)
    body = data[len(_BOM) :] if bom else data
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        start = len(body[: error.start].decode("utf-8"))
        message = f"the byte 0x{body[error.start]:02x} is not UTF-8"
        problem = Problem(Span(start, start + 1), message, "save the file as UTF-8")
        return Text(body.decode("utf-8", "replace"), bom, problem)
    at = text.find("\0")
    if at >= 0:
        message = "a NUL character: the file is no text, or is encoded in UTF-16"
        return Text(text, bom, Problem(Span(at, at + 1), message, "save it as UTF-8"))
    return Text(text, bom)


def is_yaml(path: str) -> bool:
    """Tell by its name whether a file is a project file."""
    return path.lower().endswith((".yaml", ".yml"))


def is_json(path: str) -> bool:
    """Tell by its name whether a file is a payload."""
    return path.lower().endswith(".json")


def is_document(path: str) -> bool:
    """Tell by its name whether a file is a project file or a payload."""
    return path.lower().endswith((".yaml", ".yml", ".json"))


def walk(folder: str, refuse: Callable[[OSError], None] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Give a folder and those below it in which authors keep files, each with the names of its files.

    A folder that cannot be listed is handed to `refuse`.
    """
    for root, below, names in os.walk(folder, onerror=refuse):
        below[:] = sorted(name for name in below if name[0] != "." and name not in _FOREIGN_FOLDERS)
        yield root, names


def queries(folder: str, refuse: Callable[[OSError], None] | None = None) -> Iterator[str]:
    """Give the SQL files in a folder and below; a folder that cannot be listed is handed to `refuse`."""
    for root, names in walk(folder, refuse):
        place = os.path.join(os.path.normpath(root), "").removeprefix(_HERE)
        yield from (place + name for name in sorted(names) if name.lower().endswith(".sql"))


def expand(path: str) -> tuple[str, ...]:
    """Give the files that a path or a pattern such as `schema/*.sql` stands for, in order.

    A pattern that leads through more than `MAX_FOLDERS` is refused.
    """
    if os.path.isdir(path):
        return ()
    if os.path.exists(path):
        return (path,)
    if not glob.has_magic(path):
        return ()
    folders = iter(range(MAX_FOLDERS))
    found = {match for match in _matches(path, lambda: next(folders, None) is not None) if os.path.isfile(match)}
    return tuple(sorted(found))


def _matches(pattern: str, goes_on: Callable[[], bool]) -> Iterator[str]:
    """Give what fits a pattern; `**` stands for all folders, but for links to some: they may lead in circles."""
    found = _ALL_FOLDERS.search(pattern)
    if found is None:
        yield from glob.iglob(pattern)
        return
    rest = pattern[found.end() :] or "*"
    for top in glob.iglob(pattern[: found.start()]) if found.start() else (os.curdir,):
        for folder, inner, _ in os.walk(top):
            if not goes_on():
                raise SqlcheckError(
                    f"{pattern}: `**` leads through more than {MAX_FOLDERS:,} folders; name the right one"
                )
            inner[:] = [name for name in inner if name[0] != "."]
            yield from _matches(os.path.normpath(os.path.join(glob.escape(folder), rest)), goes_on)


def digest(*texts: str) -> str:
    """Tell these texts from all others, by few characters."""
    from hashlib import blake2b  # loads OpenSSL, which a run without a cache need not

    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    return blake2b(b"".join(b"%d:%b" % (len(part), part) for part in parts), digest_size=16).hexdigest()


def find_project(start: str) -> str | None:
    """Look for `sqlcheck.yaml` in a folder and in those above it."""
    return next(filter(os.path.isfile, project_places(start)), None)


def project_places(start: str) -> Iterator[str]:
    """Give the paths that the `sqlcheck.yaml` of a folder may have: there, and in the folders above."""
    folder, below = os.path.abspath(start), ""
    while folder != below:
        yield os.path.join(folder, PROJECT)
        folder, below = os.path.dirname(folder), folder


def project_here() -> str:
    """Give the project file that is found from the current folder upwards."""
    found = find_project(os.curdir)
    if found is None:
        raise SqlcheckError(f"no `{PROJECT}` here or above; name the files to check, or start with `sqlcheck init`")
    return os.path.relpath(found)
