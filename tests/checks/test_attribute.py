"""Attributes: the hard cases of every rule, and the look-alikes of which nothing is said.

`«…»` marks what a finding must point at; the rules are named in the order of the marks.
"""

from __future__ import annotations

import re

import pytest

from sqlcheck.model import Source
from sqlcheck.subject import QuerySubject
from tests import marks
from tests.marks import STAMPED, expected

Case = tuple[str, str]


def found(sql: str) -> marks.Marks:
    return marks.found(sql, "attribute")


def selecting(item: str) -> str:
    return f"SELECT u.updated_at, u.customer_id, {item} FROM mp.crm.users u"


def names(text: str) -> list[str]:
    return re.findall(r'"[^"]*"|\S+', text)


HELPERS = """
rn RN "rn" rn1 rn_2 row_num "row_number" ROWNUM rnk rank "RANK" dense_rank _fivetran_synced _FIVETRAN_DELETED
"_airbyte_raw_id" _ab_cdc_lsn _dbt_source_relation _sdc_batched_at dbt_updated_at dbt_scd_id dbt_valid_from etl_batch
etl_loaded_at __hash "__index_level_0__" _dlt_load_id
"""
NO_HELPERS = """
"born" "rank_name" "loyalty_rank" "ranking" "row" "_plan" "dbt_runs" "etiquette" "return" "urn" "fivetran" "synced_at"
"first_row_number_of_seat"
"""
SENSITIVE = """
password PASSWORD "userPassword" user_passwd pwd "password_hash" "passwordHash" hashed_password token access_token
"refreshToken" api_token secret client_secret "apiKey" apikey private_key ssn "SSN" ssn_hash social_security_number
card_number "creditCardNumber" credit_card cc_number cvv "CVV2" iban IBAN iban_number salt password_salt card_pin
passport_number drivers_license_number bank_account_number national_id tax_id otp mothers_maiden_name
religion ethnicity race sexual_orientation political_party medical_condition has_disability hiv_status
"""
NOT_SENSITIVE = """
"password_reset_count" "password_changed_at" "has_password" "is_password_set" "token_count" "tokens_used" "tokens"
"token_type" "token_expiry" "nft_token" "card_type" "card_brand" "card_last4" "ssn_last4" "passport_country"
"passport_expiry" "salted_snack_buyer" "sea_salt" "pin_code" "pincode" "pin" "secretary" "secret_santa_participant"
"loyalty_card_number" "gift_card_number" "race_time" "favorite_race" "religion_page_views" "account_number"
"password_strength" "reset_password" "credit_score" "credit_card_type" "tokenized" "embrace" "monkey" "gender"
"political_ads_clicked" "health_score" "security_level" "masked_card_number"
"""


@pytest.mark.parametrize("name", names(HELPERS))
def test_a_helper_column_is_found_and_nothing_else(name: str) -> None:
    sql, wanted = expected("leaked-helper-column", selecting(f"u.x AS «{name}»"))
    assert wanted == found(sql)


@pytest.mark.parametrize("name", names(SENSITIVE))
def test_a_sensitive_name_is_found_and_nothing_else(name: str) -> None:
    sql, wanted = expected("sensitive-attribute", selecting(f"u.x AS «{name}»"))
    assert wanted == found(sql)


@pytest.mark.parametrize("name", names(NO_HELPERS + NOT_SENSITIVE))
def test_a_name_that_merely_looks_alike_is_left_alone(name: str) -> None:
    assert [] == found(selecting(f"u.x AS {name}"))


