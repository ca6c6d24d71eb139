"""Identifiers: how Snowflake folds them, how they are quoted, and which name was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

RESERVED = frozenset(
    "ALL ALTER AND ANY AS BETWEEN BY CHECK COLUMN CONNECT CREATE CURRENT DELETE DISTINCT DROP ELSE EXISTS FOLLOWING "
    "FOR FROM GRANT GROUP HAVING ILIKE IN INCREMENT INSERT INTERSECT INTO IS LIKE MINUS NOT NULL OF ON OR ORDER "
    "QUALIFY REGEXP REVOKE RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER UNION UNIQUE "
    "UPDATE VALUES WHENEVER WHERE WITH".split()
)
"""Words that are names only in quotes: https://docs.snowflake.com/en/sql-reference/reserved-keywords."""
RESERVED_COLUMNS = frozenset(
    "CASE CAST CONSTRAINT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER FALSE TRUE TRY_CAST WHEN".split()
)
"""Further words that name no column without quotes, from the same page."""
_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*\Z")


def fold(name: str, quoted: bool) -> str:
    """Give the name under which Snowflake knows an identifier: upper case unless it was quoted."""
    return name if quoted else name.upper()


def needs_quotes(name: str) -> bool:
    """Tell whether an effective name can only be written in quotes."""
    return _PLAIN.match(name) is None


def quote(name: str) -> str:
    """Write a name as a quoted identifier that keeps it as it is."""
    return '"' + name.replace('"', '""') + '"'


def skeleton(name: str) -> str:
    """Reduce a name to its letters and digits in lower case, so that separators and case do not count."""
    return "".join(character for character in name.lower() if character.isalnum())


def distance(left: str, right: str, limit: int) -> int:
    """Count the edits (insert, delete, replace, swap neighbours) between two words, up to `limit` + 1."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, previous = previous, row
    return previous[-1]


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Give the candidate that was probably meant by `word`, or None when none is near enough.

    Case and separators do not count; a third of the letters, at most three, may differ.
    """
    wanted = skeleton(word)
    limit = min(3, max(1, len(wanted) // 3))
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if candidate == word:
            continue
        steps = distance(wanted, skeleton(candidate), limit)
        if steps <= limit and (best is None or steps < best[0]):
            best = (steps, candidate)
    return best[1] if best else None


def is_plain(name: str) -> bool:
    """Tell whether a name can stand without quotes."""
    return name.isascii() and not needs_quotes(name.upper()) and name.upper() not in RESERVED | RESERVED_COLUMNS
