-- fault: side-effect, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    u.user_id AS customer_id,
    u.updated_at,
    SHOP.CRM.EXPORT_NO.NEXTVAL AS "export_no"
FROM SHOP.CRM.USERS AS u
