"""Fingerprints: what they hold through, and what they tell apart."""

from __future__ import annotations

from sqlcheck.fingerprints import fingerprints
from sqlcheck.model import Diagnostic, Severity, Source, Span


def find(text: str, word: str, *, column: str | None = None, path: str = "q.sql") -> Diagnostic:
    """Make a diagnostic about the last place of a word."""
    start = text.rindex(word)
    span = Span(start, start + len(word))
    return Diagnostic("some-rule", Severity.ERROR, "static", Source(path, text), span, "wrong", column=column)


def test_a_fingerprint_holds_when_lines_wording_and_severity_change() -> None:
    before = find("SELECT a;", ";")
    after = find("-- a comment\n\nSELECT a, b\n;", ";")._replace(message="very wrong", severity=Severity.INFO)

    assert fingerprints([before]) == fingerprints([after]) == ["d65f15aae3e4ea3aced519b089875235"]


def test_a_fingerprint_holds_when_an_expression_changes_but_not_its_column() -> None:
    assert fingerprints([find("SELECT a + 1 AS x", "a + 1", column="X")]) == fingerprints(
        [find("SELECT b AS x", "b", column="X")]
    )


def test_a_fingerprint_holds_when_a_text_is_broken_into_other_lines() -> None:
    assert fingerprints([find("SELECT a + b", "a + b")]) == fingerprints([find("SELECT a\r\n  +\tb", "a\r\n  +\tb")])


def test_rule_file_column_and_text_tell_diagnostics_apart() -> None:
    text = "SELECT a, b"
    found = [
        find(text, "a"),
        find(text, "b"),
        find(text, "a", column="A"),
        find(text, "a", column="a"),
        find(text, "a", path="r.sql"),
        find(text, "a")._replace(rule="another-rule"),
    ]

    assert len(set(fingerprints(found))) == len(found)


def test_equal_ones_are_numbered_so_that_mending_one_leaves_the_others() -> None:
    one, other = find("SELECT a FROM t WHERE a", "a"), find("SELECT a", "a")

    first, second = fingerprints([one, other])

    assert (first != second, fingerprints([other])) == (True, [first])


def test_a_secret_cannot_be_guessed_from_its_fingerprint() -> None:
    def told(password: str) -> Diagnostic:
        text = f"password: {password}"
        return find(text, password)._replace(source=Source("q.yaml", text, secrets=(Span(10, len(text)),)))

    assert fingerprints([told("hunter2")]) == fingerprints([told("hunter3")])
