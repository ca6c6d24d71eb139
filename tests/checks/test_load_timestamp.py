"""Load timestamps: the hard cases of every rule, and the look-alikes of which nothing is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sqlcheck import check, rulebook
from sqlcheck.inputs import collect, query_subject
from sqlcheck.subject import Options

REST = ', u.customer_id, u.plan AS "plan" FROM mp.crm.users u'
RULES = frozenset(name for name, rule in rulebook.rules().items() if rule.family == "load-timestamp")
SETTINGS: dict[str, dict[str, Any]] = {
    "ntz": {"load_timestamp": "UPDATED_AT", "type": "timestamp_ntz", "time_zone": "UTC"},
    "ltz": {"load_timestamp": "UPDATED_AT", "type": "timestamp_ltz"},
    "tz": {"load_timestamp": "UPDATED_AT", "type": "timestamp_tz"},
    "ms": {"load_timestamp": "UPDATED_MS", "type": "timestamp_unixtime_ms"},
    "s": {"load_timestamp": "UPDATED_S", "type": "timestamp_unixtime_s"},
}

Case = tuple[str, str, str | None]

CONSTANT_LOAD_TIMESTAMP: list[Case] = [
    ("ntz", "SELECT u.updated_at FROM mp.crm.users u UNION ALL SELECT NULL", "NULL"),
    ("ltz", "SELECT GETDATE() AS updated_at" + REST, "GETDATE()"),
    ("ntz", "SELECT SYSDATE() AS updated_at" + REST, "SYSDATE()"),
    ("ntz", "SELECT CURRENT_TIMESTAMP AS updated_at" + REST, "CURRENT_TIMESTAMP"),
    ("ntz", "SELECT current_timestamp::timestamp_ntz updated_at" + REST, "current_timestamp::timestamp_ntz"),
    ("ntz", "SELECT CURRENT_DATE AS updated_at" + REST, "CURRENT_DATE"),
    ("ntz", "SELECT '2024-01-01' AS updated_at" + REST, "'2024-01-01'"),
    ("ntz", "SELECT NULL AS updated_at" + REST, "NULL"),
    ("ntz", "SELECT NULL::timestamp_ntz AS updated_at" + REST, "NULL::timestamp_ntz"),
    ("ntz", "SELECT (SELECT CURRENT_TIMESTAMP()) AS updated_at" + REST, "(SELECT CURRENT_TIMESTAMP())"),
    ("ntz", "SELECT DATEADD(hour,-1,CURRENT_TIMESTAMP()) AS updated_at" + REST, "DATEADD(hour,-1,CURRENT_TIMESTAMP())"),
    (
        "ntz",
        "SELECT CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP())::timestamp_ntz AS updated_at" + REST,
        "CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP())::timestamp_ntz",
    ),
    (
        "ntz",
        "SELECT IFF(u.active, CURRENT_TIMESTAMP(), SYSDATE()) AS updated_at" + REST,
        "IFF(u.active, CURRENT_TIMESTAMP(), SYSDATE())",
    ),
    (
        "ntz",
        (
            'SELECT n.now AS updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u CROSS JOIN '
            "(SELECT CURRENT_TIMESTAMP() AS now) n"
        ),
        "CURRENT_TIMESTAMP()",
    ),
    (
        "ntz",
        (
            'SELECT n.now::timestamp_ntz AS updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u '
            "CROSS JOIN (SELECT CURRENT_TIMESTAMP() AS now) n"
        ),
        "n.now::timestamp_ntz",
    ),
    ("ntz", "SELECT CURRENT_TIMESTAMP() AS now_ts, now_ts AS updated_at" + REST, "CURRENT_TIMESTAMP()"),
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u UNION ALL SELECT '
            "CURRENT_TIMESTAMP(), l.customer_id, l.plan FROM mp.crm.leads l"
        ),
        "CURRENT_TIMESTAMP()",
    ),
    (
        "ntz",
        'SELECT * FROM (SELECT CURRENT_TIMESTAMP() AS updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u)',
        "CURRENT_TIMESTAMP()",
    ),
    (
        "ntz",
        "SELECT MAX(CURRENT_TIMESTAMP()) AS updated_at, u.customer_id FROM mp.crm.users u GROUP BY u.customer_id",
        "MAX(CURRENT_TIMESTAMP())",
    ),
]

CLEAN: list[Case] = [
    ("ntz", "SELECT GREATEST(u.updated_at, CURRENT_TIMESTAMP()) AS updated_at" + REST, None),
    ("ltz", "SELECT IFF(u.active, CURRENT_TIMESTAMP(), u.updated_at) AS updated_at" + REST, None),
    ("tz", "SELECT CONVERT_TIMEZONE('UTC', u.updated_at) AS updated_at" + REST, None),
    ("ntz", "SELECT CONVERT_TIMEZONE('America/New_York','UTC', u.updated_at) AS updated_at" + REST, None),
    ("ntz", "SELECT u.x::datetime AS updated_at" + REST, None),
    ("ntz", "SELECT u.payload:updated_at AS updated_at" + REST, None),
    ("ntz", "SELECT u.payload:updated_at::timestamp_ntz AS updated_at" + REST, None),
    ("ms", "SELECT DATE_PART(epoch_millisecond, u.updated_at) AS updated_ms" + REST, None),
    ("ms", "SELECT DATE_PART(epoch_second, u.updated_at) * 1000 AS updated_ms" + REST, None),
    ("s", "SELECT DATEDIFF(second, '1970-01-01', u.updated_at) AS updated_s" + REST, None),
    ("s", "SELECT u.updated_s" + REST, None),
    ("ms", "SELECT u.epoch_ms AS updated_ms" + REST, None),
    ("ms", "SELECT u.updated_at::number AS updated_ms" + REST, None),
    ("ntz", "SELECT MAX(u.scanned_ms) AS updated_at, u.customer_id FROM mp.crm.users u GROUP BY u.customer_id", None),
    ("ntz", "SELECT u.programs AS updated_at" + REST, None),
    ("ntz", "SELECT DATE_TRUNC('hour', u.updated_at) AS updated_at" + REST, None),
    ("ntz", "SELECT TIME_SLICE(u.updated_at, 15, 'MINUTE') AS updated_at" + REST, None),
    ("ntz", "SELECT GREATEST(DATE_TRUNC('day', u.updated_at), u.seen_at) AS updated_at" + REST, None),
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u JOIN mp.crm.orders o '
            "ON o.uid = u.id WHERE o.total > 5"
        ),
        None,
    ),
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u WHERE EXISTS (SELECT '
            "1 FROM mp.crm.orders o WHERE o.uid = u.id)"
        ),
        None,
    ),
    (
        "ntz",
        'SELECT u.updated_at, u.customer_id, o.uid AS "uid" FROM mp.crm.users u JOIN mp.crm.orders o ON o.uid = u.id',
        None,
    ),
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, f.value::string AS "tag" FROM mp.crm.users u, LATERAL '
            "FLATTEN(input => u.tags) f"
        ),
        None,
    ),
    (
        "ntz",
        (
            'SELECT x.updated_at, x.customer_id, x.plan AS "plan", x.total AS "total" FROM (SELECT '
            "GREATEST(u.updated_at, o.updated_at) AS updated_at, u.customer_id, u.plan, o.total FROM "
            "mp.crm.users u JOIN mp.crm.orders o ON o.uid = u.id) x"
        ),
        None,
    ),
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u UNION ALL SELECT '
            "l.updated_at, l.customer_id, l.plan FROM mp.crm.leads l"
        ),
        None,
    ),
    (
        "ntz",
        (
            'SELECT MAX(o.updated_at) AS updated_at, u.customer_id, COUNT(o.id) AS "n" FROM mp.crm.users u '
            "JOIN mp.crm.orders o ON o.uid = u.id GROUP BY u.customer_id"
        ),
        None,
    ),
    (
        "ntz",
        (
            'SELECT updated_at, customer_id, plan AS "plan", total AS "total" FROM mp.crm.users u JOIN '
            "mp.crm.orders o ON o.uid = u.id"
        ),
        None,
    ),
    ("ntz", "SELECT * FROM mp.crm.users u", None),
    ("ntz", "SELECT u.* RENAME (modified AS updated_at) FROM mp.crm.users u", None),
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, u.points > s.floor AS "is_gold" FROM mp.crm.users u '
            "CROSS JOIN (SELECT MAX(x.floor) AS floor FROM mp.crm.settings x) s"
        ),
        None,
    ),
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, u.points > s.floor AS "is_gold" FROM mp.crm.users u '
            "CROSS JOIN mp.crm.settings s"
        ),
        None,
    ),
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, u.points > s.floor AS "is_gold" FROM mp.crm.users u '
            "CROSS JOIN (SELECT x.floor FROM mp.crm.settings x LIMIT 1) s"
        ),
        None,
    ),
    *(
        ("ntz", f'SELECT u.customer_id, u.plan AS "plan", {rest}', None)
        for rest in (
            (
                'o.n AS "orders", GREATEST(u.updated_at, o.changed) AS updated_at FROM mp.crm.users u JOIN (SELECT '
                "uid, COUNT(*) AS n, MAX(updated_at) AS changed FROM mp.crm.orders GROUP BY uid) o ON o.uid = u.id"
            ),
            (
                "u.updated_at FROM mp.crm.users u JOIN (SELECT uid, COUNT(*) AS n FROM mp.crm.orders GROUP BY uid) o "
                "ON o.uid = u.id AND o.n > 2 WHERE EXISTS (SELECT 1 FROM mp.crm.vips v WHERE v.uid = u.id) "
                "AND u.id NOT IN (SELECT b.uid FROM mp.crm.blocks b)"
            ),
            (
                'c.n AS "currencies", u.updated_at FROM mp.crm.users u JOIN '
                "(SELECT d.land, COUNT(*) AS n FROM mp.crm.dim_currency d GROUP BY d.land) c ON c.land = u.land"
            ),
            (
                'u.n AS "orders", u.updated_at FROM (SELECT x.customer_id, x.plan, COUNT(*) AS n, '
                "GREATEST(MAX(x.updated_at), MAX(o.updated_at)) AS updated_at FROM mp.crm.users x "
                "JOIN mp.crm.orders o ON o.uid = x.id GROUP BY x.customer_id, x.plan) u"
            ),
            (
                'b.uid AS "user_key", u.updated_at FROM mp.crm.users u JOIN '
                "(mp.crm.a a JOIN mp.crm.b b ON b.uid = a.uid) ON a.uid = u.uid"
            ),
            'u.points / (SELECT COUNT(*) FROM mp.crm.members m) AS "share", u.updated_at FROM mp.crm.users u',
            'u.points > (SELECT MAX(s.gold) FROM mp.crm.limits s) AS "gold", u.updated_at FROM mp.crm.users u',
            (
                'h.n AS "flatmates", u.updated_at FROM mp.crm.users u JOIN '
                "(SELECT x.home, COUNT(*) AS n FROM mp.crm.users x GROUP BY x.home) h ON h.home = u.home"
            ),
        )
    ),
    ("ntz", "SELECT TIMESTAMP_NTZ_FROM_PARTS(u.y, u.m, u.d, u.h, 0, 0) AS updated_at" + REST, None),
    ("ntz", "SELECT DATEADD(hour, u.h, DATE_TRUNC('day', u.changed)) AS updated_at" + REST, None),
]

MISTYPED_LOAD_TIMESTAMP: list[Case] = [
    ("ntz", "SELECT u.updated_at::varchar AS updated_at" + REST, "u.updated_at::varchar"),
    (
        "ntz",
        "SELECT DATE_PART(epoch_second, u.updated_at) AS updated_at" + REST,
        "DATE_PART(epoch_second, u.updated_at)",
    ),
    ("ntz", "SELECT u.updated_at::date AS updated_at" + REST, "u.updated_at::date"),
    ("ntz", "SELECT u.updated_at IS NOT NULL AS updated_at" + REST, "u.updated_at IS NOT NULL"),
    (
        "ntz",
        (
            "SELECT MAX(u.updated_at)::timestamp_tz AS updated_at, u.customer_id FROM mp.crm.users u GROUP "
            "BY u.customer_id"
        ),
        "MAX(u.updated_at)::timestamp_tz",
    ),
    (
        "ntz",
        "SELECT CONVERT_TIMEZONE('UTC', u.updated_at) AS updated_at" + REST,
        "CONVERT_TIMEZONE('UTC', u.updated_at)",
    ),
    ("ltz", "SELECT TO_TIMESTAMP(u.x) AS updated_at" + REST, "TO_TIMESTAMP(u.x)"),
    ("ntz", "SELECT u.payload:updated_at::string AS updated_at" + REST, "u.payload:updated_at::string"),
    ("ms", "SELECT u.updated_at::timestamp_ntz AS updated_ms" + REST, "u.updated_at::timestamp_ntz"),
    (
        "s",
        "SELECT EXTRACT(epoch_millisecond FROM u.updated_at) AS updated_s" + REST,
        "EXTRACT(epoch_millisecond FROM u.updated_at)",
    ),
    (
        "s",
        "SELECT DATEDIFF('ms', '1970-01-01'::timestamp_ntz, u.updated_at) AS updated_s" + REST,
        "DATEDIFF('ms', '1970-01-01'::timestamp_ntz, u.updated_at)",
    ),
    (
        "ntz",
        (
            "SELECT u.updated_at, u.customer_id FROM mp.crm.users u UNION ALL SELECT l.created::varchar, "
            "l.customer_id FROM mp.crm.leads l"
        ),
        "l.created::varchar",
    ),
]

EPOCH_NAMED_TIMESTAMP: list[Case] = [
    ("ntz", "SELECT u.scanned_ms AS updated_at" + REST, "u.scanned_ms"),
]

COARSE_LOAD_TIMESTAMP: list[Case] = [
    ("ntz", "SELECT DATE_TRUNC('week', u.updated_at) AS updated_at" + REST, "DATE_TRUNC('week', u.updated_at)"),
    (
        "ntz",
        "SELECT DATE_TRUNC(DAY, u.updated_at)::timestamp_ntz AS updated_at" + REST,
        "DATE_TRUNC(DAY, u.updated_at)::timestamp_ntz",
    ),
    ("ntz", "SELECT u.updated_at::date::timestamp_ntz AS updated_at" + REST, "u.updated_at::date::timestamp_ntz"),
    ("ntz", "SELECT TRUNC(u.updated_at, 'MONTH') AS updated_at" + REST, "TRUNC(u.updated_at, 'MONTH')"),
    (
        "ntz",
        (
            "SELECT x.updated_at, x.customer_id FROM (SELECT DATE_TRUNC('day', u.updated_at) AS updated_at, "
            'u.customer_id, u.plan AS "plan" FROM mp.crm.users u) x'
        ),
        "DATE_TRUNC('day', u.updated_at)",
    ),
    (
        "ntz",
        "SELECT DATE_TRUNC('day', u.changed) + INTERVAL '1 day' AS updated_at" + REST,
        "DATE_TRUNC('day', u.changed) + INTERVAL '1 day'",
    ),
    (
        "ntz",
        "SELECT TIMESTAMP_NTZ_FROM_PARTS(u.y, u.m, u.d, 0, 0, 0) AS updated_at" + REST,
        "TIMESTAMP_NTZ_FROM_PARTS(u.y, u.m, u.d, 0, 0, 0)",
    ),
    (
        "s",
        "SELECT DATE_PART(epoch_second, u.changed::DATE) AS updated_s" + REST,
        "DATE_PART(epoch_second, u.changed::DATE)",
    ),
]

ONE_SIDED_LOAD_TIMESTAMP: list[Case] = [
    (
        "ntz",
        (
            'SELECT u.updated_at, u.customer_id, u.plan AS "plan", o.total AS "total" FROM mp.crm.users u '
            "LEFT JOIN mp.crm.orders o ON o.uid = u.id"
        ),
        "u.updated_at",
    ),
    (
        "ntz",
        (
            'SELECT * FROM (SELECT u.updated_at, u.customer_id, u.plan AS "plan", o.total AS "total" FROM '
            "mp.crm.users u LEFT JOIN mp.crm.orders o ON o.uid = u.id)"
        ),
        "u.updated_at",
    ),
    (
        "ntz",
        (
            'SELECT GREATEST(u.updated_at, o.updated_at) AS updated_at, u.customer_id, o.total AS "total", '
            't.topic AS "topic" FROM mp.crm.users u JOIN mp.crm.orders o ON o.id = u.id '
            "JOIN mp.crm.tickets t ON t.id = u.id"
        ),
        "GREATEST(u.updated_at, o.updated_at)",
    ),
    *(
        ("ntz", f'SELECT u.updated_at, u.customer_id, u.plan AS "plan", {rest}', "u.updated_at")
        for rest in (
            (
                'COALESCE(o.n, 0) AS "orders" FROM mp.crm.users u '
                "LEFT JOIN (SELECT uid, COUNT(*) AS n FROM mp.crm.orders GROUP BY uid) o ON o.uid = u.id"
            ),
            (
                'o.n AS "orders" FROM mp.crm.users u '
                "JOIN (SELECT uid, COUNT(uid) AS n FROM mp.crm.orders GROUP BY uid) o ON o.uid = u.id"
            ),
            '(SELECT COUNT(*) FROM mp.crm.orders o WHERE o.uid = u.id) AS "orders" FROM mp.crm.users u',
            'EXISTS (SELECT 1 FROM mp.crm.orders o WHERE o.uid = u.id) AS "buys" FROM mp.crm.users u',
            (
                'COALESCE(v.flag, FALSE) AS "vip" FROM mp.crm.users u '
                "LEFT JOIN (SELECT DISTINCT uid, TRUE AS flag FROM mp.crm.vips) v ON v.uid = u.id"
            ),
        )
    ),
]

NULLABLE_LOAD_TIMESTAMP: list[Case] = [
    (
        "ntz",
        (
            'SELECT s.updated_at, u.customer_id, s.n AS "n" FROM mp.crm.users u LEFT JOIN (SELECT uid, '
            "MAX(updated_at) AS updated_at, COUNT(id) AS n FROM mp.crm.orders GROUP BY uid) s ON s.uid = "
            "u.id"
        ),
        "s.updated_at",
    ),
    (
        "ntz",
        (
            "SELECT * FROM (SELECT o.updated_at, u.customer_id FROM mp.crm.users u LEFT JOIN mp.crm.orders "
            "o ON o.uid = u.id) x"
        ),
        "o.updated_at",
    ),
    (
        "ntz",
        "SELECT CASE WHEN u.active THEN u.updated_at END AS updated_at" + REST,
        "CASE WHEN u.active THEN u.updated_at END",
    ),
    (
        "ntz",
        (
            "SELECT u.updated_at, u.customer_id FROM mp.crm.users u UNION ALL SELECT "
            "TRY_TO_TIMESTAMP_NTZ(l.x), l.customer_id FROM mp.crm.leads l"
        ),
        "TRY_TO_TIMESTAMP_NTZ(l.x)",
    ),
    (
        "ntz",
        (
            "SELECT e.value:at::TIMESTAMP_NTZ AS updated_at, u.customer_id FROM mp.crm.users u, "
            "LATERAL FLATTEN(INPUT => u.events, OUTER => TRUE) e"
        ),
        "e.value:at::TIMESTAMP_NTZ",
    ),
    (
        "ntz",
        (
            'SELECT o.updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u LEFT JOIN mp.crm.orders o '
            "ON o.id = u.id"
        ),
        "o.updated_at",
    ),
    (
        "ntz",
        (
            "SELECT p.loaded_at AS updated_at, u.customer_id FROM mp.crm.users u ASOF JOIN mp.crm.prices p "
            "MATCH_CONDITION (u.seen_at >= p.loaded_at) ON p.region = u.region"
        ),
        "p.loaded_at",
    ),
]

MISSING_LOAD_TIMESTAMP: list[Case] = [
    ("ntz", "SELECT u.modified_at, u.customer_id FROM mp.crm.users u", "SELECT"),
    ("ntz", 'SELECT x.* FROM (SELECT u.customer_id, u.plan AS "plan" FROM mp.crm.users u) x', "SELECT"),
    ("ntz", "SELECT x.customer_id FROM (SELECT u.customer_id, u.updated_at FROM mp.crm.users u) x", "SELECT"),
    ("ntz", "SELECT u.customer_id, 'a' AS \"updated at\" FROM mp.crm.users u", "SELECT"),
]

QUOTED_LOAD_TIMESTAMP: list[Case] = [
    (
        "ntz",
        (
            'SELECT x."updated_at", x.customer_id FROM (SELECT u.updated_at AS "updated_at", u.customer_id '
            "FROM mp.crm.users u) x"
        ),
        '"updated_at"',
    ),
    ("ntz", 'SELECT * FROM (SELECT u.updated_at AS "updated_at", u.customer_id FROM mp.crm.users u) x', '"updated_at"'),
]


def found(sql: str, **settings: Any) -> list[tuple[str, str]]:
    return [(d.rule, sql[d.span.start : d.span.end]) for d in check(sql, **settings) if d.rule in RULES]


FAULTS = {
    "constant-load-timestamp": CONSTANT_LOAD_TIMESTAMP,
    "mistyped-load-timestamp": MISTYPED_LOAD_TIMESTAMP,
    "epoch-named-timestamp": EPOCH_NAMED_TIMESTAMP,
    "coarse-load-timestamp": COARSE_LOAD_TIMESTAMP,
    "one-sided-load-timestamp": ONE_SIDED_LOAD_TIMESTAMP,
    "nullable-load-timestamp": NULLABLE_LOAD_TIMESTAMP,
    "missing-load-timestamp": MISSING_LOAD_TIMESTAMP,
    "quoted-load-timestamp": QUOTED_LOAD_TIMESTAMP,
}


@pytest.mark.parametrize(
    ("rule", "settings", "sql", "marked"), [(rule, *case) for rule, cases in FAULTS.items() for case in cases]
)
def test_a_fault_is_found_at_its_place(rule: str, settings: str, sql: str, marked: str) -> None:
    assert [(rule, marked)] == found(sql, **SETTINGS[settings])


@pytest.mark.parametrize(("settings", "sql"), [case[:2] for case in CLEAN])
def test_a_look_alike_is_left_alone(settings: str, sql: str) -> None:
    assert [] == found(sql, **SETTINGS[settings])


@pytest.mark.parametrize(
    ("settings", "sql", "marked"),
    [case for rule, cases in FAULTS.items() if rule != "missing-load-timestamp" for case in cases],
)
def test_a_wrapping_neither_hides_a_fault_nor_moves_it(settings: str, sql: str, marked: str) -> None:
    plain, wrapped = found(sql, **SETTINGS[settings]), found(f"SELECT * FROM ({sql})", **SETTINGS[settings])
    assert plain == wrapped


SQL = "SELECT u.updated_at" + REST


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("type=timestamp_ntz", [("missing-time-zone", "timestamp_ntz")]),
        ("type=datetime", [("missing-time-zone", "datetime")]),
        ("type=date", [("coarse-load-timestamp", "date"), ("missing-time-zone", "date")]),
        ("type=timestamp_ltz", []),
        ("type=timestamp_tz time_zone=UTC", []),
        ("type=timestamp_tz time_zone=Asia/Tokyo", [("idle-time-zone", "Asia/Tokyo")]),
        ("type=timestamp_unixtime_s time_zone=Etc/UTC", []),
        ("type=TIMESTAMP_NTZ time_zone=UTC", [("unknown-timestamp-type", "TIMESTAMP_NTZ")]),
        ("type=timestamp", [("unknown-timestamp-type", "timestamp")]),
        ("type=varchar", [("unknown-timestamp-type", "varchar")]),
        ("type=timestamp_ntz time_zone=utc", [("unknown-time-zone", "utc")]),
        ("type=timestamp_ntz time_zone=EST", [("ambiguous-time-zone", "EST")]),
        ("type=timestamp_ntz time_zone=EDT", [("unknown-time-zone", "EDT")]),
        ("type=timestamp_ntz time_zone=+02:00", [("unknown-time-zone", "+02:00")]),
        ("type=timestamp_ltz time_zone=Nowhere/Land", [("unknown-time-zone", "Nowhere/Land")]),
        ("type=timestamp_ntz time_zone=Europe/Amsterdam", [("ambiguous-time-zone", "Europe/Amsterdam")]),
        ("type=timestamp_ntz time_zone=EST5EDT", [("ambiguous-time-zone", "EST5EDT")]),
        ("type=timestamp_ntz time_zone=Etc/GMT+5", []),
        ("type=timestamp_ntz time_zone=Asia/Tokyo", []),
        ("type=timestamp_ntz time_zone=Africa/Casablanca", [("ambiguous-time-zone", "Africa/Casablanca")]),
        ("type=timestamp_ltz offset=0", []),
        ("type=timestamp_ltz offset=86400", []),
        ("type=timestamp_ltz offset=86401", [("odd-time-offset", "86401")]),
        ("type=timestamp_ltz offset=-5", [("odd-time-offset", "-5")]),
        ("type=timestamp_ltz offset=900", []),
        ("type=timestamp_ltz offset=3600000", [("odd-time-offset", "3600000")]),
        ("type=timestamp_ltz offset=1h", [("odd-time-offset", "1h")]),
        ("type=timestamp_ltz offset=1.5", [("odd-time-offset", "1.5")]),
    ],
)
def test_a_setting_is_judged_where_it_was_made(header: str, expected: list[tuple[str, str]]) -> None:
    assert expected == found(f"-- sqlcheck: load_timestamp=UPDATED_AT {header}\n{SQL}")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [("undeclared-load-timestamp", "SELECT")]),
        ({"load_timestamp": "UPDATED_AT", "type": "timestamp_ntz"}, [("missing-time-zone", "updated_at")]),
        ({"load_timestamp": "UPDATED_AT", "type": "stamp"}, [("unknown-timestamp-type", "updated_at")]),
        ({"load_timestamp": "OTHER_AT", "type": "timestamp_ntz"}, [("missing-load-timestamp", "SELECT")]),
    ],
)
def test_a_setting_of_the_command_line_concerns_the_column(
    settings: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert expected == found(SQL, **settings)


@pytest.mark.parametrize(
    ("settings", "sql", "expected"),
    [
        ("ntz", "SELECT u.updated_ts" + REST,
         "no output column is named `UPDATED_AT`, the load timestamp of the model"),
        ("ntz", 'SELECT u.updated_at AS "seen"' + REST,
         "the load timestamp `UPDATED_AT` is selected under another name, `seen`"),
        ("ntz", "SELECT MAX(u.updated_at), u.customer_id FROM mp.crm.users u GROUP BY 2",
         "the load timestamp `UPDATED_AT` is selected without a name"),
        ("ntz", "SELECT u.customer_id FROM mp.crm.users u WHERE u.updated_at IS NOT NULL",
         "the load timestamp `UPDATED_AT` is not selected"),
    ],
)  # fmt: skip
def test_a_missing_column_is_looked_for(settings: str, sql: str, expected: str) -> None:
    assert [expected] == [d.message for d in check(sql, **SETTINGS[settings]) if d.rule == "missing-load-timestamp"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT u.created AS updatd_at" + REST,
        "SELECT u.updated_at AS last_change" + REST,
        "SELECT MAX(u.updated_at), u.customer_id FROM mp.crm.users u GROUP BY 2",
        (
            "SELECT x.last_change, x.customer_id FROM (SELECT u.updated_at AS last_change, u.customer_id "
            "FROM mp.crm.users u) x WHERE x.last_change IS NOT NULL"
        ),
    ],
)
def test_a_column_to_be_renamed_has_no_other_fault(sql: str) -> None:
    assert ["missing-load-timestamp"] == [d.rule for d in check(sql, **SETTINGS["ntz"])]


@pytest.mark.parametrize("settings", SETTINGS)
def test_nothing_is_said_of_an_unreadable_query(settings: str) -> None:
    assert [] == found("SELECT updated_at, cid AS “customer_id” FROM mp.crm.users", **SETTINGS[settings])


@pytest.mark.parametrize(
    ("rule", "sql", "expected"),
    [
        ("missing-load-timestamp", "SELECT MAX(u.updated_at), u.customer_id FROM mp.crm.users u GROUP BY 2",
         "SELECT MAX(u.updated_at) AS UPDATED_AT, u.customer_id FROM mp.crm.users u GROUP BY 2"),
        ("missing-load-timestamp", "SELECT * FROM (SELECT u.updated_at AS seen, u.customer_id FROM mp.crm.users u)",
         "SELECT * FROM (SELECT u.updated_at AS UPDATED_AT, u.customer_id FROM mp.crm.users u)"),
        ("missing-load-timestamp",
         "SELECT x.customer_id FROM (SELECT u.customer_id, u.updated_at FROM mp.crm.users u) x",
         "SELECT UPDATED_AT, x.customer_id FROM (SELECT u.customer_id, u.updated_at FROM mp.crm.users u) x"),
        ("missing-load-timestamp",
         "SELECT u.customer_id, COUNT(u.x) AS n FROM mp.crm.users u WHERE u.updated_at > 1 GROUP BY 1",
         "SELECT u.customer_id, COUNT(u.x) AS n FROM mp.crm.users u WHERE u.updated_at > 1 GROUP BY 1"),
        ("quoted-load-timestamp",
         'SELECT * FROM (SELECT u.updated_at AS "updated_at", u.customer_id FROM mp.crm.users u)',
         "SELECT * FROM (SELECT u.updated_at AS updated_at, u.customer_id FROM mp.crm.users u)"),
        ("quoted-load-timestamp", 'SELECT x."Updated_At", x.customer_id FROM mp.crm.users x',
         'SELECT x."Updated_At" AS Updated_At, x.customer_id FROM mp.crm.users x'),
    ],
)  # fmt: skip
def test_a_fix_names_the_column(rule: str, sql: str, expected: str) -> None:
    subject = query_subject(sql, options=Options(**SETTINGS["ntz"]))
    edits = [edit for d in subject.check().diagnostics if d.rule == rule and d.fix for edit in d.fix.edits]
    text = sql
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert expected == text


PROJECT = """\
api: v1
workspace_id: 5328
models:
  - id: churn-model
    query: churn.sql
    load_timestamp: {{field: UPDATED_AT, type: {type}, time_zone: UTC}}
