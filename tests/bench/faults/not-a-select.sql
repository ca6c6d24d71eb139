-- fault: not-a-select, line 3
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
CREATE OR REPLACE VIEW MARKETING.SYNC.READERS AS
SELECT r.reader_id AS customer_id, r.updated_at, r.genre AS "genre"
FROM MARKETING.RAW.READERS AS r
