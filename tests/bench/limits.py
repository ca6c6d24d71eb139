"""The ratios that sqlcheck promises, each measured against what it is a ratio of, in turn and in one run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench import models
from tests.bench.measuring import COMPILED, PARSE

COUNT = 1000
RUNS = 5
SINGLE_RUNS = 15
SQLCHECK = str(Path(sys.executable).with_name("sqlcheck"))

_PARSE_ONE = """
import sys, sqlglot
with open(sys.argv[1], encoding="utf-8") as file:
    sqlglot.parse(file.read(), dialect="snowflake")
"""


class Ratio(NamedTuple):
    """One time over another, and how large it may be; None where no limit can be kept."""

    title: str
    ratio: float
    most: float | None

    @property
    def is_kept(self) -> bool:
        """Tell whether the ratio is within its limit."""
        return self.most is None or self.ratio <= self.most

    @property
    def line(self) -> str:
        """Write it down."""
        limit = "" if self.most is None else f"   at most {self.most:.3f}{'' if self.is_kept else ': over the limit'}"
        return f"{self.title:<66}{self.ratio:7.3f}{limit}"


def measured() -> list[Ratio]:
    """Measure all ratios: of many models, and of one."""
    with tempfile.TemporaryDirectory() as name:
        folder, ddl = Path(name, "models"), Path(name, "schema.sql")
        first, *_ = models.write(folder, COUNT)
        ddl.write_text(models.schema(), encoding="utf-8")
        environment = {**COMPILED, "SQLCHECK_CACHE_DIR": str(Path(name, "cache"))}
        return [*_of_many(folder, ddl, environment), *_of_one(first, environment)]


def _of_many(folder: Path, ddl: Path, environment: dict[str, str]) -> list[Ratio]:
    cores = len(os.sched_getaffinity(0))
    parse = [sys.executable, "-c", PARSE, str(folder)]
    warm = [SQLCHECK, "check", str(folder), "--fail-on", "never"]
    check = [*warm, "--no-cache"]
    commands = [
        [*parse, "1"],
        [*parse, str(cores)],
        check,
        [*check, "--schema", str(ddl)],
        [*warm, "--clear-cache"],
        warm,
    ]
    runs = _runs(commands, RUNS, environment)
    return [
        Ratio(f"check of {COUNT:,} models / sqlglot's parsing of them in one process", _over(runs, 2, 0), 2.0),
        Ratio(f"check / sqlglot's parsing on {cores} cores", _over(runs, 2, 1), None),
        Ratio("check with a schema / check", _over(runs, 3, 2), 2.5),
        Ratio("check that fills the cache / check", _over(runs, 4, 2), None),
        Ratio("check that the cache answers / check", _over(runs, 5, 2), 1 / 15),
    ]


def _of_one(model: Path, environment: dict[str, str]) -> list[Ratio]:
    warm = [SQLCHECK, "check", str(model), "--fail-on", "never"]
    commands = [[sys.executable, "-c", _PARSE_ONE, str(model)], [*warm, "--no-cache"], warm, [SQLCHECK, "--version"]]
    runs = _runs(commands, SINGLE_RUNS, environment)
    return [
        Ratio("check of one model / to import sqlglot and parse it", _over(runs, 1, 0), 1.4),
        Ratio("check of one model that the cache answers / sqlcheck --version", _over(runs, 2, 3), None),
    ]


def _runs(commands: Sequence[Sequence[str]], count: int, environment: dict[str, str]) -> list[list[float]]:
    """Time commands in turn, so that all see the same machine; the first round is not counted."""
    rounds = [[_seconds(command, environment) for command in commands] for _ in range(count + 1)]
    return rounds[1:]


def _seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """Run a process to its end and give its wall time."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
    return time.perf_counter() - start


def _over(runs: list[list[float]], one: int, other: int) -> float:
    return statistics.median(run[one] / run[other] for run in runs)
