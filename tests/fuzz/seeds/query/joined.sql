-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
-- sqlcheck: identities=customer_id,email schema=schema.sql
-- sqlcheck: ignore[select-star] the view is frozen
SELECT
    u.id AS customer_id,
    lower(u.email) AS email,
    u.profile:address.city::string AS "$City",
    GREATEST(u.updated_at, COALESCE(o.last_at, u.updated_at)) AS updated_at,
    COUNT_IF(o.total > 10) AS big_orders, -- sqlcheck: ignore[folded-attribute]
    CASE WHEN u.plan = 'free' THEN 'no' WHEN u.plan IN ('a', 'b') THEN 'yes' END AS "paying"
FROM MP.CRM.USERS AS u
LEFT JOIN (SELECT user_id, MAX(changed_at) AS last_at, SUM(total) AS total FROM MP.SHOP.ORDERS GROUP BY ALL) o
    ON o.user_id = u.id AND o.last_at > DATEADD(day, -7, CURRENT_DATE)
WHERE u.deleted = FALSE AND NOT u.email IS NULL
GROUP BY 1, 2, 3, u.updated_at, o.last_at
HAVING COUNT(*) > 1
QUALIFY ROW_NUMBER() OVER (PARTITION BY u.id ORDER BY u.updated_at DESC NULLS LAST) = 1
ORDER BY 1
LIMIT 10;
