"""What is asked of a warehouse about a query: in which order, in which words, and of which queries nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from sqlcheck import sampling
from sqlcheck.errors import SqlcheckError
from sqlcheck.inputs import collect, query_subject
from sqlcheck.model import Span
from sqlcheck.options import Options
from sqlcheck.sample import DescribedColumn, Description, Extent, Interval, Refusal, Rows, Sample, Traits
from sqlcheck.sampling import Wish
from sqlcheck.subject import QuerySubject
from sqlcheck.warehouses.session import Limits, Session
from tests.subjects import modelled
from tests.warehouses.scripted import ACCOUNT, Scripted

NOW = datetime(2026, 1, 5, 15, 30, tzinfo=UTC)
EMULATED = Traits("embedded", emulated=True)
HEADER = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC\n"
ITEMS = 'SELECT u.email, u.updated_at, u.plan AS "plan" FROM MP.CRM.USERS u'
QUERY = HEADER + ITEMS
COLUMNS = [("EMAIL", "VARCHAR", True), ("UPDATED_AT", "TIMESTAMP_NTZ", True), ("plan", "VARCHAR", True)]
LATEST = datetime(2026, 1, 4, 20)
EXTENT = [9, 1, 2, datetime(2026, 1, 1, 8), LATEST, 5, datetime(2026, 1, 2)]
ROW = ("ann@example.com", LATEST, "gold")
ANSWERS = {"describe": COLUMNS, "extent": EXTENT, "rows": [ROW], "role": "MP_ROLE"}
DAY = Interval(datetime(2026, 1, 4, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC))


def take(
    query: str | QuerySubject, script: Mapping[str, Any] = ANSWERS, wish: Wish | None = None, traits: Traits = ACCOUNT
) -> tuple[Sample, list[str]]:
    """Take a sample of a query; give it with the statements that the warehouse got."""
    driver = Scripted(script, traits)
    subject = query_subject(query) if isinstance(query, str) else query
    return sampling.take(subject, Session(driver, Limits(seconds=10)), wish or Wish(NOW)), driver.sent


def kinds(sent: list[str]) -> str:
    """Tell of each statement which question it is."""
    marks = {"LIMIT 0": "columns", "BUCKET IS NULL": "extent", "SELECT *\n": "rows", "SELECT COUNT(*)": "profile"}
    return " ".join(next(kind for mark, kind in marks.items() if mark in sql) for sql in sent)


def profiled(sent: list[str]) -> list[str]:
    """Give the columns that the question for a profile names, in order."""
    measures = sqlglot.parse_one(sent[-1], dialect="snowflake").expressions
    return list(dict.fromkeys(column.name for each in measures for column in each.find_all(exp.Column)))


def test_the_columns_come_first_then_the_load_timestamp_then_one_interval_in_rows_and_in_numbers() -> None:
    enclosed = f"FROM\n(\n{QUERY}\n)"
    day = "WHERE \"UPDATED_AT\" BETWEEN '2026-01-04 00:00:00'::TIMESTAMP_NTZ AND '2026-01-05 00:00:00'::TIMESTAMP_NTZ"
    odd = "NOT REGEXP_LIKE(\"EMAIL\"::VARCHAR, '^[^@ ]+@[^@ ]+[.][^@. ]+$')"
    present = "'2026-01-05 15:30:00'::TIMESTAMP_NTZ"
    expected = [
        f"SELECT *\n{enclosed}\nLIMIT 0",
        (
            "SELECT SUM(N), SUM(NULLS), SUM(LATER), MIN(EARLIEST), MAX(LATEST), MAX(IFF(BUCKET IS NULL, 0, N)), "
            "MAX_BY(BUCKET, IFF(BUCKET IS NULL, 0, N))\n"
            "FROM (SELECT DATE_TRUNC('day', \"UPDATED_AT\") AS BUCKET, COUNT(*) AS N, "
            f'COUNT_IF("UPDATED_AT" IS NULL) AS NULLS, COUNT_IF("UPDATED_AT" > {present}) AS LATER, '
            f'MIN("UPDATED_AT") AS EARLIEST, MAX(IFF("UPDATED_AT" <= {present}, "UPDATED_AT", NULL)) AS LATEST\n'
            f"{enclosed}\nGROUP BY 1)"
        ),
        f"SELECT *\n{enclosed}\n{day}\nLIMIT 7",
        (
            'SELECT COUNT(*), COUNT_IF("EMAIL" IS NULL), COUNT_IF("EMAIL" IS NULL), COUNT("EMAIL"), '
            f'COUNT(DISTINCT "EMAIL"), MAX(LENGTH("EMAIL")), COUNT_IF({odd}), MIN(IFF({odd}, "EMAIL"::VARCHAR, NULL)), '
            'COUNT_IF("UPDATED_AT" IS NULL), APPROX_COUNT_DISTINCT("UPDATED_AT"), MIN("UPDATED_AT"), '
            'MAX("UPDATED_AT"), '
            'COUNT_IF("plan" IS NULL), APPROX_COUNT_DISTINCT("plan"), MAX(LENGTH("plan"))\n'
            f"{enclosed}\n{day}"
        ),
    ]
    sample, sent = take(QUERY, wish=Wish(NOW, rows=7))
    assert expected == sent
    assert sample.profile is not None
    assert (
        Description(tuple(DescribedColumn(*column) for column in COLUMNS)),
        Extent(9, 1, 2, EXTENT[3], LATEST, "day", 5, EXTENT[6]),
        Rows(("EMAIL", "UPDATED_AT", "plan"), (ROW,)),
        (DAY, 1, ["EMAIL", "UPDATED_AT", "plan"]),
    ) == (
        sample.description,
        sample.extent,
        sample.rows,
        (sample.profile.interval, sample.profile.rows, [column.name for column in sample.profile.columns]),
    )


def test_each_step_is_told_before_its_statement_is_sent() -> None:
    driver = Scripted(ANSWERS)
    told: list[tuple[str, int]] = []
    session = Session(driver, Limits(seconds=10))
    sampling.take(query_subject(QUERY), session, Wish(NOW), lambda step: told.append((step, len(driver.sent))))
    assert [
        ("describing the columns", 0),
        ("looking at the load timestamp of all rows", 1),
        ("fetching up to 100 rows", 2),
        ("profiling the columns", 3),
    ] == told


GIVEN = Interval(datetime(2026, 1, 2, 10, tzinfo=UTC), datetime(2026, 1, 2, 11, tzinfo=UTC))


def test_an_interval_that_is_given_counts_for_rows_and_profile_and_not_for_the_extent() -> None:
    sample, sent = take(QUERY, wish=Wish(NOW, GIVEN))
    given_where = (
        "WHERE \"UPDATED_AT\" BETWEEN '2026-01-02 10:00:00'::TIMESTAMP_NTZ AND '2026-01-02 11:00:00'::TIMESTAMP_NTZ"
    )
    assert [False, False, True, True] == [given_where in sql for sql in sent]
    assert sample.profile is not None
    assert GIVEN == sample.profile.interval


@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        (datetime(2026, 1, 4, 20), DAY),
        (datetime(2026, 1, 4, 20, tzinfo=UTC), DAY),
        (None, None),
    ],
)
def test_without_an_interval_it_is_that_of_the_newest_row(latest: object, expected: Interval | None) -> None:
    sample, sent = take(QUERY, {**ANSWERS, "extent": [*EXTENT[:4], latest, *EXTENT[5:]]})
    assert sample.profile is not None
    assert (expected, expected is not None) == (sample.profile.interval, "WHERE" in sent[-1])


@pytest.mark.parametrize(
    ("interval", "unit", "bucket"),
    [
        ("hourly", "hour", "DATE_TRUNC('hour'"),
        ("daily", "day", "DATE_TRUNC('day'"),
        ("weekly", "week", "DATE_TRUNC('week'"),
        ("monthly", "month", "DATE_TRUNC('month'"),
        ("once", "day", "DATE_TRUNC('day'"),
    ],
)
def test_the_unit_is_the_interval_of_the_models_pipeline(interval: str, unit: str, bucket: str) -> None:
    pipeline = f"pipelines:\n  - {{id: users-pipeline, model: users-model, interval: {interval}}}\n"
    sample, sent = take(modelled(ITEMS, pipeline))
    assert sample.extent is not None
    assert (unit, True) == (sample.extent.unit, bucket in sent[1])


def test_a_query_without_a_load_timestamp_is_looked_at_as_a_whole_whatever_interval_is_given() -> None:
    sample, sent = take(ITEMS, wish=Wish(NOW, GIVEN))
    assert "columns rows profile" == kinds(sent)
    assert [] == [sql for sql in sent if "WHERE" in sql]
    assert sample.profile is not None
    assert (None, None) == (sample.extent, sample.profile.interval)


@pytest.mark.parametrize(
    ("declared", "described", "compared"),
    [
        ("timestamp_ntz", "NUMBER", False),
        ("timestamp_tz", "FLOAT", False),
        ("timestamp_unixtime_s", "TIMESTAMP_NTZ", False),
        ("timestamp_unixtime_ms", "VARCHAR", False),
        ("timestamp_unixtime_s", "NUMBER", True),
        ("timestamp_ntz", "TIMESTAMP_TZ", True),
        ("timestamp_ntz", "DATE", True),
        ("date", "TIMESTAMP_NTZ", True),
        ("timestamp_ntz", "VARCHAR", True),
        ("timestamp_ntz", None, True),
    ],
)
def test_a_comparison_that_snowflake_would_refuse_is_not_sent(
    declared: str, described: str | None, compared: bool
) -> None:
    columns = [COLUMNS[0], ["UPDATED_AT", described, True], COLUMNS[2]]
    header = HEADER.replace("timestamp_ntz", declared)
    latest = 1_767_500_000 if declared.startswith("timestamp_unixtime") else LATEST
    extent = [*EXTENT[:4], latest, *EXTENT[5:]]
    _, sent = take(header + ITEMS, {**ANSWERS, "describe": columns, "extent": extent})
    assert ("columns extent rows profile" if compared else "columns rows profile") == kinds(sent)


def test_a_column_that_two_outputs_share_is_not_asked_about() -> None:
    columns = [["EMAIL", "VARCHAR", True], ["X", "NUMBER", True], ["X", "NUMBER", True], ["x", "NUMBER", True]]
    sample, sent = take('SELECT u.email, u.a AS x, u.b AS x, u.c AS "x" FROM MP.CRM.USERS u', {"describe": columns})
    assert ["EMAIL", "x"] == profiled(sent)
    assert sample.profile is not None
    assert ["EMAIL", "x"] == list(sample.profile.by_name)


def test_an_output_without_a_name_of_the_authors_is_asked_about_under_the_one_that_the_account_tells() -> None:
    sql = "SELECT u.email, COUNT(*), u.a || u.b FROM MP.CRM.USERS u GROUP BY ALL"
    columns = [["EMAIL", "VARCHAR", True], ["COUNT(*)", "NUMBER", False], ["U.A || U.B", "VARCHAR", True]]
    assert ["EMAIL", "COUNT(*)", "U.A || U.B"] == profiled(take(sql, {"describe": columns})[1])


def test_without_a_description_only_outputs_with_a_name_are_asked_about() -> None:
    sql = "SELECT u.email, COUNT(*), u.a || u.b, u.c AS x, u.d AS x FROM MP.CRM.USERS u GROUP BY ALL"
    sample, sent = take(sql, {"describe": [["whatever", "NUMBER", True]]}, traits=EMULATED)
    assert (None, ["EMAIL"]) == (sample.description, profiled(sent))


def test_a_name_with_quotes_and_brackets_stays_a_name() -> None:
    name = 'x") FROM t; DROP TABLE t; --'
    _, sent = take("SELECT u.email FROM MP.CRM.USERS u", {"describe": [["EMAIL", "VARCHAR", True], [name, None, None]]})
    assert ["EMAIL", name] == profiled(sent)


def test_what_describe_refuses_ends_the_questions_and_has_its_place_in_the_text() -> None:
    sql = QUERY.replace("u.plan", "u.pln")
    message = "SQL compilation error: error line 5 at position 30\ninvalid identifier 'U.PLN'"
    sample, sent = take(sql, {**ANSWERS, "error": {"message": message, "errno": 904}})
    at = sql.index("u.pln")
    refusal = Refusal("invalid identifier 'U.PLN'", "other", Span(at, at + 5), "U.PLN", errno=904)
    assert ("columns", Sample(ACCOUNT, refusal=refusal)) == (kinds(sent), sample)


@pytest.mark.parametrize(
    ("question", "sent_before"),
    [("extent", "columns extent"), ("rows", "columns extent rows"), ("profile", "columns extent rows profile")],
)
def test_what_a_later_question_is_refused_keeps_what_was_said_before(question: str, sent_before: str) -> None:
    error = {"at": question, "message": "Numeric value 'Ann Lee' is not recognized", "errno": 100038}
    sample, sent = take(QUERY, {**ANSWERS, "error": error})
    assert sent_before == kinds(sent)
    assert Refusal("Numeric value '…' is not recognized", errno=100038) == sample.refusal
    known = [sample.description is not None, sample.extent is not None, sample.rows is not None, sample.profile]
    steps = ["extent", "rows", "profile"]
    assert [True, *(steps.index(question) > at for at in (0, 1)), None] == known


def test_a_table_that_is_not_shown_is_looked_for_and_told_when_the_schema_knows_it(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("CREATE TABLE MP.CRM.USERS (EMAIL VARCHAR, PLAN VARCHAR, UPDATED_AT DATE);")
    (tmp_path / "query.sql").write_text(QUERY)
    message = "SQL compilation error:\nObject 'MP.CRM.USERS' does not exist or not authorized."
    error = {"message": message, "errno": 2003, "sqlstate": "42S02"}
    for schema in ((), (str(tmp_path / "schema.sql"),)):
        (entry,) = collect([str(tmp_path / "query.sql")], Options(schema=schema)).inputs
        sample, sent = take(entry.queries[0], {"error": error})
        at = QUERY.index("MP.CRM.USERS")
        expected = Refusal(
            "Object 'MP.CRM.USERS' does not exist or not authorized",
            "object",
            Span(at, at + 12),
            "MP.CRM.USERS",
            described=bool(schema),
            errno=2003,
        )
        assert (expected, "SELECT TABLE_SCHEMA, TABLE_NAME FROM MP.INFORMATION_SCHEMA.TABLES") == (
            sample.refusal,
            sent[-1],
        )


def test_what_an_emulated_warehouse_cannot_do_is_a_limitation_and_no_refusal() -> None:
    error = {"at": "rows", "message": "the embedded warehouse cannot run this: it has no `f`"}
    sample, sent = take(QUERY, {**ANSWERS, "error": error}, traits=EMULATED)
    assert "columns extent rows" == kinds(sent)
    assert (None, None, error["message"]) == (sample.description, sample.refusal, sample.limitation)
    assert "sample" not in sample.values()


@pytest.mark.parametrize("gone", ["extent", "profile"])
def test_an_aggregate_without_a_row_stops_the_run(gone: str) -> None:
    class Empty(Scripted):
        def run(self, sql: str) -> Any:
            result = super().run(sql)
            if kinds([sql]) == gone:
                result.rows = []
            return result

    with pytest.raises(SqlcheckError) as caught:
        sampling.take(query_subject(QUERY), Session(Empty(ANSWERS), Limits(seconds=10)), Wish(NOW))
    expected = "the warehouse gave no row for an aggregate; try again with a shorter --interval"
    assert expected == str(caught.value)


NO_QUERIES = """
INSERT INTO t VALUES (1)
UPDATE t SET a = 1
DELETE FROM t
MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE
TRUNCATE TABLE t
DROP TABLE t
UNDROP TABLE t
CREATE TABLE x AS SELECT 1 AS a
ALTER TABLE t ADD COLUMN b NUMBER
GRANT SELECT ON t TO ROLE r
COPY INTO @s FROM t
PUT file:///etc/passwd @s
GET @s file:///tmp
LIST @s
REMOVE @s
USE ROLE ACCOUNTADMIN
SET x = 1
CALL p()
EXECUTE IMMEDIATE 'DROP TABLE t'
EXECUTE IMMEDIATE $$DROP TABLE t$$
BEGIN DROP TABLE t; END
DECLARE x INT; BEGIN RETURN x; END
COMMIT
SHOW TABLES
SHOW TABLES ->> SELECT * FROM $1
DROP TABLE t ->> SELECT * FROM $1
SELECT 1 AS a ->> DROP TABLE t
DESCRIBE TABLE t
EXPLAIN SELECT 1 AS a
ASYNC (DELETE FROM t)
VALUES (1)
TABLE t
SELECT a INTO x FROM t
WITH x AS (SELECT a INTO y FROM t) SELECT a FROM x
WITH x AS (SELECT 1 AS a) DELETE FROM t
WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS $$BEGIN DROP TABLE t; RETURN 1; END$$ CALL p()
WITH x AS (DELETE FROM t) SELECT a FROM x
WITH x AS (INSERT INTO t VALUES (1)) SELECT a FROM x
WITH x AS (UPDATE t SET a = 1) SELECT a FROM x
WITH x AS (MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE) SELECT a FROM x
WITH x AS (WITH y AS (DELETE FROM t) SELECT 1 AS a) SELECT a FROM x
WITH x AS (CREATE TABLE t (a INT)) SELECT a FROM x
WITH x AS (DROP TABLE t) SELECT a FROM x
WITH x AS (ALTER TABLE t ADD COLUMN b INT) SELECT a FROM x
WITH x AS (GRANT SELECT ON t TO ROLE r) SELECT a FROM x
WITH x AS (CALL p()) SELECT a FROM x
WITH x AS (USE ROLE r) SELECT a FROM x
WITH x AS (SHOW TABLES) SELECT a FROM x
WITH x AS (COMMIT) SELECT a FROM x
SELECT a FROM (DELETE FROM t RETURNING *)
SELECT a FROM (DROP TABLE t)
SELECT a FROM (CALL p())
SELECT a FROM t WHERE EXISTS (DELETE FROM t)
"""
SEVERAL = [
    "",
    "-- nothing",
    ";",
    "SELECT 1 AS a;",
    "; SELECT 1 AS a",
    "SELECT 1 AS a; DROP TABLE t",
    "SELECT 1 AS a -- one\n; DROP TABLE t",
    "SELECT 1 AS a -- one\r; DROP TABLE t",
    "SELECT 1 AS a -- \\\n; DROP TABLE t",
    "SELECT 1 AS a // one\n; DROP TABLE t",
    "SELECT 1 AS a // '\n; DROP TABLE t // '",
    "SELECT 1 AS a /* /* */ ; DROP TABLE t /* */ */",
    "SELECT 1 AS a /* /* */ ) ; DROP TABLE t; -- */",
    "SELECT 1 AS a /* ; DROP TABLE t",
    "SELECT 'it''s'; DROP TABLE t; --' AS a",
    "SELECT '\\' AS a, '; DROP TABLE t; --'",
    "SELECT '\\\\'; DROP TABLE t; --'",
    "SELECT 'a; DROP TABLE t",
    'SELECT "a; DROP TABLE t',
    "SELECT $$ a $$; DROP TABLE t; $$ AS a $$",
    "SELECT $$ a; DROP TABLE t",
    "SELECT 1) ; DROP TABLE x; --",
    "SELECT 1 AS a) ; DROP TABLE x; SELECT * FROM (SELECT 1 AS a",
    "SELECT 1 AS a) UNION ALL (SELECT 2",
    "SELECT 1 AS a) --",
    "SELECT (1 AS a",
    "SELECT 1 AS a FROM (SELECT 1",
]
ACTING = """
SELECT s.NEXTVAL AS a
SELECT s."NEXTVAL" AS a
SELECT MP.CRM.s.nextval AS a
SELECT MP.CRM.s.nextval AS a FROM MP.CRM.USERS s
SELECT CRM.USERS.nextval AS a FROM MP.SHOP.USERS
SELECT n.nextval AS a FROM TABLE(GETNEXTVAL(s)) n
SELECT SYSTEM$CANCEL_ALL_QUERIES(1) AS a
SELECT "SYSTEM$CANCEL_ALL_QUERIES"(1) AS a
SELECT system$wait(5) AS a
SELECT SYSTEM$SEND_EMAIL('a', 'b') AS a
SELECT f.value AS a FROM t, LATERAL FLATTEN(input => SYSTEM$WAIT(5)) f
SELECT IDENTIFIER('SYSTEM$WAIT')(5) AS a
SELECT IDENTIFIER('"SYSTEM$WAIT"')(5) AS a
SELECT IDENTIFIER('SYSTEM$' || 'WAIT')(5) AS a
SELECT IDENTIFIER('s.NEXTVAL') AS a
SELECT f.a FROM TABLE(IDENTIFIER('SYSTEM$WAIT')(5)) f
"""
UNFILLED = """
SELECT 1 AS a {# ; #} FROM t
SELECT 1 AS a {# '#} ; DROP TABLE t {# ' #}
SELECT {{ a }} AS a
{% if x %} SELECT 1 AS a {% endif %}
SELECT &var AS a
SELECT a FROM &{t}
SELECT :var AS a
SELECT ? AS a
SELECT $var AS a
SELECT a FROM IDENTIFIER($t)
SELECT a FROM TABLE($t)
SELECT ‘a’ AS a
SELECT 1 AS “a”
SELECT 1 AS a； DROP TABLE t
SELECT `a` FROM t
SELECT [a] FROM t
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


HOSTILE = [*lines(NO_QUERIES), *SEVERAL, *lines(ACTING), *lines(UNFILLED)]


@pytest.mark.parametrize("text", HOSTILE)
def test_of_what_does_more_than_read_nothing_reaches_the_warehouse(text: str) -> None:
    driver = Scripted(ANSWERS)
    for header in ("", HEADER):
        with pytest.raises(SqlcheckError, match="this query is not sent to a warehouse"):
            sampling.take(query_subject(header + text), Session(driver, Limits(seconds=10)), Wish(NOW))
    assert [] == driver.sent


NEXT = "SELECT s.NEXTVAL AS a, u.updated_at FROM MP.CRM.USERS u"


@pytest.mark.parametrize(
    "subject",
    [
        query_subject(HEADER + NEXT + " -- sqlcheck: ignore[side-effect]"),
        query_subject("-- sqlcheck: ignore-file[side-effect]\n" + NEXT),
        query_subject(NEXT, options=Options(ignore=("side-effect",))),
        query_subject(NEXT, options=Options(select=("missing-identity",))),
        modelled(NEXT, "rules: {side-effect: off}\n"),
        modelled(NEXT, "rules: {side-effect: info}\n"),
    ],
    ids=["line", "file", "--ignore", "--select", "rules off", "rules info"],
)
def test_no_setting_and_no_ignore_lets_a_query_pass_the_guards(subject: QuerySubject) -> None:
    driver = Scripted(ANSWERS)
    with pytest.raises(SqlcheckError) as caught:
        sampling.take(subject, Session(driver, Limits(seconds=10)), Wish(NOW))
    line = subject.source.text[: subject.source.text.index("SELECT")].count("\n") + 1
    said = "NEXTVAL takes a number from the sequence each time that the query runs"
    assert f"query.sql:{line}: this query is not sent to a warehouse: {said}" == str(caught.value)
    assert [] == driver.sent


def test_every_guard_stops_something() -> None:
    found = [sampling.obstacle(query_subject(text)) for text in HOSTILE]
    assert sampling.GUARDS == {each.rule for each in found if each is not None}


READING = [
    "SELECT '; DROP TABLE t; --' AS a",
    "SELECT '\\'; DROP TABLE t; --' AS a",
    "SELECT $$ ; DROP TABLE t; $$ AS a",
    "SELECT 1 AS a -- ; DROP TABLE t",
    "SELECT 1 AS a // ; DROP TABLE t",
    "SELECT 1 AS a /* ; DROP TABLE t */",
    'SELECT 1 AS "; DROP TABLE t"',
    "SELECT (update) AS a, INSERT('abc', 1, 1, 'x') AS b FROM t",
    "SELECT u.nextval AS a FROM MP.CRM.USERS u",
    "SELECT crm.users.nextval AS a FROM MP.CRM.USERS",
    "SELECT SYSTEM$TYPEOF(1) AS a",
    "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
    "(SELECT 1 AS a UNION ALL SELECT 2)",
    "SELECT a FROM IDENTIFIER('MP.CRM.USERS')",
    "SELECT $1 AS a FROM @stage",
    "SELECT f.a FROM TABLE(MP.CRM.NEWEST(1)) f",
]


@pytest.mark.parametrize("text", READING)
def test_what_only_reads_is_sent_byte_for_byte(text: str) -> None:
    _, sent = take(text, {"describe": [["A", "NUMBER", True]]})
    assert "columns rows profile" == kinds(sent)
    assert [] == [sql for sql in sent if f"FROM\n(\n{text}\n)" not in sql]


FRAGMENTS = [
    *"( ) ; ' \" , . * -- // /* */ $$ :: \\ \n \r [ ] { } {# #} {{ }} & @ = ->> $1".split(" "),
    *"SELECT FROM WHERE WITH AS INTO UNION ALL DELETE INSERT UPDATE DROP TABLE CALL NEXTVAL IDENTIFIER".split(" "),
    *"SYSTEM$WAIT a u t x 1 'b' \"c\" (SELECT (DELETE ) SELECT; ;-- --\n '\\' ''".split(" "),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map(lambda parts: "SELECT 1 AS a " + " ".join(parts)),
    st.tuples(st.sampled_from([*HOSTILE, *READING]), st.sampled_from([*HOSTILE, *READING])).map("\n".join),
    st.tuples(st.sampled_from(READING), st.text(max_size=6)).map("".join),
    st.text(max_size=30),
)


@settings(max_examples=300)
@given(TEXTS)
def test_whatever_the_text_a_warehouse_gets_one_select_around_it_or_nothing(text: str) -> None:
    driver = Scripted(ANSWERS)
    try:
        sampling.take(query_subject(HEADER + text), Session(driver, Limits(seconds=10)), Wish(NOW))
    except SqlcheckError:
        assert [] == driver.sent
    for sql in driver.sent:
        around, _, rest = sql.partition(HEADER + text)
        (tree,) = sqlglot.parse(sql, dialect="snowflake")
        assert (True, "FROM\n(\n", ")", exp.Select) == (
            sql.startswith("SELECT "),
            around[-7:],
            rest.strip("\n")[:1],
            type(tree),
        )
        assert tree is not None
        assert [] == list(tree.find_all(exp.DML, exp.DDL, exp.Command, exp.Drop, exp.Into))
