"""Properties that hold for every real query, whatever it says."""

from __future__ import annotations

import pytest
from sqlglot.tokens import TokenType

from sqlcheck import check
from sqlcheck.apis import API_VERSIONS
from sqlcheck.facts import type_name
from sqlcheck.mapping import build
from sqlcheck.model import FAMILIES, Model, Source
from sqlcheck.parse import parse
from tests import corpus

pytestmark = corpus.needed

NAMES_OF_SYNTAX = frozenset({TokenType.VAR})


def names(text: str) -> tuple[list[str], bool] | None:
    mapping = build(parse(Source("query.sql", text)), Model(), API_VERSIONS["v1"])
    return None if mapping is None else ([column.name for column in mapping.columns], mapping.complete)


def relayed(text: str) -> str:
    """Write the query with other blanks, comments between the tokens and keywords in the other case."""
    query = parse(Source("query.sql", text))
    written, at = "", 0
    for token in query.tokens:
        gap = text[at : token.start]
        word = text[token.start : token.end + 1]
        is_keyword = token.token_type not in (TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING) and word.isalpha()
        written += ("\n\t/* c; 'x */ " if gap else "") + (word.swapcase() if is_keyword else word)
        at = token.end + 1
    return written + "\n-- end"


@pytest.mark.parametrize("text", corpus.queries())
def test_output_names_do_not_depend_on_layout_comments_or_keyword_case(text: str) -> None:
    assert names(relayed(text)) == names(text)


@pytest.mark.parametrize("text", corpus.queries())
def test_output_names_survive_being_wrapped(text: str) -> None:
    if not (found := names(text)) or parse(Source("query.sql", text)).semicolons:
        pytest.skip("not a query that can be wrapped")

    assert names(f"SELECT * FROM (\n{text}\n)") == found


@pytest.mark.parametrize("text", corpus.queries())
def test_every_span_lies_in_the_text_and_findings_do_not_depend_on_identifier_case(text: str) -> None:
    found = [d for d in check(text) if d.rule != "folded-attribute"]
    assert all(0 <= d.span.start <= d.span.end <= len(text) for d in found)

    query = parse(Source("query.sql", text))
    upper = text
    for token in query.tokens:
        if token.token_type == TokenType.VAR and not text[token.start : token.end + 1].startswith("$"):
            upper = upper[: token.start] + upper[token.start : token.end + 1].upper() + upper[token.end + 1 :]
    again = [d for d in check(upper) if d.rule != "folded-attribute"]

    assert [(d.rule, d.span) for d in again] == [(d.rule, d.span) for d in found]


def test_types_agree_with_an_independent_table() -> None:
    """At least nine in ten are known without a schema, and those that are known are right."""
    wrong, known = [], 0
    rows = [row for row in corpus.lines("snowflake_types.jsonl") if "tbl." not in row["expr"]]
    for row in rows:
        wanted = parse(Source("type.sql", f"select null::{row['type']}")).tree
        assert wanted is not None
        mapping = build(parse(Source("query.sql", f"select {row['expr']} as x from tbl")), Model(), API_VERSIONS["v1"])
        family = mapping.columns[0].family if mapping else None
        if family is not None:
            known += 1
            expected = FAMILIES.get(type_name(wanted.expressions[0].to) or "")
            if family != expected:
                wrong.append((row["expr"], row["type"], family))

    assert (wrong, known >= 0.9 * len(rows)) == ([], True)
