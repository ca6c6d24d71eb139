"""The grouped report."""

from __future__ import annotations

from textwrap import dedent

from sqlcheck.formats import grouped
from sqlcheck.model import Diagnostic, Report, Severity, Source, Span

SOURCE = Source("a\tb.sql", "SELECT a,\n" * 9 + "  b\n")
REPORT = Report(
    (
        Diagnostic("some-rule", Severity.WARNING, "static", SOURCE, Span(0, 6), "first\nline", help="unseen"),
        Diagnostic("a-rule", Severity.INFO, "static", SOURCE, Span(92, 93), "second"),
        Diagnostic("a-rule", Severity.ERROR, "static", Source("c.sql", ""), Span(0, 0), "third"),
    ),
    files=("a\tb.sql", "c.sql", "d.sql"),
)


def test_the_problems_of_a_file_stand_below_its_name() -> None:
    assert grouped.render(REPORT) == dedent("""\
        a    b.sql
           1:1  warning  some-rule  first␊line
          10:3  info     a-rule     second

        c.sql
          1:1  error  a-rule  third

        1 error, 1 warning, 1 info in 3 files
        """)


def test_colours_and_links_are_there_on_request_only() -> None:
    report = Report(REPORT.diagnostics[2:])

    assert grouped.render(report, colour=True, link=lambda rule: f"file:///rules/{rule}.md") == (
        "\x1b[1mc.sql\x1b[0m\n"
        "  1:1  \x1b[1;31merror\x1b[0m  \x1b]8;;file:///rules/a-rule.md\x1b\\a-rule\x1b]8;;\x1b\\  third\n"
        "\n"
        "1 error\n"
    )
