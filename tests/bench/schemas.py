"""Print how long schemas of 50,000 columns take to load, beside the library that could have read them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date

import sqlglot
import yaml

from sqlcheck.model import Source
from sqlcheck.schemas import dbt, ddl, snapshot

TABLES, COLUMNS = 1000, 50
RUNS = 3


def script() -> str:
    """Write DDL as a warehouse prints it."""
    column = "    COLUMN_{} NUMBER(38,0) NOT NULL COMMENT 'what it is'"
    listed = ",\n".join(column.format(number) for number in range(COLUMNS))
    return "".join(f"CREATE OR REPLACE TABLE MP.CRM.TABLE_{number} (\n{listed}\n);\n" for number in range(TABLES))


def catalog() -> str:
    """Write a catalog as dbt does."""
    columns = {f"COLUMN_{number}": {"type": "NUMBER", "index": number, "comment": None} for number in range(COLUMNS)}
    nodes = {
        f"model.shop.table_{number}": {
            "metadata": {"type": "BASE TABLE", "database": "MP", "schema": "CRM", "name": f"TABLE_{number}"},
            "columns": columns,
        }
        for number in range(TABLES)
    }
    return json.dumps({"metadata": {}, "nodes": nodes, "sources": {}})


def seconds(run: Callable[[], object]) -> float:
    """Give the shortest of a few runs, in seconds of the processor."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Measure and print the table."""
    sql, artifact = script(), catalog()
    text = snapshot.write(ddl.read(Source("s.sql", sql)), date(2026, 1, 5))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    rows: tuple[tuple[str, Callable[[], object], str, Callable[[], object]], ...] = (
        ("DDL", lambda: ddl.read(Source("s.sql", sql)), "sqlglot", lambda: sqlglot.parse(sql, dialect="snowflake")),
        ("dbt catalog", lambda: dbt.read(Source("c.json", artifact)), "json", lambda: json.loads(artifact)),
        ("snapshot", lambda: snapshot.read(Source("s.yaml", text)), "yaml", lambda: yaml.load(text, loader)),
    )
    print(f"{TABLES * COLUMNS} columns, best of {RUNS} runs")
    for name, ours, library, theirs in rows:
        own, other = seconds(ours), seconds(theirs)
        print(f"{name:<14}{own:8.2f} s   {library:<8}{other:8.2f} s   {own / other:6.2f}")


if __name__ == "__main__":
    main()
