"""Write models as data engineers write them: valid queries of one to four kilobytes, the same for the same seed."""

from __future__ import annotations

import random
from pathlib import Path

_PLAIN = ["first_name", "last_name", "city", "country", "plan", "language", "segment", "source", "industry", "tier"]
_FACTS = ["amount", "quantity", "discount", "tax", "score", "duration", "clicks", "visits", "returns", "credits"]
_TABLES = ["orders", "events", "tickets", "sessions", "invoices", "devices", "reviews", "payments"]
_AGGREGATES = ["SUM({})", "MAX({})", "AVG({})", "MIN({})", "COUNT_IF({} > 0)"]
_EXPRESSIONS = [
    "COALESCE(u.{0}, 'unknown')",
    "UPPER(TRIM(u.{0}))",
    "IFF(u.{0} IS NULL, 'none', u.{0})",
    "CASE WHEN u.{0} = 'a' THEN 'first' WHEN u.{0} IN ('b', 'c') THEN 'later' ELSE 'other' END",
    "u.profile:{0}::STRING",
    "SPLIT_PART(u.{0}, '-', 1)",
    "u.{0}",
]


def write(folder: Path, count: int, seed: int = 7) -> list[Path]:
    """Write `count` models into a folder and give their paths."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        path = folder / f"model_{number:05}.sql"
        path.write_text(model(chance), encoding="utf-8")
        paths.append(path)
    return paths


def schema() -> str:
    """Write the tables that the models read, as DDL."""
    users = ["customer_id VARCHAR NOT NULL", "email VARCHAR", "updated_at TIMESTAMP_NTZ NOT NULL", "is_test BOOLEAN"]
    users += [*(f"{name} VARCHAR" for name in _PLAIN), "profile VARIANT"]
    others = ["customer_id VARCHAR NOT NULL", "created_at TIMESTAMP_NTZ NOT NULL", "is_deleted BOOLEAN"]
    others += [f"{name} NUMBER(18, 2)" for name in _FACTS]
    tables = {"users": users, **dict.fromkeys(_TABLES, others)}
    return "".join(f"CREATE TABLE analytics.shop.{name} ({', '.join(columns)});\n" for name, columns in tables.items())


def model(chance: random.Random) -> str:
    """Write one model: a user table, one to three aggregated tables beside it, and their attributes."""
    tables = chance.sample(_TABLES, chance.randint(1, 3))
    stamps = ", ".join(["u.updated_at", *(f"COALESCE({t[0]}{n}.last_at, u.updated_at)" for n, t in enumerate(tables))])
    items = ["u.customer_id", "u.email", f"GREATEST({stamps}) AS updated_at"]
    names = chance.sample(_PLAIN, chance.randint(4, 9))
    items += [f'{chance.choice(_EXPRESSIONS).format(name)} AS "{name}"' for name in names]
    joins = []
    for number, table in enumerate(tables):
        alias = f"{table[0]}{number}"
        facts = chance.sample(_FACTS, chance.randint(2, 5))
        inner = ",\n            ".join(f"{chance.choice(_AGGREGATES).format('x.' + f)} AS {f}" for f in facts)
        items += [f'COALESCE({alias}.{f}, 0) AS "{table}_{f}"' for f in facts]
        joins.append(
            f"LEFT JOIN (\n        SELECT\n            x.customer_id,\n            MAX(x.created_at) AS last_at,\n"
            f"            {inner}\n        FROM analytics.shop.{table} AS x\n"
            f"        WHERE x.is_deleted = FALSE AND x.created_at >= '2024-01-01'\n"
            f"        GROUP BY x.customer_id\n    ) AS {alias} ON {alias}.customer_id = u.customer_id"
        )
    listed, joined = ",\n    ".join(items), "\n    ".join(joins)
    return (
        "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC\n"
        f"SELECT\n    {listed}\nFROM analytics.shop.users AS u\n    {joined}\n"
        "WHERE u.is_test = FALSE AND u.customer_id IS NOT NULL\n"
    )


def long(length: int, seed: int = 7) -> str:
    """Write one query of about so many characters: subqueries, aggregates, cases and conditions beside each other."""
    chance, written = random.Random(seed), 0
    items, joins = ["u.customer_id", "u.updated_at"], list[str]()
    while written < length:
        alias = f"j{len(joins)}"
        name, fact = chance.choice(_PLAIN), chance.choice(_FACTS)
        expression = chance.choice(_EXPRESSIONS).format(name)
        joins.append(
            f"LEFT JOIN (SELECT x.customer_id, SUM(x.{fact}) AS {fact} FROM analytics.shop.orders AS x\n"
            f"    WHERE x.is_deleted = FALSE GROUP BY x.customer_id) AS {alias} ON {alias}.customer_id = u.customer_id"
        )
        items += [f'{expression} AS "{name}_{alias}"', f'COALESCE({alias}.{fact}, 0) AS "{fact}_{alias}"']
        written += len(joins[-1]) + len(items[-1]) + len(items[-2])
    listed, joined = ",\n    ".join(items), "\n".join(joins)
    head = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC\n"
    return f"{head}SELECT\n    {listed}\nFROM analytics.shop.users AS u\n{joined}\n"
