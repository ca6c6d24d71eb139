-- fault: quoted-load-timestamp, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    n.subscriber_id AS customer_id,
    n.changed_at AS "updated_at",
    n.edition AS "edition"
FROM NEWS.PAPER.SUBSCRIBERS AS n
