"""Apply fixes as edits on the author's text, prove each one by looking again, and write files in one step."""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
import re
import stat
import tempfile
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Diagnostic, Edit, Span

MAX_PASSES = 100
"""How often fixes may lead to further fixes in one text before the rest is left for the next run."""

"""How the names of files begin that are being written."""

_LONE_FEED = re.compile(r"(?<!\r)\n")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

Shape = tuple[str, ...] | None
"""The output names of a query, in order; None when it could not be read."""


class Look(NamedTuple):
    """What is seen in a text: its diagnostics, and the shape of each query in it."""

    diagnostics: tuple[Diagnostic, ...]
    shapes: tuple[Shape, ...]


class Withdrawn(NamedTuple):
    """A fix that was tried and taken back."""

    diagnostic: Diagnostic
    reason: str

    @property
    def rule(self) -> str:
        """Give the rule whose fix it was."""
        return self.diagnostic.rule


class Fixed(NamedTuple):
    """A text behind its fixes, what was mended, and what was taken back."""

    text: str
    applied: tuple[Diagnostic, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()


def fix(text: str, look: Callable[[str], Look], *, unsafe: bool = False, rules: Collection[str] | None = None) -> Fixed:
    """Apply the fixes of a text, pass by pass, until none is left that holds."""
    applied: list[Diagnostic] = []
    withdrawn: dict[object, Withdrawn] = {}
    seen = {text}
    seeing = look(text)
    for _ in range(MAX_PASSES):
        step = _Pass(text, seeing, look, seen, withdrawn).run(unsafe, rules)
        if step is None:
            break
        text, seeing, chosen = step
        seen.add(text)
        applied += chosen
        # What did not hold before may hold now; without a second try, fixing twice would do more than once.
        withdrawn.clear()
    return Fixed(text, tuple(applied), tuple(withdrawn.values()))


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits that do not overlap; line breaks take the form that the text has."""
    windows = "\r\n" in text and not _LONE_FEED.search(text)
    parts, at = [], 0
    for edit in sorted(set(edits), key=lambda edit: (edit.span, edit.text)):
        parts += [text[at : edit.span.start], _LONE_FEED.sub("\r\n", edit.text) if windows else edit.text]
        at = edit.span.end
    return "".join([*parts, text[at:]])


def diff(old: str, new: str, path: str) -> str:
    """Give the difference of two texts as a unified diff, empty when there is none."""
    lines = difflib.unified_diff(_LINE.findall(old), _LINE.findall(new), path, path)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def write_atomic(path: str | os.PathLike[str], data: bytes, mode: int | None = None) -> None:
    """Replace a file in one step; a reader sees the old bytes or the new ones.

    The file keeps its owner, and its mode when none is given; a new one has what the umask allows. A read-only one is
    not replaced; a device or a pipe is written to as it is.
    """
    try:
        known = _state(path)
        if known is not None and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if known is not None and not stat.S_ISREG(known.st_mode):
            Path(path).write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        if mode is None:
            mode = 0o666 & ~_umask() if known is None else stat.S_IMODE(known.st_mode)
        handle, name = tempfile.mkstemp(prefix=".sqlcheck-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if known is not None and hasattr(os, "chown"):
                with contextlib.suppress(PermissionError):
                    os.chown(name, known.st_uid, known.st_gid)
            os.chmod(name, mode)
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except (OSError, ValueError) as error:  # no file has a NUL in its name
        raise SqlcheckError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error


@dataclass
class _Pass:
    """One round over a text: choose fixes, try them, keep what holds."""

    text: str
    seeing: Look
    look: Callable[[str], Look]
    seen: set[str]
    withdrawn: dict[object, Withdrawn]

    def run(self, unsafe: bool, rules: Collection[str] | None) -> tuple[str, Look, list[Diagnostic]] | None:
        """Apply the safe fixes that fit together, or else the unsafe ones."""
        for safe in (True, False) if unsafe else (True,):
            fixes = [
                diagnostic
                for diagnostic in self.seeing.diagnostics
                if diagnostic.fix
                and diagnostic.fix.safe is safe
                and (rules is None or diagnostic.rule in rules)
                and _identity(self.text, diagnostic) not in self.withdrawn
            ]
            while fixes:
                together = _fitting(fixes)
                held = self._holding(together)
                if held:
                    return held
                fixes = [diagnostic for diagnostic in fixes if diagnostic not in together]
        return None

    def _holding(self, chosen: list[Diagnostic]) -> tuple[str, Look, list[Diagnostic]] | None:
        """Try fixes together; when that does not hold, try each half, and withdraw those that fail alone."""
        result = apply(self.text, _edits(chosen))
        seeing = self.look(result)
        reason = _objection(self.seeing, seeing, chosen, result in self.seen)
        if reason is None:
            return result, seeing, chosen
        if len(chosen) == 1:
            self.withdrawn[_identity(self.text, chosen[0])] = Withdrawn(chosen[0], reason)
            return None
        middle = len(chosen) // 2
        left, right = self._holding(chosen[:middle]), self._holding(chosen[middle:])
        if left is None or right is None:
            return left or right
        if len(left[2]) + len(right[2]) == len(chosen):
            return left
        return self._holding(left[2] + right[2]) or left


def _fitting(fixes: list[Diagnostic]) -> list[Diagnostic]:
    """Choose from the top fixes that do not touch each other; those with the same edits go together."""
    chosen: list[Diagnostic] = []
    taken: set[Edit] = set()
    spans: list[Span] = []
    for diagnostic in fixes:
        edits = _edits([diagnostic])
        if all(edit in taken or _is_free(edit.span, spans) for edit in edits):
            chosen.append(diagnostic)
            for edit in edits:
                if edit not in taken:
                    taken.add(edit)
                    insort(spans, edit.span)
    return chosen


def _is_free(span: Span, spans: list[Span]) -> bool:
    """Tell whether a span collides with none of those taken, which are sorted and apart from each other."""
    at = bisect_left(spans, span)
    return not any(_collide(span, other) for other in spans[max(0, at - 1) : at + 1])


def _collide(one: Span, other: Span) -> bool:
    """Tell whether two edits overlap; an insertion also collides with what it touches, for order would matter."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _edits(chosen: Iterable[Diagnostic]) -> list[Edit]:
    return [edit for diagnostic in chosen if diagnostic.fix for edit in diagnostic.fix.edits]


def _objection(before: Look, after: Look, chosen: list[Diagnostic], known: bool) -> str | None:
    """Say why a result must not stand, or give None when it may."""
    pairs = list(zip(before.shapes, after.shapes, strict=False))
    if len(before.shapes) != len(after.shapes) or any(old is not None and new is None for old, new in pairs):
        return "the result cannot be read"
    safe = all(diagnostic.fix and diagnostic.fix.safe for diagnostic in chosen)
    if safe and any(old is not None and old != new for old, new in pairs):
        return "the name of an output column would change"
    if known:
        return "the result is what stood there before"
    if any(old is None and new is not None for old, new in pairs):
        return None
    were, are = Counter(d.rule for d in before.diagnostics), Counter(d.rule for d in after.diagnostics)
    if any(were[rule] - are[rule] < count for rule, count in Counter(d.rule for d in chosen).items()):
        return "the fault would remain"
    return None


def _identity(text: str, diagnostic: Diagnostic) -> object:
    edits = tuple((text[edit.span.start : edit.span.end], edit.text) for edit in _edits([diagnostic]))
    return diagnostic.rule, diagnostic.span, diagnostic.message, edits


def _state(path: str | os.PathLike[str]) -> os.stat_result | None:
    """Tell the mode and the owner of a file, None where there is none yet."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
