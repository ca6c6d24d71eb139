-- fault: null-comparison, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT r.rider_id AS customer_id, r.updated_at, r.bike AS "bike"
FROM RIDES.APP.RIDERS AS r
WHERE r.deleted_at = NULL
