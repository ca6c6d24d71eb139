-- fault: accidental-identity, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    COUNT(f.follower_id) AS twitter
FROM SHOP.CRM.USERS AS u
JOIN SHOP.SOCIAL.FOLLOWERS AS f ON f.user_id = u.user_id
GROUP BY u.user_id, u.updated_at
