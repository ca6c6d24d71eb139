"""Identities: the hard cases of every rule, and the look-alikes of which nothing is said.

`«…»` marks what a finding must point at; the rules are named in the order of the marks.
"""

from __future__ import annotations

import re

import pytest

from tests import marks
from tests.marks import expected

Case = tuple[str, str]


def found(sql: str) -> marks.Marks:
    return marks.found(sql, "identity")


def selecting(item: str) -> str:
    return f'SELECT u.updated_at, u.customer_id, {item}, u.plan AS "plan" FROM mp.crm.users u'


NEAR_MISSES = """
"user_id" userid "userId" "phone" phone_number "phoneNumber" email_address "e-mail" E_MAIL "email " "idfa" gaid idfv
"other2" other_2 other_id other_id_1 other_id_11 "otherId3" "alias" "ios_idfa" "android_aaid" "roku_aid" "fire_aid"
"device_application_stamp" "controller_customer_id" "roku_publishing_id" "google_advertising_id" "android_id"
"user_identities.email" "user_attributes.email" "Customer Id" "customer-id" "customer.id" customer_id_ emial emal eamil
twiter twittr facebok face_book goggle gogle microsft micro_soft yahho othr ohter oter mobile_numbr moblie_number
mobilenumber mobile_number_2 phone_number_1 phone_number_4 phone_numbr_2 androiduuid andriod_uuid push_tokn pushtoken
puhs_token mp_device_id mpdeviceid "amp-id" ampp_id ios_advertsing_id ios_advertising_idd roku_publsher_id ios_idf mp_id
facebook_custom_audiance_id fire_advertsing_id microsoft_publiser_id "Other ID 3"
"""

LOOK_ALIKES = """
emails "mail" gmail female mails emails_sent "email_opt_in" email_domain email_hash email_id others other_ids mother
bother otter another father googled googler toggle google_ads google_id facebook_id twitter_handle customer_idx
customer_ids customer_age customer_zip customer_vip customer_ip customer_ind customer_name custom_id customer_uuid
customer_key customer device_id my_device_id app_id map_id emp_id camp_id dmp_id app_device_id user_ids phones
phone_type phone_verified mobile_numbers mobile_member order_id order_id_2 mother_id_2 email_2 consumer_id publisher_id
advertising_id push_tokens android_version ios_version mpid_hash token_id wahoo detail retail number mobile plan
"""


@pytest.mark.parametrize("name", re.findall(r'"[^"]*"|\S+', NEAR_MISSES))
def test_a_near_miss_of_a_reserved_name_is_found(name: str) -> None:
    sql, wanted = expected("misspelt-identity", f"SELECT u.updated_at, u.mpid, u.x AS «{name}» FROM mp.crm.users u")
    assert wanted == found(sql)


@pytest.mark.parametrize("name", re.findall(r'"[^"]*"|\S+', LOOK_ALIKES))
def test_a_name_that_merely_looks_alike_is_left_alone(name: str) -> None:
    assert [] == found(f"SELECT u.updated_at, u.mpid, u.x AS {name} FROM mp.crm.users u")


TYPOS_OF_CUSTOMER_ID = "custmer_id customr_id customers_id costumer_id customer_idd customer_di CustomerIdd"


@pytest.mark.parametrize("name", TYPOS_OF_CUSTOMER_ID.split())
def test_a_typo_is_none_where_the_identity_is_delivered(name: str) -> None:
    alone = f"SELECT u.updated_at, u.mpid, u.x AS {name} FROM mp.crm.users u"
    beside = f"SELECT u.updated_at, u.customer_id, u.x AS {name} FROM mp.crm.users u"
    assert (["misspelt-identity"], []) == ([rule for *_, rule in found(alone)], found(beside))


