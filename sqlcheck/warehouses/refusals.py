"""What Snowflake says of a statement → `Refusal`: in one line, at its place in the author's text, with a way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Span
from sqlcheck.names import closest, fold, is_plain, needs_quotes, quote
from sqlcheck.sample import Refusal
from sqlcheck.warehouses.session import RefusedError, Session

Parts = tuple[str, ...]

_POSITION = re.compile(r"(?:(syntax|parse) )?error line (\d+) at position (\d+)\s*", re.IGNORECASE)
_HEADING = re.compile(r"\A(?:SQL (?:compilation|access control|execution) error:\s*)+", re.IGNORECASE)
_PART = r'(?:"(?:[^"]|"")*"|[^\W\d][\w$]*)'
_PATH = rf"{_PART}(?:\s*\.\s*{_PART})*"
_NAMED = re.compile(
    r"invalid identifier '(?P<identifier>.+?)'(?=\s|\Z)"
    r"|(?P<kind>object|table|view|schema|database|warehouse|stage|sequence) '(?P<object>.+?)'(?=\s|\Z)"
    r"|ambiguous column name '(?P<ambiguous>.+?)'(?=\s|\Z)"
    r"|unknown (?:user-defined )?functions? (?P<function>[^\s,]+)"
    r"|\A'(?P<ungrouped>[^']+)' in select clause"
    r"|\[(?P<bracketed>[^\]]+)\] is not a valid group by",
    re.IGNORECASE,
)
"""The forms in which a message names the thing that it is about."""
_LEXEME = re.compile(
    rf"""(?P<skipped>--[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^'\\]|''|\\.)*(?:'|\Z)|\$\$.*?(?:\$\$|\Z))
    |(?P<path>{_PATH})|\d[\w.]*|[<>=!|:&]+|\S""",
    re.DOTALL | re.VERBOSE,
)
_DATA = range(100_000, 200_000)
"""The numbers of errors about the values of rows."""
_VALUE = re.compile(r"'.*'|\".*\"|(?<=variant value ).*(?= to )", re.DOTALL)
_GRANTABLE = {
    "object": ("SELECT", "TABLE", 3),
    "table": ("SELECT", "TABLE", 3),
    "view": ("SELECT", "VIEW", 3),
    "schema": ("USAGE", "SCHEMA", 2),
    "database": ("USAGE", "DATABASE", 1),
    "warehouse": ("USAGE", "WAREHOUSE", 1),
}
"""What a message calls a thing → the right that is wanted on it, its kind, and of how many parts its full name is."""
_VISIBLE = 10_000
"""How many names are asked for."""


class _Fault(NamedTuple):
    """One error of a message, and where in the statement it is said to be: line from 1, position from 0."""

    text: str
    line: int | None = None
    position: int = 0
    syntax: bool = False


def translate(error: RefusedError, sql: str, inner: Span, role: str | None = None) -> Refusal:
    """Read an error about a statement in which the author's text stands at `inner`."""
    faults = _faults(_discreet(error))
    fault = faults[0]
    text = sql[inner.start : inner.end]
    named = _NAMED.search(fault.text)
    name = next((found for key, found in named.groupdict().items() if found and key != "kind"), None) if named else None
    at, message = _find(text, parts(name)) if name else None, fault.text
    if fault.line is not None:
        offset = _offset(sql, fault.line, fault.position) - inner.start
        at = _lexeme(text, offset, parts(name) if name else ())
        if fault.syntax and offset >= len(text):
            at, message = _last(text), "the query ends too early"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    kind = _kind(error)
    thing = (named["kind"] or "").lower() if named else ""
    written = parts(text[at.start : at.end]) if at else ()
    path = _longer(parts(name), written) if name else ()
    grants = _grants(thing, path, role) if role and kind != "other" else ()
    return Refusal(
        ("syntax error: " if fault.syntax else "") + message + more, kind, at, name, grants, errno=error.errno
    )


def with_known(refusal: Refusal, session: Session) -> Refusal:
    """Add the tables that the role can see and that come near the one that it cannot; none if it may not ask."""
    path = parts(refusal.name) if refusal.name else ()
    if refusal.kind != "object" or len(path) != 3:
        return refusal
    database, schema, table = path
    catalog = f"{written_as((database,))}.INFORMATION_SCHEMA.TABLES"
    asked = f"SELECT TABLE_SCHEMA, TABLE_NAME FROM {catalog}"
    try:
        rows = session.fetch(asked, rows=_VISIBLE).rows
    except (RefusedError, SqlcheckError):
        return refusal
    seen = {(str(row[0]), str(row[1])) for row in rows} - {(schema, table)}
    elsewhere = sorted(found for found in seen if found[1] == table)
    near = closest(table, sorted(found[1] for found in seen if found[0] == schema))
    known = [*([(schema, near)] if near else []), *elsewhere][:3]
    return replace(refusal, known=tuple(written_as((database, *found)) for found in known))


