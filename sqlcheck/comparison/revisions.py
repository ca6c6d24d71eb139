"""Files as they were at a revision of git."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sqlcheck.errors import SqlcheckError


@dataclass(frozen=True, eq=False)
class Revision:
    """A commit of the repository around a folder; paths are those of files on disk, there or not."""

    root: str
    commit: str
    name: str

    @classmethod
    def find(cls, name: str, folder: str = ".") -> Revision:
        """Look up a revision, as `main` or `HEAD~2`, in the repository that a folder is part of."""
        try:
            root = _text(_git(folder, "rev-parse", "--show-toplevel"))
        except _GitError as error:
            raise SqlcheckError(
                f"`{os.path.abspath(folder)}` is in no git repository; give two files instead"
            ) from error
        try:
            commit = _text(_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"))
        except _GitError as error:
            advice = "a shallow clone has to fetch it first"
            raise SqlcheckError(f"git knows no revision `{name}` here; {advice}") from error
        return cls(os.path.realpath(root), commit, name)

    def merge_base(self) -> Revision:
        """Give the last commit that this revision and the current one have in common, under the same name."""
        try:
            commit = _text(_git(self.root, "merge-base", self.commit, "HEAD"))
        except _GitError as error:
            advice = "a shallow clone has to fetch their history first"
            raise SqlcheckError(f"`{self.name}` and the current revision have no commit in common; {advice}") from error
        return replace(self, commit=commit)

    def read(self, path: str) -> bytes | None:
        """Give what a file held at the revision, None when it did not exist."""
        try:
            return _git(self.root, "cat-file", "blob", f"{self.commit}:{self._inside(path)}")
        except _GitError:
            return None

    def was(self, path: str) -> str:
        """Give the path that a file had at the revision, as far as git can tell."""
        return self._renamed.get(os.path.realpath(path), path)

    def differs(self, path: str) -> bool:
        """Tell whether a file is not the same now: changed, moved or new."""
        return os.path.realpath(path) in self._changed or self.read(path) is None

    @property
    def removed(self) -> tuple[str, ...]:
        """Give the files that were there and are gone, moved ones not counted."""
        return tuple(path for status, path, _ in self._entries if status == "D")

    @cached_property
    def _entries(self) -> tuple[tuple[str, str, str], ...]:
        return tuple(self._listed())

    @cached_property
    def _changed(self) -> frozenset[str]:
        return frozenset(new for _, _, new in self._entries)

    @cached_property
    def _renamed(self) -> dict[str, str]:
        return {new: old for status, old, new in self._entries if status == "R"}

    def _listed(self) -> Iterator[tuple[str, str, str]]:
        """List what differs from the files on disk: the kind of change, the path then and now."""
        out = _git(self.root, "diff", "--name-status", "--find-renames", "--no-ext-diff", "-z", self.commit, "--")
        fields = iter(os.fsdecode(out).split("\0"))
        for status in fields:
            if not status:
                break
            old = next(fields)
            new = next(fields) if status[0] in "RC" else old
            yield status[0], os.path.join(self.root, old), os.path.join(self.root, new)

    def _inside(self, path: str) -> str:
        folder, name = os.path.split(os.path.abspath(path))
        inside = os.path.relpath(os.path.join(os.path.realpath(folder), name), self.root)
        if inside.startswith(os.pardir):
            raise SqlcheckError(f"{path}: outside of the git repository `{self.root}`")
        return inside.replace(os.sep, "/")


class _GitError(Exception):
    """Git refused."""


def _git(folder: str, *arguments: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise SqlcheckError("git is not installed; give two files instead of a revision")
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    command = [program, "-C", folder, *arguments]
    # the arguments are ours, but for a revision and paths, which git is told apart from options
    result = subprocess.run(command, capture_output=True, check=False, env=environment)  # noqa: S603 - as said above
    if result.returncode:
        raise _GitError(os.fsdecode(result.stderr).strip())
    return result.stdout


def _text(output: bytes) -> str:
    return os.fsdecode(output).rstrip("\r\n")
