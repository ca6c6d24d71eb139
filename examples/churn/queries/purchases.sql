-- What each customer has bought, one row a customer.
SELECT
    MAX(o.changed_at)::TIMESTAMP_TZ AS last_changed_at,
    o.user_id::VARCHAR AS customer_id,
    COUNT(DISTINCT o.id) AS "orders",
    SUM(o.net_amount)::NUMBER(12, 2) AS "revenue",
    MIN(o.ordered_at)::DATE AS "first_order_on",
    MAX(o.ordered_at)::DATE AS "last_order_on",
    ARRAY_AGG(DISTINCT o.category) WITHIN GROUP (ORDER BY o.category) AS "favourite_categories"
FROM (
    SELECT
        h.id,
        h.user_id,
        h.ordered_at,
        l.net_amount,
        l.category,
        GREATEST(h.changed_at, l.changed_at) AS changed_at
    FROM MP.SHOP.ORDERS h
    JOIN MP.SHOP.ORDER_LINES l ON l.order_id = h.id
    WHERE h.status IN ('paid', 'shipped')
) o
GROUP BY o.user_id
