-- fault: row-limit, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT k.kid_id AS customer_id, k.updated_at, k.level AS "level"
FROM SCHOOL.APP.KIDS AS k
ORDER BY k.updated_at DESC
LIMIT 1000
