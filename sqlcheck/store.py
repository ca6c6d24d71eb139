"""Small files in the user's cache folder, found by key: what is lost or broken is as if it had never been there."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlcheck import files
from sqlcheck.errors import SqlcheckError

VARIABLE = "SQLCHECK_CACHE_DIR"
MAX_ENTRY = 256 * 1024
"""A larger entry is not kept."""
MAX_SHARD = 1024 * 1024
"""How many bytes a shard may have; there are 256 of them."""
MAX_ENTRIES = 100
"""How many entries a shard may have."""
FRESH = 24 * 60 * 60
"""For how many seconds an entry that was used counts as used just now."""

_DRAFT = ".sqlcheck-"
"""How the name of an entry begins that is being written."""
_HEX = frozenset("0123456789abcdef")
_OWN = {
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Made by sqlcheck; delete it whenever you like.\n",
    ".gitignore": "*\n",
}
"""The files that tell backups and git to leave the folder alone."""


def folder() -> str | None:
    """Find the folder for this user, by the conventions of the platform; None where there is no home.

    A job of a CI service has none either, unless it chooses one: its home is gone when it ends.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return os.path.abspath(chosen)
    if os.environ.get("CI") == "true":
        return None
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or ""
        if not os.path.isabs(base):
            base = os.path.join(home, ".cache")
    return os.path.join(base, "sqlcheck") if os.path.isabs(base) else None


class Store(NamedTuple):
    """The entries below a folder, each named by a key of hexadecimal digits whose first two name its shard."""

    folder: str

    def open(self) -> str | None:
        """Make the folder ready to be written to; where that cannot be, say why."""
        try:
            if not os.path.isdir(self.folder):
                self._found()
        except OSError as error:
            return f"cannot write {self.folder}: {error.strerror or error}"
        except SqlcheckError as error:
            return str(error)
        return None if os.access(self.folder, os.W_OK | os.X_OK) else f"cannot write {self.folder}"

    def _found(self) -> None:
        from sqlcheck.fix import write_atomic

        os.makedirs(self.folder, 0o700, exist_ok=True)
        for name, text in _OWN.items():
            write_atomic(os.path.join(self.folder, name), text.encode())

    def get(self, key: str) -> str | None:
        """Give the text of an entry, None when there is none that is whole and stands where it was put."""
        path = self._path(key)
        try:
            state = os.stat(path)
            data = files.load(path, state.st_size) if state.st_size < MAX_ENTRY else b""
        except OSError:
            return None
        if state.st_mtime < time.time() - FRESH:
            with contextlib.suppress(OSError):
                os.utime(path)
        sign, _, body = data.partition(b"\n")
        text = body.decode("utf-8", "replace")
        return text if sign == files.digest(key, text).encode() else None

    def put(self, key: str, text: str) -> None:
        """Write an entry; where that fails, or it is too large, there is none."""
        data = f"{files.digest(key, text)}\n{text}".encode()
        if len(data) >= MAX_ENTRY:
            return
        path = self._path(key)
        shard, name = os.path.split(path)
        draft = os.path.join(shard, f"{_DRAFT}{os.getpid()}-{name}")
        with contextlib.suppress(OSError):
            if not os.path.isdir(shard):
                os.makedirs(shard, 0o700, exist_ok=True)
            try:
                _write(draft, data)
                os.replace(draft, path)
            except OSError:
                os.unlink(draft)

    def prune(self, keys: Iterable[str]) -> None:
        """Delete what has been unused for longest from the shards of some keys, where they are over their bounds."""
        for shard in {key[:2] for key in keys}:
            with contextlib.suppress(OSError):
                _prune(os.path.join(self.folder, shard))

    def clear(self) -> str | None:
        """Delete every entry and every draft of one, and nothing else that may be in the folder; say what hinders."""
        try:
            for shard in self._shards():
                for entry in list(os.scandir(shard)):
                    if _HEX.issuperset(entry.name) or entry.name.startswith(_DRAFT):
                        with contextlib.suppress(FileNotFoundError):  # another run may be at it too
                            os.unlink(entry.path)
        except OSError as error:
            return f"cannot empty {self.folder}: {error.strerror or error}"
        return None

    def _shards(self) -> Iterator[str]:
        for entry in os.scandir(self.folder) if os.path.isdir(self.folder) else ():
            if len(entry.name) == 2 and _HEX.issuperset(entry.name):
                yield entry.path

    def _path(self, key: str) -> str:
        return f"{self.folder}{os.sep}{key[:2]}{os.sep}{key[2:]}"


def _write(path: str, data: bytes) -> None:
    """Write a file that its user alone can read; one that is lost in a power cut is no loss."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    try:
        if os.write(handle, data) < len(data):
            raise OSError
    finally:
        os.close(handle)


def _prune(shard: str) -> None:
    size = 0
    found = [(entry.stat(), entry.path) for entry in os.scandir(shard)]
    for number, (state, path) in enumerate(sorted(found, key=lambda each: -each[0].st_mtime)):
        size += state.st_size
        if number >= MAX_ENTRIES or size > MAX_SHARD:
            os.unlink(path)
