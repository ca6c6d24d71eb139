-- fault: mistyped-load-timestamp, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    TO_VARCHAR(u.changed_at, 'YYYY-MM-DD') AS updated_at,
    u.plan AS "plan"
FROM SHOP.CRM.USERS AS u
