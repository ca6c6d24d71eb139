"""Bytes ↔ text: read what is asked for, and keep hold of what a text must be written back with."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import NamedTuple

from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Problem, Span
from sqlcheck.settings import PROJECT

MAX_BYTES = 16 * 1024 * 1024
"""Nothing larger is read; Snowflake takes a query of 1 MB at most."""

_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class Text(NamedTuple):
    """The text of a file without its byte order mark; `problem` tells why it is not the author's text."""

    text: str
    bom: bool = False
    problem: Problem | None = None

    def encode(self, text: str) -> bytes:
        """Give the bytes of a changed text, as this one was encoded."""
        return (_BOM if self.bom else b"") + text.encode("utf-8")


def read(path: str, limit: int = MAX_BYTES) -> Text:
    """Read a regular file of at most `limit` bytes; whatever they are, a text comes back."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            raise SqlcheckError(f"{path}: not a regular file; give its text on stdin and `-` as path")
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise SqlcheckError(told(path, error)) from error
    if len(data) > limit:
        advice = "; a query has 1 MB at most" if limit == MAX_BYTES else ""
        raise SqlcheckError(f"{path}: larger than {limit // 1024 // 1024} MB{advice}")
    return decode(data)


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


def find_project(start: Path) -> Path | None:
    """Look for `sqlcheck.yaml` in a folder and in those above it."""
    folder = Path(os.path.abspath(start))
    for candidate in (folder, *folder.parents):
        path = candidate / PROJECT
        if os.path.isfile(path):
            return path
    return None
