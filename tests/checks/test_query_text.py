"""The text of a query: what cannot be read, and what is no SQL."""

from __future__ import annotations

import pytest

import sqlcheck

RULES = {
    "unreadable-query", "empty-query", "several-statements", "not-a-select", "trailing-semicolon",
    "typographic-character", "foreign-quoting", "unfilled-placeholder", "forgiven-syntax",
}  # fmt: skip


def found(sql: str) -> list[tuple[str, str]]:
    """Give rule and marked text of what the lexical rules find."""
    return [(d.rule, sql[d.span.start : d.span.end]) for d in sqlcheck.check(sql) if d.rule in RULES]


@pytest.mark.parametrize(
    ("sql", "culprit", "guess"),
    [
        ("SELCT a FROM t", "SELCT", "SELECT"),
        ("SELECT a, b FORM t", "FORM", "FROM"),
        ("SELECT COUNT(*) FORM t WHERE x = 1", "FORM", "FROM"),
        ("SELECT a FROM t WHRE x = 1", "WHRE", "WHERE"),
        ("SELECT a FROM t GRUOP BY a", "GRUOP", "GROUP"),
        ("SELECT a FROM t GROUPBY a", "GROUPBY", "GROUP BY"),
        ("SELECT a FROM t ODER BY a", "ODER", "ORDER"),
        ("SELECT a FROM t u JION o ON u.id = o.id", "JION", "JOIN"),
        ("SELECT a FROM t u LEFT JION o ON u.id = o.id", "JION", "JOIN"),
        ("SELECT a, count(*) FROM t GROUP BY a HAVIGN count(*) > 1", "HAVIGN", "HAVING"),
        ("SELECT a FROM t LIMT 5", "LIMT", "LIMIT"),
        ("SELECT a FROM t UNOIN ALL SELECT b FROM u", "UNOIN", "UNION"),
        ("SELECT a FROM t UNION ALL SELCT b FROM u", "SELCT", "SELECT"),
        ("SELECT a FROM (ESLECT b, c, d, e FROM t WHERE f = 1 AND g = 2) x", "ESLECT", "SELECT"),
        ("SELECT CASE WEN a = 1 THEN b END FROM t", "WEN", "WHEN"),
        ("SELECT CASE WHEN a = 1 THEN b ELSE c EDN FROM t", "EDN", "END"),
        ("SELECT a FROM t WHERE a BETWEN 1 AND 2", "BETWEN", "BETWEEN"),
        ("SELECT a FROM t WHERE a = 1 ADN b = 2", "ADN", "AND"),
        ("SELECT a FROM t WHERE a IS NTO NULL", "NTO", "NOT"),
        ("SELECT a FROM t ORDER BY a DSC", "DSC", "DESC"),
        ("SELECT ROW_NUMBER() OVRE (PARTITION BY a ORDER BY b) AS r FROM t", "OVRE", "OVER"),
        ("SELECT a FR OM t WHERE b = 1", "FR OM", "FROM"),
        ("SELECT e.a FROM t AS e WHER e.b = 1", "WHER", "WHERE"),
        ("SELECT a, b FROM t GROUP BU a, b", "BU", "BY"),
        ("SELECT ARRAY_AGG(a) WITHIN GROUP (ORDER B t.a) AS c FROM t", "B", "BY"),
        ("SELECT a FROM t WHERE a NOT INN (1, 2)", "INN", "IN"),
        ("SELECT a FROM t WHERE (a = 1 ORR t.b = 2)", "ORR", "OR"),
    ],
)
def test_a_misspelt_keyword_is_the_culprit_and_not_the_word_behind_it(sql: str, culprit: str, guess: str) -> None:
    reports = [(d.rule, sql[d.span.start : d.span.end], d.help) for d in sqlcheck.check(sql)]
    assert [("unreadable-query", culprit, f"did you mean `{guess}`?")] == reports


