"""`sqlcheck map`: the table and its JSON."""

from __future__ import annotations

import json
from textwrap import dedent

from tests.commands.conftest import CLEAN, Run, Write

QUERY = """\
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.updated_at,
    u.id AS customer_id,
    LOWER(u.email) AS email,
    o.amount::NUMBER(10, 2) AS "last_amount",
    COALESCE(o.status, 'none') AS status,
    o.*
FROM MP.CRM.USERS u
LEFT JOIN MP.SHOP.ORDERS o ON o.user_id = u.id
"""


def test_the_table_shows_what_each_column_becomes_with_its_problems_beside_it(run: Run, write: Write) -> None:
    write("q.sql", QUERY)

    assert run("map", "q.sql") == (
        0,
        dedent("""\
        q.sql
        #  output column  role            becomes      type     null  made from                problems
        1  UPDATED_AT     load timestamp               ?        ?     MP.CRM.USERS.UPDATED_AT  one-sided-load-timestamp
        2  CUSTOMER_ID    identity        customer_id  ?        ?     MP.CRM.USERS.ID
        3  EMAIL          identity        email        VARCHAR  ?     MP.CRM.USERS.EMAIL
        4  last_amount    attribute       last_amount  NUMBER   yes   MP.SHOP.ORDERS.AMOUNT
        5  STATUS         attribute       STATUS       ?        no    MP.SHOP.ORDERS.STATUS    folded-attribute
        There may be more columns: a `*` stands for columns that only the tables' schema can tell.
        q.sql:8:5: warning[select-star] `o.*` sends whatever columns the table has on the day
        """),
        "",
    )


def test_wide_names_are_aligned_and_odd_ones_made_visible(run: Run) -> None:
    text = 'SELECT u.id AS mpid, u.a AS "日本", u.b AS "x\x1b[31m" FROM MP.CRM.USERS u'

    assert run("map", "-", input=text).out.splitlines()[1:5] == [
        "#  output column  role       becomes  type  null  made from        problems",
        "1  MPID           identity   mpid     ?     ?     MP.CRM.USERS.ID",
        "2  日本           attribute  日本     ?     ?     MP.CRM.USERS.A",
        "3  x␛[31m         attribute  x␛[31m   ?     ?     MP.CRM.USERS.B   odd-attribute-name",
    ]


def test_the_json_has_an_object_for_each_column(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", "models:\n  - {id: a-model, query: q.sql}\n")
    write("q.sql", CLEAN.replace("u.id", "u.id::TEXT"))

    code, out, err = run("map", "--format", "json")

    shared = {"file": "q.sql", "model": "a-model", "problems": []}
    assert (code, err, json.loads(out)) == (
        0,
        "",
        {
            "version": 1,
            "columns": [
                {
                    "position": 1,
                    "name": "UPDATED_AT",
                    "role": "load_timestamp",
                    "target": None,
                    "type": None,
                    "nullable": None,
                    "sources": ["MP.CRM.USERS.UPDATED_AT"],
                    "line": 2,
                    "column": 8,
                    **shared,
                },
                {
                    "position": 2,
                    "name": "CUSTOMER_ID",
                    "role": "identity",
                    "target": "customer_id",
                    "type": "VARCHAR",
                    "nullable": None,
                    "sources": ["MP.CRM.USERS.ID"],
                    "line": 2,
                    "column": 22,
                    **shared,
                },
                {
                    "position": 3,
                    "name": "plan",
                    "role": "attribute",
                    "target": "plan",
                    "type": None,
                    "nullable": None,
                    "sources": ["MP.CRM.USERS.PLAN"],
                    "line": 2,
                    "column": 49,
                    **shared,
                },
            ],
        },
    )


def test_the_columns_of_a_payload_stand_where_the_json_has_them(run: Run, write: Write) -> None:
    write("p.json", '{"sql_query": "SELECT\\n\\tu.id AS \\"mpid\\" FROM MP.CRM.USERS u"}')

    columns = json.loads(run("map", "p.json", "--format", "json").out)["columns"]

    assert [(column["name"], column["line"], column["column"]) for column in columns] == [("mpid", 1, 26)]


def test_a_query_that_cannot_be_read_is_reported_on_stderr(run: Run, write: Write) -> None:
    write("a.sql", "SELECT 1 AS mpid")
    write("b.sql", "SELEC 1")

    code, out, err = run("map", "a.sql", "b.sql")

    assert (code, out.splitlines()[0], err.splitlines()[1]) == (1, "a.sql", " --> b.sql:1:1")


def test_a_file_without_a_query_cannot_be_mapped(run: Run, write: Write) -> None:
    write("p.json", "{}")

    assert run("map", "p.json") == (2, "", "error: there is no query to map here; name a file with one\n")
