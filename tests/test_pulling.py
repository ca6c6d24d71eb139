"""What is asked for the columns of tables, what becomes of the answer, and how a snapshot is told to have drifted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest
import sqlglot

from sqlcheck import pulling
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Source
from sqlcheck.sample import DescribedColumn, Row
from sqlcheck.schema import Parts, Schema, SchemaColumn, SchemaTable
from sqlcheck.schemas import snapshot
from sqlcheck.warehouses.session import Limits, RefusedError, Session
from tests.warehouses.scripted import ACCOUNT, Result


@dataclass
class Catalog:
    """A warehouse that has some rows of an information schema, by database."""

    rows: dict[str, list[Row]]
    sent: list[str] = field(default_factory=list)
    traits = ACCOUNT

    def describe(self, sql: str) -> tuple[DescribedColumn, ...]:
        raise AssertionError(sql)

    def run(self, sql: str) -> Result:
        self.sent.append(sql)
        found = next((rows for database, rows in self.rows.items() if f'FROM "{database}"' in sql), [])
        return Result(["1", "2", "3", "4", "5", "6", "7", "8"], list(found))

    def cancel(self) -> None:
        raise AssertionError("nothing takes long here")

    def close(self) -> None:
        self.sent.append("close")


USERS: list[Row] = [
    ("CRM", "USERS", "BASE TABLE", "ID", "NUMBER", 0, "NO", None),
    ("CRM", "USERS", "BASE TABLE", "SCORE", "NUMBER", 4, "YES", "how likely 'tis"),
    ("CRM", "USERS", "BASE TABLE", "Mixed Case", "TEXT", None, "YES", ""),
    ("CRM", "USERS", "BASE TABLE", "AT", "TIMESTAMP_NTZ", None, "NO", None),
    ("CRM", "USERS", "BASE TABLE", "RATIO", "FLOAT", None, "YES", None),
    ("CRM", "USERS", "BASE TABLE", "ODD", "SOMETHING_NEW", None, "YES", None),
]
VIEW: list[Row] = [("CRM", "ACTIVE", "VIEW", "ID", "NUMBER", 0, "YES", None)]
OTHER: list[Row] = [("PUBLIC", "T", "EXTERNAL TABLE", "VALUE", "VARIANT", None, "YES", None)]


def pulled(
    rows: dict[str, list[Row]], tables: list[Parts], databases: tuple[str, ...] = ()
) -> tuple[Schema, list[str]]:
    catalog = Catalog(rows)
    return pulling.pull(Session(catalog, Limits(seconds=10)), tables, databases), catalog.sent


ASKED = (
    "SELECT C.TABLE_SCHEMA, C.TABLE_NAME, T.TABLE_TYPE, C.COLUMN_NAME, C.DATA_TYPE, C.NUMERIC_SCALE, C.IS_NULLABLE, "
    'C.COMMENT\nFROM "{0}".INFORMATION_SCHEMA.COLUMNS AS C\nJOIN "{0}".INFORMATION_SCHEMA.TABLES AS T '
    "ON T.TABLE_SCHEMA = C.TABLE_SCHEMA AND T.TABLE_NAME = C.TABLE_NAME\nWHERE {1}\n"
    "ORDER BY C.TABLE_SCHEMA, C.TABLE_NAME, C.ORDINAL_POSITION"
)


def test_one_statement_a_database_asks_for_the_tables_that_are_wanted() -> None:
    _, sent = pulled({}, [("MP", "CRM", "USERS"), ("A", "B", "it's \\"), ("MP", "CRM", "ACTIVE")])
    assert [
        ASKED.format("A", "(C.TABLE_SCHEMA, C.TABLE_NAME) IN (('B', 'it''s \\\\'))"),
        ASKED.format("MP", "(C.TABLE_SCHEMA, C.TABLE_NAME) IN (('CRM', 'USERS'), ('CRM', 'ACTIVE'))"),
    ] == sent


def test_a_whole_database_is_asked_for_without_its_own_information_schema() -> None:
    _, sent = pulled({}, [], ("MP", 'odd"; DROP TABLE t; --'))
    assert [
        ASKED.format("MP", "C.TABLE_SCHEMA <> 'INFORMATION_SCHEMA'"),
        ASKED.format('odd""; DROP TABLE t; --', "C.TABLE_SCHEMA <> 'INFORMATION_SCHEMA'"),
    ] == sent
    assert [1, 1] == [len(sqlglot.parse(sql, dialect="snowflake")) for sql in sent]


def test_types_scales_nulls_comments_and_kinds_come_into_the_snapshot() -> None:
    schema, _ = pulled({"MP": [*VIEW, *USERS], "A": OTHER}, [("MP", "CRM", "USERS"), ("A", "PUBLIC", "T")])
    text = snapshot.write(schema, date(2026, 1, 5))
    assert (
        """\
