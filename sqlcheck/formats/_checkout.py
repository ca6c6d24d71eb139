"""Where files are for those who read a report elsewhere: their paths in the repository, their addresses on the web."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple


class Checkout(NamedTuple):
    """A copy of a repository: the folder that it is in, and the address below which its files can be read."""

    root: str | None = None
    address: str = ""

    def path(self, path: str) -> str:
        """Count a path from the root of the repository, where the file is inside, with `/` on every system."""
        from pathlib import PurePath  # only where a format is for readers elsewhere

        whole = PurePath(os.path.abspath(path))
        for root in _roots(self.root):
            if whole.is_relative_to(root):
                return whole.relative_to(root).as_posix()
        return PurePath(path).as_posix()

    def link(self, path: str, line: int | None = None) -> str:
        """Give the address of a file, or of a line in it; without an address of the repository a relative one."""
        return f"{self.address}{quoted(self.path(path))}{'' if line is None else f'#L{line}'}"


@cache
def _roots(root: str | None) -> tuple[str, ...]:
    """Give a root as it is named, and as the current folder is: links are followed there."""
    return () if root is None else (root, os.path.realpath(root))


def quoted(path: str) -> str:
    """Write a path as part of a URI."""
    from urllib.parse import quote  # only where a format has URIs: it costs start-up time

    return quote(path, errors="surrogatepass")
