"""Let `python -m sqlcheck` do what `sqlcheck` does."""

from __future__ import annotations

from sqlcheck.commands import main

main(prog_name="sqlcheck")
