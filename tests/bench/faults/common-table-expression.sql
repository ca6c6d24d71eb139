-- fault: common-table-expression, line 3
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
WITH recent AS (
    SELECT o.buyer_id, MAX(o.updated_at) AS updated_at, SUM(o.total) AS total
    FROM STORE.SALES.ORDERS AS o
    GROUP BY o.buyer_id
)
SELECT r.buyer_id AS customer_id, r.updated_at, r.total AS "total_spent"
FROM recent AS r
