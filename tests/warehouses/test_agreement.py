"""The embedded engine and the static mapping name and type the same outputs, but for faults that are known.

The engine is an oracle of its own. Where it disagrees with the mapping, one of them is wrong, and the tables here say
which and why: an entry that no query needs any more fails as well as a disagreement that has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

pytest.importorskip("fakesnow", reason="the embedded warehouse is not installed")

from sqlcheck.apis import API_VERSIONS
from sqlcheck.mapping import Mapping as Mapped
from sqlcheck.mapping import build
from sqlcheck.model import Source
from sqlcheck.parse import parse
from sqlcheck.schema import Schema, SchemaColumn, SchemaTable, type_name
from sqlcheck.settings import Model
from sqlcheck.warehouses.embedded import EmbeddedDriver
from sqlcheck.warehouses.session import RefusedError
from tests import corpus
from tests.warehouses.engines import NOW

pytestmark = corpus.needed

FAMILIES = {
    "BIGINT": "number",
    "BLOB": "binary",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "FLOAT": "number",
    "HUGEINT": "number",
    "INTEGER": "number",
    "JSON": "variant",
    "TIME": "time",
    "TIMESTAMP": "timestamp_ntz",
    "TIMESTAMP WITH TIME ZONE": "timestamp_tz",
    "UBIGINT": "number",
    "VARCHAR": "text",
}
"""Type of DuckDB → family."""

CAUSES = {
    ("timestamp_ltz", "timestamp_tz"): "DuckDB has one type with a zone",
    ("array", "variant"): "fakesnow keeps arrays as JSON",
    ("object", "variant"): "fakesnow keeps objects as JSON",
    ("array", "list"): "sqlglot keeps some arrays as lists of DuckDB",
}
"""Family by the mapping, family by the engine → why the engine cannot tell the two apart."""

KNOWN = {
    r"select\s+1 as foo,": ({"bar": "BAR"}, "DuckDB takes `bar` and `BAR` for one column"),
    r"SELECT\s+CURRENT_TIMESTAMP\s+, CURRENT_TIME\b": (
        {"timestamp_ltz": "timestamp_ntz"},
        "LOCALTIMESTAMP is a synonym of CURRENT_TIMESTAMP in Snowflake, and has no zone in DuckDB",
    ),
    r"SELECT ARRAY_(MAX|MIN)\(\[": ({"variant": "number"}, "a list of DuckDB has the type of its elements"),
    r"SELECT GET\(\[": ({"variant": "number"}, "a list of DuckDB has the type of its elements"),
    r"select to_date\('2018-04-15'\) \+ INTERVAL '1 year'": (
        {"date": "timestamp_ntz"},
        "a date moved by whole years stays a date in Snowflake, and becomes a timestamp in DuckDB",
    ),
    r"SELECT CURRENT_SCHEMAS\(": ({"text": "list"}, "Snowflake gives a text, DuckDB a list"),
}
"""How a query begins → what the mapping says and what the engine says, and the cause."""


def family(kind: object) -> str:
    text = str(kind)
    if text.endswith("]"):
        return "list"
    return "number" if text.startswith("DECIMAL") else FAMILIES.get(text, text)


def described(tables: Mapping[tuple[str, ...], Mapping[str, str]]) -> Schema:
    source = Source("schema.json", "")
    return Schema(
        tuple(
            SchemaTable(parts, tuple(SchemaColumn(name, kind) for name, kind in columns.items()), source)
            for parts, columns in tables.items()
        )
    )


def mapped(sql: str, schema: Schema | None = None) -> Mapped | None:
    return build(parse(Source("query.sql", sql)), Model(), API_VERSIONS["v1"], schema)


def shown(sql: str, kind: str) -> Schema | None:
    """Give the tables of a query with the columns that it names, all of one type; None when it does not name them."""
    mapping = mapped(sql)
    if mapping is None:
        return None
    tables: dict[tuple[str, ...], dict[str, str]] = {}
    for scope in mapping.scopes:
        for relation in scope.relations:
            if relation.kind == "table":
                tables.setdefault(relation.parts, {})
        for reference in scope.references:
            if reference.relation is not None and reference.relation.kind == "table":
                tables[reference.relation.parts][reference.name] = kind
    return described(tables) if all(tables.values()) and () not in tables else None


@contextmanager
def driver(schema: Schema) -> Iterator[EmbeddedDriver]:
    found = EmbeddedDriver(schema, {}, None, NOW)
    try:
        yield found
    finally:
        found.close()


def disagreements(engine: EmbeddedDriver, sql: str, schema: Schema) -> dict[str, str] | None:
    """Run a query and give what the mapping says otherwise; None when the engine does not run it."""
    mapping = mapped(sql, schema)
    try:
        described = engine.run(sql).description
    except RefusedError:
        return None
    assert mapping is not None
    assert (True, len(described)) == (mapping.complete, len(mapping.columns))
    found = {}
    for column, (name, kind) in zip(mapping.columns, [column[:2] for column in described], strict=True):
        if column.named and column.name != name:
            found[column.name] = str(name)
        told = family(kind)
        if column.family not in (None, told) and told != '"NULL"' and (column.family, told) not in CAUSES:
            found[str(column.family)] = told
    return found


def known(sql: str) -> dict[str, str]:
    text = re.sub(r"\A(\s*--.*\n)*\s*", "", sql)
    return next((found for beginning, (found, _) in KNOWN.items() if re.match(beginning, text)), {})


DATES = ("d_date",)
"""Columns that the schemas of TPC call texts, and the queries compare with dates."""


def test_all_queries_of_tpc_run_and_agree_with_the_mapping() -> None:
    found: dict[int, dict[str, str] | None] = {}
    for name, tables in corpus.tables().items():
        schema = described(
            {
                (table.upper(),): {
                    column.upper(): "DATE" if column in DATES else type_name(kind) or ""
                    for column, kind in columns.items()
                }
                for table, columns in tables.items()
            }
        )
        with driver(schema) as engine:
            for number, row in enumerate(corpus.lines("tpc_queries.jsonl")):
                if row["schema"] == name:
                    found[number] = disagreements(engine, row["sql"], schema)
    assert {number: {} for number in range(len(corpus.lines("tpc_queries.jsonl")))} == found


KINDS = ("VARCHAR", "NUMBER", "VARIANT", "TIMESTAMP_NTZ")
"""The types that the columns of a query are tried with, one after the other, until it runs."""


def compared(sql: str, tableless: EmbeddedDriver) -> dict[str, str] | None:
    """Run a query over tables of the columns that it names, and give what the mapping says otherwise."""
    for kind in KINDS:
        schema = shown(sql, kind)
        if schema is None:
            return None
        if not schema.tables:
            return disagreements(tableless, sql, schema)
        with driver(schema) as engine:
            found = disagreements(engine, sql, schema)
        if found is not None:
            return found
    return None


@pytest.mark.parametrize(
    ("step", "least"), [pytest.param(9, 30), pytest.param(1, 300, marks=pytest.mark.slow)], ids=["sample", "all"]
)
def test_what_runs_of_real_queries_agrees_with_the_mapping(step: int, least: int) -> None:
    with driver(Schema()) as tableless:
        queries = [row["sql"] for row in corpus.lines("snowflake_queries.jsonl")][::step]
        results = {sql: compared(sql, tableless) for sql in queries}
    ran = {sql: found for sql, found in results.items() if found is not None}
    assert {sql: known(sql) for sql in ran if known(sql)} == {sql: found for sql, found in ran.items() if found}
    assert len(ran) >= least
