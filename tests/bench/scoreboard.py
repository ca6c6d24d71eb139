"""Who finds what: models with one typical fault each, and which linter reports it at its line."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import models
from tests.bench.measuring import SQLCHECK, measure, table
from tests.bench.rivals import NEAREST, Rival, violations

FAULTS = Path(__file__).with_name("faults")
CLEAN = 50
"""So many models without a fault show how often each reports something where nothing is."""
YES, ELSEWHERE, NOT = "yes", "other line", "–"
_UNREADABLE = frozenset({"PRS", "LXR", "TMP"})
MEANT = {
    **dict.fromkeys(("unreadable-query", "typographic-character", "foreign-quoting", "forgiven-syntax"), _UNREADABLE),
    **dict.fromkeys(("unfilled-placeholder", "not-a-select"), _UNREADABLE),
    "several-statements": frozenset({"ST12"}),
    "select-star": frozenset({"AM04"}),
    "unknown-alias": frozenset({"RF01"}),
    "unknown-column": frozenset({"RF01"}),
    "uneven-set-operation": frozenset({"AM07"}),
    "row-limit": frozenset({"AM09"}),
    "cartesian-join": frozenset({"AM08"}),
    "null-comparison": frozenset({"CV05"}),
    "duplicate-output": frozenset({"AL08"}),
    "duplicate-identity": frozenset({"AL08"}),
    "unnamed-output": frozenset({"AL03"}),
}
"""Fault → the codes of sqlfluff and sqruff that say so; one without is none that they look for."""
_MARK = re.compile(r"-- fault: ([a-z-]+), line (\d+)\n")


def faults() -> dict[str, tuple[str, int]]:
    """Give each file of the set with the rule and the line of its fault."""
    found = {}
    for path in sorted(FAULTS.glob("*.sql")):
        mark = _MARK.match(path.read_text(encoding="utf-8"))
        assert mark, f"{path} does not say what is wrong with it"
        found[path.name] = mark[1], int(mark[2])
    return found


@dataclass(frozen=True)
class Score:
    """What each linter tells: file of a fault → whether at its line; and how often it speaks where nothing is wrong."""

    told: dict[str, dict[str, str]]
    alarms: dict[str, int]

    def full(self) -> str:
        """Give a table with a row for each fault."""
        rows = [(rule, *(told.get(file, NOT) for told in self.told.values())) for file, (rule, _) in faults().items()]
        alarms = (f"reported in {CLEAN} models without a fault", *map(str, self.alarms.values()))
        return table(("fault", *self.told), [*rows, *self._totals(), alarms])

    def brief(self) -> str:
        """Give a table with the sums alone."""
        alarms = (f"reported in {CLEAN} models without a fault", *map(str, self.alarms.values()))
        return table(("", *self.told), [*self._totals(), alarms])

    def _totals(self) -> Iterator[tuple[str, ...]]:
        """Count what is found at its line: of all, and of what the others have a rule for as well."""
        common = [file for file, (rule, _) in faults().items() if rule in MEANT]
        for title, files in (("all", [*faults()]), ("of these, what all have a rule for", common)):
            counts = [sum(told.get(file) == YES for file in files) for told in self.told.values()]
            yield f"found at its line: {title}", *(f"{count} of {len(files)}" for count in counts)


def score(rivals: tuple[Rival, ...]) -> Score:
    """Lint the faults and the clean models with all."""
    with tempfile.TemporaryDirectory() as name:
        bad, good = Path(name, "faults"), Path(name, "clean")
        shutil.copytree(FAULTS, bad)
        models.write(good, CLEAN)
        expected = faults()
        told = {"sqlcheck": _told(expected, _own(bad))}
        alarms = {"sqlcheck": len(list(_own(good)))}
        for rival in rivals:
            for folder in (bad, good):
                rival.configure(folder, NEAREST)
            told[rival.name] = _told(expected, violations(rival, bad))
            alarms[rival.name] = len(list(violations(rival, good)))
    return Score(told, alarms)


def _own(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Give file, line and rule of the errors and warnings of sqlcheck."""
    for found in json.loads(measure((*SQLCHECK, "--format", "json", "."), folder).output)["diagnostics"]:
        if found["severity"] != "info":
            yield found["file"], found["line"], found["rule"]


def _told(expected: dict[str, tuple[str, int]], found: Iterator[tuple[str, int, str]]) -> dict[str, str]:
    """Give the files whose fault is told, by a code that means it, and whether at its line."""
    told: dict[str, str] = {}
    for file, line, code in found:
        rule, at = expected.get(file, ("", 0))
        if code == rule or code in MEANT.get(rule, ()):
            told[file] = YES if line == at or told.get(file) == YES else ELSEWHERE
    return told
