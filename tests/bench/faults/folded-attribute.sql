-- fault: folded-attribute, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    u.plan AS favourite_plan
FROM SHOP.CRM.USERS AS u
