"""Data plans: what is read of them, what is said of broken ones, and what they mean for a query."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import sqlcheck
from sqlcheck.apis import API_VERSIONS
from sqlcheck.attachments import Readers
from sqlcheck.documents.data_plan import DataPlan, Property, Section, read_data_plan
from sqlcheck.documents.document import read_json
from sqlcheck.errors import SqlcheckError
from sqlcheck.inputs import collect
from sqlcheck.model import Place, Source
from sqlcheck.options import Options
from sqlcheck.settings import Value

HERE = Path(__file__).parents[1] / "fixtures" / "data_plans"
LOYALTY = (HERE / "loyalty.json").read_text(encoding="utf-8")
API = API_VERSIONS["v1"]


def read(text: str) -> DataPlan:
    return read_data_plan(read_json(Source("plan.json", text)))


def point(kind: str, **definition: object) -> dict[str, Any]:
    return {"match": {"type": kind}, "validator": {"type": "json_schema", "definition": definition}}


def version(*points: dict[str, Any]) -> str:
    return json.dumps({"version": 1, "version_document": {"data_points": points}})


def shown(section: Section | None) -> list[tuple[object, ...]]:
    """Give a section as tuples, with lines in place of places."""
    assert section is not None
    return [
        (entry.name, *entry.types, entry.values, entry.pattern, entry.format, entry.required, line(entry))
        for entry in section.properties
    ]


def line(entry: Property) -> str:
    return f"{entry.place.line} {entry.place.source.text[slice(*entry.place.span)]}"


def test_a_plan_is_read_at_its_latest_active_version() -> None:
    plan = read(LOYALTY)
    assert ("loyalty_plan", 2, ()) == (plan.id, plan.version, plan.problems)
    assert [
        ("$firstname", "string", None, None, None, False, 'plan.json:62 "$firstname"'),
        ("tier", "string", ("gold", "silver", "bronze"), None, None, True, 'plan.json:63 "tier"'),
        ("member_no", "string", None, r"^M\d{6}$", None, False, 'plan.json:64 "member_no"'),
        ("stars", "integer", None, None, None, False, 'plan.json:65 "stars"'),
        ("joined", "string", "null", None, None, "date", False, 'plan.json:66 "joined"'),
        ("opted_in", "boolean", None, None, None, False, 'plan.json:67 "opted_in"'),
        ("stores", "array", None, None, None, False, 'plan.json:68 "stores"'),
        ("scores", "string", "number", None, None, None, False, 'plan.json:69 "scores"'),
        ("source", ("warehouse",), None, None, False, 'plan.json:70 "source"'),
        ("note", None, None, None, False, 'plan.json:71 "note"'),
        ("segment", None, None, None, True, 'plan.json:73 "segment"'),
    ] == shown(plan.attributes)
    assert [
        ("customerid", "string", None, "^[0-9]+$", None, True, 'plan.json:87 "customerid"'),
        ("email", "string", None, None, "email", False, 'plan.json:88 "email"'),
        ("ios_idfa", "string", None, None, None, False, 'plan.json:89 "ios_idfa"'),
        ("alias", "string", None, None, None, False, 'plan.json:90 "alias"'),
    ] == shown(plan.identities)


def test_a_plan_is_told_in_the_terms_of_a_query() -> None:
    profile = read(LOYALTY).profile(API)
    assert {
        "$firstname": "string",
        "tier": "string",
        "member_no": "string",
        "stars": "number",
        "joined": "string",
        "opted_in": "boolean",
        "stores": "list",
        "scores": None,
        "source": None,
        "note": None,
        "segment": None,
    } == {entry.name: entry.type.value if entry.type else None for entry in profile.attributes}
    assert ["tier", "segment"] == [entry.name for entry in profile.attributes if entry.required]
    assert ["customerid", "email", "ios_advertising_id"] == [entry.value for entry in profile.identities]
    assert ["customerid"] == [entry.value for entry in profile.required_identities]
    assert ("plan.json:60", "plan.json:85") == tuple(
        place.line for place in (profile.closed_attributes, profile.closed_identities) if place
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda plan: plan["data_plan_versions"][1],
        lambda plan: plan["data_plan_versions"][1]["version_document"],
        lambda plan: [plan],
        lambda plan: {**plan, "data_plan_versions": plan["data_plan_versions"][1:2]},
    ],
)
def test_every_published_shape_of_a_plan_says_the_same(wrap: Any) -> None:
    plan = read(json.dumps(wrap(json.loads(LOYALTY)), indent=1))
    assert plan.problems == ()
    assert [entry[:-1] for entry in shown(read(LOYALTY).attributes)] == [entry[:-1] for entry in shown(plan.attributes)]


@pytest.mark.parametrize(
    ("environments", "expected"),
    [
        (("none", "none"), 2),
        (("production", "none"), 1),
        (("production", "development"), 2),
        ((None, None), 2),
        (("none",), 1),
    ],
)
def test_of_several_versions_the_latest_active_one_counts(environments: tuple[str, ...], expected: int) -> None:
    versions = [
        {"version": number, "activated_environment": environment, "version_document": {"data_points": []}}
        for number, environment in enumerate(environments, 1)
    ]
    assert expected == read(json.dumps({"data_plan_id": "p", "data_plan_versions": versions[::-1]})).version


def test_a_plan_may_be_silent_about_users_and_a_schema_open() -> None:
    silent = read(version(point("custom_event", properties={})))
    assert (None, None, ()) == (silent.attributes, silent.identities, silent.problems)
    shapes: tuple[dict[str, object], ...] = ({}, {"additionalProperties": True}, {"additionalProperties": {}})
    for others in shapes:
        assert read(version(point("user_attributes", **others))).attributes == Section()


NAMES = {
    **{name: name for name in ("email", "facebook", "twitter", "google", "microsoft", "yahoo", "other", "customerid")},
    **{f"other{number}": f"other_id_{number}" for number in range(2, 11)},
    **{name: name for name in ("other_id_2", "other_id_10", "customer_id", "mobile_number", "phone_number_2")},
    **{name: name for name in ("ios_idfv", "android_uuid", "push_token", "roku_publisher_id", "amp_id")},
    "facebookcustomaudienceid": "facebook_custom_audience_id",
    "ios_idfa": "ios_advertising_id",
    "android_aaid": "android_advertising_id",
    "roku_aid": "roku_advertising_id",
    "fire_aid": "fire_advertising_id",
    "device_application_stamp": "mp_deviceid",
}
"""Names of the SDKs and the HTTP API → reserved columns of Warehouse Sync."""


def test_every_identity_of_a_plan_has_its_reserved_column() -> None:
    plan = read(version(point("user_identities", properties={name: {"type": "string"} for name in NAMES})))
    assert list(NAMES.values()) == [entry.value for entry in plan.profile(API).identities]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [" the document is empty"]),
        ('{"a": 1,}', [", a comma stands before the closing `}`"]),
        ("12", ["12 this is not a data plan"]),
        ('{"id": 5}', ["{ this is not a data plan"]),
        ("[]", ["[ these are 0 data plans, not one"]),
        ("[{}, {}]", ["[ these are 2 data plans, not one"]),
        ('{"data_plan_versions": []}', ['"data_plan_versions" the plan has no version']),
        (
            '{"data_plan_versions": [{"version_document": null}]}',
            ['"data_plan_versions" no version of the data plan is written out'],
        ),
        ('{"version_document": 5}', ["5 the data plan has no list of `data_points`"]),
        ('{"version_document": {"data_points": {}}}', ["{ the data plan has no list of `data_points`"]),
        (
            '{"data_points": [5, {"match": {"type": "user_attributes"}}]}',
            ['"user_attributes" the data point `user_attributes` has no `definition`'],
        ),
        (
            '{"data_points": [{"match": {"type": "user_identities"}, "validator": {"definition": []}}]}',
            ["[ the data point `user_identities` has no `definition`"],
        ),
        (version(point("user_attributes", properties=[])), ["[ `properties` is not a set of names"]),
        (version(point("user_attributes", required="tier")), ['"tier" `required` is not a list of names']),
        (version(point("user_attributes", required=[1])), ["[ `required` is not a list of names"]),
        (version(point("user_attributes", properties={"a": 5, "b": None})), []),
        (
            version(point("user_attributes", properties={"a": {"type": "text"}})),
            ['"text" `text` is not a type of JSON Schema'],
        ),
        (
            version(point("user_attributes", properties={"a": {"enum": "gold"}})),
            ['"gold" `enum` is not a list of values'],
        ),
        (
            version(point("user_attributes"), point("user_attributes")),
            ['"user_attributes" the data plan has two data points for `user_attributes`'],
        ),
    ],
)
def test_a_broken_plan_is_reported_where_it_breaks(text: str, expected: list[str]) -> None:
    places = [(problem.at, problem.message) for problem in read(text).problems]
    found = [f"{text[slice(*at.span)]} {message}" for at, message in places if isinstance(at, Place)]
    assert expected == found


SQL = """SELECT
    u.updated_at,
    u.customer_id,
    u.mail AS email,
    UPPER(u.name) AS "$FirstName",
    CASE WHEN u.spent > 1000 THEN 'gold' ELSE 'none' END AS "tier",
    u.stars::VARCHAR AS "stars",
    u.joined::DATE AS "joined",
    u.shoe_size AS "shoe_size",
    u.phone AS mobile_number
