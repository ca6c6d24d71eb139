-- fault: unstable-expression, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    UNIFORM(1, 100, RANDOM()) AS "experiment_group"
FROM SHOP.CRM.USERS AS u
