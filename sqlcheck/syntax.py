"""Why a text cannot be read: the parser's stumble turned into the token that caused it, in plain words.

A misspelt keyword passes for an alias, so the parser fails one token later. A repair is therefore guessed
and tried: the guess that lets the text be read further shows what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot.tokens import Token, TokenType

from sqlcheck import grammar, literals
from sqlcheck.model import Span
from sqlcheck.names import RESERVED, distance

Probe = Callable[[str], int | None]
"""Tries to read a text; gives the offset at which that fails, or None when all of it can be read."""


@dataclass(frozen=True)
class Fault:
    """What makes a text unreadable."""

    span: Span
    message: str
    help: str | None = None


_LITERALS = {"'": ("string", "'"), '"': ("quoted name", '"'), "$$": ("string", "$$"), "/*": ("comment", "*/")}
_OPEN = {TokenType.L_PAREN: ")", TokenType.L_BRACKET: "]", TokenType.L_BRACE: "}"}
_CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_CLAUSES = frozenset(
    {TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.QUALIFY, TokenType.UNION}
)
_QUERY_STARTS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.FROM})
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_VALUES = _NAMES | {TokenType.STRING, TokenType.NUMBER, TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.STAR}
_FROM_INSIDE = frozenset({"EXTRACT", "TRIM", "SUBSTRING", "OVERLAY", "POSITION", "SUBSTR"})

KEYWORDS = (
    "SELECT FROM WHERE GROUP ORDER HAVING QUALIFY JOIN LIMIT UNION DISTINCT BY ON AND AS CASE WHEN THEN ELSE END "
    "BETWEEN LIKE ILIKE IN IS NOT NULL OR LEFT RIGHT INNER FULL OUTER CROSS NATURAL USING ALL EXCEPT INTERSECT MINUS "
    "WITH RECURSIVE EXISTS OVER PARTITION ROWS RANGE PRECEDING FOLLOWING UNBOUNDED CURRENT ROW ASC DESC NULLS FIRST "
    "LAST OFFSET FETCH INTERVAL CAST LATERAL TABLE VALUES PIVOT UNPIVOT SAMPLE WITHIN TRUE FALSE"
).split()
_PHRASES = ("GROUP BY", "ORDER BY", "PARTITION BY", "LEFT JOIN", "RIGHT JOIN", "INNER JOIN", "CROSS JOIN", "UNION ALL",
            "IS NULL", "IS NOT NULL", "NOT IN", "NOT NULL", "NOT LIKE", "WITHIN GROUP")  # fmt: skip
_JOIN_KINDS = frozenset("LEFT RIGHT INNER FULL OUTER CROSS NATURAL ASOF".split())
_ITEM_STARTS = _NAMES | {TokenType.STRING, TokenType.NUMBER, TokenType.CASE, TokenType.L_PAREN, TokenType.NULL,
                         TokenType.TRUE, TokenType.FALSE, TokenType.LEFT, TokenType.RIGHT, TokenType.DATE,
                         TokenType.TIMESTAMP, TokenType.REPLACE, TokenType.INTERVAL}  # fmt: skip


def too_deep(span: Span, limit: int) -> Fault:
    """Say that a query nests deeper than sqlcheck reads."""
    return Fault(span, f"brackets and CASEs nest more than {limit} levels deep here", "split the expression up")


def binary(text: str) -> Fault | None:
    """Find the NUL that gives away a binary file or a wrong encoding."""
    at = text.find("\0")
    if at < 0:
        return None
    return Fault(Span(at, at + 1), "the text holds a NUL character", "save the file as UTF-8 text")


def unclosed(text: str) -> Fault:
    """Find the quote or comment that is opened and never closed."""
    start, end = literals.unclosed(text)
    opener = text[start] if text[start] in "'\"" else text[start : start + 2]
    what, closer = _LITERALS.get(opener, ("text", opener))
    advice = f"close it with `{closer}`"
    if end < len(text) and opener == "'":
        advice += "; a quote inside a string is written twice"
    return Fault(Span(start, start + len(opener)), f"the {what} that starts here is never closed", advice)


def headless(tokens: Sequence[Token]) -> Fault | None:
    """Tell where the SELECT is missing; None when a slip of the grammar says so."""
    if any(slip.structural for slip in grammar.slips(tokens)):
        return None
    return Fault(Span(tokens[0].start, tokens[0].end + 1), "a query without SELECT", "begin with SELECT")


def unbalanced(tokens: Sequence[Token], text: str) -> Fault | None:
    """Find a bracket without its partner."""
    return _bracket(_Case(tokens, 0, text, lambda _: None))


def explain(tokens: Sequence[Token], index: int, text: str, probe: Probe) -> Fault | None:
    """Tell what is wrong with a text in which the parser stumbled over token `index`.

    None means that a slip of the grammar, which the parser forgives elsewhere, explains it.
    """
    if not tokens:
        return Fault(Span(0, 0), "this is no query")
    case = _Case(tokens, min(index, len(tokens) - 1), text, probe)
    for look in (_character, _bracket, _torn, _misspelling):
        fault = look(case)
        if fault is not None:
            return fault
    slips = [slip for slip in grammar.slips(tokens) if slip.first <= case.index + 1]
    if any(slip.structural for slip in slips):
        return None
    if slips:
        return Fault(slips[0].span(tokens), slips[0].message, slips[0].help)
    for look in (_start, _second_select, _unfinished_case, _no_by, _keyword_as_name, _comma, _word, _ending):
        fault = look(case)
        if fault is not None:
            return fault
    return _unexpected(case)


class _Case:
    """The text under examination; keeps count of the attempts, so that long texts stay cheap."""

    def __init__(self, tokens: Sequence[Token], index: int, text: str, probe: Probe) -> None:
        self.tokens = tokens
        self.index = index
        self.text = text
        self._probe = probe
        self._tries = min(80, 400_000 // (len(text) + 1))
        self.is_blind = self._tries == 0

    def word(self, index: int) -> str:
        """Give a token's text in upper case; blank outside the text."""
        return self.tokens[index].text.upper() if 0 <= index < len(self.tokens) else ""

    def kind(self, index: int) -> TokenType | None:
        """Give a token's type; None outside the text."""
        return self.tokens[index].token_type if 0 <= index < len(self.tokens) else None

    def span(self, index: int) -> Span:
        """Give a token's place."""
        return Span(self.tokens[index].start, self.tokens[index].end + 1)

    def written(self, index: int) -> str:
        """Give a token as the author wrote it, shortened where it is long."""
        span = self.span(index)
        text = self.text[span.start : span.end]
        return text if len(text) <= 40 else text[:37] + "..."

    def touches(self, index: int) -> bool:
        """Tell whether no blank stands in front of a token."""
        return index > 0 and self.tokens[index - 1].end + 1 == self.tokens[index].start

    def around(self, behind: int, ahead: int) -> range:
        """Give the token indices near the stumble."""
        return range(max(0, self.index - behind), min(len(self.tokens), self.index + ahead + 1))

    def mends(self, span: Span, replacement: str, *, wholly: bool = True) -> bool:
        """Try a repair; without `wholly`, it is enough that the text can be read further than before."""
        if self._tries <= 0:
            return False
        self._tries -= 1
        failed = self._probe(self.text[: span.start] + replacement + self.text[span.end :])
        if failed is None:
            return True
        shift = len(replacement) - (span.end - span.start)
        return not wholly and failed > self.tokens[self.index].end + shift


