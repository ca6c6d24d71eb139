-- fault: unfilled-placeholder, line 4
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT d.donor_id AS customer_id, d.updated_at, d.cause AS "cause"
FROM <your_database>.GIVING.DONORS AS d
