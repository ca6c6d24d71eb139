"""Where the time of a check goes: what sqlglot takes, and what each stage of sqlcheck adds to it."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlglot

from sqlcheck.batch import Input
from sqlcheck.inputs import collect, query_subject
from tests.bench import models
from tests.bench.measuring import table

COUNT = 200
ROUNDS = 5


def spent() -> str:
    """Measure in this process, and give the table: milliseconds of processor time for a model of the middle."""
    with tempfile.TemporaryDirectory() as name:
        inputs = collect([str(models.write(Path(name), COUNT)[0].parent)]).inputs
        texts = [entry.text.text for entry in inputs]
        steps: dict[str, Callable[[int], object]] = {
            "sqlglot: tokens and tree": lambda at: sqlglot.parse(texts[at], dialect="snowflake"),
            "what is written: spans, marks, nodes by class": lambda at: _read(texts[at]),
            "what names mean: outputs, roles, header": lambda at: _resolved(texts[at]),
            "the checks": lambda at: inputs[at].check(),
            "clearing the tree away": lambda at: _cleared(inputs[at]),
        }
        sums = {name: _milliseconds(step) for name, step in steps.items()}
    whole, before, rows = sums["clearing the tree away"], 0.0, list[tuple[str, ...]]()
    for title, reached in sums.items():
        rows.append((title, f"{reached - before:.2f}", f"{100 * (reached - before) / whole:.0f} %"))
        before = reached
    return table(("of one model", "ms", "share"), [*rows, ("together", f"{whole:.2f}", "")])


def _read(text: str) -> object:
    query = query_subject(text).query
    return query.index, [query.select(node) for node in query.index.selects]


def _resolved(text: str) -> object:
    subject = query_subject(text)
    return subject.query.index, subject.mapping


def _cleared(entry: Input) -> object:
    entry.check()
    return gc.collect(0)


def _milliseconds(step: Callable[[int], object]) -> float:
    """Give what a step takes for one text, in the middle of some rounds; its garbage is cleared outside of the time."""
    gc.collect()
    gc.freeze()
    gc.disable()
    rounds = []
    for _ in range(ROUNDS + 1):
        spent = 0.0
        for at in range(COUNT):
            start = time.process_time()
            step(at)
            spent += time.process_time() - start
            gc.collect(0)
        rounds.append(1000 * spent / COUNT)
    gc.enable()
    gc.unfreeze()
    return statistics.median(rounds[1:])
