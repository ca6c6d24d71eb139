"""Properties that hold for every real query, whatever it says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlglot.tokens import TokenType

from sqlcheck import check, engine
from sqlcheck.apis import API_VERSIONS
from sqlcheck.mapping import build
from sqlcheck.model import FAMILIES, Diagnostic, Source
from sqlcheck.parse import deep, parse
from sqlcheck.resolution.members import type_name
from sqlcheck.schema import Schema, SchemaColumn, SchemaTable
from sqlcheck.schema import type_name as type_in_schema
from sqlcheck.settings import Model
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


COLUMNS = {
    "NUMBER": "int_col bigint_col decfloat_col",
    "FLOAT": "double_col float_col",
    "VARCHAR": "str_col varchar_col",
    "BINARY": "bin_col state_col aad_col encrypted_col iv_col key_col",
    "BOOLEAN": "bool_col",
    "DATE": "date_col",
    "TIMESTAMP_NTZ": "timestamp_col",
    "VARIANT": "variant_col",
}


def test_types_agree_with_an_independent_table() -> None:
    columns = tuple(SchemaColumn(name.upper(), kind) for kind, names in COLUMNS.items() for name in names.split())
    schema = Schema((SchemaTable(("TBL",), columns, Source("schema.sql", "")),))
    wrong = []
    for row in corpus.lines("snowflake_types.jsonl"):
        wanted = parse(Source("type.sql", f"select null::{row['type']}")).tree
        assert wanted is not None
        query = parse(Source("query.sql", f"select {row['expr']} as x from tbl"))
        mapping = build(query, Model(), API_VERSIONS["v1"], schema)
        family = mapping.columns[0].family if mapping else None
        expected = FAMILIES.get(type_name(wanted.expressions[0].to) or "")
        if family != expected:
            wrong.append((row["expr"], row["type"], family))

    assert wrong == []


def described(tables: dict[str, dict[str, str]]) -> Schema:
    """Give the schema of tables whose columns are written with their types."""
    source = Source("schema.json", "")
    return Schema(
        tuple(
            SchemaTable(
                (name.upper(),),
                tuple(SchemaColumn(column.upper(), type_in_schema(kind)) for column, kind in columns.items()),
                source,
            )
            for name, columns in tables.items()
        )
    )


def diagnose(text: str, schema: Schema) -> tuple[Diagnostic, ...]:
    api, query, model = API_VERSIONS["v1"], parse(Source("query.sql", text)), Model()
    values = {"query": query, "model": model, "api": api, "schema": schema, "mapping": build(query, model, api, schema)}
    with deep():
        return engine.run(values).diagnostics


TPC = {name: described(tables) for name, tables in corpus.tables().items()}
NAMES = ("unknown-table", "unknown-column", "unknown-alias", "ambiguous-column", "ungrouped-column", "duplicate-output")


@pytest.mark.parametrize(("text", "name"), [(row["sql"], row["schema"]) for row in corpus.lines("tpc_queries.jsonl")])
def test_every_output_of_tpc_is_resolved_and_typed_and_no_name_is_wrong(text: str, name: str) -> None:
    mapping = build(parse(Source("query.sql", text)), Model(), API_VERSIONS["v1"], TPC[name])
    assert mapping is not None
    references = [reference.status for scope in mapping.scopes for reference in scope.references]
    untyped = [column.name for column in mapping.columns if column.type is None]
    wrong = [(found.rule, found.message) for found in diagnose(text, TPC[name]) if found.rule in NAMES[:-1]]
    assert (True, [], [], {"resolved"}) == (mapping.complete, untyped, wrong, set(references) - {"alias", "outer"})


UNRESOLVABLE = {
    "SELECT z.a FROM x": ["unknown-alias SELECT «z».a FROM x"],
    "SELECT x FROM x": ["unknown-column SELECT «x» FROM x"],
    "SELECT x FROM VALUES (1, 2)": ["unknown-column SELECT «x» FROM VALUES (1, 2)"],
    "SELECT a FROM x JOIN (SELECT b FROM y WHERE y.b = x.c)": [
        "unknown-alias SELECT a FROM x JOIN (SELECT b FROM y WHERE y.b = «x».c)"
    ],
    "SELECT q.a FROM (SELECT x.b FROM x) AS z JOIN (SELECT a FROM z) AS q ON z.b = q.a": [
        "unknown-column SELECT q.a FROM (SELECT x.b FROM x) AS z JOIN (SELECT «a» FROM z) AS q ON z.b = q.a"
    ],
    "SELECT b FROM x AS a CROSS JOIN y AS b CROSS JOIN y AS c": [
        "ambiguous-column SELECT «b» FROM x AS a CROSS JOIN y AS b CROSS JOIN y AS c"
    ],
    "SELECT p FROM (SELECT x from xx) y CROSS JOIN yy CROSS JOIN zz": [
        "unknown-table SELECT p FROM (SELECT x from «xx») y CROSS JOIN yy CROSS JOIN zz",
        "unknown-table SELECT p FROM (SELECT x from xx) y CROSS JOIN «yy» CROSS JOIN zz",
        "unknown-table SELECT p FROM (SELECT x from xx) y CROSS JOIN yy CROSS JOIN «zz»",
    ],
    # Snowflake runs this one: that a derived table has two columns `b` is wrong once somebody asks for `b`.
    "SELECT a FROM (SELECT * FROM x CROSS JOIN y)": [],
    "SELECT b FROM x INNER JOIN y ON x.a = y.c INNER JOIN z ON x.a = z.c": [
        "ambiguous-column SELECT «b» FROM x INNER JOIN y ON x.a = y.c INNER JOIN z ON x.a = z.c"
    ],
}


def marked(sql: str, found: Diagnostic) -> str:
    start, end = found.span
    return f"{found.rule} {sql[:start]}«{sql[start:end]}»{sql[end:]}"


@pytest.mark.parametrize("row", corpus.lines("unresolvable.jsonl"), ids=lambda row: row["sql"])
def test_what_cannot_be_resolved_is_an_error_at_the_culprit(row: dict[str, Any]) -> None:
    found = [each for each in diagnose(row["sql"], described(row["schema"])) if each.rule in NAMES]
    assert UNRESOLVABLE[row["sql"]] == [marked(row["sql"], each) for each in found]


@pytest.mark.parametrize(
    "sql", ["SELECT «b» FROM (SELECT * FROM x CROSS JOIN y)", "SELECT «*» FROM (SELECT * FROM x, y)"]
)
def test_two_columns_of_one_name_are_wrong_where_they_are_asked_for(sql: str) -> None:
    schema = described({"x": {"a": "INT", "b": "INT"}, "y": {"b": "INT", "c": "INT"}})
    plain = sql.replace("«", "").replace("»", "")
    rule = "duplicate-output" if "«*»" in sql else "ambiguous-column"
    assert [f"{rule} {sql}"] == [marked(plain, each) for each in diagnose(plain, schema) if each.rule in NAMES]
