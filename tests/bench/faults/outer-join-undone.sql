-- fault: outer-join-undone, line 9
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    GREATEST(u.updated_at, COALESCE(s.updated_at, u.updated_at)) AS updated_at,
    COALESCE(s.level, 'none') AS "support_level"
FROM SHOP.CRM.USERS AS u
LEFT JOIN SHOP.CRM.SUPPORT_PLANS AS s ON s.user_id = u.user_id
WHERE s.active = TRUE
