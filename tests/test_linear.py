"""Documents of the worst kind: time grows with their length, not with its square."""

from __future__ import annotations

import json
from time import perf_counter, process_time

import pytest

from sqlcheck import check
from tests.bench import models

SIZE = 200_000
STAMP = "type=timestamp_ntz time_zone=UTC load_timestamp"
CONNECTION = {"id": "a-connection", "source_account_id": "gd1234", "type": "snowflake"}
MODELS = [f"  - {{id: m{n}-model, query: q{n}.sql}}\n" for n in range(2000)]
PIPELINES = [f"  - {{id: p{n}-pipeline, model: x{n}-model, interval: daily}}\n" for n in range(2000)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", json.dumps({"a": "1" * SIZE})),
        ("a.json", json.dumps({**CONNECTION, "name": "{{" * (SIZE // 2)})),
        ("a.json", json.dumps({**CONNECTION, "region": "a" * SIZE})),
        ("a.json", '"' + "\\ud800" * (SIZE // 12) + '"'),
        ("a.yaml", "a: " + "_" * SIZE),
        ("a.yaml", 'a: "' + "\ue000" * SIZE + '"'),
        ("a.yaml", '"password: ' * (SIZE // 11)),
        ("a.yaml", "".join(["models:\n", *MODELS, "pipelines:\n", *PIPELINES])),
    ],
    ids=["digits", "braces", "region", "surrogates", "underscores", "private use", "secrets", "references"],
)
def test_a_large_document_is_checked_in_seconds(path: str, text: str) -> None:
    start = perf_counter()
    check(text, path=path)
    assert perf_counter() - start < 15


def test_a_query_with_thousands_of_joins_is_checked_in_seconds() -> None:
    text = models.long(500_000)
    start = process_time()
    found = {each.rule for each in check(text)}
    assert process_time() - start < 10
    assert {"too-many-columns", "one-sided-load-timestamp"} == found


@pytest.mark.parametrize(
    ("head", "part", "tail"),
    [
        ("SELECT a FROM b ", "JOIN c ", ""),
        ("SELECT a FROM b ", "LEFT JOIN c.d.LEFT ", ""),
        ("SELECT a FROM b ", ", c JOIN d ", ""),
        ("SELECT a FROM b ", "JOIN (SELECT 1 FROM c) d ", ""),
        ("SELECT a FROM b ", "JOIN LATERAL FLATTEN(b.c) d ", ""),
        ("SELECT a FROM ", "(b JOIN ", ""),
        ("SELECT a FROM ", "b JOIN (", ""),
        ("SELECT ", "TRANSFORM(b, x -> ", "1"),
        ("SELECT ", "COALESCE(b, ", "1"),
        ("SELECT ", "CASE WHEN b THEN ", "1"),
        ("SELECT ", "(SELECT ", "1"),
        ("SELECT a::", "ARRAY(", "INT"),
        ("SELECT a ", "BETWEEN b AND c AND ", "d FROM e"),
        ("SELECT a FROM b WHERE ", "(c OR ", "d"),
    ],
)
@pytest.mark.parametrize("closed", [True, False])
def test_a_part_that_is_repeated_takes_no_longer_each_time(head: str, part: str, tail: str, closed: bool) -> None:
    count = 60
    closing = part.count("(") - part.count(")") if closed else 0
    start = process_time()
    check(f"{head}{part * count}{tail}{')' * closing * count}")
    assert process_time() - start < 10


def _aliases(first: str, step: str, count: int = 26) -> str:
    """Write aliases of which each reads the one before it twice."""
    return ", ".join([f"{first} AS a0", *(f"{step.format(f'a{n - 1}')} AS a{n}" for n in range(1, count + 1))])


def _ctes(first: str, step: str, last: str, count: int = 26) -> str:
    """Write CTEs of which each reads the one before it twice."""
    later = (f"x{n} AS ({step.format(f'x{n - 1}')})" for n in range(1, count + 1))
    return f"WITH x0 AS ({first}), {', '.join(later)} {last.format(f'x{count}')}"


@pytest.mark.parametrize(
    ("rule", "settings", "query"),
    [
        ("mistyped-attribute", "attributes=A26:text", f"SELECT {_aliases('1', '{0} + {0}')} FROM d.s.t"),
        ("mistyped-load-timestamp", f"{STAMP}=A26", f"SELECT {_aliases('u::VARCHAR', '{0} || {0}')} FROM d.s.t"),
        (
            "constant-load-timestamp",
            f"{STAMP}=A26",
            f"SELECT {_aliases('CURRENT_TIMESTAMP()', 'GREATEST({0}, {0})')} FROM d.s.t",
        ),
        (
            "coarse-load-timestamp",
            f"{STAMP}=A26",
            f"SELECT {_aliases('DATE_TRUNC(DAY, u)', 'GREATEST({0}, {0})')} FROM d.s.t",
        ),
        (
            "one-sided-load-timestamp",
            f"{STAMP}=A26",
            f"SELECT b.z, {_aliases('p.v', 'GREATEST({0}, {0})')} FROM d.s.t p JOIN d.s.b b ON p.i = b.i",
        ),
        (
            "one-sided-load-timestamp",
            f"{STAMP}=U",
            _ctes(
                "SELECT t.u, t.id, b.z FROM d.s.t t JOIN d.s.b b ON t.i = b.i",
                "SELECT u, id, z FROM {0} UNION ALL SELECT u, id, z FROM {0}",
                "SELECT u, id, z FROM {0}",
            ),
        ),
        (
            "unsendable-attribute",
            f"{STAMP}=U",
            _ctes(
                "SELECT u, v::BINARY AS v FROM d.s.t",
                "SELECT * FROM {0} UNION ALL SELECT * FROM {0}",
                "SELECT * FROM {0}",
            ),
        ),
        (
            "one-sided-load-timestamp",
            f"{STAMP}=U",
            _ctes(
                "SELECT a FROM d.s.t",
                "SELECT p.a FROM {0} p JOIN {0} q ON p.a = q.a",
                "SELECT MAX(z.u) AS u, z.k, (SELECT COUNT(*) FROM {0} s WHERE s.a = k) AS n FROM d.s.w z GROUP BY 2",
            ),
        ),
        (
            "common-table-expression",
            f"{STAMP}=U",
            _ctes("SELECT 1 AS a", "SELECT p.a FROM {0} p, {0} q", "SELECT r.u FROM d.s.r, {0} s"),
        ),
        (
            "nullable-identity",
            f"{STAMP}=U",
            f"SELECT a.u, {_aliases('b.x', '{0} || {0}')}, a26 AS email FROM d.s.a LEFT JOIN d.s.b ON a.i = b.i",
        ),
        (
            "nullable-identity",
            f"{STAMP}=U",
            _ctes(
                "SELECT a.u, b.email FROM d.s.a LEFT JOIN d.s.b ON a.i = b.i",
                "SELECT u, email FROM {0} UNION ALL SELECT u, email FROM {0}",
                "SELECT u, email FROM {0}",
            ),
        ),
    ],
)
def test_what_is_read_twice_at_each_step_is_followed_once(rule: str, settings: str, query: str) -> None:
    start = process_time()
    found = {each.rule for each in check(f"-- sqlcheck: {settings}\n{query}")}
    assert process_time() - start < 10
    assert rule in found


@pytest.mark.parametrize(
    ("head", "part"),
    [
        ("SELECT {{ x }} -- match_recognize\n", "pattern("),
        ("SELECT b FROM c WHERE ", "a - = 1 AND "),
    ],
)
def test_signs_that_are_repeated_by_the_thousand_are_looked_at_once(head: str, part: str) -> None:
    start = process_time()
    check(head + part * 20_000 + "d")
    assert process_time() - start < 10


@pytest.mark.parametrize("last", ["updated_at", "customer_id", '"x"'])
def test_a_chain_of_thousands_of_aliases_is_followed_in_seconds(last: str) -> None:
    chain = ", ".join(f"COALESCE(a{number}, 1) AS a{number + 1}" for number in range(3000))
    start = process_time()
    query = f"SELECT u.a AS a0, {chain}, a3000 AS {last} FROM d.s.u"
    found = {each.rule for each in check(f"-- sqlcheck: {STAMP}=UPDATED_AT\n{query}")}
    assert process_time() - start < 10
    assert {"too-many-columns"} <= found
