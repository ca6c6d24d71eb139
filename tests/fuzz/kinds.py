"""What is mutated: the kinds of text, the folder in which each is looked at, and the texts to begin with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlcheck import rulebook
from tests import corpus
from tests.fuzz.mutations import WORDS

ROOT = Path(__file__).parents[2]
SEEDS = Path(__file__).with_name("seeds")
PROJECT = ROOT / "examples" / "churn"
OLD = "old.sql"
"""A query in each folder that others can be compared with."""


@dataclass(frozen=True)
class Kind:
    """A kind of text: the file it is in, what is checked then, and with which options.

    Its seeds are the files of its folder, those that `origins`, patterns with blanks between, find in the checkout,
    and the rule pages' examples in the language of `blocks`.
    """

    name: str
    path: str
    checked: str
    origins: str
    blocks: str = ""
    options: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """Give words that the language of such texts knows."""
        return WORDS["sql" if self.path.endswith(".sql") else "document"]

    def unpack(self, folder: Path) -> None:
        """Make the folder in which texts of this kind are looked at: the project that they belong to, or none."""
        if self.path.startswith("project/"):
            shutil.copytree(PROJECT, folder / "project")
        else:
            folder.mkdir(parents=True)
        shutil.copy(PROJECT / "queries" / "churn.sql", folder / OLD)


_FILE, _QUERY, _TABLES = "project/sqlcheck.yaml", "project/queries/churn.sql", "tests/fixtures/schemas/"
_SNAPSHOT, _CATALOG = "project/snapshot.yaml", "project/catalog.json"
KINDS = {
    kind.name: kind
    for kind in (
        Kind("query", "query.sql", "query.sql", "examples/*/queries/*.sql", "sql"),
        Kind("model", _QUERY, _QUERY, "examples/churn/queries/*.sql tests/fuzz/seeds/query/*", "sql"),
        Kind("project", _FILE, _FILE, "examples/*/*.yaml", "yaml"),
        Kind("payload", "payload.json", "payload.json", "examples/**/payloads/*.json", "json"),
        Kind("ddl", "project/schema/crm.sql", _QUERY, f"examples/churn/schema/* {_TABLES}*.sql"),
        Kind("snapshot", _SNAPSHOT, _QUERY, f"{_TABLES}*.yaml", options=("--schema", _SNAPSHOT)),
        Kind("catalog", _CATALOG, _QUERY, f"{_TABLES}*.json", options=("--schema", _CATALOG)),
        Kind("plan", "project/plan.json", _QUERY, "examples/churn/plan.json tests/fixtures/data_plans/*"),
    )
}


@cache
def seeds(kind: Kind) -> tuple[str, ...]:
    """Give the texts of a kind to begin with; real queries as well, where they are."""
    found = dict.fromkeys(_texts(kind))
    assert found, f"no seeds of the kind {kind.name}"
    return tuple(found)


def _texts(kind: Kind) -> Iterator[str]:
    for pattern in (f"{SEEDS.relative_to(ROOT)}/{kind.name}/*", *kind.origins.split()):
        for path in sorted(ROOT.glob(pattern)):
            yield path.read_text(encoding="utf-8")
    if kind.blocks:
        for rule in rulebook.rules().values():
            for example in rulebook.examples(rule):
                yield from (block.text for block in example.blocks if block.language == kind.blocks)
    if kind.blocks == "sql":
        yield from corpus.queries()
