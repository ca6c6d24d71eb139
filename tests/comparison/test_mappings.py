"""What a change of a query means for profiles."""

from __future__ import annotations

import pytest

from sqlcheck.apis import API_VERSIONS
from sqlcheck.comparison.mappings import Comparison, compare
from sqlcheck.mapping import Mapping, build
from sqlcheck.model import Source
from sqlcheck.parse import parse
from sqlcheck.schema import Schema, SchemaColumn, SchemaTable
from sqlcheck.settings import LoadTimestamp, Model, Value
from tests import corpus
from tests.test_corpus import relayed

STAMP = LoadTimestamp(Value("UPDATED_AT"), Value("timestamp_ntz"))
USERS = Schema(
    (SchemaTable(("USERS",), (SchemaColumn("A", "NUMBER"), SchemaColumn("B", "VARCHAR")), Source("schema.sql", "")),)
)


def mapped(sql: str, stamp: LoadTimestamp = STAMP, schema: Schema | None = None) -> Mapping | None:
    return build(parse(Source("q.sql", sql)), Model(load_timestamp=stamp), API_VERSIONS["v1"], schema)


def said(comparison: Comparison) -> list[str]:
    return [
        *(
            f"{change.kind}{'' if change.certain else '?'} {change.role} {change.name}: {change.message}"
            for change in comparison.changes
        ),
        *comparison.notes,
    ]


def changes(old: str, new: str) -> list[str]:
    return said(compare(mapped(old), mapped(new)))


OTHER_ROWS = "reselected rows : other tables, joins, filters or grouping: other rows may be sent"
UNSEEN = "cannot tell what `*` stands for; only the columns that are named were compared"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'a AS "x"',
            'a AS "x", b AS "y"',
            ["added attribute y: a new attribute: a user gets it when the row next changes"],
        ),
        ('a AS "x", b AS "y"', 'a AS "x"', ["dropped attribute y: no longer sent: profiles keep the last value"]),
        (
            'LOWER(u.a) AS "x"',
            'lower( (a) ) AS "y"',
            ["renamed attribute x → y: a new attribute: `x` stays on profiles with its last value"],
        ),
        (
            "plan",
            'plan AS "plan"',
            ["recased attribute PLAN → plan: names keep their case: `PLAN` stays on profiles with its last value"],
        ),
        ('a::TEXT AS "x"', 'a::NUMBER AS "x"', ["retyped attribute x: text → number"]),
        ('a AS "x"', 'b AS "x"', ["resourced attribute x: USERS.A → USERS.B"]),
        ('a AS "x"', "'free' AS \"x\"", ["resourced attribute x: USERS.A → no column"]),
        ('LOWER(a) AS "x"', 'UPPER(a) AS "x"', ["recomputed attribute x: calculated in another way"]),
        ('a AS "x", b AS "y"', 'b AS "y", a AS "x"', []),
        ("a AS email", 'a AS "Email"', []),
        ("a AS email", "a AS other", ["dropped identity email: users are no longer found by it",
                                      "added identity other: users are found by it"]),
        ("a AS email", "b AS email", ["resourced identity email: USERS.A → USERS.B"]),
        ("1 AS mpid, a AS updated_at", "1 AS mpid", [
            "dropped load_timestamp UPDATED_AT: nothing is left to find changed rows by"]),
        ("a AS updated_at", "GREATEST(a, b) AS updated_at", [
            "resourced load_timestamp UPDATED_AT: USERS.A → USERS.A, USERS.B"]),
        ("a AS updated_at", 'a AS "updated_at"', [
            "renamed load_timestamp UPDATED_AT → updated_at: changed rows are found by `updated_at`"]),
        ("a AS ios_idfv", "a AS email", ["added identity email: users are found by it",
                                         "dropped device_identity ios_idfv: devices are no longer found by it"]),
        ("a AS x, b AS x", "a AS x, c AS x", ["resourced attribute X: USERS.B → USERS.C"]),
    ],
)  # fmt: skip
def test_a_change_of_columns(old: str, new: str, expected: list[str]) -> None:
    assert expected == changes(f"SELECT {old} FROM users u", f"SELECT {new} FROM users u")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("u.a FROM users u", "A from USERS"),
        ("a FROM users WHERE b AND (c OR d)", "a FROM users u WHERE (u.c OR u.d) AND u.b -- the same"),
        ("a FROM users GROUP BY a", "a FROM users GROUP BY 1"),
        ("a FROM users ORDER BY a", "a FROM users"),
        ("d.a FROM (SELECT a, b FROM users) d", "e.x AS a FROM (SELECT a AS x FROM users) e"),
        ("d.a FROM (SELECT a FROM users) d", "d.a FROM (SELECT u.a FROM users AS u) d"),
        ("x.a FROM users x JOIN users y ON x.i = y.j", "p.a FROM users p JOIN users q ON p.i = q.j"),
    ],
)
def test_another_way_to_write_the_same_changes_nothing(old: str, new: str) -> None:
    assert [] == changes(f"SELECT {old}", f"SELECT {new}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a FROM users", "a FROM users WHERE b"),
        ("a FROM users WHERE b > 1", "a FROM users WHERE b > 2"),
        ("a FROM users u JOIN o ON o.i = u.i", "a FROM users u LEFT JOIN o ON o.i = u.i"),
        ("a FROM users u JOIN o ON o.i = u.i", "a FROM users u JOIN o ON o.j = u.i"),
        ("a FROM users GROUP BY a", "a FROM users GROUP BY a, b"),
        ("a FROM users", "DISTINCT a FROM users"),
        ("a FROM users LIMIT 5", "a FROM users LIMIT 6"),
        ("a FROM users UNION SELECT 1", "a FROM users UNION ALL SELECT 1"),
        ("a FROM users WHERE i IN (SELECT j FROM v WHERE k)", "a FROM users WHERE i IN (SELECT j FROM v WHERE l)"),
        ("d.a FROM (SELECT a FROM users WHERE b) d", "d.a FROM (SELECT a FROM users WHERE c) d"),
    ],
)
def test_other_rows(old: str, new: str) -> None:
    # where the table is in doubt, so is the column
    assert [OTHER_ROWS] == changes(f"SELECT {old}", f"SELECT {new}")


