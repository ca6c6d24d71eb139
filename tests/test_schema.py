"""Tables and columns as values: names, types, looking up, joining what several files say."""

from __future__ import annotations

from datetime import date

import pytest

from sqlcheck.model import FAMILIES, Place, Source, Span
from sqlcheck.schema import Schema, SchemaColumn, SchemaProblem, SchemaTable, dotted, split_name, type_name
from sqlcheck.schemas.assembly import combine
from tests.schemas.shown import columns, problems, tables

FILE = Source("schema.sql", "a\nb\nc\nd\n")


def table(name: str, *listed: SchemaColumn, line: int = 1, source: Source = FILE, complete: bool = True) -> SchemaTable:
    parts = split_name(name)
    assert parts is not None
    start = 2 * (line - 1)
    placed = tuple(column._replace(at=Span(start, start + 1)) for column in listed)
    return SchemaTable(parts, placed or None, source, Span(start, start + 1), complete=complete and bool(placed))


def schema(*names: str) -> Schema:
    return Schema(tuple(table(name) for name in names))


@pytest.mark.parametrize(
    ("family", "spellings"),
    [
        (
            "number",
            "NUMBER; NUMBER(38,0); decimal(10, 2); DEC; NUMERIC; INT; integer; BIGINT; SMALLINT; TINYINT; BYTEINT",
        ),
        ("number", "FLOAT; FLOAT4; FLOAT8; DOUBLE; DOUBLE  PRECISION; REAL; DECFLOAT(38)"),
        ("text", "VARCHAR; VARCHAR(16777216); CHAR(3); CHARACTER; NCHAR; STRING; TEXT; NVARCHAR2; char varying(9)"),
        ("text", "VARCHAR NOT NULL; NCHAR VARYING; CHARACTER VARYING(1)"),
        ("boolean", "BOOLEAN; boolean"),
        ("date", "DATE"),
        ("time", "TIME; TIME(9)"),
        ("timestamp_ntz", "TIMESTAMP_NTZ(9); TIMESTAMPNTZ; DATETIME; TIMESTAMP(3); TIMESTAMP WITHOUT TIME ZONE"),
        ("timestamp_ltz", "TIMESTAMP_LTZ; TIMESTAMPLTZ(0); timestamp(9) with local time zone"),
        ("timestamp_tz", "TIMESTAMP_TZ; TIMESTAMPTZ; TIMESTAMP WITH TIME ZONE"),
        ("array", "ARRAY; ARRAY(NUMBER(38, 0) NOT NULL)"),
        ("object", "OBJECT; OBJECT(a VARCHAR, b ARRAY(NUMBER(3)))"),
        ("map", "MAP(VARCHAR, NUMBER)"),
        ("variant", "VARIANT"),
        ("binary", "BINARY(8); VARBINARY"),
        ("geo", "GEOGRAPHY; GEOMETRY"),
        ("vector", "VECTOR(FLOAT, 256)"),
        ("file", "FILE"),
        (None, "VARCHRA; mp.types.money; INTERVAL DAY TO SECOND; (; ; NUMBER)"),
    ],
)
def test_every_spelling_of_a_type_has_its_family(family: str | None, spellings: str) -> None:
    found = {spelling: type_name(spelling) for spelling in spellings.split(";")}
    assert dict.fromkeys(found, family) == {spelling: key and FAMILIES[key] for spelling, key in found.items()}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mp.crm.users", ("MP", "CRM", "USERS")),
        ('mp . "Crm".us$rs', ("MP", "Crm", "US$RS")),
        ('"a.b"', ("a.b",)),
        ('"say ""hi"""', ('say "hi"',)),
        ("", None),
        ("a b", None),
        ("a.", None),
        ("1a", None),
    ],
)
def test_a_name_is_read_as_sql_folds_it(text: str, parts: tuple[str, ...] | None) -> None:
    read = split_name(text)
    assert parts == read
    assert parts is None or parts == split_name(dotted(parts))


@pytest.mark.parametrize(
    ("asked", "near", "expected"),
    [
        ("mp.crm.users", "", "MP.CRM.USERS"),
        ("crm.users", "", "MP.CRM.USERS"),
        ("users", "", None),
        ("orders", "", "MP.CRM.ORDERS"),
        ("mp.stage.orders", "", None),
        ("other.crm.plans", "", "CRM.PLANS"),
        ("mp.crm.lonely", "", "LONELY"),
        ("users", "mp.stage.v", "MP.STAGE.USERS"),
        ("crm.users", "mp.stage.v", "MP.CRM.USERS"),
        ("orders", "mp.stage.v", "MP.CRM.ORDERS"),
        ("users", "other.sch.v", None),
        ("nothing", "", None),
    ],
)
def test_a_name_finds_its_table_by_what_both_have_and_never_by_guessing(
    asked: str, near: str, expected: str | None
) -> None:
    known = schema("mp.crm.users", "mp.stage.users", "mp.crm.orders", "crm.plans", "lonely")
    found = known.find(split_name(asked) or (), split_name(near) or ())
    assert expected == (found.name if found else None)


def test_a_missing_schema_between_two_dots_is_public() -> None:
    found = schema("mp.public.users").find(("MP", "", "USERS"))
    assert ("MP", "PUBLIC", "USERS") == (found.parts if found else None)


