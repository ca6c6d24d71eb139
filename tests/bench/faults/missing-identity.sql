-- fault: missing-identity, line 3
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.account_number AS "account_number",
    u.updated_at,
    u.plan AS "plan"
FROM SHOP.CRM.USERS AS u
