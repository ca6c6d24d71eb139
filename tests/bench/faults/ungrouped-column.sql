-- fault: ungrouped-column, line 6
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT
    o.buyer_id AS customer_id,
    MAX(o.updated_at) AS updated_at,
    o.channel AS "channel",
    SUM(o.total) AS "total_spent"
FROM STORE.SALES.ORDERS AS o
GROUP BY o.buyer_id