snapshot: 1
pulled: 2026-01-05
tables:
  A.PUBLIC.T:
    kind: external table
    columns:
      VALUE: VARIANT
  MP.CRM.ACTIVE:
    kind: view
    columns:
      ID: NUMBER
  MP.CRM.USERS:
    columns:
      ID: NUMBER not null
      SCORE: "NUMBER(38,4) comment 'how likely ''tis'"
      "Mixed Case": VARCHAR
      AT: TIMESTAMP_NTZ not null
      RATIO: FLOAT
      ODD: unknown
"""
        == text
    )
    assert [] == list(pulling.drift(snapshot.read(Source("schema.yaml", text)), schema))


def table(name: str, *columns: SchemaColumn) -> SchemaTable:
    return SchemaTable(("MP", "CRM", name), columns, Source("schema.yaml", ""))


ID, SCORE = SchemaColumn("ID", "NUMBER", False), SchemaColumn("SCORE", "NUMBER", True, scale=4)
BASE = Schema((table("USERS", ID, SCORE),))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (BASE, []),
        (Schema((table("USERS", SCORE, ID),)), []),
        (Schema((table("USERS", ID, SCORE._replace(comment="new")),)), []),
        (Schema(), ["MP.CRM.USERS: the account has no such table, or the role does not see it"]),
        (Schema((*BASE.tables, table("PLANS", ID))), ["MP.CRM.PLANS: not in the snapshot"]),
        (Schema((table("USERS", ID),)), ["MP.CRM.USERS: column SCORE was dropped"]),
        (
            Schema((table("USERS", ID, SCORE, SchemaColumn("a b", "VARCHAR", True)),)),
            ['MP.CRM.USERS: column "a b" was added'],
        ),
        (
            Schema((table("USERS", ID, SCORE._replace(scale=2)),)),
            ["MP.CRM.USERS: column SCORE is NUMBER with scale 2, not NUMBER with scale 4"],
        ),
        (
            Schema((table("USERS", ID, SCORE._replace(scale=0)),)),
            ["MP.CRM.USERS: column SCORE is NUMBER, not NUMBER with scale 4"],
        ),
        (
            Schema((table("USERS", ID._replace(type=None), SCORE._replace(type="VARCHAR", scale=0)),)),
            [
                "MP.CRM.USERS: column ID is of no known type, not NUMBER",
                "MP.CRM.USERS: column SCORE is VARCHAR, not NUMBER with scale 4",
            ],
        ),
        (
            Schema((table("USERS", ID._replace(nullable=True), SCORE._replace(nullable=False)),)),
            ["MP.CRM.USERS: column ID can be NULL now", "MP.CRM.USERS: column SCORE cannot be NULL now"],
        ),
    ],
)
def test_drift_is_told_in_a_line_for_each_change(new: Schema, expected: list[str]) -> None:
    assert expected == list(pulling.drift(BASE, new))


def test_what_the_account_refuses_is_told_in_a_line_with_a_way_out() -> None:
    class Closed(Catalog):
        def run(self, sql: str) -> Result:
            raise RefusedError("SQL compilation error:\nDatabase 'MP' does not exist or not authorized.", 2003)

    session = Session(Closed({}), Limits(seconds=10))
    with pytest.raises(SqlcheckError) as caught:
        pulling.pull(session, [("MP", "CRM", "USERS")])
    assert "the columns in `MP` cannot be read: Database 'MP' does not exist or not authorized" == str(caught.value)
