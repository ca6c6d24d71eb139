"""Which expressions can be NULL, and which conditions rule it out."""

from __future__ import annotations

import pytest

from sqlcheck import read_mapping

JOINED = "FROM mp.crm.users u LEFT JOIN mp.shop.orders o ON o.uid=u.id"


@pytest.mark.parametrize(
    ("expression", "rest", "is_nullable"),
    [
        ("o.ts", JOINED, True),
        ("u.ts", JOINED, False),
        ("COALESCE(o.ts,u.ts)", JOINED, False),
        ("COALESCE(u.ts,o.ts)", JOINED, False),
        ("COALESCE(o.ts,o.ts2)", JOINED, True),
        ("GREATEST(u.ts,o.ts)", JOINED, True),
        ("GREATEST(u.ts,COALESCE(o.ts,u.ts))", JOINED, False),
        ("GREATEST_IGNORE_NULLS(u.ts,o.ts)", JOINED, False),
        ("CASE WHEN o.ts > u.ts THEN o.ts ELSE u.ts END", JOINED, False),
        ("CASE WHEN o.ts IS NOT NULL AND o.ts > u.ts THEN o.ts ELSE u.ts END", JOINED, False),
        ("CASE WHEN o.ts IS NULL THEN u.ts ELSE o.ts END", JOINED, False),
        ("CASE WHEN o.ts IS NULL OR u.ts > o.ts THEN u.ts ELSE o.ts END", JOINED, False),
        ("IFF(o.ts > u.ts, o.ts, u.ts)", JOINED, False),
        ("IFF(o.ts IS NULL, u.ts, o.ts)", JOINED, False),
        ("IFF(o.uid IS NULL, u.ts, o.ts)", JOINED, False),
        ("IFF(o.uid IS NOT NULL, GREATEST(o.ts,u.ts), u.ts)", JOINED, False),
        ("NVL2(o.ts, o.ts, u.ts)", JOINED, False),
        ("NVL2(o.uid, o.ts, u.ts)", JOINED, False),
        ("NVL(o.ts,u.ts)", JOINED, False),
        ("o.ts", JOINED + " WHERE o.ts IS NOT NULL", False),
        ("o.ts", JOINED + " WHERE o.status='x'", False),
        ("o.ts", JOINED + " WHERE o.ts >= '2024-01-01'", False),
        ("o.ts", JOINED + " WHERE o.id IS NULL", True),
        ("o.ts", JOINED + " WHERE o.ts IS NOT NULL OR u.x=1", True),
        ("o.ts", JOINED + " JOIN c.d.e x ON x.oid = o.id", False),
        ("TRY_TO_TIMESTAMP_NTZ(u.x)", JOINED, True),
        ("TRY_TO_TIMESTAMP_NTZ(u.x)", JOINED + " WHERE TRY_TO_TIMESTAMP_NTZ(u.x) IS NOT NULL", False),
        ("TRY_TO_TIMESTAMP_NTZ(u.x) AS updated_at", JOINED + " WHERE updated_at IS NOT NULL", False),
        ("TRY_CAST(u.x AS TIMESTAMP_NTZ)", JOINED, True),
        ("NULLIF(u.ts, '1970-01-01')", JOINED, True),
        ("COALESCE(NULLIF(u.ts, '1970-01-01'), u.created)", JOINED, False),
        ("CASE WHEN u.a THEN u.ts END", JOINED, True),
        ("CASE WHEN u.a THEN u.ts ELSE u.b END", JOINED, False),
        ("MAX(o.ts)", JOINED + " GROUP BY u.id", True),
        ("GREATEST(u.ts, MAX(o.ts))", JOINED + " GROUP BY u.id, u.ts", True),
        ("GREATEST(u.ts, COALESCE(MAX(o.ts),u.ts))", JOINED + " GROUP BY u.id, u.ts", False),
        ("MAX(COALESCE(o.ts,u.ts))", JOINED + " GROUP BY u.id, u.ts", False),
        ("MAX(o.ts)", JOINED + " GROUP BY u.id HAVING MAX(o.ts) IS NOT NULL", False),
        ("MAX(o.ts) OVER (PARTITION BY u.id)", JOINED, True),
        ("MAX(o.ts) OVER (PARTITION BY u.id)",
         JOINED + " QUALIFY MAX(o.ts) OVER (PARTITION BY u.id) IS NOT NULL", False),
        ("LAG(u.ts) OVER (ORDER BY u.ts)", JOINED, True),
        ("LAG(u.ts,1,u.ts) OVER (ORDER BY u.ts)", JOINED, False),
        ("(SELECT MAX(z.ts) FROM a.b.z z WHERE z.uid=u.id)", JOINED, True),
        ("COALESCE((SELECT MAX(z.ts) FROM a.b.z z WHERE z.uid=u.id), u.ts)", JOINED, False),
        ("o.ts", "FROM mp.shop.orders o RIGHT JOIN mp.crm.users u ON o.uid=u.id", True),
        ("u.ts", "FROM mp.shop.orders o RIGHT JOIN mp.crm.users u ON o.uid=u.id", False),
        ("COALESCE(u.ts,o.ts)", "FROM mp.crm.users u FULL OUTER JOIN mp.shop.orders o ON o.uid=u.id", False),
        ("u.ts", "FROM mp.crm.users u FULL OUTER JOIN mp.shop.orders o ON o.uid=u.id", True),
        ("GREATEST(COALESCE(u.ts,o.ts),COALESCE(o.ts,u.ts))",
         "FROM mp.crm.users u FULL OUTER JOIN mp.shop.orders o ON o.uid=u.id", False),
        ("s.ts",
         ("FROM mp.crm.users u LEFT JOIN (SELECT uid, MAX(ts) AS ts FROM mp.shop.orders GROUP BY uid) s "
         "ON s.uid=u.id"), True),
        ("s.ts",
         ("FROM mp.crm.users u JOIN (SELECT uid, MAX(ts) AS ts FROM mp.shop.orders GROUP BY uid) s ON "
         "s.uid=u.id"), False),
        ("s.ts",
         ("FROM (SELECT o.ts, u.id FROM mp.crm.users u LEFT JOIN mp.shop.orders o ON o.uid=u.id WHERE "
         "o.ts IS NOT NULL) s"), False),
        ("s.ts",
         ("FROM (SELECT o.ts, u.id FROM mp.crm.users u LEFT JOIN mp.shop.orders o ON o.uid=u.id) s WHERE "
         "s.ts IS NOT NULL"), False),
        ("s.ts",
         ("FROM (SELECT o.ts, u.id FROM mp.crm.users u LEFT JOIN mp.shop.orders o ON o.uid=u.id) s WHERE "
         "s.ts >= DATEADD(day,-1,CURRENT_DATE)"), False),
        ("s.ts", "FROM (SELECT o.ts, u.id FROM mp.crm.users u LEFT JOIN mp.shop.orders o ON o.uid=u.id) s", True),
        ("DATEADD(hour,1,o.ts)", JOINED, True),
        ("o.ts::timestamp_ntz", JOINED, True),
        ("CONVERT_TIMEZONE('UTC',o.ts)", JOINED, True),
        ("TO_TIMESTAMP_NTZ(o.ms,3)", JOINED, True),
        ("DATE_TRUNC('hour',o.ts)", JOINED, True),
        ("COALESCE(TRY_TO_TIMESTAMP(u.x), CURRENT_TIMESTAMP())", JOINED, False),
        ("f.value:ts::timestamp_ntz", "FROM mp.crm.users u, LATERAL FLATTEN(input => u.x, OUTER => TRUE) f", True),
        ("LAST_VALUE(u.ts IGNORE NULLS) OVER (ORDER BY u.x)", JOINED, False),
        ("DECODE(u.a, 1, u.ts)", JOINED, True),
        ("MAX(CASE WHEN u.a THEN u.ts END)", JOINED + " GROUP BY u.id", True),
        ("LEAST(u.ts,o.ts)", JOINED, True),
        ("DATE_PART(epoch_millisecond, o.ts)", JOINED, True),
        ("o.ts + INTERVAL '1 day'", JOINED, True),
        ("CASE o.kind WHEN 'a' THEN o.ts ELSE u.ts END", JOINED, False),
        ("ZEROIFNULL(o.ms)", JOINED, False),
        ("IFNULL(o.ts, u.ts)", JOINED, False),
        ("GREATEST(u.ts, IFNULL(s.ts, '1970-01-01'::timestamp_ntz))",
         ("FROM mp.crm.users u LEFT JOIN (SELECT uid, MAX(ts) AS ts FROM mp.shop.orders GROUP BY uid) s "
         "ON s.uid=u.id"), False),
        ("u.ts", JOINED + " RIGHT JOIN a.b.c x ON x.id=u.id", True),
        ("CASE WHEN u.ts >= COALESCE(o.ts, u.ts) THEN u.ts ELSE o.ts END", JOINED, False),
        ("IFF(COALESCE(o.ts,'1970-01-01') > u.ts, o.ts, u.ts)", JOINED, False),
        ("o.ts", JOINED + " WHERE COALESCE(o.ts,'1970-01-01') < u.ts", True),
        ("COALESCE(GREATEST(u.ts, o.ts), u.ts)", JOINED, False),
        ("u.ts", "FROM mp.crm.users u JOIN a.b.c x ON x.ts=u.ts FULL JOIN mp.shop.orders o ON o.uid=u.id", True),
        ("CASE WHEN u.ts IS NOT NULL THEN u.ts ELSE o.ts END",
         "FROM mp.crm.users u FULL JOIN mp.shop.orders o ON o.uid=u.id", False),
    ],
)  # fmt: skip
def test_a_value_is_nullable_only_where_the_text_proves_it(expression: str, rest: str, is_nullable: bool) -> None:
    alias = "" if expression.endswith(" AS updated_at") else " AS updated_at"
    mapping = read_mapping(f"SELECT {expression}{alias}, u.customer_id {rest}", load_timestamp="UPDATED_AT")
    assert mapping is not None
    assert mapping.load_timestamp is not None
    assert (mapping.load_timestamp.nullable is True) == is_nullable
