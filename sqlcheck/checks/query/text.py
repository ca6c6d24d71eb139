"""The text as it stands: is it one readable query, and nothing but SQL?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlcheck.model import Edit, Finding, Span
from sqlcheck.parse import Query
from sqlcheck.syntax.marks import Mark

_NOT_QUERIES = {
    "INTO": ("`SELECT … INTO` makes a table", "leave out INTO: mParticle reads the rows of the query"),
    "EXPLAIN": ("`EXPLAIN` gives a plan, not rows", "leave it out"),
    "SHOW": ("`SHOW` cannot stand inside another query", "select from INFORMATION_SCHEMA, or name the table"),
    "USE": ("`USE` is no query", "leave it out, and write `database.schema.table`"),
    "CALL": ("`CALL` cannot stand inside another query", "select from a table that the procedure fills"),
    "SET": ("`SET` is no query", "write the value where it is used"),
    "BEGIN": ("a script is no query", "write it as one SELECT"),
    "DECLARE": ("a script is no query", "write it as one SELECT"),
}


def unreadable_query(query: Query) -> Iterator[Finding]:
    """Report what Snowflake's grammar cannot read."""
    if query.fault is not None:
        yield Finding(query.fault.span, query.fault.message, query.fault.help)


def empty_query(query: Query) -> Iterator[Finding]:
    """Report a text without any SQL."""
    if not query.tokens and not query.marks and query.fault is None:
        yield Finding(Span(0, 0), "there is no query in this text", "write the SELECT that mParticle is to run")


def several_statements(query: Query) -> Iterator[Finding]:
    """Report a second statement."""
    if len(query.statements) > 1 and query.foreign is None and not any(mark.blocks for mark in query.marks):
        second = query.statements[1]
        keyword = query.token_span(query.token_at(second.start))
        message = "a second statement starts here" if len(query.statements) == 2 else _counted(len(query.statements))
        yield Finding(keyword, message, "keep one SELECT: mParticle puts the text in brackets")


def _counted(number: int) -> str:
    return f"the second of {number} statements starts here"


def not_a_select(query: Query) -> Iterator[Finding]:
    """Report a statement that is no query."""
    if query.foreign is None:
        return
    word = query.slice(query.foreign).upper()
    message, advice = _NOT_QUERIES.get(word, (f"`{word}` is no query", "mParticle reads the rows of one SELECT"))
    yield Finding(query.foreign, message, advice)


def trailing_semicolon(query: Query) -> Iterator[Finding]:
    """Report semicolons around the only statement."""
    if not query.semicolons or len(query.statements) != 1 or query.foreign is not None or query.fault is not None:
        return
    statement = query.statements[0]
    for group in (
        [span for span in query.semicolons if span.end <= statement.start],
        [span for span in query.semicolons if span.start >= statement.end],
    ):
        if group:
            edits = tuple(Edit(span, "") for span in group)
            message = "this `;` ends the query inside mParticle's brackets"
            yield Finding(Span(group[0].start, group[-1].end), message, "remove it", edits)


def typographic_character(query: Query) -> Iterator[Finding]:
    """Report characters that a word processor or a web page put in place of plain ones."""
    for mark in _marks(query, "typographic"):
        yield Finding(mark.span, _described(mark), _plain(mark), mark.edits)


def _described(mark: Mark) -> str:
    if len(mark.edits) > 1:
        return f"typographic quotes around `{mark.text[1:-1]}`"
    if not mark.text.isprintable() or mark.text.isspace():
        return f"a {mark.name} stands between the words"
    return f"`{mark.text}` ({mark.name}) is no character of SQL"


def _plain(mark: Mark) -> str:
    if not mark.edits:
        return "write it in plain ASCII"
    new = mark.edits[0].text
    if len(mark.edits) > 1:
        return f"write plain quotes: `{new}{mark.text[1:-1]}{new}`"
    if not new:
        return "remove it"
    return "write a plain blank" if new.isspace() else f"write `{new}`"


def foreign_quoting(query: Query) -> Iterator[Finding]:
    """Report names in the quotes of another warehouse."""
    for mark in _marks(query, "foreign-quoting"):
        written = mark.edits[0].text if mark.edits else '"…"'
        advice = f"write `{written}`: Snowflake quotes names with double quotes only"
        name = mark.text[1:].rstrip("`]").strip()
        message = f"{mark.name} around `{name}` are no quotes in Snowflake"
        yield Finding(mark.span, message, advice, mark.edits)


def unfilled_placeholder(query: Query) -> Iterator[Finding]:
    """Report placeholders that nothing fills in."""
    for mark in _marks(query, "placeholder"):
        message = f"`{mark.text}` is {mark.name} that nothing fills in"
        yield Finding(mark.span, message, "write the value: mParticle runs the text as it stands")


def _marks(query: Query, kind: str) -> Iterator[Mark]:
    return (mark for mark in query.marks if mark.kind == kind)
