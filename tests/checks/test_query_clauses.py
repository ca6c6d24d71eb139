"""The clauses of a query: what is forgiven, refused, idle or harmful inside mParticle's brackets."""

from __future__ import annotations

import pytest

import sqlcheck


def found(sql: str, *rules: str, api: str = "v1") -> list[tuple[str, str]]:
    """Give rule and marked text of what some rules find."""
    diagnostics = sqlcheck.check(f"-- sqlcheck: api={api}\n{sql}")
    shift = len(f"-- sqlcheck: api={api}\n")
    return [(d.rule, sql[d.span.start - shift : d.span.end - shift]) for d in diagnostics if d.rule in rules]


@pytest.mark.parametrize(
    ("sql", "marked"),
    [
        ("SELECT a,, b FROM t", ","),
        ("SELECT , a FROM t", ","),
        ("SELECT FROM t", "SELECT"),
        ("SELECT a FROM", "FROM"),
        ("SELECT a FROM WHERE a = 1", "FROM"),
        ("SELECT a FROM t WHERE", "WHERE"),
        ("SELECT a FROM t WHERE GROUP BY a", "WHERE"),
        ("SELECT a FROM t GROUP BY", "GROUP BY"),
        ("SELECT a FROM t ORDER BY LIMIT 5", "ORDER BY"),
        ("SELECT a FROM t GROUP BY a WHERE b = 1", "WHERE"),
        ("SELECT a FROM t ORDER BY a GROUP BY a", "GROUP BY"),
        ("SELECT a FROM t GROUP BY a QUALIFY x = 1 HAVING b", "HAVING"),
        ("SELECT a FROM t LIMIT 5 ORDER BY a", "ORDER BY"),
        ("SELECT a FROM t WHERE x = 1 WHERE y = 2", "WHERE"),
        ("SELECT a FROM t WHERE x = 1 JOIN u ON t.a = u.a", "JOIN"),
        ("SELECT a FROM t ORDER BY a UNION SELECT b FROM u", "ORDER BY"),
        ("FROM t SELECT a", "FROM"),
        ("FROM t", "FROM"),
        ("SELECT a FROM t WHERE x IN ()", "()"),
        ("SELECT a FROM t WHERE x IN (1,)", ","),
        ("SELECT a FROM t WHERE x IN 1", "1"),
        ("SELECT DISTINCT ON (a) a, b FROM t", "DISTINCT ON"),
        ("SELECT a FROM t JOIN", "JOIN"),
        ("SELECT a FROM t JOIN ON t.a = u.a", "JOIN"),
        ("SELECT a FROM t JOIN u ON", "ON"),
        ("SELECT a FROM t JOIN u ON WHERE x = 1", "ON"),
        ("SELECT a FROM t JOIN u USING id", "id"),
        ("SELECT a FROM t, WHERE x = 1", ","),
        ("SELECT a AS, b FROM t", "AS"),
        ("SELECT a AS 'x' FROM t", "'x'"),
        ("SELECT a FROM t LIMIT abc", "abc"),
        ("SELECT a FROM t LIMIT 1, 2", "1, 2"),
        ("SELECT a FROM t GROUP BY a WITH ROLLUP", "WITH ROLLUP"),
        ("SELECT a FROM t WITH (NOLOCK)", "WITH ("),
        ("SELECT a FROM t EXCEPT ALL SELECT b FROM u", "ALL"),
        ("SELECT * EXCEPT (a) FROM t", "EXCEPT"),
        ("SELECT a AT TIME ZONE 'UTC' AS b FROM t", "AT TIME ZONE"),
        ("SELECT a FROM t WHERE a == 1", "=="),
        ("SELECT a FROM t WHERE a IS NUL", "NUL"),
        ("SELECT a FROM t WHERE a ISNULL", "ISNULL"),
        ("SELECT a FROM t WHERE a NOT NULL", "NOT NULL"),
        ("SELECT a ^ b AS c FROM t", "^"),
        ("SELECT a -> 'b' AS c FROM t", "->"),
        ("SELECT ARRAY_AGG(a ORDER BY b) AS c FROM t", "ORDER BY"),
        ("SELECT COUNT(*) FILTER (WHERE a = 1) AS c FROM t", "FILTER"),
        ("SELECT CASE WHEN a = 1 b ELSE c END AS d FROM t", "WHEN"),
        ("SELECT INTERVAL 1 DAY AS a FROM t", "1"),
        ("SELECT 'a' 'b' AS c FROM t", "'b'"),
        ("SELECT a FROM t WHERE a IN ('a' 'b')", "'b'"),
        ("SELECT a AS $first FROM t", "$first"),
        ("SELECT a AS 1 FROM t", "1"),
        ("SELECT a FROM FROM t", "FROM"),
        ("SELECT a FROM t WHERE WHERE a = 1", "WHERE"),
        ("SELECT a FROM t JOIN u ON ON t.a = u.a", "ON"),
        ("SELECT order FROM t", "order"),
        ("SELECT a AS table FROM t", "table"),
        ("SELECT a FROM t CROSS JOIN u ON t.a = u.a", "ON"),
        ("SELECT a FROM t LEFT ANTI JOIN u ON t.a = u.a", "ANTI"),
        ("SELECT a FROM t CROSS APPLY f(a)", "APPLY"),
        ("SELECT SUM(a)OVER", "OVER"),
        ("SELECT * REPLACE (UPPER(a)) FROM t", "UPPER(a)"),
        ("SELECT x.a FROM (SELECT * RENAME (b) FROM t) x", "b"),
        ("SELECT (SUM(a) OVER) AS b FROM t", "OVER"),
        ("SELECT LAG(a) IGNORE NULLS OVER, b FROM t", "OVER"),
    ],
)
def test_what_the_parser_forgives_is_reported(sql: str, marked: str) -> None:
    assert [("forgiven-syntax", marked)] == found(sql, "forgiven-syntax", "unreadable-query")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a, b, FROM t",
        "SELECT a FROM t WHERE a IS NOT DISTINCT FROM b AND a NOT IN (1) AND b NOT LIKE 'x' AND c NOT BETWEEN 1 AND 2",
        "SELECT EXTRACT(YEAR FROM a), TRIM(a), CAST(a AS OBJECT(b INT NOT NULL)) FROM t",
        'SELECT a:from, a:where::INT, t."order", u.limit, a AS "table" FROM t, u',
        "SELECT limit, offset, a AS end FROM t WHERE start_at < limit ORDER BY limit",
        "SELECT ARRAY_AGG(a) WITHIN GROUP (ORDER BY b), NTH_VALUE(a, 2) FROM FIRST OVER (ORDER BY b) FROM t",
        "SELECT LEFT(a, 1), RIGHT(b, 2), LIKE(a, b), RLIKE(a, 'x') FROM t WHERE LEFT(a, 1) = 'x' AND ILIKE(a, b)",
        "SELECT a FROM t GROUP BY ALL HAVING COUNT(*) > 1 QUALIFY x = 1 ORDER BY ALL LIMIT 5 OFFSET 2",
        "(SELECT a FROM t ORDER BY a LIMIT 5) UNION ALL (SELECT b FROM u)",
        "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a ORDER BY 1) AND a IN (SELECT b FROM u)",
        "SELECT FILTER(a, x -> x > 1), TRANSFORM(a, x INT -> x + 1) FROM t",
        "SELECT * EXCLUDE (a) RENAME (b AS c), t.* ILIKE 'x%', a * b, COUNT(*) AS n FROM t",
        "SELECT CASE a WHEN 1 THEN CASE WHEN b THEN 1 ELSE 2 END END AS c FROM t JOIN LATERAL FLATTEN(INPUT => a) f",
        "SELECT POSITION('a' IN b), a || -b, - -c, DATE '2020-01-01', INTERVAL '1 day' FROM t SAMPLE (5)",
        "SELECT a FROM t START WITH b = 1 CONNECT BY c = PRIOR d ORDER BY a",
        "SELECT * FROM @db.s.stage/ (FILE_FORMAT => 'f')",
        "SELECT a FROM t WHERE a BETWEEN CASE WHEN b THEN 1 ELSE 2 END AND t.v:x::INT OR a BETWEEN f(b, 1) AND -2",
        "SELECT a FROM t WHERE a BETWEEN DATE '2024-01-01' AND b - INTERVAL '1' DAY AND c BETWEEN '1'::INT AND 2",
        "SELECT SUM(a) OVER (ORDER BY b RANGE BETWEEN INTERVAL '1 day' PRECEDING AND CURRENT ROW) AS c FROM t",
        "SELECT * FROM (SELECT a, k, v FROM t UNPIVOT (v FOR k IN (jan AS 'J', feb AS 'F')))",
        "SELECT db.s.model!PREDICT(INPUT_DATA => a):x::INT AS p FROM t WHERE a != 1",
        "SELECT over, t.over, a AS over FROM (SELECT over, 1 AS a FROM t) over WHERE a = 1",
    ],
)
def test_what_snowflake_takes_is_not_forgiven_but_right(sql: str) -> None:
    assert [] == found(sql, "forgiven-syntax", "unreadable-query")


