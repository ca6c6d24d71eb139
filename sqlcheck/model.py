"""The nouns: immutable values that the stages hand to each other. Nothing here imports sqlcheck."""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

Evidence = Literal["static", "schema", "live"]
"""What a finding rests on: the text alone, known columns and types, or rows that were looked at."""


class Span(NamedTuple):
    """A stretch of text as character offsets, `end` exclusive."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        """Tell whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two have a character in common."""
        return self.start < other.end and other.start < self.end


class Position(NamedTuple):
    """A place as people count: line and column from 1, in characters."""

    line: int
    column: int


class Lines:
    """Find the line and column of an offset; LF, CRLF and a lone CR end a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        starts = [0]
        if "\r" in text:
            starts += [
                i + 1
                for i, character in enumerate(text)
                if character == "\n" or (character == "\r" and text[i + 1 : i + 2] != "\n")
            ]
        else:
            at = text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = text.find("\n", at + 1)
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts)

    def position(self, offset: int) -> Position:
        """Turn an offset into line and column."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def span(self, line: int) -> Span:
        """Give the span of a line, counted from 1, without its line ending."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)


@dataclass(frozen=True, eq=False)
class Source:
    """A text and the place that it came from.

    A query that stands inside a JSON document has the document as its `host`: `offsets[i]` is then
    where character `i` of `text` stands in the host's text, and one more entry marks the end. What stands
    at `secrets` must not be printed.
    """

    path: str
    text: str = field(repr=False)
    host: Source | None = field(default=None, repr=False)
    offsets: tuple[int, ...] = field(default=(), repr=False)
    secrets: tuple[Span, ...] = ()

    @cached_property
    def shown(self) -> str:
        """Give the text as it may be printed: character for character, with stars for secrets."""
        parts, at = [], 0
        for start, end in sorted(self.secrets):
            parts += [self.text[at:start], "".join(c if c in "\r\n" else "*" for c in self.text[max(at, start) : end])]
            at = max(at, end)
        return "".join([*parts, self.text[at:]])

    @cached_property
    def lines(self) -> Lines:
        """Give the line table of this text."""
        return Lines(self.text)

    def resolve(self, span: Span) -> tuple[Source, Span]:
        """Give the file that a span is reported in, and the span there."""
        if self.host is None:
            return self, span
        last = len(self.offsets) - 1
        start, end = min(span.start, last), min(span.end, last)
        return self.host, Span(self.offsets[start], max(self.offsets[end], self.offsets[start]))


class Place(NamedTuple):
    """A span of a source."""

    source: Source
    span: Span

    @property
    def line(self) -> str:
        """Give file and line as one writes them: `plan.json:34`."""
        source, span = self.source.resolve(self.span)
        return f"{source.path}:{source.lines.position(span.start).line}"


class Problem(NamedTuple):
    """What keeps a text from being read as a document."""

    span: Span
    message: str
    help: str | None = None


class Severity(enum.IntEnum):
    """How much a diagnostic weighs; ordered, so that a threshold can be compared."""

    OFF = 0
    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """Give the word used in reports and settings."""
        return self.name.lower()


class Edit(NamedTuple):
    """Replace one span of the text by another text."""

    span: Span
    text: str


class Finding(NamedTuple):
    """What a check yields: a place, a message, and maybe help and the edits that mend it.

    `at` is a span of the query's text, or a `Place` when the fault lies elsewhere (the project file, a
    header comment, a payload). `severity` is set only where weaker or stronger evidence calls for
    another than the rule's page gives; `safe` only where one rule has fixes of both kinds.
    `column` names the output column concerned, if there is one.
    """

    at: Span | Place
    message: str
    help: str | None = None
    edits: tuple[Edit, ...] = ()
    severity: Severity | None = None
    evidence: Evidence = "static"
    safe: bool | None = None
    column: str | None = None


class Fix(NamedTuple):
    """Edits on one file's text; a safe fix keeps the meaning and every output name."""

    safe: bool
    edits: tuple[Edit, ...]


class Diagnostic(NamedTuple):
    """A finding signed with its rule, severity and file: the one value that all formats render."""

    rule: str
    severity: Severity
    evidence: Evidence
    source: Source
    span: Span
    message: str
    help: str | None = None
    fix: Fix | None = None
    model: str | None = None
    column: str | None = None

    @property
    def start(self) -> Position:
        """Give line and column of the first character."""
        return self.source.lines.position(self.span.start)

    @property
    def where(self) -> str:
        """Give file, line and column as one writes them: `query.sql:3:14`."""
        return f"{self.source.path}:{self.start.line}:{self.start.column}"

    @property
    def end(self) -> Position:
        """Give line and column just behind the last character."""
        return self.source.lines.position(self.span.end)


Needs = Literal["schema", "rows"]


