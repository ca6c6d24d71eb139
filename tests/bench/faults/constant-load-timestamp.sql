-- fault: constant-load-timestamp, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ltz
SELECT
    n.subscriber_id AS customer_id,
    CURRENT_TIMESTAMP() AS updated_at,
    n.edition AS "edition"
FROM NEWS.PAPER.SUBSCRIBERS AS n
