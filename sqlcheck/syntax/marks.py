"""What the text of a query may hold that is not SQL."""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlcheck.model import Edit, Span

Kind = Literal["typographic", "foreign-quoting", "placeholder"]


class Mark(NamedTuple):
    """A stretch of text that is not SQL; `blocks` says that the parser would fail on it or misread it."""

    kind: Kind
    span: Span
    text: str
    name: str
    """What to call it: a character's name, or the form of the placeholder."""
    edits: tuple[Edit, ...] = ()
    blocks: bool = True
