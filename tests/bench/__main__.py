"""Print how long `sqlcheck check` takes over generated models, as ratios to bare parsing measured in the same run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench import growth, models, rivals, scoreboard

COUNT = 1000
RUNS = 5
LIMIT = 2.0
SCHEMA_LIMIT = 2.5
SINGLE_LIMIT = 1.4
SINGLE_RUNS = 15

_PARSE = """
import sys, pathlib, sqlglot
for path in sys.argv[1:]:
    for file in sorted(pathlib.Path(path).glob("*.sql")):
        sqlglot.parse(file.read_text(encoding="utf-8"), dialect="snowflake")
"""


_PARSE_ONE = """
import sys, sqlglot
with open(sys.argv[1], encoding="utf-8") as file:
    sqlglot.parse(file.read(), dialect="snowflake")
"""

_COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An environment in which modules stay compiled, as those of an installed package are."""


def seconds(command: Sequence[str]) -> float:
    """Run a process to its end and give its wall time."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=_COMPILED)
    return time.perf_counter() - start


def medians(commands: Sequence[Sequence[str]], count: int = RUNS) -> tuple[list[float], list[list[float]]]:
    """Time commands in turn, so that all see the same machine; give the medians and the runs."""
    for command in commands:
        seconds(command)
    runs = [[seconds(command) for command in commands] for _ in range(count)]
    return [statistics.median(times) for times in zip(*runs, strict=True)], runs


def main() -> None:
    """Measure, print the table, and fail where a ratio is over its limit."""
    with tempfile.TemporaryDirectory() as name:
        folder, ddl = Path(name, "models"), Path(name, "schema.sql")
        paths = models.write(folder, COUNT)
        ddl.write_text(models.schema(), encoding="utf-8")
        size = sum(path.stat().st_size for path in paths) / 1000
        check = [sys.executable, "-m", "sqlcheck", "check", str(folder), "--fail-on", "never"]
        parse = [sys.executable, "-c", _PARSE, str(folder)]
        (parsed, checked, described), runs = medians([parse, check, [*check, "--schema", str(ddl)]])
        command = [str(Path(sys.executable).with_name("sqlcheck")), "check", str(paths[0]), "--fail-on", "never"]
        parse_one = [sys.executable, "-c", _PARSE_ONE, str(paths[0])]
        (one_parsed, one_checked), single_runs = medians([parse_one, command], SINGLE_RUNS)
    to_parse = statistics.median(run[1] / run[0] for run in runs)
    to_check = statistics.median(run[2] / run[1] for run in runs)
    to_start = statistics.median(run[1] / run[0] for run in single_runs)
    print(f"{COUNT} models, {size:.0f} kB, {RUNS} runs of each in turn, medians of the whole process")
    print(f"{'sqlglot parse, one process':<30}{parsed:8.2f} s")
    print(f"{'sqlcheck check':<30}{checked:8.2f} s   {to_parse:.2f} times the parsing, at most {LIMIT}")
    print(f"{'sqlcheck check --schema':<30}{described:8.2f} s   {to_check:.2f} times that, at most {SCHEMA_LIMIT}")
    print(f"one model, {SINGLE_RUNS} runs of each in turn")
    print(f"{'import sqlglot, and parse':<30}{one_parsed:8.2f} s")
    print(f"{'sqlcheck check':<30}{one_checked:8.2f} s   {to_start:.2f} times that, at most {SINGLE_LIMIT}")
    if to_parse > LIMIT or to_check > SCHEMA_LIMIT or to_start > SINGLE_LIMIT:
        sys.exit("over the limit")


def compare() -> None:
    """Print how sqlcheck stands beside others and how it grows; with `--readme` the README tells it as well."""
    others = rivals.installed()
    score = scoreboard.score(others)
    parts = [rivals.compared(others), f"\n**how it grows**\n\n{growth.grown()}"]
    told = "\n**who finds what**: models with one fault each\n\n"
    print("".join([*parts, told, score.full()]))
    if "--readme" in sys.argv[1:]:
        rivals.publish("".join([*parts, told, score.brief()]))


if __name__ == "__main__":
    compare()
    main()
