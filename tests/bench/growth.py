"""How time and memory grow: with the number of models, and with the length of one query."""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path

from tests.bench import models
from tests.bench.measuring import SQLCHECK, Cost, measure, table

COUNTS = (10, 100, 1000, 10_000)
LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
MOST = 1.15
"""Over this exponent, time does not grow linearly any more."""
MOST_KILOBYTES = 5
"""So much memory may each further model take: its text and what was found are kept until the end, and no tree is."""


def grown() -> str:
    """Measure, give the table, and stop where something grows faster than its cause."""
    with tempfile.TemporaryDirectory() as name:
        by_count = [_models(Path(name, f"models{count}"), count) for count in COUNTS]
        by_length = [_query(Path(name, f"query{length}"), length) for length in LENGTHS]
    exponents = _exponent(by_count, COUNTS), _exponent(by_length, LENGTHS)
    kilobytes = 1000 * (by_count[-1].megabytes - by_count[0].megabytes) / COUNTS[-1]
    rows = [
        *_rows("models", exponents[0], [f"{count:,}" for count in COUNTS], by_count),
        *_rows("one query, characters", exponents[1], [f"{length:,}" for length in LENGTHS], by_length),
    ]
    if max(exponents) > MOST or kilobytes > MOST_KILOBYTES:
        sys.exit(f"grows too fast: time with the exponents {exponents}, memory by {kilobytes:.1f} kB a model")
    return table(("", *map(str, range(1, 5)), "exponent"), rows)


def _rows(title: str, exponent: float, sizes: list[str], costs: list[Cost]) -> list[tuple[str, ...]]:
    return [
        (title, *sizes, ""),
        ("seconds", *(f"{cost.seconds:.2f}" for cost in costs), f"{exponent:.2f}"),
        ("MB at most", *(f"{cost.megabytes:.0f}" for cost in costs), ""),
    ]


def _exponent(costs: list[Cost], sizes: tuple[int, ...]) -> float:
    """Compare the two largest, without what the smallest shows a start to take."""
    start = costs[0].seconds
    return math.log((costs[-1].seconds - start) / (costs[-2].seconds - start), sizes[-1] / sizes[-2])


def _models(folder: Path, count: int) -> Cost:
    models.write(folder, count)
    return measure((*SQLCHECK, "--jobs", "1", "."), folder, 3 if count < 10_000 else 1)


def _query(folder: Path, length: int) -> Cost:
    """Check one query with as many columns, joins and conditions as its length holds."""
    folder.mkdir()
    text = models.long(length)
    (folder / "query.sql").write_text(text, encoding="utf-8")
    return measure((*SQLCHECK, "."), folder, 3)
