"""Marks in the text that no Snowflake query may hold: typographic characters, foreign quotes, unfilled placeholders.

The text alone is read, not the parser's tokens: a stray quotation mark derails those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sqlcheck.model import Edit, Span

Kind = Literal["typographic", "foreign-quoting", "placeholder"]


@dataclass(frozen=True)
class Mark:
    """A stretch of text that is not SQL; `blocks` says that the parser would fail on it or misread it."""

    kind: Kind
    span: Span
    text: str
    name: str
    """What to call it: a character's name, or the form of the placeholder."""
    edits: tuple[Edit, ...] = ()
    blocks: bool = True


def marks(text: str) -> tuple[Mark, ...]:
    """Find the marks in a text, in order; nearly free for a clean one."""
    if _SUSPICIOUS.search(text) is None and not _has_reminder(text):
        return ()
    return _Scan(text).run()


def _has_reminder(text: str) -> bool:
    lowered = text.lower()
    return "replace_me" in lowered or "change_me" in lowered


# One leading character class lets the regex engine skip clean text; what follows looks back at the character found.
_SUSPICIOUS = re.compile(
    r"[\x80-\U0010ffff`?&{}\[<:%@]"
    r"(?:(?<=[\x80-\U0010ffff`?&{])"
    r"|(?<=\[)[ ]*[A-Za-z_]"
    r"|(?<=<)[A-Za-z_][^<>\n]*>"
    r"|(?<=%)[sdifr(]"
    r"|(?<=[^\w)\]}\"':]:)\w"
    r"|(?<=@)[A-Za-z_])"
)

_DOUBLE = "“”„‟″‶«»〝〞＂「」『』❝❞"
_SINGLE = "‘’‚‛′‵‹›＇´❛❜"
_OPENERS = "“„‟«〝「『‘‚‛‹❝❛"
_REPLACEMENTS = {
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "﹣": "-",
    "×": "*", "÷": "/", "∕": "/", "⁄": "/", "≠": "<>", "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=",
    "、": ",", "،": ",", "，": ",", "。": ".", "…": "...", "\u2028": "\n", "\u2029": "\n", "\x85": "\n",
}  # fmt: skip
_ZERO_WIDTH = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u180e")
_FULL_WIDTH = re.compile(r"[\uff01-\uff5e]+")