@pytest.mark.parametrize(
    ("sql", "offset", "message"),
    [
        ("SELECT a b c FROM t", 11, "a comma is missing before `c`"),
        ('SELECT u.a AS "a"\n u.b AS "b", u.c FROM t u', 19, "a comma is missing before `u`"),
        ("SELECT a FROM t WHERE x IN (1 2)", 30, "a comma is missing before `2`"),
        ("SELECT a FROM t WHERE (x = 1", 22, "this `(` is never closed"),
        ("SELECT COUNT(a FROM t", 12, "this `(` is never closed"),
        ("SELECT (a + b FROM t WHERE (c = 1)", 7, "this `(` is never closed"),
        ("SELECT EXTRACT(YEAR FROM a FROM t", 14, "this `(` is never closed"),
        ("SELECT TRY_CAST(x AS DOUBLE", 15, "this `(` is never closed"),
        ("SELECT COUNT(a)) FROM t", 15, "this `)` closes nothing"),
        ("SELECT CASE WHEN (SELECT COUNT(*)) FROM u WHERE a = 1) > 2 THEN 1 END FROM t", 33, "this `)` closes nothing"),
        ("SELECT a FROM t WHERE x IN (1, 2]", 32, "this `]` stands where `)` is due"),
        ("SELECT a FROM t WHERE x = 'abc", 26, "the string that starts here is never closed"),
        ("SELECT a FROM t WHERE x = 'abc AND y = 'd'", 26, "the string that starts here is never closed"),
        ("SELECT a FROM t WHERE x = 'O'Brien'", 26, "the string that starts here is never closed"),
        ('SELECT a AS "b FROM t', 12, "the quoted name that starts here is never closed"),
        ("SELECT a /* x FROM t", 9, "the comment that starts here is never closed"),
        ("SELECT CASE WHEN a = 1 THEN b ELSE c FROM t", 7, "this CASE has no END"),
        ("SELECT ARRAY_AGG(a) WITHIN (ORDER BY a) AS c FROM t", 20, "`GROUP` is missing behind `WITHIN`"),
        ("SELECT a FROM t WHERE EXISTS (FROM u WHERE u.a = 1)", 30, "a query without SELECT"),
        ("SELECT a FROM t WHERE a BETWEEN 1 TO 2", 34, "`AND` is due here: it belongs to BETWEEN"),
        ("SELECT CASE WHEN t.a 500 AND t.b >= 30 THEN 1 END FROM t", 21, "an operator is missing before `500`"),
        ("SELECT a:::DATE AS b FROM t", 10, "no type stands between `::` and this"),
        ("SELECT a FROM t, LATERAL FLATTEN(input =>> t.b)", 41, "`>` cannot follow `=>`"),
        ("SELECT a - * b AS c FROM t", 11, "`*` cannot follow `-`"),
        ("SELECT a, ! b c FROM t", 10, "`!` has no meaning in Snowflake's SQL"),
        ("SELECT a FROM t WHERE ! a", 22, "`!` has no meaning in Snowflake's SQL"),
        ("SELECT a FROM t WHERE a && b", 24, "`&&` is no operator in Snowflake"),
        ("SELECT a FROM t WHERE a === b", 24, "`===` is no operator in Snowflake"),
        ("SELECT a AS 30d_orders FROM t", 12, "an alias without quotes cannot begin with a digit"),
        ("SELECT CASE a > 1 THEN b ELSE c END AS d FROM t", 7, "this `CASE` has a `THEN` and no `WHEN` in front of it"),
        ("SELECT a FROM t LEFT OUTER (SELECT b FROM u) u ON u.b = t.a", 27, "`JOIN` is missing before `(`"),
        ("SELECT x.a FROM (\n  u.a, u.b\n  FROM u) x", 20, "`SELECT` is missing before `u`"),
        ("SELECT ROW_NUMBER() (PARTITION BY a ORDER BY b) AS c FROM t", 20, "`OVER` is missing before `(`"),
        ("SELECT a FROM t WHERE t. = 1 AND b = 2", 23, "no name stands behind `.`"),
        ("SELECT a FROM t u WHERE u.a = u.\n AND u.b = 2", 31, "no name stands behind `.`"),
        ("TABLE a.b.c", 0, "a query cannot start with `TABLE`"),
        ("SELECT a FROM t GROUP a", 16, "`BY` is missing behind `GROUP`"),
        ("SELECT a FROM t, u WHERE t.a = u.a t.b = 2", 35, "`AND` is missing before `t`"),
        ("SELECT a FROM t SELECT b FROM u", 16, "a second SELECT starts here"),
        ("SELECT a FROM t WHERE EXISTS SELECT 1", 29, "the query behind `EXISTS` stands in no brackets"),
        ("SELECT a FROM t WHERE a =", 24, "a value is missing behind `=`"),
        ("SELECT a FROM t WHERE a =< 1", 24, "`<` cannot follow `=`"),
        ("SELECT a FROM t # c", 16, "`#` has no meaning in Snowflake's SQL"),
        ("SELECT a\0 FROM t", 8, "the text holds a NUL character"),
        ("hello world", 0, "a query cannot start with `hello`"),
    ],
)
def test_an_unreadable_query_says_why_in_its_own_words(sql: str, offset: int, message: str) -> None:
    expected = [("unreadable-query", offset, message)]
    assert expected == [(d.rule, d.span.start, d.message) for d in sqlcheck.check(sql)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", [("empty-query", "")]),
        (" -- nothing\n/* at all */", [("empty-query", "")]),
        (";", [("empty-query", "")]),
        ("SELECT 1; SELECT 2", [("several-statements", "SELECT")]),
        ("SELECT ';'; DROP TABLE t;", [("several-statements", "DROP")]),
        ("SELECT 1;", [("trailing-semicolon", ";")]),
        ("SELECT 1 ; ;\n-- done", [("trailing-semicolon", "; ;")]),
        ("SELECT 1 -- ;", []),
        ("DELETE FROM t", [("not-a-select", "DELETE")]),
        ("BEGIN\n SELECT 1;\n SELECT 2;\nEND;", [("not-a-select", "BEGIN")]),
        ("USE DATABASE x; SELECT 1", [("not-a-select", "USE")]),
        ("explain SELECT 1", [("not-a-select", "explain")]),
        ("SELECT a INTO b FROM t", [("not-a-select", "INTO")]),
        ("SELECT a INTO OUTFILE 'x' FROM t", [("not-a-select", "INTO")]),
        ("SELECT v:into::INT AS a FROM t", []),
        ("WITH x AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM x", [("not-a-select", "INSERT")]),
        ('(SELECT u."delete" FROM t u)', []),
    ],
)
def test_the_text_must_be_one_query(sql: str, expected: list[tuple[str, str]]) -> None:
    assert expected == found(sql)


