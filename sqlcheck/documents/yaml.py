"""YAML → nodes, from PyYAML's events: they come one by one, so that no nesting overflows the stack."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from sqlcheck.documents.nodes import MAX_DEPTH, Kind, Node, Scalar
from sqlcheck.model import Problem, Span

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where PyYAML was built with it: ten times as fast."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OPENS, _CLOSES = "\ue000", "\ue001"
_BRACED = re.compile(r"\$\{(\w+)\}|\{\{([^{}\n\r:#,'\"\[\]]*)\}\}")
_INSIDE = f"([^{_OPENS}{_CLOSES}]*)"
_GUARDED = re.compile(f"{_OPENS}{_OPENS}{_INSIDE}{_CLOSES}{_CLOSES}|{_OPENS}{_INSIDE}{_CLOSES}")
_CORE = "tag:yaml.org,2002:"
_STRING_TAGS = (None, "!", f"{_CORE}str")
_SCALAR_TAGS: dict[str, tuple[Kind, ...]] = {
    f"{_CORE}int": ("integer",),
    f"{_CORE}float": ("number", "integer"),
    f"{_CORE}bool": ("boolean",),
    f"{_CORE}null": ("null",),
}
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s|#[^\r\n]*)*){1,2}")
"""The anchor and the tag before a value."""
_TOO_DEEP = f"the values are nested more than {MAX_DEPTH} deep"
_MERGE = "<<"
_MAX_REPEATED = 200_000
"""More values than these are not repeated by aliases: a handful of lines could stand for billions."""
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}\Z|0o[0-7]{1,400}\Z|0x[0-9a-fA-F]{1,400}\Z")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_WORDS: dict[str, tuple[Kind, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), ("null", None)),
    **dict.fromkeys(("true", "True", "TRUE"), ("boolean", True)),
    **dict.fromkeys(("false", "False", "FALSE"), ("boolean", False)),
}


class _StopError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass
class _Frame:
    """An object or array whose end has not been seen yet."""

    kind: Kind
    start: int
    anchor: str | None = None
    end: int = 0
    weight: int = 1
    height: int = 0
    key: Node | None = None
    items: list[tuple[Node, Node]] = field(default_factory=list)
    elements: list[Node] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @property
    def wants_key(self) -> bool:
        return self.kind == "object" and self.key is None


def compose(text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Read a text as one YAML document."""
    shift = 1 if text.startswith("\ufeff") else 0
    odd = _FORBIDDEN.search(text, shift)
    if odd:
        return None, (Problem(Span(*odd.span()), f"the character U+{ord(odd.group()):04X} cannot stand in YAML"),)
    builder = _Builder(text, shift)
    try:
        for event in yaml.parse(_guard(text[shift:]), Loader=LOADER):
            builder.take(event)
    except _StopError as stop:
        return None, (*builder.problems, stop.problem)
    except yaml.YAMLError as error:
        return None, (*builder.problems, _explain(error, text, shift))
    if builder.root is None:
        return None, (Problem(Span(0, 0), "the document is empty"),)
    return builder.root, tuple(builder.problems)


def _guard(text: str) -> str:
    """Hide the braces of `${NAME}` and `{{NAME}}`, which would end a value between braces, at the same length."""
    return _BRACED.sub(
        lambda found: f"${_OPENS}{found[1]}{_CLOSES}" if found[1] else f"{_OPENS * 2}{found[2]}{_CLOSES * 2}", text
    )


def _restore(text: str) -> str:
    if _OPENS not in text:
        return text
    return _GUARDED.sub(lambda found: f"{{{found[2]}}}" if found[1] is None else f"{{{{{found[1]}}}}}", text)