@pytest.mark.parametrize(
    ("sql", "marked"),
    [
        ("SELECT a FROM t LIMIT 10 OFFSET 5", ["LIMIT 10 OFFSET 5"]),
        ("SELECT TOP 5 a FROM t", ["TOP 5"]),
        ("SELECT DISTINCT TOP 5 a FROM t", ["TOP 5"]),
        ("SELECT a FROM t FETCH FIRST 5 ROWS ONLY", ["FETCH FIRST 5 ROWS ONLY"]),
        ("SELECT a FROM t SAMPLE (10)", ["SAMPLE (10)"]),
        ("SELECT a FROM t TABLESAMPLE BERNOULLI (10) SEED (5) WHERE a = 1", ["TABLESAMPLE BERNOULLI (10) SEED (5)"]),
        ("SELECT a FROM t ORDER BY a LIMIT 10", ["LIMIT 10"]),
        ("SELECT a FROM t UNION ALL SELECT b FROM u LIMIT 10", ["LIMIT 10"]),
        ("(SELECT a FROM t) UNION ALL (SELECT b FROM u LIMIT 10)", ["LIMIT 10"]),
        ("(SELECT a FROM t) LIMIT 10", ["LIMIT 10"]),
        ("WITH x AS (SELECT a FROM t LIMIT 3) SELECT a FROM x LIMIT 10", ["LIMIT 10"]),
        ("SELECT a FROM (SELECT b AS a FROM t LIMIT 5) x", []),
        ("SELECT a FROM t WHERE a IN (SELECT TOP 5 b FROM u)", []),
        ("SELECT u.limit, limit FROM t LIMIT NULL", []),
    ],
)
def test_a_row_limit_counts_only_outside(sql: str, marked: list[str]) -> None:
    assert [("row-limit", text) for text in marked] == found(sql, "row-limit", "idle-order-by")


