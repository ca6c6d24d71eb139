"""Print how long `sqlcheck check` takes over generated models, as ratios to bare parsing measured in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench import models

COUNT = 1000
RUNS = 5
LIMIT = 2.0

_PARSE = """
import sys, pathlib, sqlglot
for path in sys.argv[1:]:
    for file in sorted(pathlib.Path(path).glob("*.sql")):
        sqlglot.parse(file.read_text(encoding="utf-8"), dialect="snowflake")
"""


def seconds(command: Sequence[str]) -> float:
    """Run a process to its end and give its wall time."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def compare(folder: Path) -> tuple[list[float], list[float]]:
    """Time checking and bare parsing in turn, so that both see the same machine."""
    check = [sys.executable, "-m", "sqlcheck", "check", str(folder)]
    parse = [sys.executable, "-c", _PARSE, str(folder)]
    seconds(parse), seconds(check)
    pairs = [(seconds(check), seconds(parse)) for _ in range(RUNS)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def main() -> None:
    """Measure, print the table, and fail when checking costs more than twice the parsing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = models.write(folder, COUNT)
        size = sum(path.stat().st_size for path in paths) / 1000
        checked, parsed = compare(folder)
    ratio = statistics.median(a / b for a, b in zip(checked, parsed, strict=True))
    print(f"{COUNT} models, {size:.0f} kB, {RUNS} runs of each in turn, medians of the whole process")
    print(f"{'sqlglot parse, one process':<30}{statistics.median(parsed):8.2f} s   1.00")
    print(f"{'sqlcheck check':<30}{statistics.median(checked):8.2f} s   {ratio:.2f}")
    if ratio > LIMIT:
        sys.exit(f"checking may cost at most {LIMIT} times the parsing")


if __name__ == "__main__":
    main()
