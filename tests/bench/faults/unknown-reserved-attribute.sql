-- fault: unknown-reserved-attribute, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    u.first_name AS "$GivenName"
FROM SHOP.CRM.USERS AS u
