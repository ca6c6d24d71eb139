"""JSON → nodes, by a strict scanner that says in plain words what is wrong, and where."""

from __future__ import annotations

import re
from typing import NoReturn

from sqlcheck.documents.nodes import MAX_DEPTH, Kind, Node, Scalar
from sqlcheck.model import Problem, Span
from sqlcheck.names import closest

_BLANK = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'"[^"\\\x00-\x1f]*"')
_RUN = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![\w.])")
_WORD = re.compile(r"[-+\w.$]+")
_POSTMAN = re.compile(r"\{\{[^{}\n\"]*\}\}")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS: dict[str, tuple[Kind, Scalar]] = {
    "true": ("boolean", True),
    "false": ("boolean", False),
    "null": ("null", None),
}
_MAX_DIGITS = 400


class _StopError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def scan(text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Read a text as one JSON value."""
    scanner = _Scanner(text)
    try:
        root = scanner.document()
    except _StopError as stop:
        return None, (*scanner.problems, stop.problem)
    return root, tuple(scanner.problems)


def unescape(text: str, span: Span) -> tuple[str, tuple[int, ...]]:
    """Give the value of the JSON string at `span`, and where in `text` each character of it stands."""
    scanner = _Scanner(text)
    offsets: list[int] = []
    scanner.at = span.start
    return scanner.characters(offsets), (*offsets, span.end - 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.problems: list[Problem] = []

    def document(self) -> Node:
        """Read the only value of the text."""
        self.at = 1 if self.text.startswith("\ufeff") else 0
        if not self._peek():
            self._stop(Span(0, 0), "the document is empty")
        root = self._value(0)
        if self._peek():
            self._stop(self._here(), "the document is at its end before this", "keep one JSON value in a file")
        return root

    def characters(self, offsets: list[int] | None = None) -> str:
        """Read the string that begins here, and note the offset of each of its characters."""
        start = self.at
        self.at += 1
        parts: list[str] = []
        while True:
            run = _RUN.match(self.text, self.at)
            assert run, "matches the empty text as well"
            parts.append(run.group())
            if offsets is not None:
                offsets.extend(range(self.at, run.end()))
            self.at = run.end()
            character = self.text[self.at : self.at + 1]
            if character == '"':
                self.at += 1
                return "".join(parts)
            if character != "\\":
                self._broken_string(start, character)
            if offsets is not None:
                offsets.append(self.at)
            parts.append(self._escape())

    def _broken_string(self, start: int, character: str) -> NoReturn:
        if not character:
            self._stop(Span(start, start + 1), "the string that begins here is never closed")
        if character in "\r\n":
            self._stop(self._here(), "a string runs over the end of the line", r"write the line break as `\n`")
        written = {"\t": r"\t"}.get(character, f"\\u{ord(character):04x}")
        self._stop(self._here(), "a control character stands in a string", f"write it as `{written}`")

    def _escape(self) -> str:
        start = self.at
        letter = self.text[start + 1 : start + 2]
        if letter == "u":
            return self._unicode()
        if letter not in _ESCAPES or not letter:
            self._stop(Span(start, start + 2), rf"`\{letter}` is not an escape of JSON", r"write a backslash as `\\`")
        self.at += 2
        return _ESCAPES[letter]

    def _unicode(self) -> str:
        start = self.at
        first = self._unit(start)
        if first is None:
            self._stop(Span(start, start + 2), r"`\u` wants four hexadecimal digits behind it")
        self.at += 6
        if 0xD800 <= first < 0xDC00 and (second := self._unit(self.at)) is not None and 0xDC00 <= second < 0xE000:
            self.at += 6
            return chr(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00)
        if 0xD800 <= first < 0xE000:
            written = self.text[start : start + 6]
            message = f"`{written}` is half of a pair, and its other half is missing"
            self.problems.append(Problem(Span(start, start + 6), message))
            return "\ufffd"
        return chr(first)

    def _unit(self, at: int) -> int | None:
        found = _HEX.match(self.text, at + 2) if self.text.startswith("\\u", at) else None
        return int(found.group(), 16) if found else None

    def _value(self, depth: int) -> Node:
        character = self._peek()
        start = self.at
        if depth > MAX_DEPTH:
            self._stop(self._here(), f"the values are nested more than {MAX_DEPTH} deep")
        if character == '"':
            return self._string()
        if character == "{":
            postman = _POSTMAN.match(self.text, start)
            if postman:
                self.at = postman.end()
                return Node("string", Span(*postman.span()), postman.group())
            return self._object(depth)
        if character == "[":
            return self._array(depth)
        number = _NUMBER.match(self.text, start)
        if number:
            self.at = number.end()
            return _number(number)
        word = _WORD.match(self.text, start)
        if word and word.group() in _CONSTANTS:
            self.at = word.end()
            kind, value = _CONSTANTS[word.group()]
            return Node(kind, Span(*word.span()), value)
        return self._no_value(word)

    def _no_value(self, word: re.Match[str] | None) -> NoReturn:
        if word:
            guess = closest(word.group(), _CONSTANTS) or {"None": "null", "NaN": "null"}.get(word.group())
            advice = f"did you mean `{guess}`?" if guess else "text stands in double quotes"
            self._stop(Span(*word.span()), f"`{word.group()}` is not a value of JSON", advice)
        character = self._peek()
        if not character:
            self._stop(self._here(), "the document ends where a value is wanted")
        if character in "'‘’“”":
            self._stop(self._here(), f"`{character}` is not a quotation mark of JSON", 'write `"`')
        if character == "/":
            self._stop(self._here(), "JSON has no comments")
        self._stop(self._here(), f"`{character}` stands where a value is wanted")

    def _string(self) -> Node:
        start = self.at
        plain = _PLAIN.match(self.text, start)
        if plain:
            self.at = plain.end()
            return Node("string", Span(start, self.at), self.text[start + 1 : self.at - 1])
        value = self.characters()
        return Node("string", Span(start, self.at), value)

    def _array(self, depth: int) -> Node:
        start = self.at
        self.at += 1
        elements: list[Node] = []
        while self._more(start, "]", bool(elements)):
            elements.append(self._value(depth + 1))
        return Node("array", Span(start, self.at), None, (), tuple(elements))

    def _object(self, depth: int) -> Node:
        start = self.at
        self.at += 1
        items: list[tuple[Node, Node]] = []
        seen: set[str] = set()
        while self._more(start, "}", bool(seen)):
            if self._peek() != '"':
                self._stop(self._here(), "a key in double quotes is wanted here")
            key = self._string()
            if self._peek() != ":":
                self._stop(self._here(), f"a `:` is wanted behind the key `{key.value}`")
            self.at += 1
            value = self._value(depth + 1)
            if str(key.value) in seen:
                self.problems.append(
                    Problem(key.span, f"the key `{key.value}` stands here twice", "keep one of the two")
                )
            else:
                items.append((key, value))
            seen.add(str(key.value))
        return Node("object", Span(start, self.at), None, tuple(items))

    def _more(self, start: int, closing: str, begun: bool) -> bool:
        """Step over what stands between two members, and tell whether another one follows."""
        character = self._peek()
        if character == closing:
            self.at += 1
            return False
        if not character:
            self._stop(Span(start, start + 1), f"this `{self.text[start]}` is never closed")
        if not begun:
            return True
        if character != ",":
            self._no_comma(closing)
        comma = self._here()
        self.at += 1
        if self._peek() == closing:
            self._stop(comma, f"a comma stands before the closing `{closing}`", "remove it")
        return True

    def _no_comma(self, closing: str) -> NoReturn:
        behind_string = self.text[: self.at].rstrip().endswith('"')
        advice = r'a `"` inside a string is written `\"`' if behind_string and self._peek() != '"' else None
        self._stop(self._here(), f"a comma or `{closing}` is wanted before this", advice)

    def _peek(self) -> str:
        blank = _BLANK.match(self.text, self.at)
        assert blank, "matches the empty text as well"
        self.at = blank.end()
        return self.text[self.at : self.at + 1]

    def _here(self) -> Span:
        return Span(self.at, min(self.at + 1, len(self.text)))

    def _stop(self, span: Span, message: str, advice: str | None = None) -> NoReturn:
        raise _StopError(Problem(Span(span.start, min(span.end, len(self.text))), message, advice))


def _number(found: re.Match[str]) -> Node:
    text, span = found.group(), Span(*found.span())
    if found.group(2) or found.group(3) or len(text) > _MAX_DIGITS:
        return Node("number", span, float(text))
    return Node("integer", span, int(text))
