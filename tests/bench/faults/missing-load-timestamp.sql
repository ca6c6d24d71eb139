-- fault: missing-load-timestamp, line 3
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    n.subscriber_id AS customer_id,
    n.changed_at AS "changed_at",
    n.edition AS "edition"
FROM NEWS.PAPER.SUBSCRIBERS AS n
