"""How often each rule found something: in place of the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from sqlcheck.commands._terminal import table
from sqlcheck.formats.json import head
from sqlcheck.formats.text import summary_line
from sqlcheck.model import Report


class Count(NamedTuple):
    """What a rule found: how much of it counts, what of that can be fixed, and how much is in the baseline."""

    rule: str
    found: int
    safe: int
    unsafe: int
    known: int


def statistics(report: Report, form: str) -> str:
    """Count what each rule found, the most frequent first."""
    counts = sorted(_counts(report), key=lambda each: (-each.found, -each.known, each.rule))
    if form == "json":
        described = [
            {
                "rule": each.rule,
                "count": each.found,
                "fixable": {"safe": each.safe, "unsafe": each.unsafe},
                "in_baseline": each.known,
            }
            for each in counts
        ]
        return json.dumps({**head(report), "statistics": described}, indent=2) + "\n"
    headers = ["rule", "count", "--fix", "--unsafe-fixes", *(["in baseline"] if report.baseline is not None else [])]
    rows = [[each.rule, *map(str, each[1 : len(headers)])] for each in counts]
    return f"{table(headers, rows) if rows else ''}{summary_line(report)}\n"


def _counts(report: Report) -> Iterator[Count]:
    """Count by rule; what --unsafe-fixes mends beside what --fix does is counted apart."""
    for rule in {found.rule for found, _ in report.everything}:
        fixes = [found.fix for found in report.diagnostics if found.rule == rule]
        safe = sum(1 for fix in fixes if fix and fix.safe)
        unsafe = sum(1 for fix in fixes if fix and not fix.safe)
        known = sum(1 for found in report.baseline or () if found.rule == rule)
        yield Count(rule, len(fixes), safe, unsafe, known)
