"""Words that were left out of a text that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot.tokens import TokenType

from sqlcheck.model import Span
from sqlcheck.names import distance
from sqlcheck.syntax.layout import CLOSING
from sqlcheck.syntax.stumble import CONSTANTS, ITEM_STARTS, NAMES, OPEN, QUERY_STARTS, VALUES, Case, Fault

_JOIN_KINDS = frozenset("LEFT RIGHT INNER FULL OUTER CROSS NATURAL ASOF".split())
_BEFORE_QUERY = frozenset("FROM JOIN IN EXISTS UNION ALL EXCEPT MINUS INTERSECT LATERAL ANY =".split())
_COMPANIONS = {"GROUP": "BY", "ORDER": "BY", "PARTITION": "BY", "WITHIN": "GROUP"}


def omission(case: Case) -> Fault | None:
    """Look for a word that was left out."""
    for look in (_join, _select, _word):
        fault = look(case)
        if fault is not None:
            return fault
    return None


def _join(case: Case) -> Fault | None:
    """Look for LEFT, INNER or their like without JOIN."""
    for index in case.around(1, 0):
        end = index
        while case.word(end) in _JOIN_KINDS:
            end += 1
        if end > index and case.kind(end) not in (None, TokenType.JOIN):
            at = case.tokens[end].start
            if case.mends(Span(at, at), "JOIN "):
                return Fault(case.span(end), f"`JOIN` is missing before `{case.written(end)}`")
    return None


def _select(case: Case) -> Fault | None:
    """Look for a subquery that begins with its first column."""
    openers: list[int] = []
    for index in range(case.index + 1):
        if case.kind(index) in OPEN:
            openers.append(index)
        elif case.kind(index) in CLOSING and openers:
            openers.pop()
    for opener in reversed(openers):
        first = opener + 1
        if case.word(opener - 1) in _BEFORE_QUERY and case.kind(first) not in (None, *QUERY_STARTS):
            at = case.tokens[first].start
            if case.mends(Span(at, at), "SELECT ", wholly=False):
                return Fault(case.span(first), f"`SELECT` is missing before `{case.written(first)}`")
    return None


def companion(case: Case) -> Fault | None:
    """Look for GROUP, ORDER or PARTITION without BY, and WITHIN without GROUP."""
    for index in reversed(case.around(2, 0)):
        word, companion = case.word(index), _COMPANIONS.get(case.word(index))
        if companion is None or case.word(index + 1) == companion:
            continue
        if _is_like_by(case, index + 1) and case.mends(case.span(index + 1), "BY", wholly=False):
            return Fault(case.span(index + 1), f"`{case.written(index + 1)}` is not a keyword", "did you mean `BY`?")
        if case.mends(case.span(index), f"{word} {companion}", wholly=False):
            message = f"`{companion}` is missing behind `{case.written(index)}`"
            return Fault(case.span(index), message, f"write {word} {companion}")
    return None


def _is_like_by(case: Case, index: int) -> bool:
    """Tell whether a word was meant to be BY: one slip away from it, and something to go by behind it."""
    is_followed = case.kind(index + 1) in ITEM_STARTS and case.kind(index) == TokenType.VAR
    return is_followed and distance(case.word(index), "BY", 1) <= 1


def _word(case: Case) -> Fault | None:
    """Look for a word that was left out."""
    for index in (case.index, case.index - 1):
        if index < 1:
            continue
        at = case.tokens[index].start
        for missing in _missing(case, index):
            if case.mends(Span(at, at), f" {missing} "):
                return Fault(case.span(index), f"`{missing}` is missing before `{case.written(index)}`")
    return None


def _missing(case: Case, index: int) -> Iterator[str]:
    """Give the words that could stand before a token."""
    words = {case.word(at) for at in range(max(0, index - 12), index)}
    if case.word(index - 1) in _JOIN_KINDS:
        yield "JOIN"
    if case.kind(index - 1) == TokenType.R_PAREN and case.kind(index) == TokenType.L_PAREN:
        yield "OVER"
    if case.kind(index - 1) in VALUES and case.kind(index) in ITEM_STARTS:
        yield from (word for word, sign in (("ON", "JOIN"), ("AS", "CAST"), ("THEN", "WHEN")) if sign in words)
        if words & {"WHERE", "ON", "HAVING", "QUALIFY", "AND", "WHEN"}:
            yield "AND"


def operator(case: Case) -> Fault | None:
    """Look for a value in front of the stumble that nothing ties to the one before it."""
    for index in range(case.index, max(1, case.index - 8), -1):
        kinds = case.kind(index - 1), case.kind(index)
        is_path = case.kind(index - 2) == TokenType.DOT and kinds[0] in NAMES
        is_value = is_path or kinds[0] in CONSTANTS or kinds[0] == TokenType.R_PAREN
        is_bare = kinds[0] in CONSTANTS and kinds[1] in NAMES and case.kind(index - 2) != TokenType.INTERVAL
        if is_bare or (is_value and kinds[1] in CONSTANTS):
            return Fault(case.span(index), f"an operator is missing before `{case.written(index)}`")
    return None
