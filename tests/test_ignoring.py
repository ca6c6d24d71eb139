"""Ignore comments that are written into queries: where they stand, what they leave as it was."""

from __future__ import annotations

import pytest

from sqlcheck import rulebook
from sqlcheck.ignoring import ELSEWHERE, NOWHERE, ignore
from sqlcheck.inputs import from_text
from sqlcheck.model import Source
from sqlcheck.parse import parse

HEADER = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_tz\n"
TEXTS = [
    block.text
    for rule in rulebook.rules().values()
    for example in rulebook.examples(rule)
    for block in example.blocks
    if example.kind == "bad" and block.language == "sql"
]
"""The queries of all bad examples."""


def ignored(text: str, reason: str = "", path: str = "query.sql") -> tuple[str, list[tuple[str, str]]]:
    """Give a text with everything ignored, and the rules of what could not be with the reasons."""
    fixed = ignore(from_text(text, path), reason)
    return fixed.text, [(refused.rule, refused.reason) for refused in fixed.withdrawn]


def found(text: str) -> list[str]:
    return [each.rule for each in from_text(text).check().diagnostics]


SELECT = "SELECT u.updated_at, u.id AS customer_id"
IGNORE = "-- sqlcheck: ignore[folded-attribute]"
KEYED = f"{SELECT}, u.plan, u.tier {IGNORE}(plan)\nFROM a.b.u"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{SELECT},\n  u.plan,\n  u.b\nFROM a.b.u\n", f"{SELECT},\n  u.plan, {IGNORE}\n  u.b {IGNORE}\nFROM a.b.u\n"),
        (
            f"{SELECT},\r\n\tu.plan -- a\r\nFROM a.b.u\r\n",
            f"{SELECT},\r\n\t{IGNORE}\r\n\tu.plan -- a\r\nFROM a.b.u\r\n",
        ),
        (f"{SELECT}, 'a\n b' || u.c AS plan FROM a.b.u", f"{SELECT}, 'a\n b' || u.c AS plan FROM a.b.u {IGNORE}"),
        (
            f'{SELECT}, u.plan, TRIM(u.c, $$\n -- $$) AS "c" FROM a.b.u',
            f'{IGNORE}\n{SELECT}, u.plan, TRIM(u.c, $$\n -- $$) AS "c" FROM a.b.u',
        ),
        (f"{SELECT}, u.plan /* x\n */ FROM a.b.u", f"{IGNORE}\n{SELECT}, u.plan /* x\n */ FROM a.b.u"),
        (
            f"{SELECT}, 'a\n ' || u.c AS plan /* x\n */ FROM a.b.u",
            f"{SELECT}, 'a\n ' || u.c AS plan /* x\n */ FROM a.b.u",
        ),
        (
            f"{SELECT}, u.plan FROM a.b.u, a.b.v;",
            f"{SELECT}, u.plan FROM a.b.u, a.b.v; {IGNORE[:-1]}, cartesian-join, trailing-semicolon]",
        ),
        (KEYED, f"{IGNORE}\n{KEYED}"),
    ],
)
def test_a_comment_stands_at_the_end_of_the_line_or_above_it(before: str, after: str) -> None:
    header = HEADER.replace("\n", "\r\n") if "\r" in before else HEADER
    assert ignored(header + before)[0] == header + after


def test_what_is_found_in_a_comment_of_ours_is_ignored_there() -> None:
    before = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz\nSELECT u.updated_at, u.id AS mpid FROM a.b.u\n"

    assert ignored(before, "UTC by contract") == (
        before.replace("_ntz\n", "_ntz ignore[missing-time-zone] UTC by contract\n"),
        [],
    )


@pytest.mark.parametrize(
    ("old", "reason", "new"),
    [
        ("ignore[a] old", "", "ignore[a, row-limit] old"),
        ("ignore[a] old", "old", "ignore[a, row-limit] old"),
        ("ignore[a] old", "new", "ignore[a] old"),
    ],
)
def test_a_reason_is_never_put_under_a_rule_that_it_is_not_for(old: str, reason: str, new: str) -> None:
    text = HEADER + f"SELECT u.updated_at, u.id AS mpid FROM a.b.u LIMIT 1 -- sqlcheck: {old}\n"
    above = "" if "row-limit" in new else f"-- sqlcheck: ignore[row-limit, unknown-ignore] {reason}\n"

    result = ignored(text, reason)[0]

    lines = [line for line in result.removeprefix(HEADER).splitlines() if line.startswith("--")]
    assert ([line.partition("]")[2].strip() for line in lines], result.count("row-limit")) == (
        [reason] * bool(above),
        1,
    )


@pytest.mark.parametrize(("ending", "reason"), [("\n", "see (plan), ignore[x] */ 'é"), ("\r\n", "")])
def test_comments_silence_what_is_found_and_change_no_token_and_a_second_time_nothing(reason: str, ending: str) -> None:
    for text in dict.fromkeys(text.replace("\n", ending) for text in TEXTS):
        result, left = ignored(text, reason)

        queries = [parse(Source("q.sql", each)) for each in (text, result)]
        # The parser takes all that follows the keyword of a command for one token, comments included.
        tokens = [[token.text for token in query.tokens][: 1 if query.foreign else None] for query in queries]
        names = [
            [query.mapping and [column.name for column in query.mapping.columns] for query in from_text(each).queries]
            for each in (text, result)
        ]
        assert (tokens[0], names[0], [rule for rule, _ in left]) == (tokens[1], names[1], found(result)), text
        assert (ignored(result, reason)[0], result.count("\r")) == (result, result.count("\n") if "\r" in ending else 0)


def test_what_cannot_be_ignored_is_told_and_nothing_is_written() -> None:
    text = "SELECT 'open"

    assert ignored(text, "why") == (text, [("unreadable-query", NOWHERE)])


@pytest.mark.parametrize("path", ["p.json", "sqlcheck.yaml"])
def test_what_stands_in_a_document_cannot_be_ignored(path: str) -> None:
    assert ignored("{", "why", path) == ("{", [("unreadable-document", ELSEWHERE)])


def test_a_text_in_a_wrong_encoding_is_left_alone() -> None:
    entry = from_text("SELECT 'é'".encode("latin-1"))

    assert ignore(entry, "why").text == entry.text.text


def test_what_does_not_count_is_not_ignored() -> None:
    text = HEADER + "SELECT u.updated_at, u.id AS mpid, u.plan FROM a.b.u;"
    entry = from_text(text)

    result = ignore(entry, "", lambda all_: tuple(each for each in all_ if each.rule != "folded-attribute"))

    assert result.text == f"{text} -- sqlcheck: ignore[trailing-semicolon]"
