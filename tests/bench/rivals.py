"""sqlcheck beside the other linters of Snowflake's SQL, as they are today: the same files, the same machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from tests import corpus
from tests.bench import models
from tests.bench.measuring import PARSE, SQLCHECK, Cost, measure, table

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv-bench"
PUBLISHED = re.compile(r"(?<=^<!-- bench -->\n).*?(?=^<!-- end of bench -->$)", re.MULTILINE | re.DOTALL)
COUNT = 1000
NEAREST = "AL03,AL04,AL08,AM04,AM07,AM08,AM09,CV05,RF01,ST12"
"""Their rules that look for what sqlcheck looks for as well, and no rule of layout."""
NOTES = """
*of parsing*: times what sqlglot takes in one process. Of files in brackets a part was measured, and is scaled up.
"""
HEADERS = ("", "rules", "files", "seconds", "ms a file", "of parsing", "MB")


@dataclass(frozen=True)
class Rival:
    """Another linter: how it is called, and about how many files it is given at most, for one is slow."""

    name: str
    version: str
    program: str
    options: tuple[str, ...]
    most: int = 100_000

    def command(self, *paths: str) -> tuple[str, ...]:
        """Give the command line for some paths; its configuration lies in the current folder."""
        return (self.program, "lint", *self.options, *paths)

    def configure(self, folder: Path, rules: str | None) -> None:
        """Set the dialect and the rules, its own choice when None, for the files in a folder."""
        chosen = f"rules = {rules}\n" if rules else ""
        (folder / f".{self.name}").write_text(f"[{self.name}]\ndialect = snowflake\n{chosen}")


def installed() -> tuple[Rival, ...]:
    """Install the newest versions beside the project, where they are not there yet, and give them."""
    if not VENV.exists():
        venv.create(VENV, with_pip=True)
    programs = VENV / "bin"
    pip = (str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade")
    subprocess.run([*pip, "sqlfluff", "sqruff"], check=True, stderr=subprocess.DEVNULL)
    versions = {name: _version(programs / name) for name in ("sqruff", "sqlfluff")}
    return (
        Rival("sqruff", versions["sqruff"], str(programs / "sqruff"), ("-f", "json")),
        Rival("sqlfluff", versions["sqlfluff"], str(programs / "sqlfluff"), ("-f", "json", "--processes", "0"), 25),
    )


def _version(program: Path) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    assert found, said
    return found.group()


def compared(rivals: tuple[Rival, ...]) -> str:
    """Measure all on generated models, on the queries of TPC where they are, and on one model; give the tables."""
    cores = len(os.sched_getaffinity(0))
    told = ", ".join(f"{rival.name} {rival.version}" for rival in rivals)
    parts = [f"sqlglot {version('sqlglot')}, {told}, Python {sys.version.split()[0]}, {cores} cores.\n"]
    with tempfile.TemporaryDirectory() as name:
        for title, folder in _sets(Path(name)):
            rows = list(_rows(folder, rivals, cores))
            parts.append(f"\n**{title}**\n\n{table(HEADERS, rows)}")
    return "".join([*parts, NOTES])


def _sets(folder: Path) -> Iterator[tuple[str, Path]]:
    """Write the sets of files, and give a title and a folder of each."""
    paths = models.write(folder / "models", COUNT)
    size = sum(path.stat().st_size for path in paths) / COUNT
    yield f"{COUNT:,} generated models of {size / 1000:.1f} kB", folder / "models"
    queries = corpus.lines("tpc_queries.jsonl")
    if queries:
        (folder / "tpc").mkdir()
        for number, row in enumerate(queries):
            (folder / "tpc" / f"{number:03}.sql").write_text(row["sql"], encoding="utf-8")
        yield f"the {len(queries)} queries of TPC-H and TPC-DS", folder / "tpc"
    (folder / "one").mkdir()
    shutil.copy(paths[0], folder / "one")
    yield "one model, from a cold start", folder / "one"


def _rows(folder: Path, rivals: tuple[Rival, ...], cores: int) -> Iterator[tuple[str, ...]]:
    names = sorted(path.name for path in folder.glob("*.sql"))
    count = len(names)
    runs = 7 if count == 1 else 3
    parse = (sys.executable, "-c", PARSE, str(folder))
    floor = measure((*parse, "1"), folder, runs)
    yield _row("sqlglot, parsing alone", "", count, floor, floor)
    if count > 1:
        yield _row(f"sqlglot, on {cores} cores", "", count, measure((*parse, str(cores)), folder, runs), floor)
        yield _row("sqlcheck --jobs 1", "all", count, measure((*SQLCHECK, "--jobs", "1", "."), folder, runs), floor)
    yield _row("sqlcheck", "all", count, measure((*SQLCHECK, "."), folder, runs), floor)
    for rival in rivals:
        part = names[:: max(1, count // rival.most)]
        for rules, words in ((NEAREST, "nearest"), (None, "default")):
            rival.configure(folder, rules)
            cost = measure(rival.command(*part), folder, runs)
            if len(part) < count:
                cost = _scaled(cost, len(part), measure(rival.command(part[0]), folder, runs), count)
            yield _row(rival.name, words, count, cost, floor, len(part))


def _scaled(cost: Cost, part: int, one: Cost, count: int) -> Cost:
    """Scale what a part of the files takes up to all of them, beyond what it takes to start and do one."""
    each = max(0.0, cost.seconds - one.seconds) / (part - 1)
    return replace(cost, seconds=one.seconds + each * (count - 1))


def _row(name: str, rules: str, count: int, cost: Cost, floor: Cost, part: int | None = None) -> tuple[str, ...]:
    seconds = cost.seconds
    files = f"({part})" if part not in (None, count) else f"{count}"
    figures = (f"{seconds:.2f}", f"{1000 * seconds / count:.1f}", f"{seconds / floor.seconds:.1f}")
    return name, rules, files, *figures, f"{cost.megabytes:.0f}"


def violations(rival: Rival, folder: Path) -> Iterator[tuple[str, int, str]]:
    """Lint the files of a folder, and give file, line and code of what a rival finds."""
    output = measure(rival.command("."), folder).output
    if rival.name == "sqruff":
        for path, found in json.loads(output).items():
            yield from ((Path(path).name, each["range"]["start"]["line"], each["code"] or "PRS") for each in found)
    else:
        for entry in json.loads(output):
            file, found = Path(entry["filepath"]).name, entry["violations"]
            yield from ((file, each["start_line_no"], each["code"]) for each in found)


def publish(text: str) -> None:
    """Write what was measured into the README."""
    readme = ROOT / "README.md"
    readme.write_text(PUBLISHED.sub(lambda _: f"\n{text}\n", readme.read_text(encoding="utf-8")), encoding="utf-8")