@pytest.mark.parametrize(
    ("sql", "marked", "mended"),
    [
        ("SELECT a AS “customer id”, b AS “c”", ["“customer id”", "“c”"], 'SELECT a AS "customer id", b AS "c"'),
        ("SELECT a FROM t WHERE x = ‘it’s’", ["‘it’s’"], "SELECT a FROM t WHERE x = 'it’s'"),
        ("SELECT a FROM t WHERE x = ‘it's’", ["‘it's’"], "SELECT a FROM t WHERE x = 'it''s'"),
        ('SELECT a AS “b", c AS "d" FROM t', ["“"], 'SELECT a AS "b", c AS "d" FROM t'),
        ('SELECT a AS "b”, c AS "d" FROM t', ["”"], 'SELECT a AS "b", c AS "d" FROM t'),
        ("SELECT a FROM t WHERE x = 'b’ AND y = 1", ["’"], "SELECT a FROM t WHERE x = 'b' AND y = 1"),
        ("SELECT a\u00a0\u00a0FROM\u200b t", ["\u00a0\u00a0", "\u200b"], "SELECT a  FROM t"),
        ("SELECT a – b AS c, d − e AS f", ["–", "−"], "SELECT a - b AS c, d - e AS f"),
        ("— all the users\nSELECT a FROM t", ["—"], "-- all the users\nSELECT a FROM t"),
        ("SELECT a，b FROM t WHERE f（c） ≥ 1", ["，", "（", "）", "≥"], "SELECT a,b FROM t WHERE f(c) >= 1"),
        ("SELECT a FROM t WHERE b = ３", ["３"], "SELECT a FROM t WHERE b = 3"),
        ("\ufeffSELECT a FROM t", ["\ufeff"], "SELECT a FROM t"),
        ("SELECT «a» FROM t", ["«a»"], 'SELECT "a" FROM t'),
    ],
)
def test_typographic_characters_become_plain_ones(sql: str, marked: list[str], mended: str) -> None:
    diagnostics = [d for d in sqlcheck.check(sql) if d.rule in RULES]
    assert [("typographic-character", text) for text in marked] == found(sql)
    assert mended == _fixed(sql, diagnostics)


@pytest.mark.parametrize(
    ("sql", "marked", "mended"),
    [
        ("SELECT `a` FROM `b.c`", ["`a`", "`b.c`"], "SELECT a FROM b.c"),
        ("SELECT a AS `plan` FROM t", ["`plan`"], 'SELECT a AS "plan" FROM t'),
        ("SELECT `order`, `first name` FROM t", ["`order`", "`first name`"], 'SELECT "order", "first name" FROM t'),
        ("SELECT [a] FROM [db].[t] AS [x]", ["[a]", "[db]", "[t]", "[x]"], 'SELECT a FROM db.t AS "x"'),
        ("SELECT u.a [Email Address] FROM t u", ["[Email Address]"], 'SELECT u.a "Email Address" FROM t u'),
        ("SELECT u.a [plan], u.b `City` FROM t u", ["[plan]", "`City`"], 'SELECT u.a "plan", u.b "City" FROM t u'),
        ("SELECT u.[a] FROM t u WHERE f([b])", ["[a]", "[b]"], "SELECT u.a FROM t u WHERE f(b)"),
    ],
)
def test_foreign_quotes_become_those_of_snowflake(sql: str, marked: list[str], mended: str) -> None:
    diagnostics = [d for d in sqlcheck.check(sql) if d.rule in RULES]
    assert [("foreign-quoting", text) for text in marked] == found(sql)
    assert mended == _fixed(sql, diagnostics)