class _Builder:
    def __init__(self, text: str, shift: int) -> None:
        self.text = text
        self.shift = shift
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._repeated = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take in the next event."""
        if event.start_mark is None or event.end_mark is None:
            return
        start, end = event.start_mark.index + self.shift, event.end_mark.index + self.shift
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, Span(start, end))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._start(event, Span(start, end))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end(end)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor or "", Span(start, end))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _StopError(Problem(Span(start, end), "a second document begins here", "keep one in a file"))

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, span: Span) -> None:
        kind: Kind = "object" if isinstance(event, yaml.MappingStartEvent) else "array"
        tag = f"{_CORE}{'map' if kind == 'object' else 'seq'}"
        if event.tag not in (None, "!", tag):
            self._refuse_tag(event.tag, span)
        self._limit_depth(1, span)
        span = self._bare(event, span)
        self._open.append(_Frame(kind, span.start, event.anchor, span.end))

    def _end(self, end: int) -> None:
        frame = self._open.pop()
        if self.text[end - 1 : end] not in "}]":
            # a block ends where the next line begins; what counts is where its last value ends
            end = frame.end
        span = Span(frame.start, max(end, frame.start))
        items = _merged(frame.items) if _MERGE in frame.seen else frame.items
        node = Node(frame.kind, span, None, tuple(items), tuple(frame.elements))
        self._add(node, span.end, frame.anchor, frame.weight, frame.height + 1)

    def _scalar(self, event: yaml.ScalarEvent, span: Span) -> None:
        frame = self._open[-1] if self._open else None
        kind: Kind = "string"
        value: Scalar = _restore(event.value)
        whole, span = span, self._bare(event, span)
        if event.tag in _SCALAR_TAGS:
            kind, value = resolve(_restore(event.value))
            if kind not in _SCALAR_TAGS[event.tag]:
                word = event.tag.replace(_CORE, "!!")
                raise _StopError(Problem(span, f"`{event.value}` is no `{word}`", "write the plain value"))
        elif event.tag not in _STRING_TAGS:
            self._refuse_tag(event.tag, whole)
        elif event.implicit[0] and event.tag is None and not (frame and frame.wants_key):
            kind, value = resolve(_restore(event.value))
        if kind == "null" and span.start == span.end and frame and frame.key:
            span = frame.key.span
        self._add(Node(kind, span, value), span.end, event.anchor)

    def _alias(self, name: str, span: Span) -> None:
        """Put in the value that an alias repeats: it keeps its own place, where a fault in it is to be mended."""
        known = self._anchors.get(name)
        if known is None:
            raise _StopError(Problem(span, f"`*{name}` repeats a value that is not there", f"no `&{name}` is above it"))
        node, weight, height = known
        self._limit_depth(height, span)
        self._repeated += weight
        if self._repeated > _MAX_REPEATED:
            raise _StopError(Problem(span, f"aliases repeat more than {_MAX_REPEATED} values"))
        self._add(node, span.end, None, weight, height)

    def _bare(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, span: Span) -> Span:
        """Leave out the anchor and the tag that stand before a value."""
        if event.anchor is None and event.tag is None:
            return span
        # where the value begins on a later line, the event ends before it
        end = span.end if isinstance(event, yaml.ScalarEvent) else len(self.text)
        found = _PROPERTIES.match(self.text, span.start, end)
        start = found.end() if found else span.start
        return Span(start, max(start, span.end))

    def _limit_depth(self, more: int, span: Span) -> None:
        if len(self._open) + more > MAX_DEPTH:
            raise _StopError(Problem(span, _TOO_DEEP))

    def _add(self, node: Node, end: int, anchor: str | None = None, weight: int = 1, height: int = 0) -> None:
        if anchor is not None:
            self._anchors[anchor] = node, weight, height
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        frame.end, frame.weight, frame.height = end, frame.weight + weight, max(frame.height, height)
        if frame.kind == "array":
            frame.elements.append(node)
        elif frame.key is None:
            if node.kind != "string":
                self.problems.append(Problem(node.span, "a key is a plain word, not a list or an object"))
            frame.key = node
        else:
            self._pair(frame, frame.key, node)
            frame.key = None

    def _pair(self, frame: _Frame, key: Node, value: Node) -> None:
        if key.kind != "string":
            return  # is told already
        name = str(key.value)
        if name in frame.seen:
            self.problems.append(Problem(key.span, f"the key `{name}` stands here twice", "keep one of the two"))
            return
        frame.seen.add(name)
        frame.items.append((key, value))

    def _refuse_tag(self, tag: str, span: Span) -> None:
        word = tag.replace(_CORE, "!!")
        self.problems.append(Problem(span, f"the tag `{word}` has no meaning here", "write the plain value"))


def _merged(items: list[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
    """Take in the fields of the objects under `<<` that are not written out."""
    merge = next(value for key, value in items if key.value == _MERGE)
    sources = merge.elements if merge.kind == "array" else (merge,)
    if any(source.kind != "object" for source in sources):
        return items
    found = {str(key.value): (key, value) for key, value in items if key.value != _MERGE}
    for source in sources:
        for key, value in source.items:
            found.setdefault(str(key.value), (key, value))
    return list(found.values())


def resolve(text: str) -> tuple[Kind, Scalar]:
    """Tell what a plain scalar is by the core schema of YAML 1.2."""
    found = _WORDS.get(text)
    if found:
        return found
    if text[0] in "0123456789.+-":
        if _INTEGER.match(text):
            return "integer", int(text, 0 if text[1:2] in ("x", "o") else 10)
        if _NUMBER.match(text):
            return "number", float(text.replace(".inf", "inf").replace(".nan", "nan").replace(".NaN", "nan"))
    return "string", text


def _explain(error: yaml.YAMLError, text: str, shift: int) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Problem(Span(0, 0), "the text cannot be read as YAML")
    at = min(mark.index + shift, len(text))
    here = Span(at, min(at + 1, len(text)))
    said = f"{getattr(error, 'problem', '')}"
    context = f"{getattr(error, 'context', '')}"
    opening = getattr(error, "context_mark", None)
    if "\t" in _indentation(text, at) or "tab" in said or "'\\t'" in said:
        return Problem(here, "a tab cannot stand here", "indent with blanks")
    if "nesting depth" in said:  # the parser in C has a limit of its own, and reads ahead of its events
        return Problem(here, _TOO_DEEP)
    if "mapping values are not allowed" in said:
        advice = "put the value in quotes if the colon is part of it, or indent the line like those above"
        return Problem(here, "a `:` cannot stand here", advice)
    if opening and at >= len(text.rstrip()) and ("quoted scalar" in context or "flow" in context):
        begin = opening.index + shift
        if text[begin : begin + 1] in tuple("[{'\""):
            return Problem(Span(begin, begin + 1), f"this `{text[begin]}` is never closed")
        return Problem(here, "the text ends before all brackets are closed")
    if "flow" in context:
        return Problem(here, "a comma or a closing bracket is missing before this", "put text with brackets in quotes")
    if "':'" in said:
        return Problem(here, "the line is not of the form `key: value`")
    if "start any token" in said:
        return Problem(here, f"a value cannot begin with `{text[here.start : here.end]}`", "put the value in quotes")
    if "block" in context:
        return Problem(here, "the line does not go with those above", "check its indentation, and quotes and brackets")
    return Problem(here, "the text cannot be read as YAML from here on")


def _indentation(text: str, at: int) -> str:
    begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    line = text[begin : at + 1]
    return line[: len(line) - len(line.lstrip())]