def _character(case: _Case) -> Fault | None:
    """Look for a character that Snowflake's SQL does not have."""
    for index in range(min(case.index + 2, len(case.tokens))):
        kind = case.kind(index)
        is_lone = case.word(index) == "!" and case.kind(index) == TokenType.NOT and not case.touches(index)
        if is_lone or kind in (TokenType.HASH, TokenType.BACKSLASH, TokenType.UNKNOWN):
            advice = "a comment starts with `--`" if kind == TokenType.HASH else None
            return Fault(case.span(index), f"`{case.written(index)}` has no meaning in Snowflake's SQL", advice)
    return None


def _bracket(case: _Case) -> Fault | None:
    """Look for a bracket without its partner."""
    stack: list[int] = []
    suspect: int | None = None
    for index, token in enumerate(case.tokens):
        kind = token.token_type
        if kind in _OPEN:
            stack.append(index)
        elif kind in _CLOSE:
            if not stack:
                message = f"this `{token.text}` closes nothing"
                return Fault(case.span(_surplus(case, index)), message, "remove it, or open the bracket")
            opener = stack.pop()
            expected = _OPEN[case.tokens[opener].token_type]
            if token.text != expected:
                return Fault(case.span(index), f"this `{token.text}` stands where `{expected}` is due")
        elif kind in _CLAUSES and stack and suspect is None and _is_stray(case, stack[-1], index):
            suspect = stack[-1]
    if not stack:
        return None
    at = suspect if suspect is not None else stack[-1]
    closer = _OPEN[case.tokens[at].token_type]
    return Fault(case.span(at), f"this `{case.written(at)}` is never closed", f"close it with `{closer}`")


