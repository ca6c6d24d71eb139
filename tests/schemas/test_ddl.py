"""DDL: what statements leave behind, and what is said of those that cannot be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlcheck.model import Source, Span
from sqlcheck.schema import Schema
from sqlcheck.schemas import ddl
from tests.schemas.shown import columns, problems, source, tables, written

ORDERS = [
    ("ORDER_ID", "NUMBER", False, ""),
    ("CUSTOMER_ID", "VARCHAR", True, ""),
    ("TOTAL_AMOUNT", "NUMBER(38,2)", True, ""),
    ("PLACED_AT", "TIMESTAMP_TZ", True, ""),
]
CRM = {
    "MP.CRM.USERS": (
        "table",
        True,
        [
            ("CUSTOMER_ID", "NUMBER", False, ""),
            ("EMAIL", "VARCHAR", False, ""),
            ("MixedCase", "VARCHAR", True, "it's as the source has it"),
            ("PLAN", "VARCHAR", True, "free, paid"),
            ("INDEX", "NUMBER", True, ""),
            ("TAGS", "ARRAY", False, ""),
            ("SEEN_AT", "TIMESTAMP_LTZ", True, ""),
            ("EMBEDDING", "VECTOR", True, ""),
            ("SCORE", "FLOAT", True, ""),
            ("ORIGIN", None, True, ""),
            ("UPDATED_AT", "TIMESTAMP_NTZ", False, ""),
        ],
    ),
    "MP.CRM.ORDERS": ("table", True, ORDERS),
    "MP.CRM.PAYING": ("view", True, None),
    "MP.CRM.DAILY": ("dynamic table", True, None),
    "MP.CRM.COPY_OF_ORDERS": ("table", True, ORDERS),
    "MP.CRM.LIKE_ELSEWHERE": ("table", False, None),
    "MP.CRM.LANDED": ("external table", True, [("VALUE", "VARIANT", True, ""), ("DAY", "DATE", True, "")]),
    "MP.CRM.ORDER_CHANGES": ("stream", False, None),
    "MP.PUBLIC.SETTINGS": ("table", True, [("NAME", "VARCHAR", False, ""), ("VALUE", "VARIANT", True, "")]),
    "MP.CRM.LAST_ONE": ("table", True, [("A", "NUMBER", True, "")]),
}


def read(sql: str, path: str = "t.sql") -> Schema:
    return ddl.read(Source(path, sql))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_script_is_followed_statement_by_statement(end: str) -> None:
    text = source("crm.sql").text.replace("\n", end)
    if end == "\r":
        text = re.sub("--[^\r]*", "", text)
    found = read(text)
    assert (CRM, []) == (tables(found), problems(found))


def test_a_column_stands_where_its_name_is_written() -> None:
    found = ddl.read(source("crm.sql"))
    users, orders = found.find(("USERS",)), found.find(("ORDERS",))
    assert users is not None
    assert orders is not None
    names = ["customer_id", "email", '"MixedCase"', "plan", "index", "tags", "seen_at", "embedding", "score", "origin"]
    assert ([*names, "updated_at"], ["order_id", "customer_id", "total", "placed_at"]) == (
        written(users),
        written(orders),
    )
    assert "crm.sql:8" == users.place.line


def test_a_view_has_its_query_and_the_names_that_it_gives() -> None:
    file = ddl.read(source("crm.sql"))
    view, daily = file.find(("PAYING",)), file.find(("DAILY",))
    assert view is not None
    assert view.query is not None
    assert daily is not None
    assert daily.query is not None
    assert ("CUSTOMER", "PLAN") == view.names
    assert "SELECT customer_id, plan FROM users WHERE plan <> 'free; trial'" == view.query.text
    host, span = view.query.resolve(Span(7, 18))
    assert "customer_id" == host.text[slice(*span)]
    assert ("(\n    WITH o", ")") == (daily.query.text[:12], daily.query.text[-1])


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE a.b.c (x INT DEFAULT 1 NOT NULL, y INT DEFAULT s.NEXTVAL COMMENT 'z')", "X NUMBER!, Y NUMBER"),
        ("CREATE TABLE a.b.c (x DATE DEFAULT '2020-01-01'::DATE, y DATE WITH TAG (k='v') NOT NULL)", "X DATE, Y DATE!"),
        ("CREATE TABLE a.b.c (x INT REFERENCES d (e) ON DELETE SET NULL)", "X NUMBER"),
        ("CREATE TABLE a.b.c (x INT UNIQUE NOT ENFORCED RELY)", "X NUMBER"),
        ("CREATE TABLE a.b.c (x INT MASKING POLICY p, y INT IDENTITY(1,1) ORDER NOT NULL)", "X NUMBER, Y NUMBER!"),
        ("CREATE TABLE a.b.c (x OBJECT(a INT NOT NULL), y MAP(VARCHAR, INT))", "X OBJECT, Y MAP"),
        ("CREATE TABLE a.b.c (x INTERVAL DAY TO SECOND, y mp.types.money NOT NULL)", "X ?, Y ?!"),
        ("CREATE TABLE a.b.c (comment TEXT, data_type INT)", "COMMENT VARCHAR, DATA_TYPE NUMBER"),
        ('CREATE TABLE a.b.c ("a b" CHAR VARYING(3), "a""b" DATE)', 'a b VARCHAR, a"b DATE'),
        ("CREATE TABLE a.b.c (x INT, y INT, PRIMARY KEY (x, y))", "X NUMBER!, Y NUMBER!"),
        ("CREATE TABLE a.b.c (x INT, FOREIGN KEY (x) REFERENCES d (x))", "X NUMBER"),
        ("CREATE TABLE a.b.c (x INT, CONSTRAINT k CHECK (x > 1), INDEX i (x))", "X NUMBER"),
        ("CREATE OR ALTER TABLE a.b.c (x INT, y INT) AS SELECT 1, 2", "X NUMBER, Y NUMBER"),
        ("CREATE TABLE a.b.c (x, y) CLUSTER BY (x) AS SELECT 1, 2", None),
        ("CREATE TABLE IF NOT EXISTS a.b.c AS SELECT 1 x", None),
        ("CREATE TABLE a.b.c USING TEMPLATE (SELECT ARRAY_AGG(x) FROM y)", None),
        ("CREATE ICEBERG TABLE a.b.c EXTERNAL_VOLUME = 'v' CATALOG_TABLE_NAME = 't'", None),
        ("CREATE TABLE IDENTIFIER('a.b.c') (x INT)", "X NUMBER"),
        ("USE SCHEMA a.b; CREATE TABLE c (x INT)", "X NUMBER"),
        ("USE DATABASE a; USE SCHEMA b; CREATE TEMP TABLE c (x INT)", "X NUMBER"),
        ("USE a; CREATE SCHEMA b; CREATE TABLE c (x INT)", "X NUMBER"),
        ("CREATE TABLE a.b.c (x INT); CREATE OR REPLACE TABLE a.b.c (y DATE)", "Y DATE"),
        ("CREATE TABLE a.b.c (x INT); DROP TABLE c; CREATE TABLE a.b.c (y DATE)", "Y DATE"),
        ("CREATE TABLE a.b.c (x INT); ALTER TABLE c ADD y DATE, COLUMN z INT NOT NULL", "X NUMBER, Y DATE, Z NUMBER!"),
        ("CREATE TABLE a.b.c (x INT); ALTER TABLE a.b.c ADD data VARIANT", "X NUMBER, DATA VARIANT"),
        ("CREATE TABLE a.b.c (x INT); ALTER TABLE a.b.c ADD ROW ACCESS POLICY p ON (x)", "X NUMBER"),
        ("CREATE TABLE a.b.c (x INT); ALTER TABLE IF EXISTS c ADD CONSTRAINT k PRIMARY KEY (x)", "X NUMBER!"),
        ("CREATE TABLE a.b.c (x INT, y INT, z INT); ALTER TABLE a.b.c DROP x, z", "Y NUMBER"),
        ("CREATE TABLE a.b.c (x INT); ALTER TABLE a.b.c DROP PRIMARY KEY", "X NUMBER"),
        ("CREATE TABLE a.b.c (x INT); ALTER TABLE a.b.c MODIFY (x SET NOT NULL, COLUMN x TYPE FLOAT)", "X FLOAT!"),
        ("CREATE TABLE a.b.c (x INT); ALTER TABLE a.b.c ALTER x SET DATA TYPE NUMBER (38, 4)", "X NUMBER(38,4)"),
        ("CREATE TABLE a.b.c (x DEC(9,2)); ALTER TABLE a.b.c MODIFY x TYPE NUMBER(9)", "X NUMBER"),
        (
            "CREATE TABLE a.b.c (x DECIMAL(10, 2), y NUMBER(5) DEFAULT 1, z numeric( 4 , 1 ) UNIQUE, v VECTOR(INT, 3))",
            "X NUMBER(38,2), Y NUMBER, Z NUMBER(38,1), V VECTOR",
        ),
        ("CREATE TABLE a.b.c (x INT); ALTER TABLE a.b.c ALTER x SET DEFAULT 3, x COMMENT 'y'", "X NUMBER"),
        ("CREATE TABLE a.b.d (x INT); ALTER TABLE a.b.d RENAME TO c", "X NUMBER"),
        ("CREATE TABLE a.z.d (x INT); ALTER TABLE a.z.d RENAME TO a.b.c", "X NUMBER"),
        ("CREATE TABLE a.b.c (x INT); CREATE TABLE a.b.d (y INT); ALTER TABLE a.b.c SWAP WITH a.b.d", "Y NUMBER"),
        ("DECLARE x INT; BEGIN CREATE TABLE q (a INT); END; CREATE TABLE a.b.c (x INT)", "X NUMBER"),
        ("CREATE TASK t AS BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END; CREATE TABLE a.b.c (x INT)", "X NUMBER"),
        ("BEGIN; CREATE TABLE a.b.c (x INT); END", "X NUMBER"),
    ],
)  # fmt: skip
def test_a_statement_leaves_these_columns(sql: str, expected: str | None) -> None:
    found = read(sql)
    table = found.find(("A", "B", "C"))
    assert table is not None
    listed = columns(table)
    shown = listed and ", ".join(
        f"{name} {type_ or '?'}{'!' * (nullable is False)}" for name, type_, nullable, _ in listed
    )
    assert (expected, []) == (shown, problems(found))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE a (x INT, y «VRCHAR»(3));", "`VRCHAR` is not a type of Snowflake; did you mean `VARCHAR`?"),
        ("CREATE TABLE a (x INT NOT NULL «y» INT);", "a comma is missing before `y`"),
        ("CREATE TABLE a (x INT «y» mp.types.money);", "a comma is missing before `y`"),
        ("CREATE TABLE a (x INT, «)»;", "`)` stands where the name of a column belongs"),
        ("CREATE TABLE a «(»x INT;", "this bracket is never closed"),
        ("CREATE TABLE a (x NUMBER«(»38, 0;", "this bracket is never closed"),
        ("CREATE TABLE a (x INT)«)»;", "`)` stands where the end of the statement belongs"),
        (
            "CREATE TABLE «`»a` (x INT);",
            'a backtick stands where the name of a table belongs; Snowflake quotes names with `"`',
        ),
        (
            "CREATE TABLE {{ a }}.«{»{ b }} (x INT);",
            "`{` stands where the name of a table belongs; fill in the placeholder",
        ),
        (
            "CREATE TABLE IDENTIFIER(«$»t) (x INT);",
            "`$` stands where the name of a table in quotes belongs; fill in the placeholder",
        ),
        ("CREATE TABLE IDENTIFIER(«'a b'») (x INT);", "`a b` is not the name of a table"),
        ("CREATE TABLE «a.b.c.d» (x INT);", "`a.b.c.d` has more parts than database, schema and name"),
        ("CREATE TABLE «a»;", "the statement ends where the list of columns belongs"),
        ("CREATE VIEW a COPY GRANT«S»;", "the statement ends where `AS` with a query belongs"),
        ("ALTER TABLE a RENAME COLUMN x «y»;", "`y` stands where `TO` belongs"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_place_and_the_rest_goes_on(sql: str, expected: str) -> None:
    text = re.sub("[«»]", "", sql) + "\nCREATE TABLE last_one (x INT)"
    found = read(text)
    start, end = sql.index("«"), sql.index("»") - 1
    told = [(p.place.span, p.message + (f"; {p.help}" if p.help else "")) for p in found.problems]
    assert ([(Span(start, end), expected)], True) == (told, found.find(("LAST_ONE",)) is not None)


@pytest.mark.parametrize(("opening", "noun"), [("'", "quote"), ('"', "quote"), ("/*", "comment"), ("$$", "text")])
def test_what_is_never_closed_is_told_once(opening: str, noun: str) -> None:
    for before in ("", "SELECT 1 ", "CREATE TABLE b (x INT) "):
        text = f"CREATE TABLE a (x INT);\n{before}{opening} CREATE TABLE no (x INT);\n"
        found = read(text)
        expected = [("unreadable", "t.sql:2", opening, f"this {noun} is never closed", None)]
        assert (expected, True, None) == (problems(found), found.find(("A",)) is not None, found.find(("NO",)))


def test_a_table_counts_as_far_as_it_can_be_read() -> None:
    found = read("CREATE TABLE a (x INT, y DATE NOT NULL, 1)")
    assert {"A": ("table", False, [("X", "NUMBER", True, ""), ("Y", "DATE", False, "")])} == tables(found)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE a (x INT, X DATE)", ("X", "`A` has a column `X` already")),
        ("CREATE TABLE a (x INT); ALTER TABLE a ADD x DATE", ("x", "`A` has a column `X` already")),
        ("CREATE TABLE a (x INT); ALTER TABLE a DROP y", ("y", "`A` has no column `Y`")),
        ("CREATE TABLE a (x INT); ALTER TABLE a RENAME COLUMN y TO z", ("y", "`A` has no column `Y`")),
        ("CREATE TABLE a (x INT); ALTER TABLE a ALTER y SET NOT NULL", ("y", "`A` has no column `Y`")),
        ("CREATE TABLE a (x INT);\nCREATE TABLE a (x DATE)", ("x", "`X` of `A` is DATE here, but NUMBER in line 1")),
    ],
)
def test_what_contradicts_what_stands_there_is_told(sql: str, expected: tuple[str, str]) -> None:
    found = read(sql)
    assert [("contradictory", *expected)] == [(kind, text, message) for kind, _, text, message, _ in problems(found)]


@pytest.mark.parametrize(
    "written",
    [
        "&{db}.crm.users",
        "&db . crm.users",
        "{{ env }}_db.crm.users",
        "mp.{{ schema }}.crm.users",
        "${DB}.crm.users",
        "<% db %>.crm.users",
        "$db.crm.users",
        "IDENTIFIER('&{db}.CRM.USERS')",
    ],
)
def test_behind_a_placeholder_counts_what_is_known(written: str) -> None:
    for before in ("", "USE DATABASE mp;", "USE SCHEMA mp.crm;", "USE DATABASE &{db};"):
        found = read(f"{before} CREATE TABLE {written} (x INT)")
        assert ({"CRM.USERS": ("table", True, [("X", "NUMBER", True, "")])}, []) == (tables(found), problems(found))


def test_a_placeholder_in_use_leaves_the_database_open() -> None:
    found = read("USE DATABASE mp; USE SCHEMA &{db}.crm; CREATE TABLE a (x INT); USE &db; CREATE TABLE b (x INT)")
    assert ["CRM.A", "B"] == [table.name for table in found.tables]


def test_an_unknown_table_is_there_once_it_is_altered() -> None:
    found = read("ALTER TABLE mp.crm.a ADD COLUMN x INT; ALTER TABLE mp.crm.b DROP COLUMN y")
    expected = {"MP.CRM.A": ("table", False, [("X", "NUMBER", True, "")]), "MP.CRM.B": ("table", False, None)}
    assert (expected, []) == (tables(found), problems(found))


NAMES = st.sampled_from(["a", "B_1", '"Mixed"', "index", "primary_id", "comment"])
TYPES = st.sampled_from(["INT", "VARCHAR(20)", "NUMBER(38,0)", "TIMESTAMP_NTZ(9)", "variant"])
COLUMNS = st.lists(
    st.tuples(NAMES, TYPES, st.sampled_from(["", " NOT NULL"]), st.sampled_from(["", " COMMENT 'it is'"])),
    min_size=1,
    unique_by=lambda column: column[0],
)


@given(COLUMNS)
def test_the_quick_way_reads_what_the_slow_one_reads(listed: list[tuple[str, str, str, str]]) -> None:
    quick = read(f"CREATE TABLE t ({', '.join(map(''.join, [(n, ' ', t, r, c) for n, t, r, c in listed]))})")
    slow = read(f"CREATE TABLE t ({', '.join(f'{n}/**/ {t}/**/{r}/**/{c}/**/' for n, t, r, c in listed)})")
    assert (tables(slow), []) == (tables(quick), problems(slow))


@given(
    st.text(alphabet="abct ();,.'\"$-/*\\\n1", max_size=60),
    st.sampled_from(["CREATE TABLE ", "ALTER TABLE a ADD ", ""]),
)
def test_no_text_is_too_odd(text: str, before: str) -> None:
    found = read(before + text)
    assert all(
        0 <= problem.place.span.start <= problem.place.span.end <= len(before + text) for problem in found.problems
    )