FAULTS: list[Case] = [
    # accidental: the name is wrong
    ("accidental-identity", "COUNT(*) AS «google»"),
    ("accidental-identity", 'COUNT(*)::STRING AS «"google"»'),
    ("accidental-identity", "TO_VARCHAR(COUNT(DISTINCT u.x)) «google»"),
    ("accidental-identity", "COALESCE(SUM(u.x), 0) AS «other»"),
    ("accidental-identity", "ROUND(AVG(u.x), 2) AS «twitter»"),
    ("accidental-identity", "u.a + u.b AS «facebook»"),
    ("accidental-identity", "u.x IS NOT NULL AS «email»"),
    ("accidental-identity", "u.x = 'google' AS «google»"),
    ("accidental-identity", "(u.a AND u.b)::INT AS «yahoo»"),
    ("accidental-identity", "u.x::DATE AS «other»"),
    ("accidental-identity", "u.x::BOOLEAN AS «microsoft»"),
    ("accidental-identity", "DATEDIFF(day, u.a, u.b) AS «other_id_2»"),
    ("accidental-identity", "MAX(u.x::TIMESTAMP_NTZ) AS «other»"),
    ("accidental-identity", "IFF(u.a, 'x', 'y') AS «other»"),
    ("accidental-identity", "CASE u.a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END AS «other»"),
    ("accidental-identity", "DECODE(u.a, 1, 'x', 'y') AS «other»"),
    ("accidental-identity", "ROW_NUMBER() OVER (ORDER BY u.x) AS «other»"),
    ("accidental-identity", "LISTAGG(u.x, ',') AS «email»"),
    # empty: there is no value
    ("empty-identity", "«NULL» AS email"),
    ("empty-identity", "«NULL::VARCHAR» AS email"),
    ("empty-identity", "«CAST(NULL AS VARCHAR)» AS email"),
    ("empty-identity", "«''» AS email"),
    ("empty-identity", "«'unknown'» AS mobile_number"),
    ("empty-identity", "«0» AS mpid"),
    ("empty-identity", "«TRUE» AS google"),
    ("empty-identity", "«COALESCE(NULL, 'x')» AS other"),
    ("empty-identity", "«CASE WHEN u.a THEN NULL END» AS email"),
    # mistyped: the value is of the wrong kind
    ("mistyped-identity", "«u.x::DATE» AS push_token"),
    ("mistyped-identity", "«u.a = u.b» AS mobile_number"),
    ("mistyped-identity", "«ARRAY_AGG(u.x)» AS email"),
    ("mistyped-identity", "«OBJECT_CONSTRUCT('a', u.x)» AS other"),
    ("mistyped-identity", "«SPLIT(u.x, ',')» AS email"),
    ("mistyped-identity", "«u.mpid::VARCHAR» AS mpid"),
    ("mistyped-identity", "«TO_CHAR(u.mpid)» AS mpid"),
    ("mistyped-identity", "«u.mpid / 2» AS mpid"),
    ("mistyped-identity", "«u.mpid::FLOAT» AS mpid"),
    ("mistyped-identity", "«u.mpid::NUMBER(12, 2)» AS mpid"),
    ("mistyped-identity", "«CAST(u.x AS DECIMAL(10, 2))» AS mpid"),
    ("mistyped-identity", "«TO_NUMBER(u.x, 38, 4)» AS mpid"),
    ("mistyped-identity", "«COALESCE(u.x::NUMBER(38, 4), 0)» AS mpid"),
    ("mistyped-identity", "«CASE WHEN u.a THEN u.x::INT ELSE TRY_CAST(u.y AS NUMERIC(10, 2)) END» AS mpid"),
    ("mistyped-identity", "«TO_BINARY(u.x)» AS other"),
    # hashed: the call is wrong
    ("hashed-identity", "«MD5(u.email)» AS email"),
    ("hashed-identity", "«SHA1_HEX(u.email)» AS email"),
    ("hashed-identity", "«SHA2(LOWER(TRIM(u.email)), 256)» AS email"),
    ("hashed-identity", "UPPER(«SHA2(u.email)») AS email"),
    ("hashed-identity", "TO_VARCHAR(«HASH(u.email)») AS email"),
    ("hashed-identity", "COALESCE(«SHA2(u.email)», u.other_hash) AS email"),
    ("hashed-identity", "CASE WHEN u.a THEN «MD5(u.email)» END AS email"),
    ("hashed-identity", "'x' || «MD5(u.phone)» AS mobile_number"),
    ("hashed-identity", "«SHA2_BINARY(u.x)» AS ios_idfv"),
    ("hashed-identity", "«mp.tools.hmac_sha256(u.x)» AS phone_number_2"),
    ("hashed-identity", "«sha256(u.x)» AS android_advertising_id"),
    # duplicate: the second is one too many
    ("duplicate-identity", "u.x AS «customerid»"),
    ("duplicate-identity", 'u.x AS «"Customer_Id"»'),
    ("duplicate-identity duplicate-identity", 'u.x AS «"customer_id"», u.y AS «customerId»'),
]


@pytest.mark.parametrize(("rules", "item"), FAULTS)
def test_a_fault_is_found_at_its_place_and_once(rules: str, item: str) -> None:
    sql, wanted = expected(rules, selecting(item))
    assert wanted == found(sql)