FROM mp.crm.users u
"""
STAMP = "load_timestamp=UPDATED_AT type=timestamp_ltz"
EXPECTED = [
    "undelivered-attribute 2:1 plans/loyalty.json:73",
    "unplanned-value 7:47 plans/loyalty.json:63",
    "mistyped-attribute 8:5 plans/loyalty.json:65",
    "undeclared-attribute 10:20 plans/loyalty.json:60",
    "undeclared-identity 11:16 plans/loyalty.json:85",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("plans", "queries"):
        Path(name).mkdir()
    Path("plans/loyalty.json").write_text(LOYALTY, encoding="utf-8")
    return tmp_path


def found(path: str, **options: Any) -> list[str]:
    """Give rule, place and the place in the plan of what is found."""
    batch = collect([path], Options(**options))
    assert batch.failures == ()
    return [
        " ".join([each.rule, "{}:{}".format(*each.start), *(each.help or "").split("(see `")[1:]]).rstrip("`)")
        for each in batch.check().diagnostics
    ]


def test_a_header_names_a_plan_from_where_the_query_is(folder: Path) -> None:
    Path("queries/a.sql").write_text(f"-- sqlcheck: {STAMP} data_plan=../plans/loyalty.json\n{SQL}", encoding="utf-8")
    assert EXPECTED == found("queries/a.sql")


def test_an_option_names_a_plan_from_here(folder: Path) -> None:
    Path("queries/a.sql").write_text(f"-- sqlcheck: {STAMP} data_plan=nowhere.json\n{SQL}", encoding="utf-8")
    assert EXPECTED == found("queries/a.sql", data_plan="plans/loyalty.json")


def test_a_project_names_a_plan_for_its_models_and_all_that_lies_below(folder: Path) -> None:
    Path("queries/a.sql").write_text(f"-- no settings\n{SQL}", encoding="utf-8")
    Path("queries/b.sql").write_text(f"-- sqlcheck: {STAMP}\n{SQL}", encoding="utf-8")
    stamp = "{field: UPDATED_AT, type: timestamp_ltz}"
    Path("queries/sqlcheck.yaml").write_text(
        f"data_plan: ../plans/loyalty.json\nmodels:\n- {{id: a-model, query: a.sql, load_timestamp: {stamp}}}\n",
        encoding="utf-8",
    )
    assert EXPECTED == found("queries/a.sql")
    assert EXPECTED == found("queries/b.sql")


def test_a_payload_is_held_against_the_plan_of_its_project(folder: Path) -> None:
    Path("sqlcheck.yaml").write_text("data_plan: plans/loyalty.json\n", encoding="utf-8")
    sql = 'SELECT u.updated_at, u.customer_id, u.seg AS "segment", \'tin\' AS "tier" FROM mp.crm.users u'
    body = {"id": "a-model", "name": "A model", "workspace_id": 1, "type": "sql", "sql_query": sql}
    settings = {"load_timestamp_field_name": "UPDATED_AT", "load_timestamp_field_type": "timestamp_ltz"}
    Path("model.json").write_text(json.dumps({**body, **settings}), encoding="utf-8")
    assert "unplanned-value 1:144 plans/loyalty.json:63" in found("model.json")


def test_what_a_model_declares_wins_name_by_name(folder: Path) -> None:
    header = f"-- sqlcheck: {STAMP} data_plan=../plans/loyalty.json identities=customer_id,email,mobile_number"
    attributes = "attributes=stars:text,tier:text,segment:text:users.seg,shoe_size"
    Path("queries/a.sql").write_text(f"{header}\n-- sqlcheck: {attributes}\n{SQL}", encoding="utf-8")
    assert ["undelivered-attribute 2:46"] == found("queries/a.sql")


def test_an_open_plan_asks_only_for_what_it_requires(folder: Path) -> None:
    plan = version(point("user_attributes", properties={"tier": {"type": "string"}, "city": {}}, required=["tier"]))
    Path("plan.json").write_text(plan, encoding="utf-8")
    Path("a.sql").write_text('SELECT u.updated_at, u.email, u.age AS "age" FROM mp.crm.users u', encoding="utf-8")
    options = {"load_timestamp": "UPDATED_AT", "type": "timestamp_ltz", "data_plan": "plan.json"}
    assert ["undelivered-attribute 1:1 plan.json:1"] == found("a.sql", **options)


def test_a_name_that_only_lost_its_case_is_reported_once_and_can_be_fixed(folder: Path) -> None:
    sql = (
        f"-- sqlcheck: {STAMP} data_plan=plan.json\nSELECT u.updated_at, u.email, u.city, u.TIER FROM mp.crm.users u\n"
    )
    properties = {"tier": {"type": "string"}, "city": {"type": "string"}}
    for closed, expected in ((True, "error"), (False, "warning")):
        plan = version(point("user_attributes", properties=properties, additionalProperties=not closed))
        Path("plan.json").write_text(plan, encoding="utf-8")
        Path("a.sql").write_text(sql, encoding="utf-8")
        report = collect(["a.sql"]).check().diagnostics
        shouted = [("undeclared-attribute", "error", "TIER")] if closed else []
        assert [("folded-attribute", expected, "CITY"), *shouted] == [
            (each.rule, each.severity.label, each.column) for each in report
        ]


def test_a_plan_that_is_not_there_is_a_fault_of_what_names_it(folder: Path) -> None:
    Path("a.sql").write_text(f"-- sqlcheck: {STAMP} data_plan=plan.json\nSELECT u.updated_at, u.email FROM mp.crm.u\n")
    assert ["unreadable-data-plan 1:69"] == found("a.sql")[:1]
    with pytest.raises(SqlcheckError, match=r"\Aplan\.json: no such file or directory\Z"):
        collect(["a.sql"], Options(data_plan="plan.json"))


def test_a_plan_in_another_encoding_is_refused(folder: Path) -> None:
    Path("plan.json").write_bytes(LOYALTY.encode("utf-16"))
    plan = Readers().plan(Value("plan.json"))
    assert ["the file is encoded in UTF-16"] == [problem.message for problem in plan.problems]


def test_a_plan_is_read_once_for_many_queries_and_again_when_it_changes(folder: Path) -> None:
    first = Readers().plan(Value("plans/loyalty.json"))
    assert first is Readers().plan(Value("plans/loyalty.json"))
    Path("plans/loyalty.json").write_text(version(), encoding="utf-8")
    os.utime("plans/loyalty.json", ns=(1, 1))
    assert (1, None) == (
        Readers().plan(Value("plans/loyalty.json")).version,
        Readers().plan(Value("plans/loyalty.json")).id,
    )


def test_a_text_alone_reads_no_plan(folder: Path) -> None:
    text = f"-- sqlcheck: {STAMP} data_plan=plans/loyalty.json\n{SQL}"
    assert [] == [each.rule for each in sqlcheck.check(text, select=["attribute", "identity", "unreadable-data-plan"])]
