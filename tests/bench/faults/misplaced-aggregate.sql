-- fault: misplaced-aggregate, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT o.buyer_id AS customer_id, MAX(o.updated_at) AS updated_at, COUNT(o.order_id) AS "orders"
FROM STORE.SALES.ORDERS AS o
WHERE COUNT(o.order_id) > 3
GROUP BY o.buyer_id