CLEAN = [
    "u.email",
    "u.google AS google",
    "u.x AS other",
    "MAX(u.google) AS google",
    "COALESCE(u.google, 'none') AS google",
    "CASE WHEN u.ok THEN u.email ELSE 'none' END AS email",
    "IFF(u.ok, u.email, NULL) AS email",
    "NULLIF(TRIM(LOWER(u.email)), '') AS email",
    "MAX(CASE WHEN i.type = 'email' THEN i.value END) AS email",
    "FIRST_VALUE(u.email) OVER (PARTITION BY u.a ORDER BY u.b) AS email",
    "u.ids[0]::STRING AS other",
    "u.v:email::STRING AS email",
    "u.v:email AS email",
    "u.mpid::NUMBER(38, 0) AS mpid",
    "u.mpid::INT AS mpid",
    "TRY_TO_NUMBER(u.mpid) AS mpid",
    "HASH(u.email) AS other",
    "SHA2(u.email) AS other_id_2",
    "SHA2(u.x) AS facebook",
    "CASE WHEN MD5(u.email) = u.checksum THEN u.email END AS email",
    "(SELECT MAX(e.email) FROM mp.crm.emails e) AS email",
    "UUID_STRING(u.a, u.b) AS other",
    "SPLIT_PART(u.x, ':', 2) AS google",
    "CONCAT(u.a, '-', u.b) AS other",
    'COUNT(*) AS "google_clicks"',
    'u.phone IS NOT NULL AS "phone"',
    'ARRAY_AGG(u.phone) AS "phone"',
]


@pytest.mark.parametrize("item", CLEAN)
def test_a_good_identity_is_left_alone(item: str) -> None:
    assert [] == found(selecting(item))