def _surplus(case: _Case, index: int) -> int:
    """Find the closing bracket without which the text can be read; the one left over at the end may be innocent."""
    if case.mends(case.span(index), ""):
        return index
    for at in range(index - 1, -1, -1):
        if case.kind(at) == case.kind(index) != case.kind(at + 1) and case.mends(case.span(at), ""):
            return at
    return index


def _is_stray(case: _Case, opener: int, index: int) -> bool:
    """Tell whether a clause keyword stands in a bracket that holds no query."""
    if case.kind(opener + 1) in _QUERY_STARTS or opener + 1 == index:
        return False
    if case.kind(index) == TokenType.FROM:
        return case.word(opener - 1) not in _FROM_INSIDE and case.kind(index - 1) != TokenType.DISTINCT
    return True


def _torn(case: _Case) -> Fault | None:
    """Look for a keyword that a blank tears in two."""
    for index in case.around(3, 1):
        joined = case.word(index) + case.word(index + 1)
        if TokenType.DOT in (case.kind(index - 1), case.kind(index + 2)):
            continue
        if joined in KEYWORDS and case.word(index) not in KEYWORDS and case.kind(index + 1) is not None:
            span = Span(case.span(index).start, case.span(index + 1).end)
            if case.mends(span, joined, wholly=False):
                torn = case.text[span.start : span.end]
                return Fault(span, f"`{torn}` is not a keyword", f"did you mean `{joined}`?")
    return None


def _misspelling(case: _Case) -> Fault | None:
    """Look for a word near the stumble that makes the text readable when it is spelt as a keyword."""
    for rank, index, keyword in sorted(_guesses(case), key=lambda guess: guess[:2]):
        is_likely = case.is_blind and rank[0] == 1 and rank[2] <= 1
        if is_likely or case.mends(case.span(index), keyword, wholly=False):
            return Fault(case.span(index), f"`{case.written(index)}` is not a keyword", f"did you mean `{keyword}`?")
    return None


def _guesses(case: _Case) -> Iterator[tuple[tuple[int, bool, int], int, str]]:
    for index in _suspects(case):
        word = case.word(index)
        if not word.isidentifier() or word in KEYWORDS or case.kind(index) in (TokenType.IDENTIFIER, TokenType.STRING):
            continue
        if TokenType.DOT in (case.kind(index - 1), case.kind(index + 1)):
            continue
        # The word before the stumble is the usual culprit, then the stumble itself.
        order = abs(case.index - 1 - index) if index < case.index else index - case.index + 1
        for keyword in (*KEYWORDS, *_PHRASES):
            steps = _steps(word, keyword)
            if steps is not None and (order <= 6 or steps == 1):
                yield (steps, word[0] != keyword[0], order), index, keyword


def _suspects(case: _Case) -> range:
    """Give the tokens among which the culprit is: before the stumble, or in the bracket that could not be read."""
    if case.kind(case.index) != TokenType.L_PAREN:
        return case.around(80, 1)
    depth, end = 0, case.index
    while end < len(case.tokens):
        depth += (case.kind(end) in _OPEN) - (case.kind(end) in _CLOSE)
        if depth == 0:
            break
        end += 1
    return range(max(0, case.index - 6), min(end, case.index + 300))


def _steps(word: str, keyword: str) -> int | None:
    """Count the slips of the finger between a word and a keyword; None when it is another word."""
    if len(word) < 3 or len(keyword) < 3:
        swapped = len(word) > 1 and (sorted(word) == sorted(keyword) or keyword[:-1] == word)
        return 1 if swapped else None
    limit = 1 if min(len(word), len(keyword)) == 3 else 2
    steps = distance(word.replace("_", ""), keyword.replace(" ", ""), limit)
    return steps if steps <= limit and (word[0] == keyword[0] or steps == 1) else None


def _unfinished_case(case: _Case) -> Fault | None:
    """Look for a CASE without END."""
    stack: list[int] = []
    for index, token in enumerate(case.tokens):
        if token.token_type == TokenType.CASE and case.kind(index - 1) != TokenType.DOT:
            stack.append(index)
        elif token.token_type == TokenType.END and stack:
            stack.pop()
    if not stack:
        return None
    return Fault(case.span(stack[-1]), "this CASE has no END", "write END behind its last branch")