_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t\r\n\f\v]+)
    | (?P<comment>--[^\r\n]*|//[^\r\n]*|/\*.*?(?:\*/|\Z))
    | (?P<word>[^\W\d][\w$]*)
    | (?P<number>\d[\w.]*)
    | (?P<string>'(?:[^'\\]|''|\\.)*+(?:'|\Z)|\$\$.*?(?:\$\$|\Z))
    | (?P<name>"(?:[^"]|"")*+(?:"|\Z))
    | (?P<template>\{\{.*?(?:\}\}|(?=[\r\n]|\Z))|\{%.*?(?:%\}|(?=[\r\n]|\Z))|\{\#.*?(?:\#\}|\Z)
        |[$\#&!@%]\{[^{}\r\n]*\}|\{[\w.]*\w\})
    | (?P<backtick>`[^`\r\n]*`?)
    | (?P<stage>@[~%\w$./"]*)
    | (?P<operator>::|=>|<>|<=|>=|!=|\|\||->>?|\$\w+|=|<(?!\w)|>|[-+*/,;^|~!\\$\#])
    | (?P<punctuation>[\[\](){}.<:?&%])
    | (?P<odd>[^\x00-\x7f]+?)
    | (?P<other>.)
    """,
    re.X | re.S,
)

_BEFORE_OPERAND = frozenset(
    "SELECT DISTINCT ALL TOP FROM JOIN WHERE AND OR NOT ON USING HAVING QUALIFY BY IN LIKE ILIKE RLIKE REGEXP BETWEEN "
    "WHEN THEN ELSE CASE LIMIT OFFSET FETCH AS IS UNION EXCEPT INTERSECT MINUS WITH INTERVAL ESCAPE OVER LATERAL "
    "EXISTS CONNECT PRIOR GROUP ORDER TABLE FIRST NEXT".split()
)
_NAME_FOLLOWS = frozenset("SELECT DISTINCT FROM JOIN WHERE AND OR NOT ON BY AS HAVING QUALIFY WHEN CASE , IN".split())
_SURE_NAME = frozenset("FROM JOIN AS .".split())
_NOT_A_NAME = frozenset("NULL TRUE FALSE NOT CASE IS AND OR IN LIKE SELECT EXISTS BETWEEN".split())
_COMPARISONS = frozenset(("=", ">", "<", ">=", "<=", "BETWEEN", "AND"))
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w$]*\Z", re.A)
_BRACKETED = re.compile(r"\[[ ]*([A-Za-z_][\w $#@-]*)\]", re.A)
_ANGLED = re.compile(r"<([A-Za-z_][^<>\r\n'\"=]{0,80})>", re.A)
_PERCENT = re.compile(r"%(?:\(\w+\))?[sdifr]\b", re.A)
_AMPERSAND = re.compile(r"&[A-Za-z_]\w*\.?(?=\W|\Z)|&&?[A-Za-z_]\w*", re.A)
_BIND = re.compile(r":\w+", re.A)
_REMINDER = re.compile(r"(?:replace|change)_me(?:_\w+)?\Z", re.I)
_QUOTED_PLACEHOLDER = re.compile(r"'\s*(?:\{\{[^'{}]*\}\}|\$\{[^'{}]*\}|(?:replace|change)_me(?:_\w+)?)\s*'\Z", re.I)
_PATTERN = re.compile(r"\bpattern\s*\(", re.I)
_RESERVED = frozenset(
    "ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE "
    "CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DELETE DISTINCT DROP ELSE EXISTS FALSE FOLLOWING FOR FROM FULL GRANT "
    "GROUP HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS JOIN LATERAL LEFT LIKE LOCALTIME LOCALTIMESTAMP "
    "MINUS NATURAL NOT NULL OF ON OR ORDER QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SET SOME START "
    "TABLE TABLESAMPLE THEN TO TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE WITH".split()
)


@dataclass
class _Scan:
    """One walk over a suspicious text; remembers what stood before."""

    text: str
    at: int = 0
    previous: str = ""
    """The last token that is neither blank nor comment: a keyword or operator, or `x` for what ends an operand."""
    end: int = 0
    brackets: list[bool] = field(default_factory=list)
    """For each open bracket whether it holds a function's arguments."""
    after_name: bool = False
    found: list[Mark] = field(default_factory=list)
    doubtful: list[Mark] = field(default_factory=list)
    sure: bool = False

    def run(self) -> tuple[Mark, ...]:
        """Walk the text and give the marks in order."""
        handlers: dict[str, Callable[[re.Match[str]], None]] = {
            kind: getattr(self, f"_{kind}")
            for kind in ("word", "string", "name", "template", "backtick", "stage", "operator", "punctuation", "odd")
        }
        skips = self._patterns()
        while self.at < len(self.text):
            if self.at in skips:
                self.at = skips[self.at]
                self._past("x")
                continue
            match = _TOKEN.match(self.text, self.at)
            assert match is not None  # the last alternative takes any character
            start = self.at
            self.at = match.end()
            kind = match.lastgroup or ""
            if kind in ("blank", "comment"):
                continue
            handler = handlers.get(kind)
            if handler is not None:
                handler(match)
            else:
                self._past("x")
            assert self.at > start
        if self.sure:
            self.found += self.doubtful
        return tuple(sorted(self.found, key=lambda mark: mark.span))

    def _past(self, token: str, *, named: bool = False) -> None:
        self.previous = token
        self.after_name = named
        self.end = self.at

    @property
    def _operand(self) -> bool:
        return self.previous == "x"

    def _patterns(self) -> dict[int, int]:
        """Find the row patterns of MATCH_RECOGNIZE, whose `?` and braces are quantifiers."""
        if "match_recognize" not in self.text.lower():
            return {}
        regions = {}
        for match in _PATTERN.finditer(self.text):
            depth = 0
            for offset in range(match.end() - 1, len(self.text)):
                depth += {"(": 1, ")": -1}.get(self.text[offset], 0)
                if depth == 0:
                    regions[match.start()] = offset + 1
                    break
        return regions

    def _mark(self, kind: Kind, span: Span, name: str, *edits: Edit, blocks: bool = True) -> None:
        self.found.append(Mark(kind, span, self.text[span.start : span.end], name, edits, blocks))

    def _placeholder(self, start: int, name: str, *, blocks: bool) -> None:
        self._mark("placeholder", Span(start, self.at), name, blocks=blocks)
        self._past("x")

    # -- words, strings and names

    def _word(self, match: re.Match[str]) -> None:
        word = match.group()
        if not word.isascii():
            for wide in _FULL_WIDTH.finditer(word):
                self._full_width(Span(match.start() + wide.start(), match.start() + wide.end()))
        if _REMINDER.match(word):
            self._placeholder(match.start(), "a reminder", blocks=False)
            return
        upper = word.upper()
        keyword = upper in _BEFORE_OPERAND and self.previous != "."
        self._past(upper if keyword else "x", named=not keyword)

    def _string(self, match: re.Match[str]) -> None:
        if self._mixed_pair(match.start(), "'", _SINGLE):
            return
        if _QUOTED_PLACEHOLDER.match(match.group()) and (
            self.previous in _COMPARISONS or self.text.startswith("::", self.at)
        ):
            self._placeholder(match.start(), "a placeholder in quotes", blocks=False)
            return
        self._past("x")

    def _name(self, match: re.Match[str]) -> None:
        if self._mixed_pair(match.start(), '"', _DOUBLE):
            return
        if _REMINDER.match(match.group()[1:-1]):
            self._placeholder(match.start(), "a reminder", blocks=False)
            return
        self._past("x", named=True)

    def _mixed_pair(self, start: int, quote: str, family: str) -> bool:
        """Take `"x”`, which a typographic character was meant to close; an odd count of quotes gives it away."""
        line_end = _line_end(self.text, start)
        line = self.text[start:line_end]
        if line.count(quote) % 2 == 0 or not any(character in line for character in family):
            return False
        for offset in range(start + 1, line_end):
            character = self.text[offset]
            if character == quote:
                return False
            if character in family:
                self.at = offset + 1
                self._mark("typographic", Span(offset, offset + 1), _named(character), Edit(Span(offset, offset + 1), quote))
                self._past("x", named=quote == '"')
                return True
        return False

    # -- placeholders

    def _template(self, match: re.Match[str]) -> None:
        text = match.group()
        if text[1:-1].isdigit() and self._operand:
            self._past("x")
            return
        self._placeholder(match.start(), "a template", blocks=not text.startswith("{#"))

    def _stage(self, match: re.Match[str]) -> None:
        if self.previous in _COMPARISONS and match.group()[1:].isidentifier():
            self._placeholder(match.start(), "a variable", blocks=False)
            return
        self._past("x")

    def _operator(self, match: re.Match[str]) -> None:
        self._past("x" if match.group()[0] == "$" and len(match.group()) > 1 else match.group())

    def _punctuation(self, match: re.Match[str]) -> None:
        character = match.group()
        start = match.start()
        if character in "([{":
            if character == "[" and self._bracketed(start):
                return
            self.brackets.append(character == "(" and self.after_name)
            self._past(character)
        elif character in ")]}":
            if self.brackets:
                self.brackets.pop()
            self._past("x")
        elif character == ".":
            self._past(".")
        else:
            self._maybe_placeholder(character, start)

    def _maybe_placeholder(self, character: str, start: int) -> None:
        pattern, name, blocks = {
            "<": (_ANGLED, "an angled name", True),
            "%": (_PERCENT, "a format mark", True),
            "&": (_AMPERSAND, "a substitution variable", True),
            ":": (_BIND, "a bind variable", False),
            "?": (re.compile(r"\?"), "a bind mark", False),
        }[character]
        match = pattern.match(self.text, start)
        if match is None or (self._operand and not self._glued(character, match)):
            self._past(character)
            return
        self.at = match.end()
        self._placeholder(start, name, blocks=blocks)

    def _glued(self, character: str, match: re.Match[str]) -> bool:
        """Tell whether a placeholder is part of a name, as in `prod_<env>.crm` or `FROM mp_&env.crm`."""
        attached = self.end == match.start()
        follower = self.text[match.end() : match.end() + 1]
        if character == "<":
            return attached and match.group(1).isidentifier() and (follower == "." or follower.isidentifier())
        if character == "&" and attached:
            before = self.text[: match.start()].rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$.0123456789")
            return before.rstrip().upper().endswith(("FROM", "JOIN"))
        return False

    # -- foreign quotes

    def _backtick(self, match: re.Match[str]) -> None:
        inner = match.group()[1:].removesuffix("`")
        closed = len(match.group()) > 1 and match.group().endswith("`")
        edits = (Edit(Span(match.start(), match.end()), self._rename(inner)),) if closed and inner.strip() else ()
        if not closed:
            self.at = match.start() + 1
        self._mark("foreign-quoting", Span(match.start(), self.at), "backticks", *edits)
        self.sure = True
        self._past("x", named=True)

    def _bracketed(self, start: int) -> bool:
        """Take `[x]` where it stands for a name, not for an array or a subscript."""
        match = _BRACKETED.match(self.text, start)
        if match is None:
            return False
        inner = match.group(1).strip()
        words = inner.upper().split()
        follower = self.text[match.end() : match.end() + 2]
        sure = self.previous in _SURE_NAME or (not self._operand and follower[:1] == ".")
        if not sure:
            if not _NOT_A_NAME.isdisjoint(words) or "-" in inner or follower == "::" or follower[:1] == "[":
                return False
            if self._operand and (len(words) == 1 or self.brackets[-1:] == [True]):
                return False
            sure = self._operand
        expected = self.previous in _NAME_FOLLOWS or (self.previous == "(" and not self.brackets[-1:] == [True])
        in_call = bool(self.brackets) and self.brackets[-1]
        self.at = match.end()
        span = Span(start, self.at)
        mark = Mark(
            "foreign-quoting", span, self.text[start : self.at], "brackets", (Edit(span, self._rename(inner)),), True
        )
        (self.found if sure or (expected and not in_call) else self.doubtful).append(mark)
        self.sure = self.sure or sure
        self._past("x", named=True)
        return True

    def _rename(self, name: str) -> str:
        """Write a foreign-quoted name for Snowflake: bare where it folds like the table's, quoted for an alias."""
        parts = name.split(".")
        if self.previous in ("FROM", "JOIN") and len(parts) > 1 and all(map(_is_plain, parts)):
            return name
        alone = len(re.findall(rf"(?<![\w$]){re.escape(name)}(?![\w$])", self.text)) == 1
        if _is_plain(name) and not (self.previous == "AS" and alone):
            return name
        return '"' + name.replace('"', '""') + '"'

    # -- typographic characters

    def _odd(self, match: re.Match[str]) -> None:
        start = match.start()
        character = match.group()
        if character in _DOUBLE or character in _SINGLE:
            self._quotes(start, character)
        elif "\uff01" <= character <= "\uff5e":
            wide = _FULL_WIDTH.match(self.text, start)
            assert wide is not None
            # A full-width quotation mark inside the run starts a pair of its own.
            stop = min((i for i in range(start, wide.end()) if self.text[i] in "＂＇"), default=wide.end())
            self.at = stop
            self._full_width(Span(start, stop))
            self._past(unicodedata.normalize("NFKC", self.text[stop - 1]))
        elif character in "–—" and self._commented(start):
            return
        else:
            self._character(start, character)

    def _character(self, start: int, character: str) -> None:
        if unicodedata.category(character)[0] in "LMN":
            self._past("x")
            return
        replacement = _replacement(character)
        while self.text[self.at : self.at + 1] == character:
            self.at += 1
        span = Span(start, self.at)
        edits = () if replacement is None else (Edit(span, replacement * (self.at - start)),)
        self._mark("typographic", span, _named(character), *edits)
        if replacement is not None and replacement.strip():
            self._past(replacement)

    def _full_width(self, span: Span) -> None:
        text = self.text[span.start : span.end]
        plain = "".join(chr(ord(character) - 0xFEE0) for character in text)
        self._mark("typographic", span, "full-width characters" if len(text) > 1 else _named(text), Edit(span, plain))

    def _commented(self, start: int) -> bool:
        """Take a dash that a word processor made of `--`: the rest of the line is a comment."""
        line_end = _line_end(self.text, start)
        rest = self.text[start:line_end]
        begins_line = not self.text[_line_start(self.text, start) : start].strip()
        if not re.match(r"[–—]{2}|[–—]-|-[–—]", rest) and not (begins_line and re.match(r"— |[–—] [^\W\d]+ [^\W\d]+", rest)):
            return False
        length = 2 if rest[1:2] in ("–", "—", "-") else 1
        self._mark("typographic", Span(start, start + length), _named(rest[0]), Edit(Span(start, start + length), "--"))
        self.at = line_end
        return True

    def _quotes(self, start: int, character: str) -> None:
        family, quote = (_DOUBLE, '"') if character in _DOUBLE else (_SINGLE, "'")
        if self.previous == "AS":
            quote = '"'
        close = self._closer(start, family, quote)
        if close is None:
            self._mark("typographic", Span(start, start + 1), _named(character))
            self._past("x")
            return
        self.at = close + 1
        opening = Edit(Span(start, start + 1), quote)
        if self.text[close] in family:
            inner = tuple(
                Edit(Span(i, i + 1), quote * 2) for i in range(start + 1, close) if self.text[i] == quote
            )
            closing = Edit(Span(close, close + 1), quote)
            self._mark("typographic", Span(start, self.at), _named(character), opening, *inner, closing)
        else:
            opening = Edit(Span(start, start + 1), self.text[close])
            self._mark("typographic", Span(start, start + 1), _named(character), opening)
        self._past("x", named=quote == '"')

    def _closer(self, start: int, family: str, quote: str) -> int | None:
        """Find what closes a typographic quote on its line: its like, or the plain quote of a mixed pair."""
        ascii_quote = '"' if family is _DOUBLE else "'"
        line_end = _line_end(self.text, start)
        plain = None
        for offset in range(start + 1, line_end):
            character = self.text[offset]
            if character == ascii_quote and plain is None:
                plain = offset
            if character in family and not (family is _SINGLE and self.text[offset + 1 : offset + 2].isalnum()):
                within = self.text[start + 1 : offset]
                if character in _OPENERS and self.text[start] == character and ("," in within or "(" in within):
                    break
                if plain is not None and within.count(ascii_quote) % 2 == 1 and ascii_quote == '"':
                    break
                return offset
        if plain is not None and self.text[start:line_end].count(ascii_quote) % 2 == 1:
            return plain
        return None


def _is_plain(name: str) -> bool:
    return _PLAIN_NAME.match(name) is not None and name.upper() not in _RESERVED


def _line_end(text: str, start: int) -> int:
    ends = [end for end in (text.find("\n", start), text.find("\r", start)) if end >= 0]
    return min(ends, default=len(text))


def _line_start(text: str, start: int) -> int:
    return max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1


def _replacement(character: str) -> str | None:
    if character in _ZERO_WIDTH or "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069":
        return ""
    if unicodedata.category(character) == "Zs":
        return " "
    return _REPLACEMENTS.get(character)


def _named(character: str) -> str:
    """Name a character for people."""
    if character == "\ufeff":
        return "byte order mark"
    return unicodedata.name(character, f"U+{ord(character):04X}").lower()
