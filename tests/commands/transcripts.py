"""Transcripts of commands: what each printed on stdout, then on stderr behind `!`, and its exit code behind `=`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.commands.conftest import Outcome

FOLDER = Path(__file__).parents[1] / "fixtures" / "transcripts"


def shown(command: Sequence[str], outcome: Outcome) -> str:
    """Write one command and what came of it."""
    errors = "".join(f"! {line}\n" for line in outcome.err.splitlines())
    return f"$ sqlcheck {shlex.join(command)}\n{outcome.out}{errors}= {outcome.code}\n"


def write(name: str, outcomes: Mapping[tuple[str, ...], Outcome]) -> None:
    """Write the transcript of some commands."""
    text = "\n".join(shown(command, outcome) for command, outcome in outcomes.items())
    (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")


def read(name: str) -> list[str]:
    """Give the parts of a transcript, one a command."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    first, *rest = text.split("\n\n$ ")
    return [part.rstrip("\n") + "\n" for part in (first, *(f"$ {part}" for part in rest))]
