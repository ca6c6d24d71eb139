"""Any bytes end in diagnostics or a one-line error; spans lie in the text; nothing is raised."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sqlcheck import check
from sqlcheck.model import Diagnostic

FRAGMENTS = [
    *"( ) [ ] { } , ; : :: . * = <> || => -> ' \" $$".split(),
    *"` ? & @ # % \\ -- // /* */ {{ }} {% %} ${ } $1 \x00 \ufeff".split(),
    *"“ ” ‘ ’ – \u00a0 \u200b （ ， é 日本 😀".split(),
    *"SELECT DISTINCT TOP 5 FROM WHERE GROUP BY HAVING".split(),
    *"QUALIFY ORDER LIMIT OFFSET FETCH UNION ALL EXCEPT WITH AS".split(),
    *"RECURSIVE JOIN LEFT RIGHT FULL OUTER CROSS NATURAL LATERAL FLATTEN TABLE ON USING IN IS NOT NULL AND OR".split(),
    *"CASE WHEN THEN ELSE END BETWEEN LIKE EXISTS".split(),
    *"OVER PARTITION WITHIN CAST TRY_CAST INTERVAL DATE VALUES PIVOT".split(),
    *"SAMPLE AT BEFORE MATCH_RECOGNIZE CONNECT START PRIOR LEVEL INSERT DELETE CREATE CALL BEGIN END; EXCLUDE".split(),
    *'t u v a b c updated_at customer_id email "Plan"'.split(),
    *"'x' 1 2.5 1e9 NOW() COUNT(*) MAX(a) t.* u.a db.s.t a:b.c".split(),
    *"current_timestamp NULL TRUE -1 sqlcheck: load_timestamp=UPDATED_AT ignore[select-star] \n \r\n \t".split(" "),
]
sql = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(" ".join)


def sound(found: list[Diagnostic]) -> bool:
    for diagnostic in found:
        source, span = diagnostic.source.resolve(diagnostic.span)
        edits = diagnostic.fix.edits if diagnostic.fix else ()
        spans = [span, *(edit.span for edit in edits)]
        if not all(0 <= s.start <= s.end <= len(source.text) for s in spans):
            return False
    return True


@given(sql)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_sequence_of_sql_words_is_answered(text: str) -> None:
    assert sound(check(text, load_timestamp="UPDATED_AT", type="timestamp_ntz"))


@given(st.binary(max_size=300), st.sampled_from(["query.sql", "payload.json"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_answered(content: bytes, path: str) -> None:
    assert sound(check(content, path=path))


@given(sql)
@settings(max_examples=150, deadline=None)
def test_any_sql_inside_a_payload_is_answered(text: str) -> None:
    import json

    body = {"id": "m-model", "name": "m", "workspace_id": 1, "type": "sql", "sql_query": text}
    assert sound(check(json.dumps(body), path="payload.json"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1", "utf-8-sig"])
def test_other_encodings_are_answered(encoding: str) -> None:
    assert sound(check("select é from t".encode(encoding)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "select " + "(" * 2000 + "a" + ")" * 2000 + " from t",
        "(" * 5000,
        "select " + "[" * 3000,
        "select " + "case when a then " * 2000 + "1" + " end" * 2000,
        "select " + "not " * 3000 + "a from t",
        "select " + "- " * 3000 + "a from t",
        "select a from " + "(select a from " * 1000 + "t" + ")" * 1000,
        "with " + ", ".join(f"c{n} as (select {n} as a)" for n in range(500)) + " select a from c1",
        "select a from t where " + " or ".join(f"a{n} = {n}" for n in range(3000)),
        " union all ".join(["select a from t"] * 1500),
        "select " + ", ".join(f"t.a{n} as b{n}" for n in range(8000)) + " from t",
        "select '" + "x" * 1_000_000 + "' as a from t",
        "-- " + "x" * 1_000_000 + "\nselect a from t",
        "select a, " * 5000,
        "'" * 10_001,
        "/*" * 10_000,
        "{{" * 10_000,
        "“" * 10_000,
        "select a from t " + ";" * 10_000,
        "select a from t; " * 2000,
    ],
    ids=lambda text: text[:20] + f"…{len(text)}",
)
def test_extreme_texts_are_answered(text: str) -> None:
    assert sound(check(text))