def parts(path: str) -> Parts:
    """Split a dotted name into the names that Snowflake knows its parts by."""
    return tuple(
        fold(part[1:-1].replace('""', '"') if part.startswith('"') else part, part.startswith('"'))
        for part in re.findall(_PART, path)
    )


def written_as(path: Parts) -> str:
    """Write a name, in quotes where it must have them."""
    return ".".join(quote(part) if needs_quotes(part) or not is_plain(part) else part for part in path)


def _faults(message: str) -> list[_Fault]:
    """Take a message apart into its errors; one without words remains one."""
    body = _HEADING.sub("", message.strip())
    marks = list(_POSITION.finditer(body))
    if not marks:
        return [_Fault(_line(body))]
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    return [
        _Fault(
            _line(body[mark.end() : end]) or _line(body[: mark.start()]),
            int(mark[2]),
            int(mark[3]),
            syntax=mark[1] is not None,
        )
        for mark, end in zip(marks, ends, strict=True)
    ]


def _line(text: str) -> str:
    return " ".join(text.split()).removesuffix(".")


def _discreet(error: RefusedError) -> str:
    """Give the message without the values of rows that it may quote."""
    return _VALUE.sub("'…'", error.message) if error.errno in _DATA else error.message


def _kind(error: RefusedError) -> Literal["rights", "object", "other"]:
    if error.errno == 3001 or "nsufficient privileges" in error.message:
        return "rights"
    return "object" if re.search(r"does not exist(?:,| or)", error.message) else "other"


def _offset(sql: str, line: int, position: int) -> int:
    """Turn a position of Snowflake's into an offset; only LF ends a line there."""
    start = 0
    for _ in range(line - 1):
        start = sql.find("\n", start) + 1 or len(sql)
    return start + position


def _lexeme(text: str, offset: int, name: Parts) -> Span | None:
    """Give what stands at an offset: the whole dotted name when it is the one meant, and else its part there."""
    if not 0 <= offset < len(text):
        return None
    found = next((lexeme for lexeme in _LEXEME.finditer(text) if lexeme.end() > offset), None)
    if found is None:
        return None
    if not found["path"] or parts(found["path"]) == name:
        return Span(*found.span())
    inside = [Span(found.start() + part.start(), found.start() + part.end()) for part in re.finditer(_PART, found[0])]
    return next((span for span in inside if span.end > offset), Span(*found.span()))


def _paths(text: str) -> Iterator[tuple[Parts, Span]]:
    for lexeme in _LEXEME.finditer(text):
        if lexeme["path"]:
            yield parts(lexeme["path"]), Span(*lexeme.span())


def _find(text: str, name: Parts) -> Span | None:
    """Find a name that stands in a text once: as it is, or with more or less in front of it."""
    paths = list(_paths(text))
    exact = [span for path, span in paths if path == name]
    longer = [span for path, span in paths if path[-len(name) :] == name]
    shorter = [span for path, span in paths if path == name[-len(path) :]]
    found = next((spans for spans in (exact, longer, shorter) if spans), [])
    return found[0] if len(found) == 1 else None


def _last(text: str) -> Span | None:
    """Give the last word of a text that is no comment."""
    ends = [Span(*lexeme.span()) for lexeme in _LEXEME.finditer(text) if not lexeme[0].startswith(("--", "//", "/*"))]
    return ends[-1] if ends else None


def _longer(name: Parts, written: Parts) -> Parts:
    """Give the author's name for a thing where it says more of where the thing is."""
    return written if len(written) > len(name) and written[-len(name) :] == name else name


def _grants(thing: str, path: Parts, role: str) -> tuple[str, ...]:
    """Give the statements by which a role may read what is named, as far as that is known."""
    if not path or thing not in _GRANTABLE:
        return ()
    right, kind, depth = _GRANTABLE[thing]
    around = ("DATABASE", "SCHEMA")[: depth - 1] if len(path) == depth else ()
    wanted = [*(("USAGE", each, path[:size]) for size, each in enumerate(around, 1)), (right, kind, path)]
    to = f"TO ROLE {written_as(parts(role))};"
    return tuple(f"GRANT {right} ON {kind} {written_as(each)} {to}" for right, kind, each in wanted)
