"""The hunt for texts that break sqlcheck: its seeds break nothing, and it sees, shrinks and keeps what does."""

from __future__ import annotations

import contextlib
import os
import random
import time
from pathlib import Path

import pytest

from tests.fuzz.hunt import hunt
from tests.fuzz.invariants import Beat, Found, examine
from tests.fuzz.kinds import KINDS, SEEDS, Kind, seeds
from tests.fuzz.mutations import MAX_LENGTH, damage, mutate
from tests.fuzz.shrink import shrink

KEPT = sorted(path for path in SEEDS.glob("*/*") if path.parent.name in KINDS)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_text_to_begin_with_breaks_nothing(path: Path, tmp_path: Path) -> None:
    kind = KINDS[path.parent.name]
    kind.unpack(tmp_path / "desk")
    with contextlib.chdir(tmp_path / "desk"):
        examine(kind, path.read_bytes(), thoroughly=True)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_mutations_are_the_same_for_the_same_seed_and_stay_short(kind: Kind) -> None:
    def made() -> list[str]:
        chance, texts = random.Random(5), seeds(kind)
        return [mutate(chance, chance.choice(texts), chance.choice(texts), kind.words) for _ in range(200)]

    assert made() == made()
    assert len(made()) - 5 < len(set(made()))
    assert max(map(len, made())) <= MAX_LENGTH
    chance = random.Random(5)
    assert len({damage(chance, b"select 1\n") for _ in range(50)}) > 20


def test_what_breaks_something_is_made_small() -> None:
    text = b"".join(b"line %d of many\n" % number for number in range(100))
    assert b"77of" == shrink(text, lambda data: b"77" in data and b"of" in data.partition(b"77")[2], 10)


def broken(kind: Kind, data: bytes, /, *, thoroughly: bool, beat: Beat) -> Found:
    """Break on some texts: raise, hang, or end the process."""
    beat("step")
    if b"SELECT" in data:
        raise ValueError("found")
    if b"JOIN" in data:
        time.sleep(60)
    if b"FROM" in data:
        os._exit(7)
    return frozenset()


def test_what_raises_hangs_or_dies_is_kept(tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    total = hunt([KINDS["query"]], 4, 1, tmp_path, keep, limit=0.2, look=broken)
    said = [path.with_suffix(".txt").read_text() for path in total.finds]
    assert any("ValueError: found" in each for each in said)
    assert any("in the step: step\nTimeout (0:00:00.200000)!" in each for each in said)
    assert any("the process ended with 7" in each for each in said)
    assert b"SELECT" in {path.read_bytes() for path in total.finds}
