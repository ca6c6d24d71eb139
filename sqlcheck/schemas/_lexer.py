"""SQL text → tokens, one at a time: as much of Snowflake's lexical rules as statements that define tables need.

sqlglot's tokenizer and parser take two seconds for a schema of 50,000 columns; this reads only where it must.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, NoReturn

from sqlcheck.model import Problem, Span
from sqlcheck.names import fold

Kind = Literal["word", "name", "string", "number", "mark", "end"]

_BLANK = r"(?:\s|--[^\r\n]*|//[^\r\n]*|/\*.*?\*/)*+"
_STRING = r"'(?:[^'\\]|\\.|'')*+'|\$\$.*?\$\$"
_NAME = r'"(?:[^"]|"")++"'
_TOKEN = re.compile(
    rf"{_BLANK}(?:(?P<word>[^\W\d][\w$]*+)|(?P<name>{_NAME})|(?P<string>{_STRING})"
    r"|(?P<number>\d[\w.]*+)|(?P<open>/\*|'|\"|\$\$)|(?P<mark>[^\s;])|(?P<end>;|\Z))",
    re.DOTALL,
)
_REST = re.compile(
    rf"(?:[^;'\"$/\-]++|{_STRING}|{_NAME}|--[^\r\n]*|//[^\r\n]*|/\*.*?\*/|\$(?!\$)|/(?!\*)|-)*+", re.DOTALL
)
_PLACEHOLDER = r"&\{?\w+\}?|\{\{[^{};]*\}\}|\$\{\w+\}|<%[^%;]*%>|(?<![\w$])\$[A-Za-z_]\w*"
_UNFILLED = re.compile(rf"{_BLANK}(?:[\w$]*(?:{_PLACEHOLDER}))+[\w$]*\s*\.", re.DOTALL)
"""A part of a name that is filled in when the statement is run, as `&{database}.` or `{{ env }}_db.`."""
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}


class UnreadableError(Exception):
    """A statement that cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Token(NamedTuple):
    """A word (in upper case), a quoted name or a string (without quotes), a number, a mark, the end of a statement."""

    kind: Kind
    text: str
    span: Span

    @property
    def is_name(self) -> bool:
        """Tell whether this can be the name of something."""
        return self.kind in ("word", "name")


class Cursor:
    """Walk over a text token by token; no step leads beyond the end of the statement but `next_statement`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._token: tuple[int, Token, int] | None = None
        self._is_begun = False

    @property
    def token(self) -> Token:
        """Give the next token."""
        return self._read()[1]

    def _read(self) -> tuple[int, Token, int]:
        if self._token is None or self._token[0] != self.at:
            self._token = (self.at, *self._scan(self.at))
        return self._token

    def _scan(self, at: int) -> tuple[Token, int]:
        found = _TOKEN.match(self.text, at)
        assert found, "the end of the text matches as well"
        group = found.lastgroup or "end"
        text, span = found[group], Span(*found.span(group))
        if group == "open":
            noun = {"/*": "comment", "$$": "text"}.get(text, "quote")
            raise UnreadableError(Problem(span, f"this {noun} is never closed"))
        if group == "word":
            text = fold(text, quoted=False)
        elif group == "name":
            text = text[1:-1].replace('""', '"')
        elif group == "string":
            text = text[2:-2] if text[0] == "$" else _ESCAPE.sub(_unescaped, text[1:-1])
        kind: Kind = group  # type: ignore[assignment]  # the groups are called as the kinds
        return Token(kind, text, span), span.start if group == "end" else span.end

    def next(self) -> Token:
        """Give the next token and step over it."""
        _, token, self.at = self._read()
        return token

    def next_statement(self) -> bool:
        """Go to where the first or the next statement begins; tell whether there is one."""
        found = _REST.match(self.text, self.at) if self._is_begun else None
        self.at = found.end() if found else self.at
        self._is_begun = True
        while (token := self.token).kind == "end":
            if not token.text:
                return False
            self.at = token.span.end
        return True

    def sees(self, *words: str) -> bool:
        """Tell whether these unquoted words or marks come next."""
        at = self.at
        seen = self.takes(*words)
        self.at = at
        return seen

    def takes(self, *words: str) -> bool:
        """Step over these unquoted words or marks if they come next."""
        at = self.at
        for word in words:
            token = self.next()
            if token.kind not in ("word", "mark") or token.text != word:
                self.at = at
                return False
        return True

    def takes_one_of(self, words: frozenset[str]) -> str | None:
        """Step over one unquoted word if it is among these, and give it."""
        token = self.token
        return self.next().text if token.kind == "word" and token.text in words else None

    def name(self, noun: str) -> Token:
        """Step over a plain or quoted name."""
        token = self.token
        if not token.is_name:
            self.refuse(noun)
        return self.next()

    def takes_unfilled(self) -> bool:
        """Step over the parts of a name that are placeholders, and the dots behind them."""
        at = self.at
        while found := _UNFILLED.match(self.text, self.at):
            self.at = found.end()
        return self.at > at

    def refuse(self, noun: str) -> NoReturn:
        """Stop reading the statement where something else was wanted."""
        token = self.token
        if token.kind == "end":
            last = len(self.text[: self.at].rstrip())
            raise UnreadableError(Problem(Span(max(0, last - 1), last), f"the statement ends where {noun} belongs"))
        written = self.text[token.span.start : token.span.end]
        advice = None
        if written[0] in "`[":
            advice = 'Snowflake quotes names with `"`'
        elif written[0] in "{<&$:?":
            advice = "fill in the placeholder"
        shown = "a backtick" if written == "`" else f"`{written}`"
        raise UnreadableError(Problem(token.span, f"{shown} stands where {noun} belongs", advice))

    def group(self) -> Span:
        """Step over what stands in brackets, and give the span between them."""
        opening = self.next()
        depth = 1
        while True:
            token = self.next()
            if token.kind == "end":
                raise UnreadableError(Problem(opening.span, "this bracket is never closed"))
            if token.kind == "mark":
                depth += (token.text == "(") - (token.text == ")")
            if depth == 0:
                return Span(opening.span.end, token.span.start)


def _unescaped(found: re.Match[str]) -> str:
    return "'" if found[1] is None else _CONTROL.get(found[1], found[1])
