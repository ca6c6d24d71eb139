"""Characters that look like those of SQL: what they are called and what was meant."""

from __future__ import annotations

import re
import unicodedata

DOUBLE = "“”„‟″‶«»〝〞＂「」『』❝❞"
SINGLE = "‘’‚‛′‵‹›＇´❛❜"
_OPENERS = "“„‟«〝「『‘‚‛‹❝❛"
_REPLACEMENTS = {
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "﹣": "-",
    "×": "*", "÷": "/", "∕": "/", "⁄": "/", "≠": "<>", "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=",
    "、": ",", "،": ",", "，": ",", "。": ".", "…": "...", "\u2028": "\n", "\u2029": "\n", "\x85": "\n",
}  # fmt: skip
_ZERO_WIDTH = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u180e")
_LINE_END = re.compile(r"[\r\n]")
_REACH = 2000
"""How far a quote may be from the one that closes it; bounds the work on texts of one endless line."""
FULL_WIDTH = re.compile(r"[\uff01-\uff5e]+")


def line_end(text: str, start: int) -> int:
    """Give the offset at which a line ends."""
    match = _LINE_END.search(text, start)
    return match.start() if match else len(text)


def reach(text: str, start: int) -> int:
    """Give the offset up to which a quote may be closed: the end of its line, if that is near."""
    match = _LINE_END.search(text, start, start + _REACH)
    return match.start() if match else min(len(text), start + _REACH)


def replacement(character: str) -> str | None:
    """Give what to write for a character, None when there is nothing alike."""
    if character in _ZERO_WIDTH or "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069":
        return ""
    if unicodedata.category(character) == "Zs":
        return " "
    return _REPLACEMENTS.get(character)


def named(character: str) -> str:
    """Name a character for people."""
    if character == "\ufeff":
        return "byte order mark"
    return unicodedata.name(character, f"U+{ord(character):04X}").lower()


def comment_dash(text: str, start: int) -> int:
    """Give the length of the dashes at `start` if they stand for `--`, else 0."""
    rest = text[start : reach(text, start)]
    if re.match(r"[–—]{2}|[–—]-", rest):
        return 2
    before = text[max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1 : start]
    begins_a_comment = re.match(r"— |[–—] [^\W\d]+ [^\W\d]+", rest) is not None
    return 1 if begins_a_comment and not before.strip() else 0


def closer(text: str, start: int) -> int | None:
    """Find what closes the quote at `start` on its line: its like, or the plain quote of a mixed pair."""
    family, plain_quote = (DOUBLE, '"') if text[start] in DOUBLE else (SINGLE, "'")
    stop = reach(text, start)
    plain = None
    for offset in range(start + 1, stop):
        character = text[offset]
        if character == plain_quote and plain is None:
            plain = offset
        elif character in family and not (family is SINGLE and text[offset + 1 : offset + 2].isalnum()):
            within = text[start + 1 : offset]
            is_other = character in _OPENERS and text[start] == character and ("," in within or "(" in within)
            if is_other or (family is DOUBLE and within.count('"') % 2 == 1):
                break
            return offset
    return plain if plain is not None and text[start:stop].count(plain_quote) % 2 == 1 else None
