WITH RECURSIVE r (id, parent) AS (
    SELECT id, parent FROM t WHERE parent IS NULL
    UNION ALL SELECT t.id, t.parent FROM t JOIN r ON r.id = t.parent
), s AS (SELECT *, 1 AS one FROM r AS x NATURAL JOIN y)
SELECT s.* EXCLUDE (parent) RENAME id AS customer_id, MAX(v.value:"k"[0]::number) m, $1 FROM s,
LATERAL FLATTEN(input => PARSE_JSON(s.j), outer => TRUE) v, TABLE(GENERATOR(rowcount => 3)) g
WHERE s.a = NULL OR s.b IN (SELECT b FROM u WHERE u.c = s.c) AND EXISTS (SELECT 1)
GROUP BY GROUPING SETS ((1), (2, 3), ROLLUP(a, b))
