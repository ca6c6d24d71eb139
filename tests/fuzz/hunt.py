"""Make texts and examine them in a process that may die or hang; what it worked on then is what broke it."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import hashlib
import multiprocessing
import random
import resource
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tests.fuzz.invariants import Examine, Found, examine
from tests.fuzz.kinds import Kind, seeds
from tests.fuzz.mutations import damage, mutate
from tests.fuzz.shrink import shrink

SECONDS = 10.0
"""So long may each step take; then the process ends and tells where it was."""
MEMORY = 4 * 1024**3
THOROUGH = 8
"""Of so many texts one is put through all commands, each of which reads it anew."""
SWEEP = 50
"""After so many texts the garbage is cleared away: runs of checks freeze the collector, and so keep it from looking."""
POOL = 3000
"""So many texts that showed something new are mutated further."""


@dataclass
class Total:
    """What a hunt came to: texts by kind, and the files of the finds."""

    inputs: Counter[str] = field(default_factory=Counter)
    finds: list[Path] = field(default_factory=list)


def hunt(
    kinds: Sequence[Kind],
    seconds: float,
    seed: int,
    folder: Path,
    keep: Path,
    *,
    limit: float = SECONDS,
    look: Examine = examine,
) -> Total:
    """Look at texts until the time is over; a process that ends before is a find, and another takes over."""
    total, end, round_ = Total(), time.monotonic() + seconds, 0
    fork = multiprocessing.get_context("fork")
    while (left := end - time.monotonic()) > 0:
        place = folder / str(round_)
        place.mkdir()
        worker = fork.Process(target=_Worker(kinds, f"{seed}.{round_}", place, keep, limit, look).run, args=(left,))
        worker.start()
        worker.join()
        total.inputs.update(dict(_counts(place / "counts")))
        total.finds += [Path(line) for line in _lines(place / "finds")]
        if worker.exitcode != 0:
            total.finds.append(_record_death(place, keep, worker.exitcode))
        round_ += 1
    return total


def _record_death(place: Path, keep: Path, code: int | None) -> Path:
    name = (place / "kind").read_text()
    data, said = (place / "current").read_bytes(), (place / "trace").read_text(errors="replace")
    return save(keep, name, data, f"the process ended with {code}\n{said}")


def save(keep: Path, name: str, data: bytes, said: str) -> Path:
    """Save a text that breaks something, with what was said beside it, and print both."""
    path = keep / name / hashlib.sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(said)
    print(f"--- {path}\n{data[:600]!r}\n{said[-3000:]}", flush=True)
    return path


@dataclass
class _Worker:
    kinds: Sequence[Kind]
    seed: str
    place: Path
    keep: Path
    limit: float
    look: Examine
    pools: dict[str, list[str]] = field(default_factory=dict)
    seen: set[tuple[str, Found]] = field(default_factory=set)
    known: set[tuple[str, ...]] = field(default_factory=set)

    def run(self, seconds: float) -> None:
        """Take the kinds in turn, some texts of each."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        chance, end = random.Random(self.seed), time.monotonic() + seconds
        with open(self.place / "trace", "w") as trace:
            faulthandler.enable(trace)
            for kind in self.kinds:
                kind.unpack(self.place / kind.name)
            while time.monotonic() < end:
                for kind in self.kinds:
                    with contextlib.chdir(self.place / kind.name):
                        self._turn(kind, chance, min(end, time.monotonic() + seconds / 40 + 1), trace)

    def _turn(self, kind: Kind, chance: random.Random, end: float, trace: TextIO) -> None:
        pool = self.pools.setdefault(kind.name, [*seeds(kind)])
        (self.place / "kind").write_text(kind.name)
        count = 0
        while time.monotonic() < end:
            text = mutate(chance, chance.choice(pool), chance.choice(pool), kind.words)
            data = text.encode() if chance.random() > 0.05 else damage(chance, text.encode())
            found = self._try(kind, data, count % THOROUGH == 0, trace)
            if found is not None and (kind.name, found) not in self.seen and len(pool) < POOL:
                self.seen.add((kind.name, found))
                pool.append(text)
            count += 1
            if count % SWEEP == 0:
                gc.collect()
        with open(self.place / "counts", "a") as file:
            file.write(f"{kind.name} {count}\n")

    def _try(self, kind: Kind, data: bytes, thoroughly: bool, trace: TextIO) -> Found | None:
        """Examine a text; what it breaks is saved, in its smallest form, the first time that it is seen."""
        try:
            return self._examine(kind, data, thoroughly, trace)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what is looked for
            mark = signature(error)
            if mark not in self.known:
                self.known.add(mark)
                smallest = shrink(data, lambda other: self._breaks(kind, other, mark, trace), self.limit)
                path = save(self.keep, kind.name, smallest, "".join(traceback.format_exception(error)))
                with open(self.place / "finds", "a") as file:
                    file.write(f"{path}\n")
            return None

    def _breaks(self, kind: Kind, data: bytes, mark: tuple[str, ...], trace: TextIO) -> bool:
        try:
            self._examine(kind, data, True, trace)
        except Exception as error:  # noqa: BLE001  # as above
            return signature(error) == mark
        return False

    def _examine(self, kind: Kind, data: bytes, thoroughly: bool, trace: TextIO) -> Found:
        def beat(step: str) -> None:
            trace.seek(0)
            trace.truncate()
            trace.write(f"in the step: {step}\n")
            trace.flush()
            faulthandler.dump_traceback_later(self.limit, exit=True, file=trace)

        (self.place / "current").write_bytes(data)
        try:
            return self.look(kind, data, thoroughly=thoroughly, beat=beat)
        finally:
            faulthandler.cancel_dump_traceback_later()


def signature(error: BaseException) -> tuple[str, ...]:
    """Tell one fault from another: by where it was raised, and by what an assertion says before its details."""
    root: BaseException = error
    while root.__cause__ is not None:
        root = root.__cause__
    frames = traceback.extract_tb(root.__traceback__)
    return type(root).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in frames[-2:]), str(root)[:40]


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _counts(path: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in _lines(path):
        name, number = line.split()
        counts[name] += int(number)
    return counts
