-- fault: unknown-column, line 7
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
-- sqlcheck: schema=tables.ddl
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    u.plann AS "plan"
FROM SHOP.CRM.USERS AS u
