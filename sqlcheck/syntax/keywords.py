"""The keywords of a query, and how far a misspelt word is from them."""

from __future__ import annotations

from sqlcheck.names import distance

KEYWORDS = (
    "SELECT FROM WHERE GROUP ORDER HAVING QUALIFY JOIN LIMIT UNION DISTINCT BY ON AND AS CASE WHEN THEN ELSE END "
    "BETWEEN LIKE ILIKE IN IS NOT NULL OR LEFT RIGHT INNER FULL OUTER CROSS NATURAL USING ALL EXCEPT INTERSECT MINUS "
    "WITH RECURSIVE EXISTS OVER PARTITION ROWS RANGE PRECEDING FOLLOWING UNBOUNDED CURRENT ROW ASC DESC NULLS FIRST "
    "LAST OFFSET FETCH INTERVAL CAST LATERAL TABLE VALUES PIVOT UNPIVOT SAMPLE WITHIN TRUE FALSE"
).split()
PHRASES = ("GROUP BY", "ORDER BY", "PARTITION BY", "LEFT JOIN", "RIGHT JOIN", "INNER JOIN", "CROSS JOIN", "UNION ALL",
            "IS NULL", "IS NOT NULL", "NOT IN", "NOT NULL", "NOT LIKE", "WITHIN GROUP")  # fmt: skip


def steps_between(word: str, keyword: str) -> int | None:
    """Count the slips of the finger between a word and a keyword; None when it is another word."""
    if len(word) < 3 or len(keyword) < 3:
        shorter = {keyword[:at] + keyword[at + 1 :] for at in range(len(keyword))}
        is_near = len(word) > 1 and (sorted(word) == sorted(keyword) or word in shorter)
        is_doubled = len(word) == len(keyword) + 1 and word[0] == keyword[0] and set(word) == set(keyword)
        return 1 if is_near or is_doubled else None
    limit = 1 if min(len(word), len(keyword)) == 3 else 2
    steps = distance(word.replace("_", ""), keyword.replace(" ", ""), limit)
    return steps if steps <= limit and (word[0] == keyword[0] or steps == 1) else None
