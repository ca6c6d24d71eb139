"""What a model declares of its attributes, held against the output with and without a schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlcheck.inputs import collect

SCHEMA = """
CREATE TABLE mp.crm.users (
    id NUMBER, customer_id VARCHAR, updated_at TIMESTAMP_LTZ, plan VARCHAR, score NUMBER, tags ARRAY, joined DATE
);
CREATE TABLE mp.crm.calc (user_id NUMBER, propensity FLOAT, label VARCHAR);
CREATE VIEW mp.crm.scored AS
    SELECT u.customer_id, u.updated_at, c.propensity * 100 AS percent
    FROM mp.crm.users u JOIN mp.crm.calc c ON c.user_id = u.id;
"""
JOINED = "FROM mp.crm.users u JOIN mp.crm.calc c ON c.user_id = u.id"
RULES = ("undelivered-attribute", "undeclared-attribute", "mistyped-attribute", "missourced-attribute")
STAR = "u.* EXCLUDE (id, tags, joined, plan)"
DELIVERED = "u.updated_at, u.customer_id"


def found(sql: str, attributes: str, schema: str) -> list[tuple[str, str]]:
    """Give the rules and what they point at, in a folder of its own."""
    Path("schema.sql").write_text(SCHEMA, encoding="utf-8")
    header = f"-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ltz {schema} attributes={attributes}\n"
    Path("query.sql").write_text(header + sql, encoding="utf-8")
    report = collect(["query.sql"]).check()
    return [(d.rule, d.source.text[slice(*d.span)]) for d in report.diagnostics if d.rule in RULES]


CASES = [
    (
        f'SELECT {DELIVERED}, u.score AS "score" FROM mp.crm.users u',
        "score:text",
        [],
        [("mistyped-attribute", "u.score")],
    ),
    (
        f'SELECT {DELIVERED}, u.joined AS "joined", u.tags AS "tags" FROM mp.crm.users u',
        "joined:timestamp,tags:list",
        [],
        [("mistyped-attribute", "u.joined")],
    ),
    (
        f'SELECT {DELIVERED}, u.score AS "score" FROM mp.crm.users u',
        "score:number:users.score",
        [],
        [],
    ),
    (
        f'SELECT {DELIVERED}, propensity AS "p" {JOINED}',
        "p:number:calc.label",
        [],
        [("missourced-attribute", "propensity")],
    ),
    (
        f'SELECT {DELIVERED}, propensity AS "p" {JOINED}',
        "p:text:calc.propensity",
        [],
        [("mistyped-attribute", "propensity")],
    ),
    (
        f"SELECT {STAR} FROM mp.crm.users u",
        "SCORE:text:calc.score",
        [],
        [("missourced-attribute", STAR), ("mistyped-attribute", STAR)],
    ),
    (
        "SELECT u.* FROM (SELECT customer_id, updated_at, score, plan FROM mp.crm.users) u",
        "SCORE:number:users.score,CITY",
        *[[("undelivered-attribute", "CITY"), ("undeclared-attribute", "plan")]] * 2,
    ),
    (
        'SELECT x.updated_at, x.customer_id, x.s AS "s" FROM (SELECT u.*, u.score + 1 AS s FROM mp.crm.users u) x',
        "s:text:users.plan",
        [("missourced-attribute", "x.s")],
        [("missourced-attribute", "x.s"), ("mistyped-attribute", "x.s")],
    ),
    (
        'SELECT s.updated_at, s.customer_id, s.percent AS "percent" FROM mp.crm.scored s',
        "percent:boolean",
        [],
        [("mistyped-attribute", "s.percent")],
    ),
    (
        f'SELECT {DELIVERED}, u.score::VARCHAR AS "score", u.plan AS "pln" FROM mp.crm.users u',
        "score:number,plan:text",
        *[
            [
                ("undelivered-attribute", "plan"),
                ("mistyped-attribute", "u.score::VARCHAR"),
                ("undeclared-attribute", '"pln"'),
            ]
        ]
        * 2,
    ),
]


@pytest.mark.parametrize(("sql", "attributes", "without", "with_schema"), CASES)
def test_a_declaration_is_held_against_the_output(
    sql: str,
    attributes: str,
    without: list[tuple[str, str]],
    with_schema: list[tuple[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (without, with_schema) == (found(sql, attributes, ""), found(sql, attributes, "schema=schema.sql"))
