-- fault: unreadable-query, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT t.traveller_id AS customer_id, MAX(t.updated_at) AS updated_at, COUNT(t.trip_id) AS "trips"
FROM TRAVEL.TRIPS.BOOKINGS AS t
GROPU BY t.traveller_id
