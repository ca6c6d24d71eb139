-- fault: nullable-load-timestamp, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    l.seen_at AS updated_at,
    COALESCE(l.device, 'unknown') AS "last_device"
FROM SHOP.CRM.USERS AS u
LEFT JOIN SHOP.APP.LOGINS AS l ON l.user_id = u.user_id