WHOLE: list[Case] = [
    ("missing-identity", '«SELECT» u.updated_at, u.plan AS "plan" FROM mp.crm.users u'),
    ("missing-identity misspelt-identity", "«SELECT» u.updated_at, u.«user_id» FROM mp.crm.users u"),
    ("missing-identity", "«SELECT» x.updated_at FROM (SELECT u.updated_at, u.email FROM mp.crm.users u) x"),
    ("", "SELECT * FROM mp.crm.users"),
    ("", "SELECT u.*, u.plan FROM mp.crm.users u"),
    ("device-only-identity", "«SELECT» u.updated_at, u.push_token, u.ios_idfv FROM mp.crm.users u"),
    ("", "SELECT u.updated_at, u.push_token, u.mpid FROM mp.crm.users u"),
    (
        "nullable-identity",
        "SELECT u.updated_at, «c.email» FROM mp.crm.users u LEFT JOIN mp.crm.c c ON c.id = u.id",
    ),
    (
        "nullable-identity",
        "SELECT u.updated_at, «LOWER(c.email)» AS email FROM mp.crm.c c RIGHT JOIN mp.crm.users u ON c.id = u.id",
    ),
    (
        "nullable-identity",
        "SELECT u.updated_at, «c.email», c.customer_id FROM mp.crm.users u LEFT JOIN mp.crm.c c ON c.id = u.id",
    ),
    (
        "nullable-identity",
        "SELECT * FROM (SELECT u.updated_at, «c.email» FROM mp.crm.users u LEFT JOIN mp.crm.c c ON c.id = u.id) x",
    ),
    (
        "nullable-identity",
        (
            "SELECT MAX(u.updated_at) AS updated_at, «MAX(c.email)» AS email FROM mp.crm.users u "
            "LEFT JOIN mp.crm.c c ON c.id = u.id GROUP BY u.household"
        ),
    ),
    (
        "nullable-identity",
        "SELECT u.updated_at, «c.doc:mail::STRING» AS email FROM mp.crm.users u, mp.crm.c c WHERE c.id (+) = u.id",
    ),
    (
        "",
        "SELECT u.updated_at, NVL(c.email, u.email) AS email FROM mp.crm.users u, mp.crm.c c WHERE c.id (+) = u.id",
    ),
    ("", "SELECT u.updated_at, u.email FROM mp.crm.users u, mp.crm.c c WHERE c.id (+) = u.id AND c.kind (+) = 'x'"),
    ("", 'SELECT u.updated_at, u.mpid, u.x AS "$Phone" FROM mp.crm.users u'),
    ("", "SELECT u.updated_at, c.email, u.mpid FROM mp.crm.users u LEFT JOIN mp.crm.c c ON c.id = u.id"),
    ("", "SELECT u.updated_at, u.email FROM mp.crm.users u LEFT JOIN mp.crm.c c ON c.id = u.id"),
    ("", "SELECT u.updated_at, c.email FROM mp.crm.users u JOIN mp.crm.c c ON c.id = u.id"),
    (
        "",
        "SELECT u.updated_at, c.email FROM mp.a.u u LEFT JOIN mp.a.c c ON c.id = u.id WHERE c.email IS NOT NULL",
    ),
    (
        "",
        (
            "SELECT u.updated_at, COALESCE(c.email, u.email) AS email FROM mp.crm.users u "
            "FULL JOIN mp.crm.c c ON c.id = u.id"
        ),
    ),
    (
        "empty-identity",
        "SELECT x.updated_at, x.mpid, x.email FROM (SELECT u.updated_at, u.mpid, «NULL» AS email FROM mp.a.u u) x",
    ),
    (
        "empty-identity",
        (
            "SELECT u.updated_at, u.mpid, «NULL» AS email FROM mp.crm.a u "
            "UNION ALL SELECT u.updated_at, u.mpid, NULL FROM mp.crm.b u"
        ),
    ),
    (
        "",
        (
            "SELECT u.updated_at, u.mpid, NULL AS email FROM mp.crm.a u "
            "UNION ALL SELECT u.updated_at, u.mpid, u.email FROM mp.crm.b u"
        ),
    ),
    (
        "mistyped-identity",
        (
            "SELECT u.updated_at, u.mpid, u.token AS push_token FROM mp.crm.a u "
            "UNION ALL SELECT u.updated_at, u.mpid, «u.day::DATE» FROM mp.crm.b u"
        ),
    ),
    (
        "hashed-identity",
        (
            "SELECT x.updated_at, x.mpid, LOWER(x.e) AS email "
            "FROM (SELECT u.updated_at, u.mpid, «MD5(u.email)» AS e FROM mp.crm.users u) x"
        ),
    ),
    (
        "accidental-identity",
        (
            "SELECT x.updated_at, x.mpid, x.«google» "
            "FROM (SELECT u.updated_at, u.mpid, COUNT(*) AS google FROM mp.crm.users u GROUP BY ALL) x"
        ),
    ),
    ("", "SELECT u.updated_at, u.email AS customer_id, customer_id AS email FROM mp.crm.users u"),
    ("", "SELECT updated_at, email AS customer_id, customer_id AS email FROM mp.crm.users u"),
    # settings of the header
    ("undeclared-identity", "-- sqlcheck: identities=mpid\nSELECT u.updated_at, u.mpid, u.«email» FROM mp.crm.users u"),
    (
        "undelivered-identity",
        "-- sqlcheck: identities=mpid,«email»\nSELECT u.updated_at, u.mpid FROM mp.crm.users u",
    ),
    (
        "undelivered-identity misspelt-identity",
        "-- sqlcheck: identities=mpid,«email»\nSELECT u.updated_at, u.mpid, u.«emial» FROM mp.crm.users u",
    ),
    ("missing-identity", "-- sqlcheck: identities=mpid,email\n«SELECT» u.updated_at FROM mp.crm.users u"),
    ("unknown-identity", "-- sqlcheck: identities=mpid,«mail»\nSELECT u.updated_at, u.mpid FROM mp.crm.users u"),
    (
        "unknown-identity",
        "-- sqlcheck: identities=mpid,«e_mail»\nSELECT u.updated_at, u.mpid, u.email FROM mp.crm.users u",
    ),
    ("", "-- sqlcheck: identities=CUSTOMERID\nSELECT u.updated_at, u.customer_id FROM mp.crm.users u"),
    ("", "-- sqlcheck: identities=mpid,email\nSELECT u.* FROM mp.crm.users u"),
    (
        "accidental-identity",
        "-- sqlcheck: identities=mpid\nSELECT u.updated_at, u.mpid, u.a > 1 AS «google» FROM mp.crm.users u",
    ),
    (
        "mistyped-identity",
        "-- sqlcheck: identities=mpid,google\nSELECT u.updated_at, u.mpid, «u.a > 1» AS google FROM mp.crm.users u",
    ),
    (
        "",
        "-- sqlcheck: identities=mpid,other\nSELECT u.updated_at, u.mpid, u.a + 1 AS other FROM mp.crm.users u",
    ),
    ("", "-- sqlcheck: attributes=phone\nSELECT u.updated_at, u.mpid, u.phone FROM mp.crm.users u"),
]


@pytest.mark.parametrize(("rules", "marked"), WHOLE)
def test_a_whole_query_shows_exactly_its_faults(rules: str, marked: str) -> None:
    sql, wanted = expected(rules, marked)
    assert wanted == found(sql)
