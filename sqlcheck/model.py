"""The nouns: immutable values that the stages hand to each other. Nothing here imports sqlcheck."""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")

Evidence = Literal["static", "schema", "live"]
"""What a finding rests on: the text alone, known columns and types, or rows that were looked at."""


class Span(NamedTuple):
    """A stretch of text as character offsets, `end` exclusive."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        """Tell whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


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


@dataclass(frozen=True)
class Place:
    """A span of a source."""

    source: Source
    span: Span

    @property
    def line(self) -> str:
        """Give file and line as one writes them: `plan.json:34`."""
        source, span = self.source.resolve(self.span)
        return f"{source.path}:{source.lines.position(span.start).line}"


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


@dataclass(frozen=True)
class Edit:
    """Replace one span of the text by another text."""

    span: Span
    text: str


@dataclass(frozen=True)
class Finding:
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


@dataclass(frozen=True)
class Fix:
    """Edits on one file's text; a safe fix keeps the meaning and every output name."""

    safe: bool
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Diagnostic:
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
    def end(self) -> Position:
        """Give line and column just behind the last character."""
        return self.source.lines.position(self.span.end)


@dataclass(frozen=True)
class Skip:
    """A rule that could not, or not fully, speak about a model for want of evidence."""

    rule: str
    model: str | None
    needs: Literal["schema", "rows"]


@dataclass(frozen=True)
class Block:
    """A fenced block of a rule page; `line` is the page's line of its first line of text."""

    language: str
    path: str
    text: str
    line: int


@dataclass(frozen=True)
class Example:
    """The texts of an example and the report that they must give.

    The first block is the one to check; the others are files that it names.
    """

    kind: Literal["bad", "good", "fixed"]
    blocks: tuple[Block, ...]
    report: Block | None = None


@dataclass(frozen=True)
class Rule:
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


@dataclass(frozen=True)
class Directive:
    """One `-- sqlcheck:` comment of a query."""

    span: Span
    settings: tuple[Setting, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Setting:
    """One `key=value` of a header comment; `parts` are the values of a comma list with the span of each."""

    key: str
    value: str
    key_span: Span
    span: Span
    parts: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True)
class Ignore:
    """One rule that a comment silences, for a line of the text or for the whole file.

    `span` is the rule's name in the comment, `comment` the whole directive, `line` the line silenced
    (None for the file).
    """

    rule: str
    span: Span
    comment: Span
    line: int | None


@dataclass(frozen=True)
class Silenced:
    """What the ignore comments of a query did: those that silenced a finding, and the rules that had their say."""

    used: frozenset[Ignore]
    ran: frozenset[str]


@dataclass(frozen=True)
class Value(Generic[T]):
    """A setting's value and where it was set; no place when it came from the command line."""

    value: T
    place: Place | None = None


@dataclass(frozen=True)
class LoadTimestamp:
    """The settings of the column by which changed rows are found.

    `offset` is in seconds; a text when a header says something that is no whole number.
    """

    field: Value[str] | None = None
    type: Value[str] | None = None
    time_zone: Value[str] | None = None
    offset: Value[int] | Value[str] | None = None


@dataclass(frozen=True)
class DeclaredAttribute:
    """A user attribute that the model promises: name, type (`text number boolean date timestamp list`), origin.

    `planned` is where a data plan declares it, and is None for the model's own; only a plan has the type
    `string` (a text, or what is sent as one), attributes that need not be there, and lists of values.
    """

    name: str
    type: Value[str] | None = None
    origin: Value[str] | None = None
    place: Place | None = None
    planned: Place | None = None
    required: bool = True
    values: tuple[str | int | float | bool | None, ...] | None = None


@dataclass(frozen=True)
class Plan:
    """What a data plan says about profiles, under the names of Warehouse Sync.

    `closed_attributes` and `closed_identities` are where the plan lets in no others than its own.
    """

    attributes: tuple[DeclaredAttribute, ...] = ()
    identities: tuple[Value[str], ...] = ()
    required_identities: tuple[Value[str], ...] = ()
    closed_attributes: Place | None = None
    closed_identities: Place | None = None


