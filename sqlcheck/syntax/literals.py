"""The strings, quoted names, block comments and row patterns of a text, found without its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BRACKET = re.compile(r"(?P<pattern>\bpattern\s*)?\(|\)", re.IGNORECASE)


def unclosed(text: str) -> tuple[int, int]:
    """Give start and end of the literal that is never closed, or of the one that swallowed too much."""
    found = list(spans(text))
    last, end = found[-1] if found else (0, len(text))
    if text[last] in "'\"":
        # A quote that was meant to close, and opens, shows as a literal with a word glued to it.
        for start, stop in found[:-1]:
            if text[start] == text[last] and text[stop : stop + 1].isalnum():
                return start, stop
    return last, end


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the literals, in order; an open one ends with the text."""
    at = 0
    while at < len(text):
        if text.startswith(("--", "//"), at):
            at = _found(text, "\n", at)
        elif text[at] in "'\"" or text.startswith(("/*", "$$"), at):
            stop = _end(text, at)
            yield at, stop
            at = stop
        else:
            at += 1


def _end(text: str, start: int) -> int:
    opener = text[start]
    if opener not in "'\"":
        closer = "*/" if opener == "/" else "$$"
        return min(_found(text, closer, start + 2) + 2, len(text))
    at = start + 1
    while at < len(text):
        if text[at] == "\\" and opener == "'":
            at += 2
        elif text[at] == opener:
            if text[at + 1 : at + 2] != opener:
                return at + 1
            at += 2
        else:
            at += 1
    return len(text)


def _found(text: str, wanted: str, start: int) -> int:
    at = text.find(wanted, start)
    return at if at >= 0 else len(text)


def row_patterns(text: str) -> dict[int, int]:
    """Give start and end of the patterns of MATCH_RECOGNIZE, whose `?`, `$` and braces are signs of their own."""
    if "match_recognize" not in text.lower():
        return {}
    regions: dict[int, int] = {}
    opened: list[int | None] = []
    for bracket in _BRACKET.finditer(text):
        if bracket[0] != ")":
            opened.append(bracket.start() if bracket["pattern"] else None)
        elif opened and (start := opened.pop()) is not None:
            regions[start] = bracket.end()
    return regions
