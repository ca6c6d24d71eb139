-- fault: unknown-alias, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    v.visitor_id AS customer_id,
    v.updated_at,
    w.zone AS "zone"
FROM PARK.GATES.VISITORS AS v
