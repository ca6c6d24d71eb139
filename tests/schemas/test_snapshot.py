"""The snapshot: what is written is read back, by whichever way it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sqlcheck.model import FAMILIES, Source
from sqlcheck.schema import Schema, SchemaColumn, SchemaTable
from sqlcheck.schemas import snapshot
from tests.schemas.shown import problems, source, tables, written

DAY = date(2026, 1, 5)
NOWHERE = Source("t.sql", "")
WORDS = st.sampled_from(
    ["USERS", "NO", "NULL", "A$1", "_X", "Mixed", "a.b", "a: b", 'say "x"', "it's", "1", "-", "#", "é", ""]
)
SCALES = st.integers(0, 37)
NAMES = WORDS | st.text(st.characters(exclude_categories=["Cs", "Co", "Cn"]), max_size=8)
SOME = NAMES.filter(bool)
SCHEMAS = st.lists(
    st.builds(
        SchemaTable,
        parts=st.tuples(SOME) | st.tuples(SOME, SOME) | st.tuples(SOME, SOME, SOME),
        columns=st.none()
        | st.lists(
            st.builds(
                SchemaColumn,
                name=NAMES,
                type=st.none() | st.sampled_from(list(FAMILIES)),
                nullable=st.none() | st.booleans(),
                comment=NAMES,
                scale=st.just(0),
            )
            | st.builds(SchemaColumn, name=NAMES, type=st.just("NUMBER"), scale=SCALES),
            max_size=4,
            unique_by=lambda column: column.name,
        ).map(tuple),
        source=st.just(NOWHERE),
        kind=st.sampled_from(["table", "view", "dynamic table"]),
        complete=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda table: table.parts,
).map(lambda found: Schema(tuple(replace(t, complete=t.complete and t.columns is not None) for t in found)))


@given(SCHEMAS)
def test_what_is_written_is_read_back(schema: Schema) -> None:
    text = snapshot.write(schema, DAY)
    found = snapshot.read(Source("s.yaml", text))
    assert (tables(schema), [], DAY) == (tables(found), problems(found), found.pulled)
    assert text == snapshot.write(found, DAY)


@given(SCHEMAS)
def test_the_quick_way_reads_what_the_slow_one_reads(schema: Schema) -> None:
    text = snapshot.write(schema, DAY)
    quick, slow = snapshot.read(Source("s.yaml", text)), snapshot.read(Source("s.yaml", f"\n{text}"))
    assert tables(slow) == tables(quick)
    assert [written(table) for table in slow.tables] == [written(table) for table in quick.tables]


@given(SCHEMAS)
def test_other_readers_of_yaml_see_the_same_names(schema: Schema) -> None:
    read = yaml.safe_load(snapshot.write(schema, DAY))
    assert {table.name: [column.name for column in table.columns or ()] for table in schema.tables} == {
        name: list(table.get("columns", ())) for name, table in read["tables"].items()
    }


def test_a_snapshot_is_sorted_and_shows_one_column_a_line() -> None:
    users = SchemaTable(
        ("MP", "CRM", "USERS"),
        (
            SchemaColumn("CUSTOMER_ID", "NUMBER", False),
            SchemaColumn("MixedCase", "VARCHAR", True, "it's: as is"),
            SchemaColumn("NO", None, None),
            SchemaColumn("SHARE", "NUMBER", True, scale=4),
        ),
        NOWHERE,
    )
    plans = SchemaTable(
        ("MP", "CRM", "PLANS"), (SchemaColumn("PLAN", "VARCHAR", True),), NOWHERE, kind="view", complete=False
    )
    untold = SchemaTable(("MP", "CRM", "Untold"), None, NOWHERE, complete=False)
    expected = """\
snapshot: 1
pulled: 2026-01-05
tables:
  MP.CRM.PLANS:
    kind: view
    complete: false
    columns:
      PLAN: VARCHAR
  MP.CRM.USERS:
    columns:
      CUSTOMER_ID: NUMBER not null
      "MixedCase": "VARCHAR comment 'it''s: as is'"
      "NO": unknown maybe null
      SHARE: NUMBER(38,4)
  "MP.CRM.\\"Untold\\"": {}
"""
    assert expected == snapshot.write(Schema((users, untold, plans)), DAY)


def test_a_snapshot_may_be_written_by_hand() -> None:
    expected = {
        "MP.CRM.PLANS": ("view", False, [("PLAN", "VARCHAR", True, "")]),
        'MP.CRM."Users"': (
            "table",
            True,
            [
                ("CUSTOMER_ID", "NUMBER", False, ""),
                ("MixedCase", "VARCHAR", None, "it's: # new"),
                ("ORIGIN", None, False, ""),
            ],
        ),
        "MP.CRM.UNTOLD": ("table", False, None),
    }
    found = snapshot.read(source("snapshot.yaml"))
    assert (expected, [], DAY) == (tables(found), problems(found), found.pulled)


def test_json_of_the_same_shape_is_read_as_well() -> None:
    text = '{"snapshot": 1, "pulled": "2026-01-05", "tables": {"A.B.C": {"columns": {"X": "NUMBER(3) not null"}}}}'
    found = snapshot.read(Source("s.json", text))
    assert ({"A.B.C": ("table", True, [("X", "NUMBER", False, "")])}, []) == (tables(found), problems(found))


HEAD = "snapshot: 1\npulled: 2026-01-05\ntables:\n"


@pytest.mark.parametrize(
    ("text", "line", "marked", "message", "help_"),
    [
        (
            "snapshot: 2\npulled: 2026-01-05\ntables: {}\n",
            1,
            "2",
            "this snapshot is of version 2; version 1 is read here",
            "take another version of sqlcheck, or pull the schema again",
        ),
        (
            "snapshot: 1\npulled: 2026-13-05\ntables: {}\n",
            2,
            "2026-13-05",
            "`2026-13-05` is no day",
            "write it as 2026-01-05",
        ),
        (
            "snapshot: 1\ntables: {}\n",
            1,
            "snapshot",
            "the snapshot has no `pulled`",
            "it is the day of the pull, as 2026-01-05",
        ),
        (
            HEAD + "  A.B.C:\n    columns:\n      X: NUMBR\n",
            6,
            "NUMBR",
            "`NUMBR` does not begin with a type of Snowflake",
            "write `unknown` where there is none, `not null` and a comment behind it",
        ),
        (
            HEAD + "  A.B.C:\n    colums:\n      X: NUMBER\n",
            5,
            "colums",
            "`A.B.C` of `tables` has no field `colums`",
            "did you mean `columns`?",
        ),
        (
            HEAD + "  A B:\n    columns: {}\n",
            4,
            "A B",
            "`A B` is not the name of a table",
            "write `database.schema.table`",
        ),
        (
            HEAD + "  A:\n    columns:\n      X: DATE\n      X: DATE\n",
            7,
            "X",
            "the key `X` stands here twice",
            "keep one of the two",
        ),
        (HEAD + "  A: [\n", 5, "", "the text ends before all brackets are closed", None),
    ],
)
def test_what_is_wrong_is_told_at_its_line(text: str, line: int, marked: str, message: str, help_: str | None) -> None:
    found = problems(snapshot.read(Source("s.yaml", text)))
    assert [("unreadable", f"s.yaml:{line}", marked, message, help_)] == found
