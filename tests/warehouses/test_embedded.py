"""The embedded warehouse: which tables it has, what it refuses and in which words, and what it cannot be made to do."""

from __future__ import annotations

import resource
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from sqlcheck.errors import SqlcheckError
from sqlcheck.sample import DescribedColumn, Traits
from sqlcheck.schema import Parts, Schema
from sqlcheck.warehouses import embedded
from sqlcheck.warehouses.session import Limits, OverdueError
from tests.warehouses.engines import engine, said


def test_without_its_packages_one_line_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fakesnow.conn", None)
    with pytest.raises(SqlcheckError) as caught:
        embedded.connect(Schema(), {})
    assert "the embedded warehouse is not installed: pip install 'sqlcheck[embedded]'" == str(caught.value)


fakesnow = pytest.importorskip("fakesnow", reason="the embedded warehouse is not installed")

SHOP = """
CREATE TABLE mp.crm.users (customer_id NUMBER NOT NULL, email VARCHAR, updated_at TIMESTAMP_LTZ, profile OBJECT);
CREATE TABLE mp.shop.orders (order_id NUMBER NOT NULL, customer_id NUMBER NOT NULL, total NUMBER(10, 2));
CREATE VIEW mp.crm.buyers (who, spent) AS
    SELECT u.customer_id, SUM(o.total) FROM users u JOIN mp.shop.orders o ON o.customer_id = u.customer_id GROUP BY 1;
CREATE VIEW mp.crm.best AS SELECT * FROM buyers WHERE spent > 0;
CREATE TABLE "other db"."s"."lower" ("mixed Case" NUMBER);
CREATE TABLE short (a NUMBER);
"""


@pytest.mark.parametrize(
    "name",
    [
        *("mp.crm.users", "crm.users", "users", 'MP."CRM".users', "mp . crm . users"),
        *("mp.shop.orders", "orders", "mp.crm.buyers", "buyers", "mp.crm.best", "best"),
        *('"other db"."s"."lower"', '"lower"', "short", "some_db.some_schema.short"),
    ],
)
def test_a_table_is_found_by_every_name_that_the_schema_finds_it_by(name: str) -> None:
    with engine(SHOP, database="MP") as session:
        assert [1] == [len(session.fetch(f"SELECT * FROM {name}", 1).rows)]


def test_joins_meet_and_the_invented_tables_are_told() -> None:
    with engine(SHOP) as session:
        assert frozenset() == session.traits.invented
        found = session.fetch("SELECT COUNT(*) FROM mp.crm.users u JOIN mp.shop.orders o USING (customer_id)")
        assert ((200,),) == found.rows
        invented = frozenset({"MP.CRM.USERS", "MP.SHOP.ORDERS"})
        assert Traits("embedded", emulated=True, invented=invented) == session.traits


