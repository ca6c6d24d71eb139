-- fault: unsendable-attribute, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    TO_BINARY(u.badge, 'UTF-8') AS "badge"
FROM SHOP.CRM.USERS AS u