@pytest.mark.parametrize(
    ("sql", "marked"),
    [
        ("SELECT a FROM t ORDER BY a, b DESC NULLS LAST", ["ORDER BY a, b DESC NULLS LAST"]),
        ("SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY 1", ["ORDER BY 1"]),
        ("(SELECT a FROM t ORDER BY a) UNION ALL (SELECT b FROM u)", ["ORDER BY a"]),
        (
            "SELECT a FROM t ORDER BY COALESCE(a, (SELECT MAX(b) FROM u))",
            ["ORDER BY COALESCE(a, (SELECT MAX(b) FROM u))"],
        ),
        ("SELECT a FROM t ORDER BY a LIMIT NULL", ["ORDER BY a"]),
        ("SELECT TOP 5 a FROM t ORDER BY a", []),
        ("SELECT ROW_NUMBER() OVER (ORDER BY a) FROM (SELECT a FROM t ORDER BY a) x", []),
    ],
)
def test_an_order_counts_only_outside(sql: str, marked: list[str]) -> None:
    assert [("idle-order-by", text) for text in marked] == found(sql, "idle-order-by")


@pytest.mark.parametrize(
    ("sql", "marked"),
    [
        ("SELECT a FROM t UNION ALL SELECT a, b FROM u", ["UNION ALL"]),
        ("SELECT a FROM t UNION SELECT b FROM u EXCEPT SELECT c, d FROM v", ["EXCEPT"]),
        ("(SELECT a, b FROM t) MINUS (SELECT c FROM u)", ["MINUS"]),
        ("SELECT a FROM t WHERE b IN (SELECT c FROM u UNION SELECT d, e FROM v)", ["UNION"]),
        ("SELECT x.* FROM (SELECT a, b FROM t) x UNION SELECT c FROM u", ["UNION"]),
        ("SELECT a FROM t UNION (WITH x AS (SELECT b FROM u EXCEPT SELECT c FROM v) SELECT b, 1 FROM x)", ["UNION"]),
        ("SELECT a FROM t UNION ALL ((SELECT b, c FROM u) INTERSECT SELECT d, e FROM v)", ["UNION ALL"]),
        ("SELECT * FROM t UNION SELECT a, b FROM u", []),
        ("SELECT x.* FROM (SELECT a, b FROM t) x UNION SELECT c, d FROM u", []),
    ],
)
def test_the_sides_of_a_set_operation_need_as_many_columns(sql: str, marked: list[str]) -> None:
    assert [("uneven-set-operation", text) for text in marked] == found(sql, "uneven-set-operation")


