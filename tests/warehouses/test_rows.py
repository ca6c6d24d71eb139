"""Rows from files: every format gives the same table, and what does not fit is told without its value."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from sqlcheck.errors import SqlcheckError

pytest.importorskip("fakesnow", reason="the embedded warehouse is not installed")

from sqlcheck.model import Source
from sqlcheck.schema import Schema, SchemaColumn, SchemaTable
from sqlcheck.warehouses import embedded
from sqlcheck.warehouses.session import closing
from tests.warehouses.engines import NOW, engine

USERS = """CREATE TABLE mp.crm.users (
    customer_id NUMBER NOT NULL, email VARCHAR, score NUMBER(10, 2), ratio FLOAT, active BOOLEAN, born DATE, wakes TIME,
    seen TIMESTAMP_NTZ, updated_at TIMESTAMP_LTZ, tags ARRAY, profile OBJECT, extra VARIANT, token BINARY
);"""
NAME = ("MP", "CRM", "USERS")
FILES = Path(__file__).parents[1] / "fixtures" / "rows"
SEEN = datetime.fromisoformat("2026-01-04T09:00:00")
ADA = {
    "customer_id": 7,
    "Email": "ada@example.com",
    "score": Decimal("12.50"),
    "ratio": 0.25,
    "active": True,
    "born": date(1990, 5, 1),
    "wakes": time(7, 30),
    "seen": SEEN,
    "updated_at": SEEN.replace(tzinfo=UTC),
    "tags": ["a", "b"],
    "profile": {"plan": "gold"},
    "extra": 3,
    "token": b"\x0a\xff",
}
BEN = {name: 8 if name == "customer_id" else None for name in ADA}


def written(folder: Path, ending: str) -> str:
    """Give the file with the rows of ADA and BEN in one of the formats."""
    if ending in ("csv", "json"):
        return str(FILES / f"users.{ending}")
    path = folder / f"users.{ending}"
    if ending == "jsonl":
        rows = json.loads((FILES / "users.json").read_text(encoding="utf-8"))
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    else:
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist([ADA, BEN]), path)
    return str(path)


def plain(value: object) -> object:
    """Read what is JSON in the engine."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{", "3") else value


@pytest.mark.parametrize("ending", ["csv", "parquet", "json", "jsonl"])
def test_every_format_gives_the_same_rows(tmp_path: Path, ending: str) -> None:
    with engine(USERS, {NAME: written(tmp_path, ending)}) as session:
        found = session.fetch("SELECT * FROM mp.crm.users ORDER BY customer_id")
        expected = [tuple(row.values()) for row in (ADA, BEN)]
        assert (expected, frozenset()) == ([tuple(map(plain, row)) for row in found.rows], session.traits.invented)