pipelines:
  - {{id: churn-pipeline, model: churn-model, interval: {interval}, environment: development, feed_key: us1-1}}
"""


def in_project(folder: Path, sql: str, interval: str, type: str = "timestamp_ntz") -> list[tuple[str, str]]:
    (folder / "churn.sql").write_text(sql)
    (folder / "sqlcheck.yaml").write_text(PROJECT.format(interval=interval, type=type))
    diagnostics = collect([str(folder / "sqlcheck.yaml")]).check().diagnostics
    return [(d.rule, d.source.text[d.span.start : d.span.end]) for d in diagnostics if d.rule in RULES]


@pytest.mark.parametrize(
    ("interval", "condition", "is_narrow"),
    [
        ("daily", "u.updated_at >= DATEADD(hour, -6, CURRENT_TIMESTAMP())", True),
        ("daily", "u.updated_at > CURRENT_DATE - 30", True),
        ("daily", "u.updated_at::date = CURRENT_DATE()", True),
        ("daily", "CURRENT_TIMESTAMP() - INTERVAL '1 day' <= u.updated_at", True),
        ("daily", "DATEDIFF(day, u.updated_at, CURRENT_TIMESTAMP()) <= 7", True),
        ("hourly", "u.updated_at BETWEEN DATEADD(day, -2, SYSDATE()) AND SYSDATE()", True),
        ("hourly", "u.updated_at >= DATEADD('day', -7, CURRENT_DATE())", False),
        ("daily", "u.updated_at >= DATEADD(year, -1, CURRENT_DATE())", False),
        ("daily", "u.created_at >= CURRENT_DATE() - 1", False),
        ("daily", "u.updated_at >= '2024-01-01'", False),
        ("daily", "u.updated_at <= CURRENT_TIMESTAMP()", False),
        ("daily", "(u.updated_at >= CURRENT_DATE() - 1 OR u.vip)", False),
        ("on_demand", "u.updated_at >= CURRENT_DATE() - 1", False),
        ("weekly", "NOT (u.updated_at < DATEADD(day, -2, CURRENT_TIMESTAMP()))", True),
        ("weekly", "NOT u.updated_at > DATEADD(day, -2, CURRENT_TIMESTAMP())", False),
        ("weekly", "u.updated_at >= CURRENT_TIMESTAMP - INTERVAL '1 day, 2 hours'", True),
        ("hourly", "u.updated_at >= CURRENT_TIMESTAMP() - INTERVAL '7d 1h'", False),
        ("weekly", "DATEDIFF(day, u.updated_at, CURRENT_DATE()) = 0", True),
        ("weekly", "DATEDIFF(day, u.updated_at, CURRENT_DATE()) BETWEEN 0 AND 2", True),
        ("weekly", "u.updated_at + INTERVAL '1 day' > CURRENT_TIMESTAMP()", True),
        ("hourly", "DATEADD(day, 8, u.updated_at) > CURRENT_TIMESTAMP()", False),
        ("weekly", "u.updated_at > (SELECT DATEADD(day, -1, SYSDATE()))", True),
        ("weekly", "TO_TIMESTAMP_NTZ(u.updated_at, 3) > SYSDATE() - 1", True),
        ("weekly", "DATE_PART(epoch_second, u.updated_at) > DATE_PART(epoch_second, SYSDATE() - 1)", True),
        ("weekly", "DATE_PART(day, u.updated_at) > DATE_PART(day, SYSDATE() - 1)", False),
    ],
)
def test_a_filter_is_measured_against_the_schedule(
    tmp_path: Path, interval: str, condition: str, is_narrow: bool
) -> None:
    expected = [("narrowed-load-timestamp", condition)] if is_narrow else []
    assert expected == in_project(tmp_path, f"{SQL} WHERE u.active AND {condition}", interval)


@pytest.mark.parametrize(("join", "is_narrow"), [("JOIN", True), ("LEFT JOIN", False)])
def test_the_condition_of_an_inner_join_is_a_filter(tmp_path: Path, join: str, is_narrow: bool) -> None:
    condition = "u.updated_at >= CURRENT_DATE() - 1"
    expected = [("narrowed-load-timestamp", condition)] if is_narrow else []
    joined = f"{SQL} {join} mp.crm.consents c ON c.id = u.id AND {condition}"
    assert expected == in_project(tmp_path, joined, "weekly")


@pytest.mark.parametrize(("interval", "is_coarse"), [("hourly", True), ("daily", False), ("weekly", False)])
def test_a_day_is_coarse_only_for_an_hourly_pipeline(tmp_path: Path, interval: str, is_coarse: bool) -> None:
    day = "DATE_TRUNC('day', u.updated_at)"
    expected = (
        [("coarse-load-timestamp", day)] if is_coarse else [],
        [("coarse-load-timestamp", "date")] if is_coarse else [],
    )
    truncated = in_project(tmp_path, f"SELECT {day} AS updated_at{REST}", interval)
    declared = in_project(tmp_path, SQL, interval, type="date")
    assert expected == (truncated, declared)
