-- fault: missing-time-zone, line 2
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz
SELECT u.user_id AS customer_id, u.updated_at, u.plan AS "plan"
FROM SHOP.CRM.USERS AS u
