"""What a process costs, and a table of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An environment in which modules stay compiled, as those of an installed package are."""
_WAIT = """
import json, os, subprocess, sys, time
start = time.perf_counter()
with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
seconds = time.perf_counter() - start
json.dump([seconds, usage.ru_maxrss, process.returncode, output.decode("utf-8", "replace")], sys.stdout)
"""
"""A small process that waits for another one: what a process has at most counts from the one that started it."""
PATIENCE = 10
"""After so many seconds no further run is made: what takes long varies little."""
PARSE = """
import os, sys, pathlib, multiprocessing, sqlglot
def parse(path):
    try:
        sqlglot.parse(path.read_text(encoding="utf-8"), dialect="snowflake")
    except sqlglot.errors.ParseError:
        pass
if __name__ == "__main__":
    paths, jobs = sorted(pathlib.Path(sys.argv[1]).glob("*.sql")), int(sys.argv[2])
    if jobs == 1:
        for path in paths:
            parse(path)
    else:
        with multiprocessing.get_context("fork").Pool(jobs) as pool:
            pool.map(parse, paths, chunksize=25)
"""
"""What parses the `.sql` files of a folder, the first argument, on as many processors as the second one says."""
SQLCHECK = (sys.executable, "-m", "sqlcheck", "check", "--fail-on", "never", "--no-cache")


@dataclass(frozen=True)
class Cost:
    """Wall time in seconds, and the most memory that one of the processes had at a time, in MB; what came on stdout."""

    seconds: float
    megabytes: float
    output: str


def measure(command: Sequence[str], folder: Path, runs: int = 1) -> Cost:
    """Run a command some times in a folder and give the fastest run; exit code 1 only says that something was found."""
    costs = [_measure(command, folder)]
    while len(costs) < runs and sum(cost.seconds for cost in costs) < PATIENCE:
        costs.append(_measure(command, folder))
    return min(costs, key=lambda cost: cost.seconds)


def _measure(command: Sequence[str], folder: Path) -> Cost:
    waiting = (sys.executable, "-S", "-c", _WAIT, *command)
    told = subprocess.run(waiting, cwd=folder, stdout=subprocess.PIPE, text=True, env=COMPILED, check=True).stdout
    seconds, kilobytes, code, output = json.loads(told)
    if code not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {code}")
    return Cost(seconds, kilobytes / 1024, output)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table as Markdown that reads as text as well; all columns but the first are set to the right."""
    widths = [max(len(row[at]) for row in (headers, *rows)) for at in range(len(headers))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "".join(_line(row, widths) for row in (headers, rule, *rows))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(cells)} |\n"
