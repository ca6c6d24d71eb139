-- fault: uneven-set-operation, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT a.id AS customer_id, a.updated_at, a.tier AS "tier"
FROM LOYALTY.EU.MEMBERS AS a
UNION ALL
SELECT b.id, b.updated_at
FROM LOYALTY.US.MEMBERS AS b
