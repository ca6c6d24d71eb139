SELECT u.customer_id, LAG(u.amount) IGNORE NULLS OVER, SUM(u.amount)OVER
