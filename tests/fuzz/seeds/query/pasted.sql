SELECT “email”, ‘x’ AS y, `id`, [z]  FROM t – 1 WHERE {{ x }} = ${Y} AND <your_table> = ? AND :b = &v % %s;
;SELECT 1