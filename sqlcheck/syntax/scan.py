"""Marks in a text that no Snowflake query may hold: typographic characters, foreign quotes, unfilled placeholders.

The text alone is read, not the parser's tokens: a stray quotation mark derails those.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from sqlcheck.model import Edit, Span
from sqlcheck.names import is_plain, quote
from sqlcheck.syntax import literals
from sqlcheck.syntax.marks import Kind, Mark
from sqlcheck.syntax.typography import (
    DOUBLE,
    FULL_WIDTH,
    SINGLE,
    closer,
    comment_dash,
    line_end,
    named,
    reach,
    replacement,
)

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
    re.VERBOSE | re.DOTALL,
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
_BRACKETED = re.compile(r"\[[ ]*([A-Za-z_][\w $#@-]*)\]", re.ASCII)
_ITEM_END = re.compile(r"\s*(?:,|from\b)", re.IGNORECASE)
_ANGLED = re.compile(r"<([A-Za-z_][^<>\r\n'\"=]{0,80})>", re.ASCII)
_PERCENT = re.compile(r"%(?:\(\w+\))?[sdifr]\b", re.ASCII)
_AMPERSAND = re.compile(r"&[A-Za-z_]\w*\.?(?=\W|\Z)|&&?[A-Za-z_]\w*", re.ASCII)
_BIND = re.compile(r":\w+", re.ASCII)
_REMINDER = re.compile(r"(?:replace|change)_me(?:_\w+)?\Z", re.IGNORECASE)
_QUOTED_PLACEHOLDER = re.compile(
    r"'\s*(?:\{\{[^'{}]*\}\}|\$\{[^'{}]*\}|(?:replace|change)_me(?:_\w+)?)\s*'\Z", re.IGNORECASE
)


@dataclass
class Scan:
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
            kind: getattr(self, f"_{kind}") for kind in _TOKEN.groupindex if hasattr(self, f"_{kind}")
        }
        skips = literals.row_patterns(self.text)
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

    def _mark(self, kind: Kind, span: Span, name: str, *edits: Edit, blocks: bool = True) -> None:
        self.found.append(Mark(kind, span, self.text[span.start : span.end], name, edits, blocks))

    def _placeholder(self, start: int, name: str, *, blocks: bool) -> None:
        self._mark("placeholder", Span(start, self.at), name, blocks=blocks)
        self._past("x")

    def _word(self, match: re.Match[str]) -> None:
        word = match.group()
        self._widths(match)
        if _REMINDER.match(word):
            self._placeholder(match.start(), "a reminder", blocks=False)
            return
        upper = word.upper()
        keyword = upper in _BEFORE_OPERAND and self.previous != "."
        self._past(upper if keyword else "x", named=not keyword)

    _number = _word

    def _widths(self, match: re.Match[str]) -> None:
        if not match.group().isascii():
            for wide in FULL_WIDTH.finditer(match.group()):
                self._full_width(Span(match.start() + wide.start(), match.start() + wide.end()))

    def _string(self, match: re.Match[str]) -> None:
        if self._mixed_pair(match.start(), "'", SINGLE):
            return
        if _QUOTED_PLACEHOLDER.match(match.group()) and (
            self.previous in _COMPARISONS or self.text.startswith("::", self.at)
        ):
            self._placeholder(match.start(), "a placeholder in quotes", blocks=False)
            return
        self._past("x")

    def _name(self, match: re.Match[str]) -> None:
        if self._mixed_pair(match.start(), '"', DOUBLE):
            return
        if _REMINDER.match(match.group()[1:-1]):
            self._placeholder(match.start(), "a reminder", blocks=False)
            return
        self._past("x", named=True)

    def _mixed_pair(self, start: int, quote: str, family: str) -> bool:
        """Take `"x”`, which a typographic character was meant to close; an odd count of quotes gives it away."""
        stop = reach(self.text, start)
        line = self.text[start:stop]
        if line.count(quote) % 2 == 0 or not any(character in line for character in family):
            return False
        for offset in range(start + 1, stop):
            character = self.text[offset]
            if character == quote:
                return False
            if character in family:
                self.at = offset + 1
                span = Span(offset, offset + 1)
                self._mark("typographic", span, named(character), Edit(span, quote))
                self._past("x", named=quote == '"')
                return True
        return False

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
        text = match.group()
        if text[0] != "$" or len(text) == 1:
            self._past(text)
        elif text[1].isdigit() or self._operand or self.previous in ("AS", "."):
            self._past("x")
        else:
            self._placeholder(match.start(), "a session variable", blocks=False)

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
            before = self.text[max(0, match.start() - 200) : match.start()]
            return re.search(r"(?:from|join)\s+[\w.$]*\Z", before, re.IGNORECASE) is not None
        return False

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
            if self._operand and (self.brackets[-1:] == [True] or not (len(words) > 1 or self._is_apart(start, match))):
                return False
            sure = self._operand
        expected = self.previous in _NAME_FOLLOWS or (self.previous == "(" and self.brackets[-1:] != [True])
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

    def _is_apart(self, start: int, match: re.Match[str]) -> bool:
        """Tell an alias in brackets, which ends its item, from a subscript, which is glued to its array."""
        return self.end < start and _ITEM_END.match(self.text, match.end()) is not None

    def _rename(self, name: str) -> str:
        """Write a foreign-quoted name for Snowflake: bare where it folds like the table's, quoted for an alias."""
        parts = name.split(".")
        if self.previous in ("FROM", "JOIN") and len(parts) > 1 and all(map(is_plain, parts)):
            return name
        if is_plain(name) and not (self._names_an_item and self._words[name] == 1):
            return name
        return quote(name)

    @property
    def _names_an_item(self) -> bool:
        return self.previous == "AS" or self._operand

    @cached_property
    def _words(self) -> Counter[str]:
        return Counter(re.findall(r"[\w$]+", self.text))

    def _odd(self, match: re.Match[str]) -> None:
        start = match.start()
        character = match.group()
        if character in DOUBLE or character in SINGLE:
            self._quotes(start, character)
        elif "\uff01" <= character <= "\uff5e":
            wide = FULL_WIDTH.match(self.text, start)
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
        plain = replacement(character)
        while self.text[self.at : self.at + 1] == character:
            self.at += 1
        span = Span(start, self.at)
        edits = () if plain is None else (Edit(span, plain * (self.at - start)),)
        self._mark("typographic", span, named(character), *edits)
        if plain is not None and plain.strip():
            self._past(plain)

    def _full_width(self, span: Span) -> None:
        text = self.text[span.start : span.end]
        plain = "".join(chr(ord(character) - 0xFEE0) for character in text)
        self._mark("typographic", span, "full-width characters" if len(text) > 1 else named(text), Edit(span, plain))

    def _commented(self, start: int) -> bool:
        """Take a dash that a word processor made of `--`: the rest of the line is a comment."""
        length = comment_dash(self.text, start)
        if length:
            span = Span(start, start + length)
            self._mark("typographic", span, named(self.text[start]), Edit(span, "--"))
            self.at = line_end(self.text, start)
        return length > 0

    def _quotes(self, start: int, character: str) -> None:
        family, quote = (DOUBLE, '"') if character in DOUBLE else (SINGLE, "'")
        if self.previous == "AS":
            quote = '"'
        close = closer(self.text, start)
        if close is None:
            self._mark("typographic", Span(start, start + 1), named(character))
            self._past("x")
            return
        self.at = close + 1
        opening = Edit(Span(start, start + 1), quote)
        if self.text[close] in family:
            inner = tuple(Edit(Span(i, i + 1), quote * 2) for i in range(start + 1, close) if self.text[i] == quote)
            closing = Edit(Span(close, close + 1), quote)
            self._mark("typographic", Span(start, self.at), named(character), opening, *inner, closing)
        else:
            opening = Edit(Span(start, start + 1), self.text[close])
            self._mark("typographic", Span(start, start + 1), named(character), opening)
        self._past("x", named=quote == '"')
