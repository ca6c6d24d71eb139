-- fault: typographic-character, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT p.patron_id AS customer_id, p.updated_at, p.seat AS "seat"
FROM THEATRE.BOX.PATRONS AS p
WHERE p.season = ‘spring’
