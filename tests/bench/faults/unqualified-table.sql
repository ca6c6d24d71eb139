-- fault: unqualified-table, line 4
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT l.listener_id AS customer_id, l.updated_at, l.favourite_artist AS "favourite_artist"
FROM listeners AS l
