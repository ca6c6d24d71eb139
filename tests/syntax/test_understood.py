"""What sqlglot is given says what the author wrote, and is read in time that grows with the text alone."""

from __future__ import annotations

from time import process_time

import pytest

from sqlcheck.model import Source
from sqlcheck.parse import parse
from sqlcheck.syntax import understood

FROM = [
    "a JOIN b JOIN c",
    "a LEFT JOIN b JOIN c ON b.x = c.x ON a.x = b.x",
    "a LEFT OUTER JOIN b INNER JOIN c ON b.x = c.x CROSS JOIN d NATURAL JOIN e, f JOIN LATERAL FLATTEN(INPUT => f.z) g",
    "a JOIN (SELECT 1 AS k FROM u JOIN v) w JOIN y USING (k)",
    "a ASOF JOIN b MATCH_CONDITION (a.t >= b.t) JOIN c FULL OUTER JOIN d",
    "a INNER DIRECTED JOIN b JOIN c RIGHT JOIN d",
    "a JOIN b UNION SELECT 2 FROM c JOIN d JOIN m.p.left JOIN e",
    "a JOIN (b JOIN c) JOIN d ON x ON y",
    "a JOIN b NATURAL JOIN c ON 1 = 1 JOIN d",
    "a JOIN b CROSS JOIN c ON b.x = c.x JOIN d ON a.x = d.x JOIN e",
]


def read(text: str) -> str:
    tree = parse(Source("query.sql", text)).tree
    return tree.sql("snowflake") if tree is not None else "unreadable"


@pytest.mark.parametrize("tables", FROM)
def test_joins_without_a_condition_mean_the_same_however_many_there_are(
    tables: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"SELECT 1 FROM {tables}"
    plain = read(text)
    monkeypatch.setattr(understood, "MOST_BARE", 0)
    assert ("unreadable" == plain, plain) == (False, read(text))


@pytest.mark.parametrize("join", ["JOIN a.b.t", "LEFT JOIN a.b.t", "INNER JOIN a.b.t", "JOIN a.b.LEFT"])
def test_hundreds_of_joins_without_a_condition_are_read_in_seconds(join: str) -> None:
    start = process_time()
    tree = parse(Source("query.sql", f"SELECT u.a FROM a.b.c u {f'{join} ' * 300}")).tree
    assert process_time() - start < 10
    assert tree is not None
    assert {(300, "")} == {(len(tree.args["joins"]), each.args.get("on") or "") for each in tree.args["joins"]}
    assert {join.partition("JOIN")[0].strip()} == {f"{each.side}{each.kind}" for each in tree.args["joins"]}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ARRAY(NUMBER NOT NULL)", "ARRAY(DECIMAL(38, 0))"),
        ("MAP(VARCHAR, ARRAY(DATE NOT  NULL) not null)", "MAP(VARCHAR, ARRAY(DATE))"),
    ],
)
def test_members_that_must_not_be_null_are_read_as_members(written: str, kept: str) -> None:
    assert f"SELECT CAST(a AS {kept}) AS b FROM c WHERE NOT d IS NULL" == read(
        f"SELECT a::{written} AS b FROM c WHERE d IS NOT NULL"
    )


def test_a_word_of_another_dialect_is_a_name() -> None:
    assert "SELECT straight_join.a FROM b.c.d AS straight_join" == read(
        "SELECT straight_join.a FROM b.c.d straight_join"
    )
    start = process_time()
    assert "unreadable" == read(f"SELECT a FROM b {'STRAIGHT_JOIN c ' * 40}")
    assert process_time() - start < 10