@pytest.mark.parametrize(
    ("described", "covered", "not_covered"),
    [
        (
            "mp.crm.users",
            "mp.crm.x mp.other.x crm.x x",
            "other.crm.x other.x mp.information_schema.tables dual mp.crm.users",
        ),
        ("crm.users", "mp.crm.x crm.x x", "mp.other.x other.x crm.users mp.crm.users users"),
        ("users", "mp.crm.x crm.x x", "users mp.crm.users dual information_schema.tables"),
        ("mp.crm.users mp.stage.users", "mp.crm.x", "users"),
        ("", "", "mp.crm.users x"),
    ],
)
def test_a_table_is_missed_only_where_its_database_is_described(described: str, covered: str, not_covered: str) -> None:
    known = schema(*described.split())
    names = [*covered.split(), *not_covered.split()]
    assert covered.split() == [name for name in names if known.covers(split_name(name) or ())]


def test_nothing_is_missed_while_a_file_cannot_be_read() -> None:
    problem = SchemaProblem("unreadable", Place(FILE, Span(0, 1)), "it is")
    known = combine(schema("mp.crm.users"), Schema(problems=(problem,)))
    assert not known.covers(("MP", "CRM", "X"))


def test_candidates_have_as_many_parts_as_the_name_and_begin_with_its_neighbours() -> None:
    known = schema("mp.stage.users", 'mp.crm."Users"', "mp.crm.orders", "lonely")
    assert ('MP.CRM."Users"', "MP.CRM.ORDERS", "LONELY", "MP.STAGE.USERS") == known.candidates(("MP", "CRM", "USRES"))
    assert ("USERS", '"Users"', "ORDERS", "LONELY") == known.candidates(("USRES",))


A, B = SchemaColumn("A", "NUMBER", False), SchemaColumn("B", "VARCHAR", True)
OTHER = Source("other.sql", "a\nb\nc\nd\n")


@pytest.mark.parametrize(
    ("new", "complete", "expected", "message"),
    [
        ([A, B], True, [A, B], None),
        ([B, A], True, [A, B], None),
        ([A._replace(type=None, nullable=None), B], True, [A, B], None),
        ([A._replace(comment="x"), B], True, [A._replace(comment="x"), B], None),
        ([A], True, [A, B], "`T` has no column `B` here, but has it in schema.sql:1"),
        (
            [A, B, B._replace(name="C")],
            True,
            [A, B, B._replace(name="C")],
            "`C` of `T` stands here, but not in schema.sql:1",
        ),
        (
            [A, B._replace(type="DATE")],
            True,
            [A, B._replace(type=None)],
            "`B` of `T` is DATE here, but VARCHAR in schema.sql:1",
        ),
        (
            [A._replace(nullable=True), B],
            True,
            [A._replace(nullable=None), B],
            "`A` of `T` can be NULL here, but NOT NULL in schema.sql:1",
        ),
        (
            [A, B._replace(nullable=False)],
            True,
            [A, B._replace(nullable=None)],
            "`B` of `T` is NOT NULL here, but can be NULL in schema.sql:1",
        ),
        ([A._replace(type="FLOAT")], False, [A, B], None),
        ([], False, [A, B], None),
    ],
)
def test_a_table_that_is_described_twice_must_be_described_alike(
    new: list[SchemaColumn], complete: bool, expected: list[SchemaColumn], message: str | None
) -> None:
    one = Schema((table("t", A, B),), sources=(FILE,))
    two = Schema((table("t", *new, line=3, source=OTHER, complete=complete),), sources=(OTHER,))
    both = combine(one, two)
    found = [("contradictory", "other.sql:3", "c", message, "remove the description that is out of date")]
    assert (columns(Schema((table("t", *expected),)).tables[0]), found if message else []) == (
        columns(both.find(("T",))),
        problems(both),
    )
    assert (FILE, OTHER) == both.sources


def test_a_part_of_the_columns_is_filled_in_and_a_column_beyond_leaves_the_table_open() -> None:
    declared = table("t", A._replace(type=None, nullable=False), B._replace(name="C"), complete=False)
    whole = table("t", A._replace(nullable=None), B)
    expected = {"T": ("table", False, [A[:4], B[:4], ("C", "VARCHAR", True, "")])}
    assert (expected, expected) == (
        tables(combine(Schema((declared,)), Schema((whole,)))),
        tables(combine(Schema((whole,)), Schema((declared,)))),
    )


def test_a_copy_gets_its_columns_from_whatever_file_describes_the_original() -> None:
    copy = SchemaTable(("MP", "CRM", "COPY"), None, FILE, Span(0, 1), complete=False, like=("CRM", "USERS"))
    known = combine(Schema((copy,)), Schema((table("mp.crm.users", A, B, line=3, source=OTHER),)))
    found = known.find(("COPY",))
    assert found is not None
    assert ([A[:4], B[:4]], True) == (columns(found), found.complete)
    assert ("schema.sql:1", "other.sql:3") == (found.place.line, found.place_of(found.by_name["A"]).line)


def test_the_oldest_pull_counts() -> None:
    days = (date(2026, 1, 5), None, date(2025, 12, 1))
    assert date(2025, 12, 1) == combine(*(Schema(pulled=day) for day in days)).pulled


def test_a_key_is_found_in_json_past_all_that_lies_beside_it() -> None:
    text = '\n{"a": {"columns": {"B": 1}}, "b\\"": [{"B": 2}],\n "columns" : { "A":"}", "B" : {"B": 4} } }'
    source = Source("x.json", text)
    found = SchemaTable(("T",), (SchemaColumn("B", at=("columns", "B")),), source, at=("columns",))
    assert text.index('"columns" :') == found.place.span.start
    assert Span(text.rindex('"B" :'), text.rindex('"B" :') + 3) == found.place_of(found.by_name["B"]).span
    lost = SchemaTable(("T",), None, source, at=("columns", "Z"))
    assert Span(text.index('"columns" :'), text.index('"columns" :') + 9) == lost.place.span
