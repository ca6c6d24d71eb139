"""What dbt's catalog and manifest tell."""

from __future__ import annotations

import json

import pytest

from sqlcheck.model import Source
from sqlcheck.schemas import dbt
from sqlcheck.schemas.assembly import combine
from tests.schemas.shown import problems, source, tables, written

CATALOG = {
    "MP.CRM.DIM_USERS": (
        "view",
        True,
        [
            ("CUSTOMER_ID", "NUMBER", None, ""),
            ("PLAN", "VARCHAR", None, "free, paid"),
            ("MixedCase", "TIMESTAMP_NTZ", None, ""),
        ],
    ),
    "MP.RAW.EVENTS": ("table", True, [("ID", "VARCHAR", None, ""), ("DATA", "VARIANT", None, "")]),
}
MANIFEST = {
    "MP.CRM.DIM_USERS": (
        "view",
        False,
        [("CUSTOMER_ID", "NUMBER", False, "of the shop"), ("PLAN", None, None, "")],
    ),
    'MP.CRM."Orders"': ("table", True, [("ORDER_ID", "NUMBER", False, ""), ("Total", "NUMBER(38,2)", None, "")]),
    "MP.CRM.PLANS": ("table", False, None),
    "MP.RAW.EVENTS_2024": ("table", False, [("ID", "VARCHAR", None, "")]),
}


def test_a_catalog_tells_all_columns_in_their_order() -> None:
    found = dbt.read(source("catalog.json"))
    assert (CATALOG, []) == (tables(found), problems(found))


def test_a_manifest_tells_the_columns_that_are_declared() -> None:
    found = dbt.read(source("manifest.json"))
    assert (MANIFEST, []) == (tables(found), problems(found))


def test_a_manifest_fills_the_gaps_of_a_catalog() -> None:
    found = combine(dbt.read(source("manifest.json")), dbt.read(source("catalog.json")))
    users = (
        "view",
        True,
        [
            ("CUSTOMER_ID", "NUMBER", False, "of the shop"),
            ("PLAN", "VARCHAR", None, "free, paid"),
            ("MixedCase", "TIMESTAMP_NTZ", None, ""),
        ],
    )
    assert ({**MANIFEST, **CATALOG, "MP.CRM.DIM_USERS": users}, []) == (tables(found), problems(found))


def test_tables_and_columns_stand_at_their_keys() -> None:
    found = dbt.read(source("catalog.json")).find(("EVENTS",))
    assert found is not None
    assert ("catalog.json:16", ['"ID"', '"DATA"']) == (found.place.line, written(found))
    place = found.place_of(found.by_name["DATA"])
    assert "catalog.json:20" == place.line


def test_names_of_a_warehouse_that_folds_to_lower_case_are_folded_as_snowflake_does() -> None:
    node = {
        "metadata": {"type": "BASE TABLE", "database": "mp", "schema": "crm", "name": "users"},
        "columns": {"id": {"type": "integer", "index": 1}},
    }
    text = json.dumps({"metadata": {}, "nodes": {"model.a.users": node}})
    assert {"MP.CRM.USERS": ("table", True, [("ID", "NUMBER", None, "")])} == tables(dbt.read(Source("c.json", text)))


def test_two_catalogs_that_differ_contradict_each_other() -> None:
    old = source("catalog.json")
    new = Source("new.json", old.text.replace('"type": "VARIANT"', '"type": "TEXT"'))
    message = "`DATA` of `MP.RAW.EVENTS` is VARCHAR here, but VARIANT in catalog.json:20"
    expected = ("contradictory", "new.json:20", '"DATA"', message, "remove the description that is out of date")
    assert [expected] == problems(combine(dbt.read(old), dbt.read(new)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"metadata": {}, "nodes": {"a": 1,}}',
            ("c.json:1", ",", "a comma stands before the closing `}`", "remove it"),
        ),
        ('{"metadata": {}, "nodes": {"a": 1}}', ("c.json:1", '"a"', "`a` is not an object", None)),
        ("null", ("c.json:1", "n", "this is not an artifact of dbt", None)),
    ],
)
def test_a_broken_artifact_is_told_at_its_place(text: str, expected: tuple[str, str, str, str | None]) -> None:
    assert [("unreadable", *expected)] == problems(dbt.read(Source("c.json", text)))


@pytest.mark.parametrize(
    "node",
    [
        {"metadata": {}},
        {"metadata": {"name": 1}},
        {"metadata": {"name": "A"}, "columns": []},
        {"metadata": {"name": "A"}, "columns": {"B": 1, "C": {"index": None, "type": None, "comment": None}}},
        {"resource_type": "model"},
        {"resource_type": "model", "name": "a", "config": None, "columns": {"b": {"constraints": [1, {}]}}},
        {
            "resource_type": "model",
            "name": "a",
            "constraints": {},
            "columns": {"b": None},
            "config": {"contract": True},
        },
        {"resource_type": "model", "relation_name": 'a."', "name": "a", "columns": [1]},
    ],
)
def test_a_node_of_an_odd_shape_stops_nothing(node: object) -> None:
    good = {"metadata": {"type": "VIEW", "name": "GOOD"}, "columns": {"X": {"type": "DATE", "index": 1}}}
    text = json.dumps({"metadata": {}, "nodes": {"odd": node, "good": good}, "sources": None})
    assert ("view", True, [("X", "DATE", None, "")]) == tables(dbt.read(Source("c.json", text)))["GOOD"]