def _fixed(sql: str, diagnostics: list[sqlcheck.Diagnostic]) -> str:
    edits = [edit for d in diagnostics if d.fix is not None for edit in d.fix.edits]
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        sql = sql[: edit.span.start] + edit.text + sql[edit.span.end :]
    return sql


@pytest.mark.parametrize(
    ("sql", "marked"),
    [
        ("SELECT a FROM {{ ref('x') }} {% if y %} u {% endif %}", ["{{ ref('x') }}", "{% if y %}", "{% endif %}"]),
        ("SELECT a FROM db.${schema}.t", ["${schema}"]),
        ("SELECT a FROM <your_table> WHERE b > <min date>", ["<your_table>", "<min date>"]),
        ("SELECT a FROM prod_<env>.crm.users", ["<env>"]),
        ("SELECT a FROM replace_me WHERE b = REPLACE_ME", ["replace_me", "REPLACE_ME"]),
        ("SELECT a FROM t WHERE b = &v AND c = &{w}", ["&v", "&{w}"]),
        ("SELECT a FROM mp_&env.crm.users", ["&env"]),
        ("SELECT a FROM t WHERE b = :x AND c IN (?, :2)", [":x", "?", ":2"]),
        ("SELECT a FROM t WHERE b = %s AND c = %(d)s", ["%s", "%(d)s"]),
        ("SELECT a FROM t WHERE b >= @start", ["@start"]),
        ("SELECT {name} FROM t", ["{name}"]),
        ("SELECT a FROM IDENTIFIER($tbl) WHERE b > $start", ["$tbl", "$start"]),
        ("SELECT a FROM t WHERE b = '{{ ds }}' AND c > '${d}'::DATE", ["'{{ ds }}'", "'${d}'"]),
    ],
)
def test_placeholders_are_found(sql: str, marked: list[str]) -> None:
    assert [("unfilled-placeholder", text) for text in marked] == found(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT é, 日本 FROM t",
        "SELECT 'x“y”–' AS \"a “b”\" -- “c” `d` {{ e }}\n /* « <f> ? */ FROM t",
        "SELECT a[0], b['c'], d[e], d [e]::INT, [1, 2], [a, b], [t.a], [NULL], ARRAY_CAT(a, [b]) FROM t",
        "SELECT CASE WHEN a THEN [b] ELSE [c]::ARRAY END FROM t",
        "SELECT $1, t.$2, t.$3:a.b::INT FROM @db.s.%t/x? t".replace("?", ""),
        "SELECT a:b, a :c, a:\"d\"[0]::INT, a:b:c, {'k': 1, 'j': a:b} FROM t",
        "SELECT a % s, a%s, b %(c) FROM t WHERE a<b AND c>d AND e <> f",
        "SELECT '%s', '?', ':a', '{{x}}', '<b>', 'REPLACE_ME' FROM t WHERE x LIKE '{{a}}%' AND y <> '{{z}}'",
        "SELECT {'a': b}, {}, {*}, {t.*} FROM t",
        "SELECT $$it's {{ no }} “template”$$ AS a, replace_meter FROM t",
        "SELECT a FROM t MATCH_RECOGNIZE (ORDER BY b PATTERN (x? y{2} z+? $) DEFINE x AS b > 1)",
        "SELECT a$b, sys$c AS \"$FirstName\", '$d', $$ $e $$, t.$1 FROM t",
    ],
)
def test_what_only_looks_like_a_mark_is_left_alone(sql: str) -> None:
    assert [] == found(sql)


@pytest.mark.parametrize(
    "sql", ["“", "`", "[", "{{", "'{{", "SELECT “a` [b {{ c", "<", "&", "%(", "@", "${", '"”', "–"]
)
def test_marks_at_the_end_of_a_text_do_no_harm(sql: str) -> None:
    assert len(found(sql)) >= 1
