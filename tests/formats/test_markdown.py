"""Markdown, read back by a parser of Markdown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sqlcheck.formats import markdown
from sqlcheck.formats._screen import visible
from sqlcheck.model import Diagnostic, Report, Severity, Source, Span
from tests.formats.readers import read_markdown


def cell(message: str) -> str:
    """Give what a reader sees in the cell of a message."""
    diagnostic = Diagnostic("empty-query", Severity.ERROR, "static", Source("q.sql", ""), Span(0, 0), message)
    ((_, _, problem, _),) = read_markdown(markdown.render(Report((diagnostic,))))
    return problem


def test_code_stays_code_and_all_else_means_itself() -> None:
    assert cell("`a|b` <your_table> *x* _y_ [z](w) | ~~s~~ &amp; \\| ``c`` `") == (
        "a|b <your_table> *x* _y_ [z](w) | ~~s~~ &amp; \\| ``c`` `"
    )


@given(st.text(alphabet=st.characters(exclude_characters="`")), st.text(alphabet="ab|\\*_<>[]()&#~$", min_size=1))
def test_every_message_comes_back(message: str, code: str) -> None:
    assert cell(f"x{message}x `{code}`") == f"x{visible(message)}x {code}"


def test_each_rule_is_explained_once_in_the_order_of_names() -> None:
    found = [
        Diagnostic(rule, Severity.ERROR, "static", Source("q.sql", ""), Span(0, 0), "m")
        for rule in ("select-star", "empty-query", "select-star")
    ]

    text = markdown.render(Report(tuple(found)))

    assert [line for line in text.split("\n") if "<summary>" in line] == [
        "<summary>empty-query</summary>",
        "<summary>select-star</summary>",
    ]


def test_nothing_found_is_one_line_and_so_is_nothing_read() -> None:
    assert [
        markdown.render(Report(files=("q.sql",))),
        markdown.render(Report(failures=("a_b.sql: no such file",))),
    ] == [
        "**sqlcheck**: no problems in 1 file\n",
        "**sqlcheck**: nothing could be checked\n\n- a\\_b.sql: no such file\n",
    ]
