-- fault: hashed-identity, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    SHA2(LOWER(u.email)) AS email,
    u.updated_at,
    u.plan AS "plan"
FROM SHOP.CRM.USERS AS u
