"""Whether a text may hold marks that no Snowflake query has: most texts are clean, and that shows at a glance."""

from __future__ import annotations

import re

from sqlcheck.syntax.marks import Mark


def marks(text: str) -> tuple[Mark, ...]:
    """Find the marks in a text, in order; nearly free for a clean one."""
    lowered = text.lower()
    is_reminding = "replace_me" in lowered or "change_me" in lowered
    if text.isascii() and _SUSPICIOUS.search(text) is None and not is_reminding:
        return ()
    from sqlcheck.syntax.scan import Scan  # its patterns take long to compile, and most texts are clean

    return Scan(text).run()


# For ASCII alone: any other character is suspicious anyway, and a class that holds them all takes 10 ms to compile.
# One leading character class lets the regex engine skip clean text; what follows looks back at the character found.
_SUSPICIOUS = re.compile(
    r"[`?&{}\[<:%@$]"
    r"(?:(?<=[`?&{])"
    r"|(?<=\[)[ ]*[A-Za-z_]"
    r"|(?<=<)[A-Za-z_][^<>\n]*>"
    r"|(?<=%)[sdifr(]"
    r"|(?<=[^\w)\]}\"':]:)\w"
    r"|(?<=@)[A-Za-z_]"
    r"|(?<=[^\w$\"']\$)[A-Za-z_])"
)
