-- fault: unknown-function, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    f.farmer_id AS customer_id,
    f.updated_at,
    DATE_FORMAT(f.last_harvest, 'YYYY-MM') AS "harvest_month"
FROM AGRI.FIELDS.FARMERS AS f
