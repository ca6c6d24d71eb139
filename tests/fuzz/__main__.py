"""Look for texts that break sqlcheck, for some time: `make fuzz`, or `python -m tests.fuzz --seconds 60 --seed 1`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.fuzz import hunt
from tests.fuzz.kinds import KINDS


def main() -> None:
    """Hunt, print what was found, and fail if anything was."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="the same seed, the same texts")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=[*KINDS], help="only texts of these kinds")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-finds"), help="where to save what breaks something")
    arguments = parser.parse_args()
    kinds = [KINDS[name] for name in arguments.kinds]
    print(f"seed {arguments.seed}, {arguments.seconds:.0f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        total = hunt.hunt(kinds, arguments.seconds, arguments.seed, Path(folder), arguments.keep.absolute())
    print(f"{sum(total.inputs.values())} texts, {len(total.finds)} finds")
    print("".join(f"  {name:<10}{count:>8}\n" for name, count in sorted(total.inputs.items())), end="")
    sys.exit(1 if total.finds else 0)


if __name__ == "__main__":
    main()
