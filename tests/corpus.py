"""Real queries that may lie beside the project; tests that want them skip, with the reason, when they do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "corpus"

needed = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no corpus of real queries at {FOLDER}")


def lines(name: str) -> list[dict[str, Any]]:
    """Read a file of JSON lines; empty when there is no corpus, so that collection works without."""
    path = FOLDER / name
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def queries() -> list[str]:
    """Give all queries: Snowflake's syntax in its breadth, TPC-H and TPC-DS."""
    return [row["sql"] for name in ("snowflake_queries.jsonl", "tpc_queries.jsonl") for row in lines(name)]


def tables() -> dict[str, dict[str, dict[str, str]]]:
    """Give the tables of TPC-H and TPC-DS with the types of their columns; empty when there is no corpus."""
    path = FOLDER / "tpc_schemas.json"
    found: dict[str, dict[str, dict[str, str]]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found
