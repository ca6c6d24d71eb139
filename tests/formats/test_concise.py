"""The concise report."""

from __future__ import annotations

from sqlcheck.formats import concise
from sqlcheck.model import Diagnostic, Report, Severity, Source, Span


def test_each_diagnostic_is_one_line() -> None:
    source = Source("queries/a\tb.sql", "SELECT a,\n  b\n")
    diagnostics = (
        Diagnostic("one-rule", Severity.ERROR, "static", source, Span(0, 6), "first\nline", help="unseen"),
        Diagnostic("two-rule", Severity.INFO, "static", source, Span(12, 13), "second"),
    )

    assert concise.render(Report(diagnostics)) == (
        "queries/a    b.sql:1:1: error[one-rule] first␊line\nqueries/a    b.sql:2:3: info[two-rule] second\n"
    )


def test_no_diagnostic_is_no_line() -> None:
    assert concise.render(Report(files=("q.sql",))) == ""


def test_severities_are_coloured_on_request() -> None:
    diagnostic = Diagnostic("r", Severity.WARNING, "static", Source("q.sql", "x"), Span(0, 1), "m")

    assert (
        concise.render(Report((diagnostic,)), colour=True) == "\x1b[1mq.sql\x1b[0m:1:1: \x1b[1;33mwarning[r]\x1b[0m m\n"
    )
