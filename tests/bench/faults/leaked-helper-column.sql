-- fault: leaked-helper-column, line 7
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    u.plan AS "plan",
    u._fivetran_synced
FROM SHOP.CRM.USERS AS u
