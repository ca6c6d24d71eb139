"""Documents of the worst kind: time grows with their length, not with its square."""

from __future__ import annotations

import json
from time import perf_counter, process_time

import pytest

from sqlcheck import check
from tests.bench import models

SIZE = 200_000
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
