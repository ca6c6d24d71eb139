"""YAML and JSON texts → `Document`: a tree of values that know where they stand. Faults are carried, never raised."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace
from typing import Literal

from sqlcheck.documents.json import scan, unescape
from sqlcheck.documents.nodes import REFERENCE, Node
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Place, Problem, Source, Span
from sqlcheck.settings import Value


@dataclass(frozen=True, eq=False)
class Document:
    """A text read as YAML or JSON; `root` is None when it could not be read."""

    source: Source
    language: Literal["yaml", "json"]
    root: Node | None
    problems: tuple[Problem, ...] = ()

    def place(self, at: Node | Span) -> Place:
        """Give the place of a node or a span of this document."""
        return Place(self.source, at.span if isinstance(at, Node) else at)

    def embedded(self, node: Node) -> Source:
        """Give the text inside a JSON string as a source of its own, whose spans lead back into this document."""
        text, offsets = unescape(self.source.text, node.span)
        return Source(self.source.path, text, host=self.source, offsets=offsets)


_SECRET = re.compile(
    r"""((?<![A-Za-z])(?:password|(?:service_account|feed|private|api|access|secret)_key|client_secret)|token)["']?\s*:""",
    re.IGNORECASE,
)
_REST_OF_LINE = re.compile(r"[^\r\n]*")


def read_document(source: Source) -> Document:
    """Read a `.json` file as JSON and any other as YAML."""
    if source.path.lower().endswith(".json"):
        return read_json(source)
    return read_yaml(source)


def read_json(source: Source) -> Document:
    """Read a text as JSON; a `{{NAME}}` of Postman that stands for a value is taken for a string."""
    return _document(source, "json", *scan(source.text))


def read_yaml(source: Source) -> Document:
    """Read a text as YAML 1.2 core with anchors, aliases and merge keys: `off` and dates are strings."""
    # a run over queries alone is spared the 40 ms that PyYAML takes
    from sqlcheck.documents.yaml import compose

    return _document(source, "yaml", *compose(source.text))


def _document(
    source: Source, language: Literal["yaml", "json"], root: Node | None, problems: tuple[Problem, ...]
) -> Document:
    """Put a document together, and take care that no secret in it is printed."""
    if _SECRET.search(source.text):
        secrets = tuple(sorted(set(_secrets(source.text) if root is None else _values_of_secrets(root))))
        source = replace(source, secrets=secrets)
        problems = tuple(_discreet(problem, secrets) for problem in problems)
    return Document(source, language, root, problems)


def _secrets(text: str) -> Iterator[Span]:
    """Find the secrets of a text that could not be read: all that follows their keys in the line."""
    end = 0
    for found in _SECRET.finditer(text):
        rest = _REST_OF_LINE.match(text, found.end()) if found.end() >= end else None
        if rest:
            end = rest.end()
            yield Span(*rest.span())


def _values_of_secrets(node: Node) -> Iterator[Span]:
    for key, value in node.items:
        if not _SECRET.search(f"{key.value}:"):
            yield from _values_of_secrets(value)
        elif not value.referring and not value.unfilled and value.kind != "null":
            yield value.span
    for element in node.elements:
        yield from _values_of_secrets(element)


def _discreet(problem: Problem, secrets: tuple[Span, ...]) -> Problem:
    """Keep the words of a secret out of a message about it."""
    before = bisect_left(secrets, problem.span.end, key=lambda secret: secret.start)
    if before and problem.span.start < secrets[before - 1].end:
        return Problem(problem.span, "this value cannot be read", "put it in quotes")
    return problem


def expand(value: Value[str], environment: Dictionary[str, str]) -> str:
    """Fill in the `${NAME}` references of a setting; a variable that is not set stops the run."""

    def fill(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in environment:
            return environment[name]
        raise SqlcheckError(f"{_line(value)}the environment variable `{name}` is not set")

    return REFERENCE.sub(fill, value.value)


def _line(value: Value[str]) -> str:
    if value.place is None:
        return ""
    source, span = value.place.source.resolve(value.place.span)
    return f"{source.path}:{source.lines.position(span.start).line}: "
