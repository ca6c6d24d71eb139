-- fault: several-statements, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT m.member_no AS customer_id, m.updated_at, m.club AS "club"
FROM GYM.CORE.MEMBERS AS m
;
SELECT m.member_no AS customer_id, m.updated_at, m.shoe_size AS "shoe_size"
FROM GYM.CORE.MEMBERS AS m