def test_semi_structured_columns_are_read_into_as_in_snowflake(tmp_path: Path) -> None:
    with engine(USERS, {NAME: written(tmp_path, "csv")}) as session:
        flattened = "mp.crm.users u, LATERAL FLATTEN(input => u.tags) f"
        query = f"SELECT u.profile:plan::string AS p, f.value::string AS v FROM {flattened} ORDER BY v"
        assert (("gold", "a"), ("gold", "b")) == session.fetch(query).rows


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "20"], (1, 20)),
        (["1.5", "20.250"], (Decimal("1.50"), Decimal("20.25"))),
        (["12345678901234567890", "1"], (Decimal(12345678901234567890), Decimal(1))),
        (["1e3", "2"], (Decimal(1000), Decimal(2))),
        (["", "5"], (None, 5)),
    ],
)
def test_a_number_keeps_its_digits(tmp_path: Path, values: list[str], expected: tuple[object, ...]) -> None:
    path = tmp_path / "t.csv"
    path.write_text("i,n\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values)), encoding="utf-8")
    with engine("CREATE TABLE t (i NUMBER, n NUMBER);", {("T",): str(path)}) as session:
        assert expected == tuple(row[0] for row in session.fetch("SELECT n FROM t ORDER BY i").rows)


def test_quotes_tell_an_empty_text_from_null_and_a_line_break_stays(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'\xef\xbb\xbfi,a\r\n1,""\r\n2,\r\n3,"x\ny"\r\n')
    with engine("CREATE TABLE t (i NUMBER, a VARCHAR);", {("T",): str(path)}) as session:
        assert ((1, ""), (2, None), (3, "x\ny")) == session.fetch("SELECT * FROM t ORDER BY i").rows


def test_a_column_that_is_not_in_the_file_is_null_and_one_beyond_an_open_description_is_text(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"a": 1, "more": true}', encoding="utf-8")
    columns = (SchemaColumn("A", "NUMBER"), SchemaColumn("B", "DATE"))
    schema = Schema((SchemaTable(("T",), columns, Source("catalog.json", ""), complete=False),))
    with closing(embedded.connect(schema, {("T",): str(path)}, now=NOW)) as session:
        found = session.fetch("SELECT * FROM t")
    assert (("A", "B", "MORE"), ((1, None, "true"),)) == (found.names, found.rows)


SMALL = "CREATE TABLE t (id NUMBER NOT NULL, email VARCHAR, born DATE, doc VARIANT, seen TIMESTAMP_TZ);"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.csv", "id,emial\n1,secret\n", "`T` has no column `emial`; did you mean `EMAIL`?"),
        ("t.csv", "email\nsecret\n", "the column `ID` is missing, which is NOT NULL in `T`"),
        ("t.csv", "id,email\n1,a\n,secret\n", "row 2: the value of `ID` is NULL, but it is NOT NULL"),
        ("t.csv", "id,email\nsecret,a\n", "row 1: the value of `ID` is no NUMBER"),
        ("t.csv", "id,born\n1,2026-01-01\n2,secret\n", "row 2: the value of `BORN` is no DATE"),
        ("t.csv", "id,doc\n1,secret\n", "row 1: the value of `DOC` is no VARIANT"),
        ("t.csv", "id,seen\n1,secret\n", "row 1: the value of `SEEN` is no TIMESTAMP_TZ"),
        ("t.csv", "id,email\n1,a\n2,secret,b\n", "row 2 does not have as many fields as the header has names"),
        ("t.csv", "id,ID\n1,2\n", "there are two columns `ID`"),
        ("t.csv", "id,secret\n1,2\n", "`T` has no column with the name of the file's column 2"),
        ("t.csv", "", "there is no header with the names of columns"),
        ("t.json", '[{"id": 1}, ["secret"]]', "row 2 is not an object with a value for each column"),
        ("t.json", '{"id": 1}\n{"id": secret}', "2: this is not JSON"),
        ("t.jsonl", '{"id": 1}\n{"id": "secret"}', "row 2: the value of `ID` is no NUMBER"),
        ("t.parquet", "secret", "this is no Parquet file"),
        ("t.xlsx", "secret", "rows are read from files that end in .csv, .parquet, .json, .jsonl, .ndjson"),
    ],
)
def test_what_does_not_fit_is_told_without_its_value(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with engine(SMALL, {("T",): str(path)}) as session:
        for _ in range(2):
            with pytest.raises(SqlcheckError) as caught:
                session.fetch("SELECT * FROM t")
    told = str(caught.value).removeprefix(f"{path}:").lstrip()
    assert (message, False) == (told, "secret" in told)


def test_a_file_that_is_not_there_stops_the_run_and_so_do_rows_of_an_unknown_table(tmp_path: Path) -> None:
    path = str(tmp_path / "none.csv")
    with engine(SMALL, {("T",): path}) as session, pytest.raises(SqlcheckError) as caught:
        session.fetch("SELECT * FROM t")
    assert f"{path}: no such file or directory" == str(caught.value)

    with pytest.raises(SqlcheckError) as caught, engine("CREATE TABLE mp.crm.users (a NUMBER);", {("USER",): path}):
        pass
    assert "there are rows for `USER`, which the schema does not describe; did you mean `USERS`?" == str(caught.value)
