-- fault: unnamed-output, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    e.employee_no AS customer_id,
    e.updated_at,
    e.salary * 12
FROM HR.PAY.EMPLOYEES AS e