ODD = [
    " plan", "plan ", "plan\t", "pl\u200ban", "pl\u00a0an", "\ufeffplan", "plan\n2", "pl\u00adan", "2024-01-01",
    "'2024-01-01'", "2024-01", "2024/01/31", "31.12.2024", "Jan 5, 2024", "2024-01-01 00:00:00", "20240101",
    "https://a.b/c", "www.shop.de", "shop.de/x", "550e8400-e29b-41d4-a716-446655440000", "1234567", "a@b.de",
    "user_550e8400e29b41d4a716446655440000",
]  # fmt: skip
NOT_ODD = [
    "plan 2024", "2024", "90210", "Größe", "名前", "❤️\u200d🔥 score", "1.5", "plan_2024_01_01", "score.v2", "a/b",
    "% of total", "spend (€)", "shop.de", "Q1 2024", "deadbeef", "می\u200cخواهم", "visits on 2024-01-01",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_found(name: str) -> None:
    sql, wanted = expected("odd-attribute-name", selecting(f'u.x AS «"{name}"»'))
    assert wanted == found(sql)


@pytest.mark.parametrize("name", NOT_ODD)
def test_a_name_that_is_unusual_is_left_alone(name: str) -> None:
    assert [] == found(selecting(f'u.x AS "{name}"'))


FAULTS: list[Case] = [
    ("folded-attribute", "u.«plan»"),
    ("folded-attribute", "«plan»"),
    ("folded-attribute", "u.p AS «plan»"),
    ("folded-attribute", "u.p «plan»"),
    ("folded-attribute", "UPPER(u.p) AS «planName»"),
    ("folded-attribute folded-attribute", "u.«plan», u.«city»"),
    ("folded-attribute", 'u.«plan», u.x AS "plan2"'),
    ("folded-attribute", "u.«plan», v.plan"),
    ("unknown-reserved-attribute", 'u.x AS «"$Foo"»'),
    ("unknown-reserved-attribute", 'u.x AS «"$first_name"»'),
    ("recased-reserved-attribute", 'u.x AS «"$firstname"»'),
    ("recased-reserved-attribute", 'u.x AS «"$FIRSTNAME"»'),
    ("case-twin-attributes", 'u.a AS "last_login", u.b AS «"lastLogin"»'),
    ("case-twin-attributes", 'u.a AS "last login", u.b AS «"last-login"»'),
    ("case-twin-attributes", 'u.a AS "plan", u.b AS «PLAN»'),
    ("case-twin-attributes", 'u.a AS "plan", u.b AS «plan»'),
    ("case-twin-attributes", 'u.a AS "$Age", u.b AS «"$age"»'),
    ("nested-attribute", "«OBJECT_CONSTRUCT('a', u.x)» AS \"x\""),
    ("nested-attribute", "«{'a': u.x}» AS \"x\""),
    ("nested-attribute", '«PARSE_JSON(u.x)» AS "x"'),
    ("nested-attribute", '«u.v:a.b» AS "x"'),
    ("nested-attribute", "«u.v['a']» AS \"x\""),
    ("nested-attribute", '«u.v:a::OBJECT» AS "x"'),
    ("nested-attribute", '«u.v::MAP(VARCHAR, NUMBER)» AS "x"'),
    ("nested-attribute", '«TO_VARIANT(u.x)» AS "x"'),
    ("nested-attribute", '«OBJECT_AGG(u.k, u.v)» AS "x"'),
    ("nested-attribute", "«ARRAY_AGG(OBJECT_CONSTRUCT('a', u.x)) WITHIN GROUP (ORDER BY u.x)» AS \"x\""),
    ("nested-attribute", '«ARRAY_AGG(DISTINCT u.v:a)» AS "x"'),
    ("nested-attribute", '«ARRAY_CONSTRUCT(u.x, PARSE_JSON(u.y))» AS "x"'),
    ("nested-attribute", '«ARRAY_DISTINCT(ARRAY_AGG(u.v:a))» AS "x"'),
    ("nested-attribute", '«u.v::ARRAY(OBJECT(a VARCHAR))» AS "x"'),
    ("nested-attribute", '«ARRAY_AGG(ARRAY_CONSTRUCT(u.x, u.y))» AS "x"'),
    ("unsendable-attribute", '«TO_BINARY(u.x)» AS "x"'),
    ("unsendable-attribute", '«u.x::BINARY» AS "x"'),
    ("unsendable-attribute", '«MD5_BINARY(u.x)» AS "x"'),
    ("unsendable-attribute", '«TO_GEOGRAPHY(u.x)» AS "x"'),
    ("unsendable-attribute", '«u.x::VECTOR(FLOAT, 3)» AS "x"'),
    ("constant-attribute", "«'web'» AS \"source\""),
    ("constant-attribute", '«NULL» AS "x"'),
    ("constant-attribute", '«NULL::VARCHAR» AS "x"'),
    ("constant-attribute", '«1 + 1» AS "x"'),
    ("constant-attribute", '«TRUE» AS "x"'),
    ("constant-attribute", "«TO_DATE('2024-01-01')» AS \"x\""),
    ("constant-attribute", "«UPPER('a')» AS \"x\""),
    ("long-attribute-name", f'u.x AS «"{"a_" * 128}b"»'),
    ("long-attribute-name", f"u.x AS «{'a_' * 128}b»"),
]


@pytest.mark.parametrize(("rules", "item"), FAULTS)
def test_a_fault_is_found_at_its_place_and_once(rules: str, item: str) -> None:
    sql, wanted = expected(rules, selecting(item))
    assert wanted == found(sql)


CLEAN = [
    "u.PLAN",
    "u.p AS PLAN",
    'u.p AS "plan"',
    'u."plan"',
    "u.email",
    "u.e AS Email",
    'u.x AS "$FirstName"',
    'u.x AS "cost in $"',
    'u.a AS "score_1_0", u.b AS "score_10"',
    'u.a AS "plan", u.b AS "plans"',
    'u.v:a::STRING AS "x"',
    'ARRAY_AGG(u.x) AS "x"',
    'ARRAY_AGG(DISTINCT f.value::STRING) AS "x"',
    'ARRAY_AGG(f.value) WITHIN GROUP (ORDER BY f.value ASC) AS "x"',
    "SPLIT(u.x, ',') AS \"x\"",
    "SPLIT(u.x, ',')[0] AS \"x\"",
    'TO_JSON(u.x) AS "x"',
    "OBJECT_CONSTRUCT('a', u.x)::STRING AS \"x\"",
    'PARSE_JSON(u.x):a::INT AS "x"',
    'ARRAY_SIZE(u.v:a) AS "x"',
    'u.tags::ARRAY AS "x"',
    'u.tags::ARRAY(VARCHAR) AS "x"',
    'HEX_ENCODE(u.x) AS "x"',
    "TO_VARCHAR(u.x, 'HEX') AS \"x\"",
    'CURRENT_DATE AS "as_of"',
    'DATEDIFF(day, u.a, CURRENT_DATE) AS "x"',
    "CASE WHEN u.a THEN 'a' ELSE 'b' END AS \"x\"",
    "COALESCE(u.a, 'a') AS \"x\"",
    'COUNT(*) AS "token"',
    'u.x IS NOT NULL AS "password"',
    'u.x::DATE AS "passport"',
    f'u.x AS "{"a_" * 128}"',
]


@pytest.mark.parametrize("item", CLEAN)
def test_a_good_attribute_is_left_alone(item: str) -> None:
    assert [] == found(selecting(item))


def wide(count: int) -> str:
    return ", ".join(f'u.c{at} AS "c{at}"' for at in range(count))


WHOLE: list[Case] = [
    ("folded-attribute", "SELECT * FROM (SELECT u.updated_at, u.mpid, u.«plan» FROM mp.crm.users u) x"),
    ("folded-attribute", "SELECT x.updated_at, x.mpid, x.«plan» FROM (SELECT u.*, u.p AS plan FROM mp.crm.users u) x"),
    ("", 'SELECT * FROM (SELECT u.updated_at, u.mpid, u.p AS "plan" FROM mp.crm.users u) x'),
    (
        "folded-attribute",
        "SELECT u.updated_at, u.mpid, u.p AS «plan» FROM a.b.c u UNION ALL SELECT u.updated_at, u.mpid, 1",
    ),
    (
        "leaked-helper-column",
        "SELECT * FROM (SELECT u.updated_at, u.mpid, RANK() OVER (ORDER BY u.x) AS «rn» FROM a.b.c u) WHERE rn = 1",
    ),
    (
        "",
        (
            "SELECT u.updated_at, u.mpid, 'web' AS \"from\" FROM mp.crm.a u "
            "UNION ALL SELECT u.updated_at, u.mpid, 'app' FROM mp.crm.b u"
        ),
    ),
    (
        "constant-attribute",
        (
            "SELECT u.updated_at, u.mpid, «'web'» AS \"from\" FROM mp.crm.a u "
            "UNION ALL SELECT u.updated_at, u.mpid, 'web' FROM mp.crm.b u"
        ),
    ),
    (
        "constant-attribute",
        "SELECT x.updated_at, x.mpid, x.s AS \"from\" FROM (SELECT u.updated_at, u.mpid, «'web'» AS s FROM mp.a.b u) x",
    ),
    (
        "nested-attribute",
        'SELECT u.updated_at, u.mpid, «f.value» AS "x" FROM mp.crm.a u, LATERAL FLATTEN(input => u.tags) f',
    ),
    (
        "nested-attribute",
        (
            'SELECT x.updated_at, x.mpid, «x.o» AS "x" '
            "FROM (SELECT u.updated_at, u.mpid, PARSE_JSON(u.j) AS o FROM mp.crm.a u) x"
        ),
    ),
    ("too-many-columns", f'SELECT u.updated_at, u.mpid, {wide(98)}, «u.x AS "x"» FROM mp.crm.users u'),
    ("too-many-columns", f"«SELECT» u.updated_at, u.mpid, {wide(88)} FROM mp.crm.users u"),
    ("too-many-columns", f"«SELECT» u.updated_at, u.mpid, {wide(98)} FROM mp.crm.users u"),
    ("", f"SELECT u.updated_at, u.mpid, {wide(87)} FROM mp.crm.users u"),
]

DECLARED: list[tuple[str, str, str]] = [
    ("", "plan,city", 'u.a AS "plan", u.b AS "city"'),
    ("undelivered-attribute", "plan,«city»", 'u.a AS "plan"'),
    ("", "plan,city", 'u.a AS "plan", u.*'),
    ("undelivered-attribute undeclared-attribute", "«plan»", 'u.a AS «"plam"»'),
    ("undelivered-attribute folded-attribute", "«plan»", "u.«plan»"),
    ("undelivered-attribute", "«plan»", "u.PLAN"),
    ("undelivered-attribute undeclared-attribute", "«plan»", 'u.x AS «"Plan"»'),
    ("", "PLAN", "u.plan"),
    ("undeclared-attribute", "plan", 'u.a AS "plan", u.b AS «"shoe"»'),
    ("", "plan", 'u.a AS "plan", u.email, u.push_token'),
    ("", "rank,password,phone", 'u.a AS "rank", u.b AS "password", u.c AS "phone"'),
    ("", "lastlogin,last_login", 'u.a AS "lastlogin", u.b AS "last_login"'),
    ("mistyped-attribute", "x:number", '«u.x::STRING» AS "x"'),
    ("mistyped-attribute", "x:text", '«COUNT(*)» AS "x"'),
    ("mistyped-attribute", "x:boolean", '«IFF(u.a, 1, 0)» AS "x"'),
    ("mistyped-attribute", "x:date", '«u.a::TIMESTAMP_NTZ» AS "x"'),
    ("mistyped-attribute", "x:timestamp", '«TO_DATE(u.a)» AS "x"'),
    ("mistyped-attribute", "x:list", "«LISTAGG(u.a, ',')» AS \"x\""),
    ("mistyped-attribute", "x:text", '«ARRAY_AGG(u.a)» AS "x"'),
    ("mistyped-attribute", "x:text", "«OBJECT_CONSTRUCT('a', u.x)» AS \"x\""),
    ("nested-attribute", "x:text", '«u.v:a» AS "x"'),
    ("", "x:number", 'u.x AS "x"'),
    ("", "x:number", 'u.x::FLOAT AS "x"'),
    ("", "x:timestamp", 'u.x::TIMESTAMP_TZ AS "x"'),
    ("", "x:list", 'ARRAY_AGG(u.a) AS "x"'),
    ("", "x:text", 'UPPER(u.x) AS "x"'),
    ("missourced-attribute", "x:text:users.plan", '«u.city» AS "x"'),
    ("missourced-attribute", "x:text:scores.x", '«u.x» AS "x"'),
    ("missourced-attribute", "x:text:other.crm.users.x", '«u.x» AS "x"'),
    ("missourced-attribute", "x:text:users.x", "«'a' || u.y» AS \"x\""),
    ("", "x:text:users.x", 'UPPER(u.x) AS "x"'),
    ("", "x:text:mp.crm.users.x", 'COALESCE(u.x, u.y) AS "x"'),
    ("", "x:text:MP.Crm.Users.X", 'u.x AS "x"'),
    ("", "x:text:users.x", '(SELECT MAX(s.x) FROM mp.crm.scores s) AS "x"'),
    ("", "x", 'NULL AS "x"'),
]


@pytest.mark.parametrize(("rules", "marked"), WHOLE)
def test_a_whole_query_shows_exactly_its_faults(rules: str, marked: str) -> None:
    sql, wanted = expected(rules, marked)
    assert wanted == found(sql)


@pytest.mark.parametrize(("rules", "declared", "items"), DECLARED)
def test_what_is_declared_is_compared_with_the_output(rules: str, declared: str, items: str) -> None:
    sql, wanted = expected(rules, f"-- sqlcheck: attributes={declared}\n{selecting(items)}")
    assert wanted == found(sql)


FIXES = [
    ("u.plan", 'u.plan AS "plan"'),
    ("u.p AS plan", 'u.p AS "plan"'),
    ("u.p Plan", 'u.p "Plan"'),
    ("u.a > 1 AS google", 'u.a > 1 AS "google_flag"'),
    ("u.user_id", 'u.user_id AS "customer_id"'),
    ('u.x AS "$firstname"', 'u.x AS "$FirstName"'),
]


def repaired(sql: str) -> str:
    text = sql
    for found in reversed(QuerySubject(Source("query.sql", sql), STAMPED).check().diagnostics):
        for edit in sorted(found.fix.edits if found.fix else (), reverse=True, key=lambda edit: edit.span):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(("before", "after"), FIXES)
def test_a_fix_renames_the_output(before: str, after: str) -> None:
    sql = "SELECT u.updated_at, {}, u.mpid FROM mp.crm.users u"
    assert sql.format(after) == repaired(sql.format(before))


def test_a_fix_renames_what_leans_on_the_alias() -> None:
    sql = "SELECT u.updated_at, u.mpid, u.p AS {0} FROM mp.crm.users u WHERE {0} > 1"
    assert sql.format('"plan"') == repaired(sql.format("plan"))


LEANING = [
    "SELECT * FROM (SELECT u.updated_at, u.mpid, u.p AS plan FROM mp.crm.users u) x WHERE x.plan > 1",
    (
        "SELECT u.updated_at, u.mpid, u.p AS plan FROM mp.crm.a u "
        "UNION SELECT u.updated_at, u.mpid, u.q FROM mp.crm.b u ORDER BY plan"
    ),
]


@pytest.mark.parametrize("sql", LEANING)
def test_no_fix_is_offered_where_the_rest_of_the_query_would_lose_the_name(sql: str) -> None:
    report = QuerySubject(Source("query.sql", sql), STAMPED).check()
    assert [None] == [found.fix for found in report.diagnostics if found.rule == "folded-attribute"]
