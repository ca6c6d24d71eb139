"""Print how fast sqlcheck is, how it grows and what it finds, beside others; `--readme` writes it down there."""

from __future__ import annotations

import sys

from tests.bench import growth, limits, rivals, scoreboard, stages


def main() -> None:
    """Measure, print the tables, and fail where a ratio is over its limit."""
    others = rivals.installed()
    score = scoreboard.score(others)
    parts = [
        rivals.compared(others),
        f"\n**where the time goes**\n\n{stages.spent()}",
        f"\n**how it grows**\n\n{growth.grown()}",
        "\n**who finds what**: models with one fault each\n\n",
    ]
    print("".join([*parts, score.full()]))
    if "--readme" in sys.argv[1:]:
        rivals.publish("".join([*parts, score.brief()]))
    ratios = limits.measured()
    print("\n".join(ratio.line for ratio in ratios))
    if not all(ratio.is_kept for ratio in ratios):
        sys.exit("over the limit")


if __name__ == "__main__":
    main()
