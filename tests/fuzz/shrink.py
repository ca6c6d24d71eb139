"""Make a text that breaks something as small as it can be."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

_PIECE = re.compile(rb"\w+|\s+|[^\w\s]")


def shrink(data: bytes, breaks: Callable[[bytes], bool], seconds: float) -> bytes:
    """Leave out lines, then words, for as long as what is left breaks the same thing and the time lasts."""
    end = time.monotonic() + seconds
    for pattern in (re.compile(rb"[^\n]*\n|[^\n]+"), _PIECE):
        pieces = pattern.findall(data)
        size = max(1, len(pieces) // 2)
        while size and pieces:
            at = 0
            while at < len(pieces):
                if time.monotonic() > end:
                    return data
                fewer = pieces[:at] + pieces[at + size :]
                if breaks(b"".join(fewer)):
                    pieces, data = fewer, b"".join(fewer)
                else:
                    at += size
            size //= 2
    return data