def test_two_uses_of_one_table_are_told_apart() -> None:
    sql = 'SELECT u.name AS "name" FROM users u JOIN users boss ON boss.id = u.boss_id'
    assert ["recomputed attribute name: calculated in another way"] == changes(sql, sql.replace("u.name", "boss.name"))


def test_a_change_deep_inside_is_seen() -> None:
    sql = 'WITH c AS (SELECT LOWER(a) AS x FROM t) SELECT d.y AS "z" FROM (SELECT x AS y FROM c) d'
    assert ["recomputed attribute z: calculated in another way"] == changes(sql, sql.replace("LOWER", "UPPER"))


def test_columns_beside_the_same_star_are_uncertain() -> None:
    assert [
        "dropped? attribute x: no longer sent: profiles keep the last value",
        "added? attribute y: a new attribute: a user gets it when the row next changes",
        UNSEEN,
    ] == changes('SELECT *, a AS "x" FROM t', 'SELECT *, b AS "y" FROM t')
    assert [UNSEEN] == changes("SELECT * FROM t", "select t.* from t")


@pytest.mark.parametrize(
    ("old", "new", "when"),
    [
        ("SELECT * FROM t", "SELECT * EXCLUDE (a) FROM t", "before and now"),
        ("SELECT a FROM t", "SELECT a, * FROM t", "now"),
        ("SELECT a, * FROM t", "SELECT a FROM t", "before"),
    ],
)
def test_another_star_cannot_be_compared(old: str, new: str, when: str) -> None:
    expected = f"unclear? attribute : cannot tell what `*` stands for {when}: give a schema, or name the columns"
    assert [expected] == changes(old, new)


def test_with_a_schema_a_star_is_compared_by_its_columns() -> None:
    old = mapped("SELECT * FROM users", schema=USERS)
    new = mapped("SELECT a::TEXT AS a FROM users", schema=USERS)
    assert [
        "retyped attribute A: number → text",
        "dropped attribute B: no longer sent: profiles keep the last value",
    ] == said(compare(old, new))


def test_settings_of_the_load_timestamp_count() -> None:
    old = LoadTimestamp(Value("UPDATED_AT"), Value("timestamp_ntz"), Value("UTC"))
    new = LoadTimestamp(Value("CHANGED_AT"), Value("timestamp_ntz"), offset=Value(60))
    sql = "SELECT updated_at, changed_at FROM users"
    assert [
        "renamed load_timestamp UPDATED_AT → CHANGED_AT: changed rows are found by `CHANGED_AT`",
        "resourced load_timestamp UPDATED_AT → CHANGED_AT: USERS.UPDATED_AT → USERS.CHANGED_AT",
        "reset load_timestamp UPDATED_AT → CHANGED_AT: `time_zone` UTC → not set",
        "reset load_timestamp UPDATED_AT → CHANGED_AT: `offset` not set → 60",
        "recased",
    ][:-1] == [line for line in said(compare(mapped(sql, old), mapped(sql, new), old, new)) if "attribute" not in line]


def test_a_query_that_is_new_or_gone_adds_or_drops_all_its_columns() -> None:
    mapping = mapped("SELECT updated_at, id AS customer_id FROM users")
    assert ["added load_timestamp UPDATED_AT", "added identity customer_id"] == [
        line.split(":")[0] for line in said(compare(None, mapping))
    ]
    assert ["dropped load_timestamp UPDATED_AT", "dropped identity customer_id"] == [
        line.split(":")[0] for line in said(compare(mapping, None))
    ]
    assert Comparison() == compare(None, None)


@corpus.needed
@pytest.mark.parametrize("text", corpus.queries())
def test_layout_changes_nothing(text: str) -> None:
    if "match_recognize" in text.lower():
        pytest.skip("the pattern of MATCH_RECOGNIZE is one token, comments and all")
    old, new = mapped(text), mapped(relayed(text))
    if old is None or new is None:
        pytest.skip("not a query")

    assert () == compare(old, new).changes


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a AS c0, " + ", ".join(f"c{n} + 1 AS c{n + 1}" for n in range(2000)) + " FROM t",
        "SELECT " + " || ".join(f"c{n}" for n in range(3000)) + " AS x FROM t",
        "WITH c0 AS (SELECT x, y FROM t)"
        + "".join(f", c{n + 1} AS (SELECT x + y AS x, x - y AS y FROM c{n})" for n in range(300))
        + " SELECT x FROM c300",
    ],
    ids=["aliases", "operands", "ctes"],
)
def test_long_chains_are_compared(text: str) -> None:
    assert [] == changes(text, text)