@dataclass(frozen=True)
class Pipeline:
    """A schedule that runs a model over a connection; times are ISO 8601 in UTC."""

    id: Value[str]
    name: Value[str] | None = None
    model: Value[str] | None = None
    connection: Value[str] | None = None
    interval: Value[str] | None = None
    start: Value[str] | None = None
    end: Value[str] | None = None
    environment: Value[str] | None = None
    feed_key: Value[str] | None = None
    feed_id: Value[int] | None = None
    active: Value[bool] | None = None
    draft: Value[bool] | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Connection:
    """The Snowflake connection that the queries run over, by field name of the project file."""

    fields: Dictionary[str, Value[str]] = field(default_factory=dict)
    place: Place | None = None

    def get(self, name: str) -> str | None:
        """Give a field's value, or None when it is not set."""
        found = self.fields.get(name)
        return found.value if found else None


@dataclass(frozen=True)
class Model:
    """What is configured for one query: the data model of the API, as far as it is known.

    `identities` and `attributes` are None where nothing is declared, which differs from an empty list.
    `pipelines` are those of the project that run this model; `connection` is the project's. `data_plan` is
    the path of a data plan, and `plan` what stands in it; `schema` names the files that tell the tables.
    """

    id: str | None = None
    name: str | None = None
    workspace_id: int | None = None
    load_timestamp: LoadTimestamp = LoadTimestamp()
    identities: tuple[Value[str], ...] | None = None
    attributes: tuple[DeclaredAttribute, ...] | None = None
    pipelines: tuple[Pipeline, ...] = ()
    connection: Connection | None = None
    api: str = "v1"
    place: Place | None = None
    data_plan: Value[str] | None = None
    plan: Plan | None = None
    schema: tuple[Value[str], ...] = ()

    @cached_property
    def declared(self) -> tuple[DeclaredAttribute, ...]:
        """Give the attributes that the model declares, and those of the data plan that it does not."""
        own = self.attributes or ()
        names = {attribute.name for attribute in own}
        planned = self.plan.attributes if self.plan else ()
        return (*own, *(attribute for attribute in planned if attribute.name not in names))


@dataclass(frozen=True, eq=False)
class Api:
    """The facts of one version of the Warehouse Sync API; every field has its source in the module that fills it."""

    name: str
    page: str
    identities: Dictionary[str, str]
    """Reserved column name → `identity` or `device_identity`."""
    aliases: Dictionary[str, str]
    """Reserved column name → the one identity that it stands for, where two names mean one."""
    near_misses: Dictionary[str, str]
    """Names that are identities in other mParticle APIs but not here → the reserved name to use ('' for none)."""
    reserved_attributes: tuple[str, ...]
    timestamp_types: tuple[str, ...]
    foreign_timestamp_types: Dictionary[str, str]
    """Timestamp types of other warehouses → the name to use on Snowflake."""
    intervals: tuple[str, ...]
    unsettled_intervals: tuple[str, ...]
    """Intervals that the vendor documents in one place and omits in another."""
    environments: tuple[str, ...]
    with_severity: Severity
    """How a WITH clause is taken."""
    supported_clauses: frozenset[str]
    """SQL clauses that the vendor lists as supported."""
    refused_statements: frozenset[str]
    max_columns: int | None
    max_attribute_name: int
    max_attribute_value: int
    max_pipelines: int
    catch_up_days: Dictionary[str, int]
    """Schedule interval → how far back the first run may start, in days."""
    resources: Dictionary[str, Resource] = field(default_factory=dict)
    """`connection`, `data_model`, `pipeline` → the body that the API takes."""


@dataclass(frozen=True)
class Field:
    """A field of an API resource or of the project file."""

    name: str
    types: tuple[str, ...]
    """JSON types: string integer number boolean null object array."""
    required: bool = False
    values: tuple[str, ...] = ()
    read_only: bool = False
    description: str = ""
    expands: bool = False
    """Beside `values`, a `${NAME}` reference to the environment is taken."""
    fields: tuple[Field, ...] = ()
    """Of an object: the keys that it may have."""
    others: Field | None = None
    """Of an object whose keys are the author's own: what each value looks like."""
    items: Field | None = None
    """Of an array: what each element looks like."""
    misnomers: Dictionary[str, str] = field(default_factory=dict)
    """Of an object: names that are often written → the field that is meant."""


@dataclass(frozen=True)
class Resource:
    """The body of one kind of API resource."""

    kind: str
    fields: tuple[Field, ...]
    misnomers: Dictionary[str, str] = field(default_factory=dict)
    """Field names that the vendor's own tables misspell → the name that the API takes."""


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
