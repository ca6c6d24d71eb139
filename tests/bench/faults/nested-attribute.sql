-- fault: nested-attribute, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    OBJECT_CONSTRUCT('street', u.street, 'city', u.city) AS "address"
FROM SHOP.CRM.USERS AS u
