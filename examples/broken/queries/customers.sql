SELECT
    CURRENT_TIMESTAMP() AS updated_at,
    u.id AS customer_id,
    u.crm_id AS CustomerId,
    MD5(u.email) AS email,
    u.phone AS phone_number,
    u.plan AS plan,
    u.api_token AS "api_token",
    IF_NULL(u.country, 'US') AS "$Contry",
    COUNT(o.id) AS "orders"
FROM MP.CRM.USERS u
LEFT JOIN SHOP.ORDERS o ON o.user_id = u.id
WHERE o.status = 'paid' AND c.deleted_at = NULL
GROUP BY u.id, u.crm_id, u.email, u.phone, u.api_token, u.country
LIMIT 100000;
