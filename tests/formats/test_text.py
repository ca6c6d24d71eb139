"""The text report: whole outputs, drawn from small texts."""

from __future__ import annotations

import time
from textwrap import dedent

from sqlcheck.formats import text
from sqlcheck.model import Diagnostic, Edit, Fix, Report, Severity, Skip, Source, Span


def find(
    source: Source,
    first: str,
    last: str | None = None,
    *,
    severity: Severity = Severity.ERROR,
    message: str = "this is wrong",
    help: str | None = None,
    fix: Fix | None = None,
) -> Diagnostic:
    """Make a diagnostic that spans from one word of a text to the end of another."""
    start = source.text.index(first)
    end = source.text.index(last or first, start) + len(last or first)
    return Diagnostic("some-rule", severity, "static", source, Span(start, end), message, help, fix)


def replace(source: Source, word: str, new: str) -> Edit:
    """Make an edit that replaces the first occurrence of a word."""
    start = source.text.index(word)
    return Edit(Span(start, start + len(word)), new)


def drawn(*diagnostics: Diagnostic) -> str:
    """Render without colours and summary."""
    return text.render(Report(diagnostics), summary=False)


def test_a_diagnostic_shows_its_line_with_carets_help_and_patch() -> None:
    source = Source("queries/churn.sql", "SELECT a\nFROM b.c.d;\n")
    fix = Fix(True, (replace(source, ";", ""),))

    report = drawn(find(source, ";", help="leave it out", fix=fix))

    assert report == dedent("""\
        error[some-rule]: this is wrong
         --> queries/churn.sql:2:11
          |
        2 | FROM b.c.d;
          |           ^
          |
          = help: leave it out
          = fix (safe):
        2 - FROM b.c.d;
        2 + FROM b.c.d
        """)


def test_the_gutter_is_as_wide_as_the_longest_line_number() -> None:
    source = Source("q.sql", "SELECT\n" * 8 + "a,\nb;\nc\n")
    fix = Fix(False, (replace(source, ";", ""), replace(source, "a,", "a, x,\n  y,")))

    report = drawn(find(source, "a,", severity=Severity.WARNING, fix=fix))

    assert report == dedent("""\
        warning[some-rule]: this is wrong
          --> q.sql:9:1
           |
         9 | a,
           | ^^
           |
           = fix (unsafe):
         9 - a,
         9 + a, x,
        10 +   y,
        10 - b;
        11 + b
        """)


def test_tabs_wide_and_combining_characters_and_crlf_do_not_shift_the_carets() -> None:
    source = Source("q.sql", "SELECT\r\n\t日本\t+ e\u0301 + '👩' + x\r\nFROM t\r\n")

    report = drawn(find(source, "x"), find(source, "日本"), find(source, "e\u0301"))

    assert report == dedent("""\
        error[some-rule]: this is wrong
         --> q.sql:2:18
          |
        2 |     日本    + e\u0301 + '👩' + x
          |                          ^

        error[some-rule]: this is wrong
         --> q.sql:2:2
          |
        2 |     日本    + e\u0301 + '👩' + x
          |     ^^^^

        error[some-rule]: this is wrong
         --> q.sql:2:7
          |
        2 |     日本    + e\u0301 + '👩' + x
          |               ^
        """)


def test_a_span_of_several_lines_is_bracketed() -> None:
    source = Source("q.sql", "SELECT (SELECT\n  max(x)\nFROM b) FROM c\n")

    report = drawn(find(source, "(SELECT", "b)"), find(source, "SELECT", "FROM c"))

    assert report == dedent("""\
        error[some-rule]: this is wrong
         --> q.sql:1:8
          |
        1 |   SELECT (SELECT
          |  ________^
        2 | |   max(x)
        3 | | FROM b) FROM c
          | |_______^

        error[some-rule]: this is wrong
         --> q.sql:1:1
          |
        1 | / SELECT (SELECT
        2 | |   max(x)
        3 | | FROM b) FROM c
          | |______________^
        """)


def test_the_middle_of_a_long_span_is_left_out() -> None:
    source = Source("q.sql", "(\n" + "".join(f"{number}\n" for number in range(2, 20)) + ")\n")

    assert drawn(find(source, "(", ")")) == dedent("""\
        error[some-rule]: this is wrong
          --> q.sql:1:1
           |
         1 | / (
         2 | | 2
         3 | | 3
        ...  |
        19 | | 19
        20 | | )
           | |_^
        """)


def test_a_long_line_is_cut_around_the_span() -> None:
    source = Source("payload.json", '{"sql": "' + "ab, " * 5000 + "HERE" + ", cd" * 5000 + '"}')
    fix = Fix(True, (replace(source, "HERE", '\\"here\\"'),))

    report = drawn(find(source, "HERE", fix=fix)).splitlines()

    at = source.text.index("HERE")
    shown, around = source.text[at - 58 : at + 62], (source.text[at - 60 : at], source.text[at + 4 : at + 64])
    assert report[3:] == [
        f"1 | …{shown}…",
        "  | " + " " * 59 + "^^^^",
        "  |",
        "  = fix (safe):",
        f"1 - …{around[0]}HERE{around[1]}…",
        f'1 + …{around[0]}\\"here\\"{around[1]}…',
    ]


