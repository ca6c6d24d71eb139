"""Outputs of a mapping when a warehouse has described them."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sqlcheck.apis import API_VERSIONS
from sqlcheck.inputs import query_subject
from sqlcheck.mapping import Mapping, build
from sqlcheck.sample import DescribedColumn, Description
from sqlcheck.settings import LoadTimestamp, Model, Value


class Output(NamedTuple):
    """An output in short; `text` is what stands in its place of the query."""

    name: str
    role: str
    type: str | None
    nullable: bool | None
    text: str


MODEL = Model(load_timestamp=LoadTimestamp(Value("UPDATED_AT"), Value("timestamp_ntz"), Value("UTC")))


def mapping(sql: str, *columns: DescribedColumn) -> Mapping:
    found = build(query_subject(sql).query, MODEL, API_VERSIONS["v1"], None, Description(columns) if columns else None)
    assert found is not None
    return found


def outputs(sql: str, *columns: DescribedColumn) -> list[Output]:
    return [
        Output(each.name, each.role, each.type, each.nullable, sql[each.name_span.start : each.name_span.end])
        for each in mapping(sql, *columns).columns
    ]


ID, AT = DescribedColumn("CUSTOMER_ID", "VARCHAR", False), DescribedColumn("UPDATED_AT", "TIMESTAMP_NTZ", True)
PLAN, CITY = DescribedColumn("plan", "VARCHAR"), DescribedColumn("CITY", "ARRAY", True)
IDENTITY = Output("CUSTOMER_ID", "identity", "VARCHAR", False, "customer_id")
STAMP = Output("UPDATED_AT", "load_timestamp", "TIMESTAMP_NTZ", None, "updated_at")
PLANNED = Output("plan", "attribute", "VARCHAR", None, '"plan"')
STARRED = [
    Output("CUSTOMER_ID", "identity", "VARCHAR", False, "u.*"),
    Output("UPDATED_AT", "load_timestamp", "TIMESTAMP_NTZ", True, "u.*"),
    Output("CITY", "attribute", "ARRAY", True, "u.*"),
]
LISTED = 'SELECT u.customer_id, u.updated_at, u.plan AS "plan" FROM MP.CRM.USERS u'
BETWEEN = 'SELECT u.customer_id, u.*, u.plan AS "plan" FROM MP.CRM.USERS u'
CASES: dict[str, tuple[str, list[DescribedColumn], list[Output]]] = {
    "each has its type": (LISTED, [ID, AT, PLAN], [IDENTITY, STAMP, PLANNED]),
    "one is not delivered": (LISTED, [ID, AT], [IDENTITY, STAMP]),
    "one more is delivered": (
        LISTED,
        [ID, AT, PLAN, CITY],
        [IDENTITY, STAMP, PLANNED, Output("CITY", "attribute", "ARRAY", True, "SELECT")],
    ),
    "one has another name": (
        LISTED,
        [ID, AT, DescribedColumn("PLAN", "NUMBER")],
        [IDENTITY, STAMP, Output("PLAN", "attribute", "NUMBER", None, '"plan"')],
    ),
    "one has no name of the author's": (
        "SELECT u.customer_id, u.updated_at, COUNT( * ) FROM MP.CRM.USERS u GROUP BY ALL",
        [ID, AT, DescribedColumn("COUNT(*)", "NUMBER", False)],
        [IDENTITY, STAMP, Output("COUNT(*)", "attribute", "NUMBER", False, "COUNT( * )")],
    ),
    "a star is all": ("SELECT u.* FROM MP.CRM.USERS u", [ID, AT, CITY], STARRED),
    "a star stands between others": (BETWEEN, [ID, AT, CITY, PLAN], [IDENTITY, *STARRED[1:], PLANNED]),
    "a star delivers names that stand beside it": (
        BETWEEN,
        [ID, ID, AT, PLAN, PLAN],
        [IDENTITY, *STARRED[:2], PLANNED, Output("plan", "attribute", "VARCHAR", None, "u.*")],
    ),
    "a star stands inside": (
        "SELECT x.* FROM (SELECT u.* FROM MP.CRM.USERS u) x",
        [ID],
        [Output("CUSTOMER_ID", "identity", "VARCHAR", False, "x.*")],
    ),
    "a star stands in one side of a set operation": (
        "SELECT u.* FROM MP.CRM.USERS u UNION ALL SELECT v.customer_id, v.updated_at FROM MP.CRM.V v",
        [ID, AT],
        STARRED[:2],
    ),
    "types that the text shows stay where none is told": (
        'SELECT u.customer_id, u.updated_at, 1 AS "plan" FROM MP.CRM.USERS u',
        [ID, AT, DescribedColumn("plan")],
        [IDENTITY, STAMP, Output("plan", "attribute", "NUMBER", False, '"plan"')],
    ),
    "what the text shows of NULL stays where none is proven": (
        "SELECT u.customer_id, u.updated_at, COALESCE(u.plan, '') AS \"plan\" FROM MP.CRM.USERS u",
        [ID, AT, DescribedColumn("plan", "VARCHAR", True)],
        [IDENTITY, STAMP, Output("plan", "attribute", "VARCHAR", False, '"plan"')],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_outputs_are_those_that_the_warehouse_describes(case: str) -> None:
    sql, columns, expected = CASES[case]
    found = mapping(sql, *columns)
    assert (True, expected) == (found.complete, outputs(sql, *columns))


def test_without_a_description_a_star_leaves_open_what_there_is() -> None:
    found = mapping(BETWEEN)
    assert (False, ["CUSTOMER_ID", "plan"]) == (found.complete, [column.name for column in found.columns])


@pytest.mark.parametrize(
    ("type", "expected"), [("NUMBER", ("NUMBER", 2, None)), ("FLOAT", ("FLOAT", 0, None)), (None, ("NUMBER", 2, None))]
)
def test_the_scale_is_that_of_the_text_while_the_type_is(type: str | None, expected: tuple[str, int, None]) -> None:
    (column,) = mapping("SELECT u.n::NUMBER(38, 2) AS n FROM MP.CRM.USERS u", DescribedColumn("N", type)).columns
    facts = column.output.facts
    assert expected == (facts.type, facts.scale, facts.nullable)


def test_sources_and_constancy_are_those_of_the_text() -> None:
    found = mapping("SELECT u.a || u.b AS n, 1 AS one FROM MP.CRM.USERS u", PLAN._replace(name="N"), ID)
    facts = [(column.sources, column.output.facts.constant) for column in found.columns]
    assert [(("MP.CRM.USERS.A", "MP.CRM.USERS.B"), False), ((), True)] == facts
