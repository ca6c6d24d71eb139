"""Where files are for those who read a report elsewhere: their paths in the repository, their addresses on the web."""

from __future__ import annotations

import os
from typing import NamedTuple


class Checkout(NamedTuple):
    """A copy of a repository: the folder that it is in, and the address below which its files can be read."""

    root: str | None = None
    address: str = ""

    def path(self, path: str) -> str:
        """Count a path from the root of the repository, where the file is inside, with `/` on every system."""
        from pathlib import PurePath  # only where a format is for readers elsewhere

        if self.root is not None:
            whole = PurePath(os.path.abspath(path))
            if whole.is_relative_to(self.root):
                return whole.relative_to(self.root).as_posix()
        return PurePath(path).as_posix()

    def link(self, path: str, line: int | None = None) -> str:
        """Give the address of a file, or of a line in it; without an address of the repository a relative one."""
        return f"{self.address}{quoted(self.path(path))}{'' if line is None else f'#L{line}'}"


def quoted(path: str) -> str:
    """Write a path as part of a URI."""
    from urllib.parse import quote  # only where a format has URIs: it costs start-up time

    return quote(path, errors="surrogatepass")
