"""Faults that only a schema shows, each with the text that the rule must mark, and right queries that look like them.

`schema_rules.txt` holds one query a line under the name of its rule and its settings; «…» marks what must be
reported. Under `clean` stand queries in which no rule may find anything. The tables are those of
`tests/fixtures/schema/crm.sql`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sqlcheck import comment, engine, rulebook
from sqlcheck.apis import API_VERSIONS
from sqlcheck.mapping import build
from sqlcheck.model import Diagnostic, Severity, Source
from sqlcheck.parse import deep, parse
from sqlcheck.schema import Schema
from sqlcheck.schemas import ddl
from sqlcheck.settings import DeclaredAttribute, LoadTimestamp, Model, Value

FILE = Path(__file__).parents[1] / "fixtures" / "schema" / "crm.sql"
SCHEMA = ddl.read(Source("schema/crm.sql", FILE.read_text(encoding="utf-8")))
CASES = Path(__file__).with_name("schema_rules.txt").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^== ([\w-]+) ?(.*)\n((?:(?!==).*\n)*)", CASES, re.MULTILINE)


def configured(settings: str) -> Model:
    """Read `key=value` settings; attributes are written `name:type:origin`."""
    given = dict(word.split("=") for word in settings.split())
    attributes = [word.split(":") for word in given["attributes"].split(",")] if "attributes" in given else None
    return Model(
        load_timestamp=LoadTimestamp(
            Value(given.get("field", "UPDATED_AT")), Value(given.get("type", "timestamp_ntz")), Value("UTC")
        ),
        identities=tuple(map(Value, given["identities"].split(","))) if "identities" in given else None,
        attributes=None
        if attributes is None
        else tuple(
            DeclaredAttribute(name, Value(rest[0]) if rest else None, origin=Value(rest[1]) if len(rest) > 1 else None)
            for name, *rest in attributes
        ),
    )


def diagnose(sql: str, model: Model, schema: Schema | None) -> tuple[Diagnostic, ...]:
    query, api = parse(Source("query.sql", sql)), API_VERSIONS["v1"]
    mapping = build(query, model, api, schema)
    assert mapping is not None, query.fault
    values = {
        "query": query,
        "mapping": mapping,
        "model": model,
        "api": api,
        "directives": comment.read(query, API_VERSIONS),
        "rules": tuple(rulebook.rules().values()),
        "now": datetime(2026, 6, 1, tzinfo=UTC),
    }
    with deep():
        return engine.run(values if schema is None else {**values, "schema": schema}).diagnostics


def marked(sql: str, found: Diagnostic) -> tuple[str, str]:
    start, end = found.span
    return found.rule, f"{sql[:start]}«{sql[start:end]}»{sql[end:]}"


def bare(line: str) -> str:
    return re.sub("[«»]", "", line)


def each(line: str) -> list[str]:
    """Give the query once for each of its marks, with that one alone."""
    marks = [match.span() for match in re.finditer("«[^»]*»", line)]
    return [bare(line[:start]) + line[start:end] + bare(line[end:]) for start, end in marks]


FAULTS = [
    pytest.param(rule, settings, line, id=f"{rule}-{number}")
    for number, (rule, settings, line) in enumerate(
        (rule, settings, line) for rule, settings, lines in SECTIONS if rule != "clean" for line in lines.splitlines()
    )
]
CLEAN = [line for rule, _, lines in SECTIONS if rule == "clean" for line in lines.splitlines()]
QUIET = frozenset({"select-star", "folded-attribute", "undocumented-clause"})
"""What would be said of the same query without a schema."""


@pytest.mark.parametrize(("rule", "settings", "line"), FAULTS)
def test_a_fault_that_the_schema_shows_is_found_once_and_exactly_where_it_is(
    rule: str, settings: str, line: str
) -> None:
    sql = bare(line)
    found = [
        marked(sql, d) for d in diagnose(sql, configured(settings), SCHEMA) if (d.rule, d.evidence) == (rule, "schema")
    ]
    assert [(rule, part) for part in each(line)] == found


@pytest.mark.parametrize("line", CLEAN)
def test_a_look_alike_is_left_alone(line: str) -> None:
    found = [marked(line, d) for d in diagnose(line, configured(""), SCHEMA) if d.severity > Severity.INFO]
    assert [] == found


@pytest.mark.parametrize(("rule", "settings", "line"), FAULTS)
def test_what_rests_on_the_schema_is_not_said_without_it(rule: str, settings: str, line: str) -> None:
    sql, model = bare(line), configured(settings)
    without = {(d.rule, d.span) for d in diagnose(sql, model, None)}
    found = diagnose(sql, model, SCHEMA)
    assert [] == [
        (d.rule, d.evidence, d.message) for d in found if ((d.rule, d.span) in without) is (d.evidence == "schema")
    ]


STARS = [
    "SELECT * FROM mp.crm.users",
    "SELECT u.*, o.total FROM mp.crm.users u JOIN mp.crm.orders o ON o.user_id = u.id",
    "SELECT * FROM mp.crm.scores s JOIN mp.crm.orders o USING (user_id)",
    "SELECT * FROM mp.crm.scores NATURAL JOIN mp.crm.orders",
    "SELECT *, age + 1 AS next FROM mp.crm.users",
    "SELECT * EXCLUDE (age, tags) FROM mp.crm.users",
    'SELECT * EXCLUDE age RENAME (plan AS tier, email AS "Email") FROM mp.crm.users',
    "SELECT * ILIKE '%at%' FROM mp.crm.users",
    "SELECT * REPLACE (UPPER(plan) AS plan) FROM mp.crm.users",
    "SELECT * FROM mp.crm.legacy",
    'SELECT "l".* FROM mp.crm.legacy "l" JOIN mp.crm.plans p ON p.id = "l"."id"',
    "SELECT * FROM (SELECT * FROM mp.crm.users) d",
    "SELECT * FROM mp.crm.active_users UNION ALL SELECT * FROM mp.crm.active_users",
    "SELECT users.* FROM mp.crm.users, mp.crm.plans p",
    "SELECT * FROM mp.crm.raw",
]


def outputs(sql: str) -> list[tuple[str, str | None]]:
    mapping = build(parse(Source("query.sql", sql)), configured(""), API_VERSIONS["v1"], SCHEMA)
    assert mapping is not None
    return [(column.name, column.type) for column in mapping.columns]


@pytest.mark.parametrize("sql", STARS)
def test_a_star_written_out_gives_the_same_columns(sql: str) -> None:
    fixes = [found.fix for found in diagnose(sql, configured(""), SCHEMA) if found.rule == "select-star"]
    edits = [edit for fix in fixes if fix is not None for edit in fix.edits]
    written = sql
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        written = written[: edit.span.start] + edit.text + written[edit.span.end :]
    assert (True, outputs(sql)) == (bool(edits) and "*" not in written.partition(" FROM")[0], outputs(written))
