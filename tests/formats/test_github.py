"""Annotations, read back as the runner reads them."""

from __future__ import annotations

from pathlib import PurePath

from hypothesis import given
from hypothesis import strategies as st

from sqlcheck.formats import github
from sqlcheck.model import Diagnostic, Report, Severity, Source, Span
from tests.formats.readers import Command, read_github


def annotated(diagnostic: Diagnostic) -> Command:
    (command,) = read_github(github.render(Report((diagnostic,))))
    return command


def test_severities_have_the_runner_s_names_and_columns_are_for_one_line() -> None:
    source = Source("q.sql", "SELECT a\nFROM t")
    spans = [(Severity.ERROR, Span(7, 8)), (Severity.WARNING, Span(0, 11)), (Severity.INFO, Span(14, 14))]
    report = Report(tuple(Diagnostic("r", severity, "static", source, span, "m", "h") for severity, span in spans))

    assert read_github(github.render(report)) == [
        Command(
            "error",
            {"file": "q.sql", "line": "1", "col": "8", "endLine": "1", "endColumn": "9", "title": "r"},
            "q.sql:1:8: m; h",
        ),
        Command("warning", {"file": "q.sql", "line": "1", "endLine": "2", "title": "r"}, "q.sql:1:1: m; h"),
        Command(
            "notice",
            {"file": "q.sql", "line": "2", "col": "6", "endLine": "2", "endColumn": "6", "title": "r"},
            "q.sql:2:6: m; h",
        ),
    ]


def test_what_cannot_be_read_is_annotated_and_nothing_is_summed_up() -> None:
    assert github.render(Report(failures=("50%.sql: no such file",))) == (
        "::error title=sqlcheck::50%25.sql: no such file\n"
    )


def test_a_message_cannot_begin_a_command_of_its_own() -> None:
    source = Source("q.sql", "SELECT a")
    told = annotated(Diagnostic("r", Severity.ERROR, "static", source, Span(0, 6), "a\n::error::b\r::stop-commands::c"))

    assert told.data == "q.sql:1:1: a␊::error::b␍::stop-commands::c"


@given(st.text(min_size=1).map(lambda text: PurePath(text).as_posix()), st.text(alphabet="ab%:,25A0D\\`"))
def test_every_path_and_message_comes_back(path: str, message: str) -> None:
    told = annotated(Diagnostic("r", Severity.ERROR, "static", Source(path, ""), Span(0, 0), message))

    assert (told.properties["file"], told.data[-len(message) :] if message else "") == (path, message)