class Skip(NamedTuple):
    """A rule that could not, or not fully, speak about a model for want of evidence; rows are wanted for all models."""

    rule: str
    model: str | None
    needs: Needs


class Heard(NamedTuple):
    """The rules that had their full say about a query, or about a document, in a file."""

    path: str
    rules: frozenset[str]
    query: bool


class Report(NamedTuple):
    """What came out of a run: the diagnostics in order, and the rules that could not (fully) speak.

    `files` are the paths looked at, `failures` has a line for each that could not be read or written. `withdrawn` are
    findings that the text alone would give, and that a warehouse has refuted. `attached` is what was read beside the
    texts. `baseline` are those that do not count, and None when there is no baseline.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    skips: tuple[Skip, ...] = ()
    files: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    withdrawn: tuple[Diagnostic, ...] = ()
    attached: tuple[Attached, ...] = ()
    heard: tuple[Heard, ...] = ()
    baseline: tuple[Diagnostic, ...] | None = None

    @property
    def everything(self) -> tuple[tuple[Diagnostic, bool], ...]:
        """Give all findings in order, each with whether it counts."""
        both = [(found, True) for found in self.diagnostics] + [(found, False) for found in self.baseline or ()]
        return tuple(sorted(both, key=lambda pair: (pair[0].source.path, pair[0].span, pair[0].rule, pair[0].message)))


class Attached(NamedTuple):
    """Files beside a text that its report rests on: what is in them, or only whether there is one.

    `path` may be a pattern. `state` is what was found, as a digest; it is empty where that cannot be told.
    """

    kind: Literal["texts", "presence"]
    path: str
    state: str


class Block(NamedTuple):
    """A fenced block of a rule page; `line` is the page's line of its first line of text."""

    language: str
    path: str
    text: str
    line: int


class Example(NamedTuple):
    """The texts of an example and the report that they must give.

    The first block is the one to check; the others are files that it names.
    """

    kind: Literal["bad", "good", "fixed"]
    blocks: tuple[Block, ...]
    report: Block | None = None


Settled = Literal["", "compile", "describe"]
"""What settles a finding: that the warehouse compiles the query, or what it says of its columns; empty for neither."""


class Rule(NamedTuple):
    """A rule as its page tells it; `text` is the page behind its front matter, `line` where that begins."""

    name: str
    family: str
    severity: Severity
    since: str
    summary: str
    text: str
    path: str
    line: int = 1
    source: str = ""
    fix: Literal["safe", "unsafe", "none"] = "none"
    evidence: Evidence = "static"
    settled: Settled = ""

    @property
    def why(self) -> str:
        """Give the text of the section that says why the rule exists."""
        return self.text.partition("\n## Why\n")[2].partition("\n## ")[0].strip()


class Directive(NamedTuple):
    """One `-- sqlcheck:` comment of a query."""

    span: Span
    settings: tuple[Setting, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    problems: tuple[Finding, ...] = ()


class Setting(NamedTuple):
    """One `key=value` of a header comment; `parts` are the values of a comma list with the span of each."""

    key: str
    value: str
    key_span: Span
    span: Span
    parts: tuple[tuple[str, Span], ...] = ()


class Key(NamedTuple):
    """An output column that an ignore is for; case counts only where the name stands in quotes.

    `span` is what is written in the comment, quotes included.
    """

    name: str
    quoted: bool
    span: Span

    def fits(self, column: str | None) -> bool:
        """Tell whether this is the name of an output column."""
        if column is None:
            return False
        return self.name == column if self.quoted else self.name.upper() == column.upper()


class Ignore(NamedTuple):
    """One rule that a comment silences, for a line of the text or for the whole file.

    `span` is the rule's name in the comment, `comment` the whole directive, `line` the line silenced
    (None for the file). `keys` are the output columns that it is for, none for whatever the rule finds;
    all ignores of one comment share them.
    """

    rule: str
    span: Span
    comment: Span
    line: int | None
    keys: tuple[Key, ...] = ()


class Silenced(NamedTuple):
    """What the ignore comments of a query did: those that silenced a finding, and the rules that had their say.

    `keys` are those by which they did it.
    """

    used: frozenset[Ignore]
    ran: frozenset[str]
    keys: frozenset[Key] = frozenset()


FAMILIES: Dictionary[str, str] = {
    "NUMBER": "number",
    "FLOAT": "number",
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP_NTZ": "timestamp_ntz",
    "TIMESTAMP_LTZ": "timestamp_ltz",
    "TIMESTAMP_TZ": "timestamp_tz",
    "ARRAY": "array",
    "OBJECT": "object",
    "MAP": "map",
    "VARIANT": "variant",
    "BINARY": "binary",
    "GEOGRAPHY": "geo",
    "GEOMETRY": "geo",
    "VECTOR": "vector",
    "FILE": "file",
}
"""Snowflake's type names, as sqlcheck writes them → the family that rules compare."""