def _start(case: _Case) -> Fault | None:
    """Look for a text that begins like no query."""
    if case.kind(0) in _QUERY_STARTS or case.kind(0) in _CLOSE:
        return None
    return Fault(case.span(0), f"a query cannot start with `{case.written(0)}`", "it starts with SELECT")


def _second_select(case: _Case) -> Fault | None:
    """Look for a SELECT behind a complete query, or one that lacks its brackets."""
    for index in (case.index, case.index - 1):
        if case.kind(index) == TokenType.SELECT and index > 0 and case.kind(index - 1) not in _QUERY_STARTS:
            if case.kind(index - 1) in _VALUES:
                return Fault(case.span(index), "a second SELECT starts here", "join the two with UNION ALL")
            return Fault(case.span(index), f"the query behind `{case.written(index - 1)}` stands in no brackets")
    return None


def _no_by(case: _Case) -> Fault | None:
    """Look for GROUP, ORDER or PARTITION without BY."""
    for index in case.around(2, 0):
        word = case.word(index)
        if word not in ("GROUP", "ORDER", "PARTITION"):
            continue
        if _is_like_by(case, index + 1) and case.mends(case.span(index + 1), "BY", wholly=False):
            return Fault(case.span(index + 1), f"`{case.written(index + 1)}` is not a keyword", "did you mean `BY`?")
        if case.mends(case.span(index), f"{word} BY", wholly=False):
            return Fault(case.span(index), f"`BY` is missing behind `{case.written(index)}`", f"write {word} BY")
    return None


def _is_like_by(case: _Case, index: int) -> bool:
    """Tell whether a word was meant to be BY: one slip away from it, and something to go by behind it."""
    is_followed = case.kind(index + 1) in _ITEM_STARTS and case.kind(index) == TokenType.VAR
    return is_followed and distance(case.word(index), "BY", 1) <= 1


def _keyword_as_name(case: _Case) -> Fault | None:
    """Look for a keyword that stands where a name is due."""
    for index in sorted(case.around(2, 1), key=lambda i: abs(case.index - i)):
        if case.kind(index) in _VALUES or case.word(index) not in RESERVED:
            continue
        if case.mends(case.span(index), "x"):
            name = case.written(index)
            return Fault(case.span(index), f"`{name}` is a keyword, not a name", f'put it in quotes: `"{name}"`')
    return None


def _comma(case: _Case) -> Fault | None:
    """Look for two items with no comma between them."""
    for index in (case.index, case.index - 1, case.index - 2):
        if index > 0 and case.kind(index - 1) in _VALUES and case.kind(index) in _ITEM_STARTS:
            at = case.tokens[index].start
            is_call = case.kind(index) == TokenType.L_PAREN and case.tokens[index - 1].end + 1 == at
            if not is_call and case.mends(Span(at, at), ", "):
                message = f"a comma is missing before `{case.written(index)}`"
                return Fault(case.span(index), message, f"put a comma behind `{case.written(index - 1)}`")
    return None


def _word(case: _Case) -> Fault | None:
    """Look for a word that was left out."""
    for index in (case.index, case.index - 1):
        if index < 1:
            continue
        at = case.tokens[index].start
        for missing in _missing(case, index):
            if case.mends(Span(at, at), f" {missing} "):
                return Fault(case.span(index), f"`{missing}` is missing before `{case.written(index)}`")
    return None


def _missing(case: _Case, index: int) -> Iterator[str]:
    """Give the words that could stand before a token."""
    words = {case.word(at) for at in range(max(0, index - 12), index)}
    if case.word(index - 1) in _JOIN_KINDS:
        yield "JOIN"
    if case.kind(index - 1) in _VALUES and case.kind(index) in _ITEM_STARTS:
        yield from (word for word, sign in (("ON", "JOIN"), ("AS", "CAST"), ("THEN", "WHEN")) if sign in words)
        if words & {"WHERE", "ON", "HAVING", "QUALIFY", "AND", "WHEN"}:
            yield "AND"


def _ending(case: _Case) -> Fault | None:
    """Look at a text that stops in the middle."""
    last = len(case.tokens) - 1
    if case.index < last or case.kind(last) in _VALUES:
        return None
    return Fault(case.span(last), f"the query stops behind `{case.written(last)}`, where more is due")


def _unexpected(case: _Case) -> Fault:
    index = case.index
    if case.kind(index) == TokenType.SELECT and index:
        return Fault(case.span(index), "a second SELECT starts here", "join the two with UNION ALL, or remove one")
    return Fault(case.span(index), f"`{case.written(index)}` is not expected here")
