"""A text that cannot be read, at the token where the parser stumbled: what stands there, and attempts to mend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlglot.tokens import Token, TokenType

from sqlcheck.model import Span

Probe = Callable[[str], int | None]
"""Tries to read a text; gives the offset at which that fails, or None when all of it can be read."""


class Fault(NamedTuple):
    """What makes a text unreadable."""

    span: Span
    message: str
    help: str | None = None


OPEN = {TokenType.L_PAREN: ")", TokenType.L_BRACKET: "]", TokenType.L_BRACE: "}"}
QUERY_STARTS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.FROM})
NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
VALUES = NAMES | {TokenType.STRING, TokenType.NUMBER, TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.STAR}
CONSTANTS = frozenset({TokenType.STRING, TokenType.NUMBER})
ITEM_STARTS = NAMES | {TokenType.STRING, TokenType.NUMBER, TokenType.CASE, TokenType.L_PAREN, TokenType.NULL,
                       TokenType.TRUE, TokenType.FALSE, TokenType.LEFT, TokenType.RIGHT, TokenType.DATE,
                       TokenType.TIMESTAMP, TokenType.REPLACE, TokenType.INTERVAL}  # fmt: skip


class Case:
    """The text under examination; keeps count of the attempts, so that long texts stay cheap."""

    def __init__(self, tokens: Sequence[Token], index: int, text: str, probe: Probe) -> None:
        self.tokens = tokens
        self.index = index
        self.text = text
        self._probe = probe
        self._tries = min(80, 400_000 // (len(text) + 1))
        self.is_blind = self._tries == 0

    def word(self, index: int) -> str:
        """Give a token's text in upper case; blank outside the text."""
        return self.tokens[index].text.upper() if 0 <= index < len(self.tokens) else ""

    def kind(self, index: int) -> TokenType | None:
        """Give a token's type; None outside the text."""
        return self.tokens[index].token_type if 0 <= index < len(self.tokens) else None

    def span(self, index: int) -> Span:
        """Give a token's place."""
        return Span(self.tokens[index].start, self.tokens[index].end + 1)

    def written(self, index: int) -> str:
        """Give a token as the author wrote it, shortened where it is long."""
        span = self.span(index)
        text = self.text[span.start : span.end]
        return text if len(text) <= 40 else text[:37] + "..."

    def touches(self, index: int) -> bool:
        """Tell whether no blank stands in front of a token."""
        return index > 0 and self.tokens[index - 1].end + 1 == self.tokens[index].start

    def around(self, behind: int, ahead: int) -> range:
        """Give the token indices near the stumble."""
        return range(max(0, self.index - behind), min(len(self.tokens), self.index + ahead + 1))

    def mends(self, span: Span, replacement: str, *, wholly: bool = True) -> bool:
        """Try a repair; without `wholly`, it is enough that the text can be read further than before."""
        if self._tries <= 0:
            return False
        self._tries -= 1
        failed = self._probe(self.text[: span.start] + replacement + self.text[span.end :])
        if failed is None:
            return True
        shift = len(replacement) - (span.end - span.start)
        return not wholly and failed > self.tokens[self.index].end + shift