def test_a_view_has_the_rows_of_its_tables(tmp_path: Path) -> None:
    for name, text in {
        "users": "customer_id\n1\n2\n",
        "orders": "order_id,customer_id,total\n1,1,5.5\n2,1,2\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    rows: dict[Parts, str] = {(name.upper(),): str(tmp_path / f"{name}.csv") for name in ("users", "orders")}
    with engine(SHOP, rows) as session:
        assert ((1, 7.5),) == session.fetch("SELECT who, spent FROM mp.crm.best").rows


VIEWS = """
CREATE TABLE mp.crm.users (a NUMBER);
CREATE VIEW mp.crm.cut AS SELECT nothing_like(a) AS x FROM mp.crm.users;
CREATE VIEW mp.crm.loop AS SELECT * FROM mp.crm.loop;
"""


@pytest.mark.parametrize("name", ["cut", "loop"])
def test_a_view_that_cannot_be_made_is_not_there(name: str) -> None:
    with engine(VIEWS) as session:
        message = said(lambda: session.fetch(f"SELECT * FROM mp.crm.{name}"))
        assert f"the embedded warehouse has no table `{name.upper()}`" == message


def test_a_thousand_tables_cost_nothing_until_they_are_named() -> None:
    script = "".join(f"CREATE TABLE mp.crm.t{n} (a NUMBER, b VARCHAR);\n" for n in range(1000))
    with engine(script) as session:
        start = time.perf_counter()
        session.fetch("SELECT * FROM mp.crm.t500")
        assert time.perf_counter() - start < 5
        assert frozenset({"MP.CRM.T500"}) == session.traits.invented


def test_describe_gives_the_names_and_vouches_for_no_type() -> None:
    with engine(SHOP) as session:
        found = session.describe('SELECT customer_id AS "customer_id", email, 1 / 0 AS n FROM mp.crm.users')
        assert (DescribedColumn("customer_id"), DescribedColumn("EMAIL"), DescribedColumn("N")) == found


def test_two_outputs_of_one_name_are_both_fetched() -> None:
    with engine() as session:
        found = session.fetch("SELECT 1 AS a, 2 AS a")
        assert (("A", "A"), ((1, 2),)) == (found.names, found.rows)


def test_no_warning_of_the_libraries_is_seen_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with engine(SHOP) as session:
            session.fetch("SELECT * FROM mp.crm.best")
            said(lambda: session.fetch("SELECT a b c FROM"))
    assert ([], ("", "")) == ([str(warning.message) for warning in seen], capfd.readouterr())


READERS = {
    "SELECT * FROM read_csv('{}')": "files",
    "SELECT * FROM read_text('{}')": "files",
    "SELECT * FROM read_blob('{}')": "files",
    "SELECT * FROM read_parquet('{}')": "files",
    "SELECT * FROM read_json('{}')": "files",
    "SELECT * FROM sniff_csv('{}')": "files",
    "SELECT * FROM parquet_metadata('{}')": "files",
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')": "files",
    "SELECT * FROM read_csv('https://127.0.0.1:9/x.csv')": "files",
    "SELECT * FROM read_csv('s3://bucket/x.csv')": "files",
    "SELECT * FROM '{}'": "files",
    'SELECT * FROM "{}"': "files",
    "SELECT * FROM 'http://127.0.0.1:9/x.csv'": "files",
    "SELECT * FROM '/etc/passwd'": "absent",
    "SELECT * FROM glob('{}')": "unread",
    "SELECT * FROM \"glob\"('{}*')": "unread",
    "SELECT $1 FROM @~/x.csv": "word",
    "SELECT $1 FROM @mp.public.stage/x.csv": "word",
    "SELECT * FROM (SELECT 1); COPY (SELECT 1) TO '{}'; SELECT * FROM (SELECT 1)": "single",
    "SELECT * FROM (SELECT 1); ATTACH '{}' AS x; SELECT * FROM (SELECT 1)": "unread",
    "SELECT * FROM (SELECT 1); INSTALL httpfs; SELECT * FROM (SELECT 1)": "word",
    "SELECT * FROM (SELECT 1); LOAD httpfs; SELECT * FROM (SELECT 1)": "single",
    "SELECT * FROM (SELECT 1); SET enable_external_access = true; SELECT * FROM (SELECT 1)": "single",
    "SELECT * FROM (SELECT 1); DROP TABLE mp.crm.users; SELECT * FROM (SELECT 1)": "single",
    "SELECT * FROM (SELECT 1); SELECT 2": "single",
    "SELECT 1 INTO OUTFILE '{}'": "unread",
}


@pytest.mark.parametrize("query", READERS)
def test_no_query_reads_or_writes_a_file(query: str, tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a\nconfidential\n", encoding="utf-8")
    with engine(SHOP) as session:
        message = said(lambda: session.fetch(query.replace("{}", str(path))))
    assert ([path], "a\nconfidential\n") == (list(tmp_path.iterdir()), path.read_text(encoding="utf-8"))
    assert "confidential" not in message
    assert READERS[query] == _kind(message)


def _kind(message: str) -> str:
    kinds = {
        "it has no access to files": "files",
        "runs nothing but a single SELECT": "single",
        "has no table": "absent",
        "its SQL has no word": "word",
        "does not understand": "unread",
    }
    return next((kind for words, kind in kinds.items() if words in message), message)


@pytest.mark.parametrize(
    "setting",
    [
        *("enable_external_access = true", "memory_limit = '8GB'", "threads = 64", "lock_configuration = false"),
        *("autoload_known_extensions = true", "temp_directory = '/tmp'", "python_enable_replacements = true"),
    ],
)
def test_the_lock_does_not_open_from_inside_either(setting: str) -> None:
    import duckdb

    inner, _, _ = embedded.start()
    with pytest.raises(duckdb.Error):
        inner.execute(f"SET {setting}")
    inner.close()


def test_variables_of_the_program_are_no_tables() -> None:
    import pyarrow as pa

    visible = pa.table({"a": [1]})
    with engine() as session:
        message = said(lambda: session.fetch("SELECT * FROM visible"))
    assert ("the embedded warehouse has no table `VISIBLE`", 1) == (message, visible.num_rows)


TEN = "(SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)"
RUNAWAY = f"(SELECT a0.n FROM {TEN} a0" + "".join(f" CROSS JOIN {TEN} a{at}" for at in range(1, 20)) + ")"


def test_a_runaway_join_is_stopped_in_time_and_the_next_statement_runs() -> None:
    with engine(limits=Limits(seconds=0.5)) as session:
        with pytest.raises(OverdueError):
            session.fetch(f"SELECT COUNT(DISTINCT n + 1) FROM {RUNAWAY}")
        assert _settles()
        assert ((1,),) == session.fetch("SELECT 1 AS a").rows


def _settles() -> bool:
    """Wait until no statement runs any more."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not any(thread.name == "sqlcheck-statement" for thread in threading.enumerate()):
            return True
        time.sleep(0.02)
    return False


def test_a_runaway_result_is_never_held_in_memory() -> None:
    with engine() as session:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        assert 100 == len(session.fetch(f"SELECT n, n || 'x' AS t FROM {RUNAWAY}").rows)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert time.perf_counter() - start < 5
        assert grown < 200 * (2**20 if sys.platform == "darwin" else 2**10)


def test_what_needs_too_much_memory_is_refused() -> None:
    with engine() as session:
        message = said(
            lambda: session.fetch(f"SELECT ARRAY_AGG(n || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx') FROM {RUNAWAY}")
        )
        assert "the embedded warehouse cannot run this: it needs more memory than it may have" == message


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT NO_SUCH(1)", "it has no function `NO_SUCH`"),
        ("SELECT CURRENT_WAREHOUSE()", "it has no function `CURRENT_WAREHOUSE`"),
        ("SELECT nope FROM mp.crm.users", 'referenced column "NOPE" not found in FROM clause'),
        ("SELECT UPPER(1, 2)", "it does not understand the query"),
        ("SELECT BASE64_ENCODE(1)", "it has no `to_base64(INTEGER_LITERAL)`"),
        ("SELECT 'secret'::NUMBER", "a value cannot be converted to a whole NUMBER"),
        ("SELECT email::NUMBER FROM mp.crm.users", "a value cannot be converted to a whole NUMBER"),
        ("SELECT email::DATE FROM mp.crm.users", "a value cannot be converted to DATE"),
        ("SELECT TO_TIMESTAMP(email) FROM mp.crm.users", "a value cannot be converted to a timestamp"),
        ("SELECT email::BOOLEAN FROM mp.crm.users", "a value cannot be converted to BOOLEAN"),
        ("SELECT PARSE_JSON(email) FROM mp.crm.users", "a function does not take a value that it was given"),
        ("SELECT a b c FROM t", "it does not understand the query"),
        (
            "SELECT * FROM t ASOF JOIN u MATCH_CONDITION (a >= b)",
            'its SQL has no word for a part of this: syntax error at or near ">="',
        ),
    ],
)
def test_a_refusal_is_one_line_without_a_value_and_says_what_is_lacking(query: str, message: str) -> None:
    with engine(SHOP) as session:
        found = said(lambda: session.fetch(query))
    assert f"the embedded warehouse cannot run this: {message}" == found
    assert not any(word in found for word in ("\n", "example.com", "secret", "LINE 1"))


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            'CREATE TABLE users (a NUMBER); CREATE TABLE "users" (a NUMBER);',
            '`SQLCHECK.PUBLIC."users"` from `SQLCHECK.PUBLIC.USERS`',
        ),
        ('CREATE TABLE users (a NUMBER, "a" NUMBER); CREATE TABLE "users2" (a NUMBER);', '`"a"` from `A`'),
    ],
)
def test_names_that_differ_in_case_alone_are_not_mixed_up(script: str, message: str) -> None:
    with engine(script) as session:
        found = said(lambda: session.fetch('SELECT * FROM users, "users"'))
    assert f"the embedded warehouse does not tell {message}" == found


def test_the_database_of_the_connection_completes_a_short_name() -> None:
    script = "CREATE TABLE a.crm.users (x NUMBER); CREATE TABLE b.crm.users (y NUMBER);"
    for database, name in (("A", "X"), ("B", "Y")):
        with engine(script, database=database) as session:
            assert (name,) == session.fetch("SELECT * FROM crm.users").names
    with engine(script) as session:
        assert "the embedded warehouse has no table `CRM.USERS`" == said(
            lambda: session.fetch("SELECT * FROM crm.users")
        )


def test_a_short_name_in_two_views_means_the_table_beside_each() -> None:
    script = "".join(
        f"CREATE TABLE mp.{schema}.users ({column} NUMBER); CREATE VIEW mp.{schema}.v AS SELECT {column} FROM users;"
        for schema, column in (("crm", "a"), ("shop", "b"))
    )
    with engine(script) as session:
        assert ("A",) == session.fetch("SELECT * FROM mp.crm.v").names
        assert "the embedded warehouse has no table `V`" == said(lambda: session.fetch("SELECT * FROM mp.shop.v"))
        assert ("A",) == session.fetch("SELECT * FROM mp.crm.v").names


def test_a_short_name_that_a_view_uses_for_another_table_is_refused() -> None:
    script = "CREATE TABLE mp.crm.users (a NUMBER); CREATE TABLE mp.public.users (b NUMBER);"
    with engine(f"{script} CREATE VIEW mp.crm.v AS SELECT a FROM users;", database="MP") as session:
        assert ("A",) == session.fetch("SELECT * FROM mp.crm.v").names
        assert ("B",) == session.fetch("SELECT * FROM mp.public.users").names
        message = "`USERS` is a table here and another one in a view: write its full name"
        assert message == said(lambda: session.fetch("SELECT * FROM users"))


def test_a_sample_with_a_seed_runs() -> None:
    with engine(SHOP) as session:
        assert ("ORDER_ID",) == session.fetch("SELECT order_id FROM orders SAMPLE (50) SEED (42)").names


def test_a_database_whose_name_needs_quotes_is_no_hindrance() -> None:
    with engine('CREATE TABLE "my db".crm.users (a NUMBER NOT NULL);', database="my db") as session:
        assert ((200,),) == session.fetch('SELECT COUNT(a) FROM "my db".crm.users').rows
        assert ((200,),) == session.fetch("SELECT COUNT(a) FROM users").rows
