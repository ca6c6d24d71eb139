-- fault: case-twin-attributes, line 7
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    u.plan AS "planName",
    u.old_plan AS "plan_name"
FROM SHOP.CRM.USERS AS u
