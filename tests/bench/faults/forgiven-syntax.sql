-- fault: forgiven-syntax, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    s.student_no AS customer_id,
    s.updated_at,,
    s.faculty AS "faculty"
FROM CAMPUS.REGISTRY.STUDENTS AS s