@pytest.mark.parametrize(
    ("sql", "mended"),
    [
        ("WITH x AS (SELECT a FROM t) SELECT a FROM x", "SELECT a FROM (SELECT a FROM t) AS x"),
        ("WITH x AS (SELECT a FROM t) SELECT y.a FROM x AS y", "SELECT y.a FROM (SELECT a FROM t) AS y"),
        ("WITH x(b) AS (SELECT a FROM t) SELECT y.b FROM x y", "SELECT y.b FROM (SELECT a FROM t) y(b)"),
        ("WITH x (b) AS (SELECT a FROM t) SELECT b FROM x", "SELECT b FROM (SELECT a FROM t) AS x(b)"),
        (
            "WITH x AS (\n  SELECT a FROM t -- the end\n), y AS (SELECT a FROM X)\nSELECT y.a FROM y JOIN x ON 1 = 1",
            "SELECT y.a FROM (SELECT a FROM (SELECT a FROM t) AS X) AS y JOIN (SELECT a FROM t) AS x ON 1 = 1",
        ),
        (
            "SELECT a FROM (WITH x AS (SELECT a FROM t) SELECT a FROM x) z",
            "SELECT a FROM (SELECT a FROM (SELECT a FROM t) AS x) z",
        ),
        ("WITH x AS (SELECT a FROM t) SELECT a FROM x UNION ALL SELECT a FROM db.x",
         "SELECT a FROM (SELECT a FROM t) AS x UNION ALL SELECT a FROM db.x"),
        ("WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM x WHERE a < 5) SELECT a FROM x", None),
    ],
)  # fmt: skip
def test_a_cte_is_written_out_where_it_is_used(sql: str, mended: str | None) -> None:
    (diagnostic,) = (d for d in sqlcheck.check(sql) if d.rule == "common-table-expression")
    edits = diagnostic.fix.edits if diagnostic.fix is not None else ()
    text = sql
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert ("WITH", mended) == (sql[diagnostic.span.start : diagnostic.span.end], text if edits else None)


@pytest.mark.parametrize(("api", "severity"), [("experimental", "error"), ("v1", "error"), ("v2", "info")])
def test_the_api_version_decides_how_much_with_weighs(api: str, severity: str) -> None:
    diagnostics = sqlcheck.check(f"-- sqlcheck: api={api}\nWITH x AS (SELECT a FROM t) SELECT a FROM x")
    assert [severity] == [d.severity.label for d in diagnostics if d.rule == "common-table-expression"]


@pytest.mark.parametrize(
    ("sql", "marked"),
    [
        ("SELECT a FROM t UNION SELECT b FROM u UNION ALL SELECT c FROM v", ["UNION"]),
        ("SELECT a FROM t GROUP BY a HAVING COUNT(*) > 1 QUALIFY b = 1", ["HAVING", "QUALIFY"]),
        ("SELECT a FROM (SELECT a FROM t LIMIT 5 OFFSET 2) x LIMIT 3", ["LIMIT"]),
        ("SELECT a FROM t PIVOT (SUM(b) FOR c IN ('d')) AS p", ["PIVOT"]),
        ("SELECT a FROM t ORDER BY a LIMIT 3", []),
        ('SELECT u."having", t:qualify::INT FROM t u', []),
    ],
)
def test_a_clause_outside_of_the_vendors_lists_is_named_once(sql: str, marked: list[str]) -> None:
    assert [("undocumented-clause", text) for text in marked] == found(sql, "undocumented-clause")
