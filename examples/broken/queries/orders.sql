SELECT last_order_ms, customer_id AS “customer_id”, order_count
FROM MP.SHOP.CUSTOMERS
