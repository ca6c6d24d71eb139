"""Baselines as texts: what is written, and what is said of one that cannot be read."""

from __future__ import annotations

import json

import pytest

from sqlcheck.baseline import Baseline, Entry, read_baseline, render
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Diagnostic, Severity, Source, Span

MEND = "; mend it, or remove it and run with --baseline-update"


def read(text: str) -> Baseline:
    return read_baseline(Source("folder/known.json", text))


def find(path: str, text: str, span: Span, column: str | None = None, secrets: tuple[Span, ...] = ()) -> Diagnostic:
    return Diagnostic("r", Severity.ERROR, "static", Source(path, text, secrets=secrets), span, "m", column=column)


def test_entries_are_written_in_order_and_a_line_each() -> None:
    entries = [Entry("b.sql", "x", "B", "2"), Entry("a.sql", "y", 'é\\ "q"', "1"), Entry("a.sql", "x", "A", "3")]

    text = render(entries)

    assert text == (
        '{\n  "version": 1,\n  "findings": [\n'
        '    {"file": "a.sql", "rule": "x", "about": "A", "fingerprint": "3"},\n'
        '    {"file": "a.sql", "rule": "y", "about": "é\\\\ \\"q\\"", "fingerprint": "1"},\n'
        '    {"file": "b.sql", "rule": "x", "about": "B", "fingerprint": "2"}\n'
        "  ]\n}\n"
    )
    assert sorted(entries) == [entry._replace(span=Span(0, 0)) for entry in read(text).entries]


def test_an_empty_baseline_is_read_again() -> None:
    assert ([], ()) == (json.loads(render([]))["findings"], read(render([])).entries)


def test_files_are_named_from_the_folder_of_the_baseline() -> None:
    baseline = read(render([]))

    names = [baseline.named(path) for path in ("folder/a.sql", "queries/a.sql", "folder/sub/../b.sql", "<stdin>")]

    assert names == ["a.sql", "../queries/a.sql", "b.sql", "../<stdin>"]
    assert baseline.path(Entry("../queries/a.sql", "x", "A", "1")) == "folder/../queries/a.sql"


def test_an_entry_tells_people_the_column_or_the_beginning_of_the_text_and_no_secret() -> None:
    long = "SELECT " + "a" * 100
    found = [
        find("folder/a.sql", long, Span(0, len(long)), "PLAN"),
        find("folder/a.sql", long, Span(0, len(long))),
        find("folder/a.yaml", "password: hunter2", Span(0, 17), secrets=(Span(10, 17),)),
    ]

    listed = read(render([])).listed(found)

    assert [(entry.file, entry.about) for entry in listed] == [
        ("a.sql", "PLAN"),
        ("a.sql", "SELECT " + "a" * 52 + "…"),
        ("a.yaml", "password: *******"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("<<<<<<< HEAD", 1, "`<` stands where a value is wanted"),
        ("[]", 1, "this is no baseline: it has no `version`"),
        ('{"version": "1"}', 1, "this is no baseline: it has no `version`"),
        ('{\n "version": 2}', 2, "version 2 of baselines, of which only 1 is known"),
        ('{"version": 1}', 1, "this is no baseline: it has no list `findings`"),
        (
            '{"version": 1, "findings": [\n{"file": "a"}]}',
            2,
            "an entry has the texts file, rule, about, fingerprint",
        ),
        ('{"version": 1, "findings": [\n7]}', 2, "an entry has the texts file, rule, about, fingerprint"),
    ],
)
def test_what_is_no_baseline_stops_the_run_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(SqlcheckError) as caught:
        read(text)

    assert f"folder/known.json:{line}: {said}{MEND}" == str(caught.value)
