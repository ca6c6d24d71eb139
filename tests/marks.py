"""Queries whose faults are marked: `«…»` is what a finding must point at."""

from __future__ import annotations

import re

from sqlcheck import rulebook
from sqlcheck.model import Source
from sqlcheck.settings import LoadTimestamp, Model, Value
from sqlcheck.subject import QuerySubject

STAMPED = Model(load_timestamp=LoadTimestamp(Value("UPDATED_AT"), Value("timestamp_ltz")))

Marks = list[tuple[int, int, str]]


def found(sql: str, *families: str) -> Marks:
    """Give the spans and rules that families of rules find in a query."""
    rules = {name for name, rule in rulebook.rules().items() if rule.family in families}
    report = QuerySubject(Source("query.sql", sql), STAMPED).check()
    return [(d.span.start, d.span.end, d.rule) for d in report.diagnostics if d.rule in rules]


def expected(rules: str, marked: str) -> tuple[str, Marks]:
    """Take the marks out of a text, and give what is to be found at them; the rules stand in the order of the marks."""
    sql, spans = "", []
    for part in re.split(r"(«[^»]*»)", marked):
        bare = part.strip("«»")
        if bare != part:
            spans.append((len(sql), len(sql) + len(bare)))
        sql += bare
    return sql, [(*span, rule) for span, rule in zip(spans, rules.split(), strict=True)]
