"""JUnit's XML, read back by `junitparser`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sqlcheck.formats import junit
from sqlcheck.formats._screen import visible
from sqlcheck.model import Diagnostic, Report, Severity, Source, Span
from tests.formats.readers import read_junit


def test_a_suite_is_a_file_and_a_file_without_problems_passes() -> None:
    diagnostics = (
        Diagnostic("one-rule", Severity.ERROR, "static", Source("a.sql", "SELECT 1"), Span(7, 8), "m"),
        Diagnostic("two-rule", Severity.INFO, "static", Source("settings.yaml", "x"), Span(0, 1), "m"),
    )
    report = Report(diagnostics, files=("a.sql", "b.sql"), failures=("c.sql: no such file",))

    assert read_junit(junit.render(report)) == [
        ("a.sql", [("one-rule 1:8", "error")]),
        ("b.sql", [("sqlcheck", "")]),
        ("settings.yaml", [("two-rule 1:1", "info")]),
        ("not done", [("c.sql: no such file", "error")]),
    ]


@given(st.text(alphabet=st.characters(exclude_characters="/"), min_size=1).filter(lambda name: name != "."))
def test_every_name_of_a_file_makes_xml_and_comes_back(name: str) -> None:
    assert read_junit(junit.render(Report(files=(name,)))) == [(visible(name), [("sqlcheck", "")])]
