-- fault: duplicate-output, line 7
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    o.owner_id AS customer_id,
    o.updated_at,
    o.pet_name AS "name",
    o.vet_name AS "name"
FROM VET.CLINIC.OWNERS AS o
