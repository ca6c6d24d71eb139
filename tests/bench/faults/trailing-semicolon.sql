-- fault: trailing-semicolon, line 9
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    a.account_id AS customer_id,
    a.updated_at,
    a.plan_name AS "plan"
FROM SALES.BILLING.ACCOUNTS AS a
WHERE a.closed_at IS NULL
;
