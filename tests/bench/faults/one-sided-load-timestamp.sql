-- fault: one-sided-load-timestamp, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    u.plan AS "plan",
    a.city AS "city"
FROM SHOP.CRM.USERS AS u
JOIN SHOP.CRM.ADDRESSES AS a ON a.user_id = u.user_id