def test_a_place_behind_the_last_character_has_a_caret() -> None:
    source = Source("q.sql", "SELECT a,")

    assert drawn(Diagnostic("r", Severity.ERROR, "static", source, Span(9, 9), "more was expected")) == dedent("""\
        error[r]: more was expected
         --> q.sql:1:10
          |
        1 | SELECT a,
          |          ^
        """)


def test_an_empty_text_has_a_first_line() -> None:
    source = Source("q.sql", "")

    assert drawn(
        Diagnostic("empty-query", Severity.ERROR, "static", source, Span(0, 0), "there is no query")
    ) == dedent("""\
        error[empty-query]: there is no query
         --> q.sql:1:1
          |
        1 |
          | ^
        """)


def test_what_a_terminal_would_obey_or_hide_is_made_visible() -> None:
    source = Source("q\x1b]0;x\x07.sql", "SELECT '\x1b[31m\u202eabc\u200b\x00\x7f\x9b\ud800' x")
    message = "the column `\x1b[2J\n` is wrong"

    report = drawn(find(source, "x", message=message, help="remove `\u2066`"))

    assert report == dedent("""\
        error[some-rule]: the column `␛[2J␊` is wrong
         --> q␛]0;x␇.sql:1:25
          |
        1 | SELECT '␛[31m<U+202E>abc<U+200B>␀␡<U+009B><U+D800>' x
          |                                                     ^
          |
          = help: remove `<U+2066>`
        """)


def test_lines_that_a_fix_removes_have_no_counterpart() -> None:
    source = Source("q.sql", "SELECT a\nFROM t\nORDER BY a\nLIMIT 3\n")
    fix = Fix(True, (Edit(Span(source.text.index("ORDER"), source.text.index("LIMIT")), ""),))

    assert drawn(find(source, "ORDER BY", severity=Severity.INFO, fix=fix)) == dedent("""\
        info[some-rule]: this is wrong
         --> q.sql:3:1
          |
        3 | ORDER BY a
          | ^^^^^^^^
          |
          = fix (safe):
        3 - ORDER BY a
        """)


def test_the_summary_counts_and_names_what_can_be_fixed_and_what_is_unheard() -> None:
    source = Source("q.sql", "SELECT a;\n")
    safe, unsafe = (Fix(safe, (replace(source, ";", ""),)) for safe in (True, False))
    diagnostics = (
        find(source, ";", fix=safe),
        find(source, ";", fix=unsafe),
        find(source, "a", severity=Severity.WARNING),
        find(source, "a", severity=Severity.INFO, fix=unsafe),
    )
    skips = tuple(
        Skip(rule, model, "schema") for model in ("one", "two") for rule in ("unknown-column", "ambiguous-column")
    )

    assert [
        text.summary_line(Report(diagnostics, skips, ("q.sql", "r.sql"))),
        text.summary_line(Report(diagnostics[2:3], skips[:1])),
        text.summary_line(Report(files=("q.sql",))),
        text.summary_line(Report(failures=("q.sql: no such file",))),
    ] == [
        (
            "2 errors, 1 warning, 1 info in 2 files; 1 fixable with --fix; 2 more fixable with --unsafe-fixes; "
            "2 rules need a schema: ambiguous-column, unknown-column"
        ),
        "1 warning; 1 rule needs a schema: unknown-column",
        "no problems in 1 file",
        "",
    ]


def test_colours_and_links_are_there_on_request_only() -> None:
    source = Source("q.sql", "SELECT a\n")

    report = text.render(
        Report((find(source, "a"),)), colour=True, link=lambda rule: f"file:///rules/{rule}.md", summary=False
    )

    assert report == (
        "\x1b[1;31merror[\x1b]8;;file:///rules/some-rule.md\x1b\\some-rule\x1b]8;;\x1b\\]\x1b[0m: "
        "\x1b[1mthis is wrong\x1b[0m\n"
        "\x1b[1;34m -->\x1b[0m q.sql:1:8\n"
        "\x1b[1;34m  |\x1b[0m\n"
        "\x1b[1;34m1 |\x1b[0m SELECT a\n"
        "\x1b[1;34m  |\x1b[0m \x1b[1;31m       ^\x1b[0m\n"
    )


def test_ten_thousand_diagnostics_take_a_second_at_most() -> None:
    source = Source("payload.json", '{"sql": "' + "日本, " * 100_000 + '"}')
    diagnostics = tuple(
        Diagnostic("r", Severity.ERROR, "static", source, span, "m", fix=Fix(True, (Edit(span, "x"),)))
        for span in (Span(start, start + 6) for start in range(10, 400_000, 40))
    )

    started = time.perf_counter()
    text.render(Report(diagnostics))

    assert time.perf_counter() - started < 3
