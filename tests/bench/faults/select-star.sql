-- fault: select-star, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    c.contact_id AS customer_id,
    c.*
FROM CRM.PUBLIC.CONTACTS AS c
