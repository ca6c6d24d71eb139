-- fault: foreign-quoting, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    g.guest_id AS customer_id,
    g.updated_at,
    g.`room` AS "room"
FROM HOTEL.STAYS.GUESTS AS g
