"""Why a text cannot be read: the parser's stumble turned into the token that caused it, in plain words.

A misspelt keyword passes for an alias, so the parser fails one token later. A repair is therefore guessed
and tried: the guess that lets the text be read further shows what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot.tokens import Token, TokenType

from sqlcheck.model import Span
from sqlcheck.names import RESERVED
from sqlcheck.syntax import grammar, literals, omissions
from sqlcheck.syntax.keywords import KEYWORDS, PHRASES, steps_between
from sqlcheck.syntax.layout import CLOSING
from sqlcheck.syntax.stumble import ITEM_STARTS, OPEN, QUERY_STARTS, VALUES, Case, Fault, Probe

_LITERALS = {"'": ("string", "'"), '"': ("quoted name", '"'), "$$": ("string", "$$"), "/*": ("comment", "*/")}
_CLAUSES = frozenset(
    {TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.QUALIFY, TokenType.UNION}
)
_FROM_INSIDE = frozenset({"EXTRACT", "TRIM", "SUBSTRING", "OVERLAY", "POSITION", "SUBSTR"})


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
    kinds = [token.token_type for token in tokens]
    at = next((i for i, kind in enumerate(kinds) if kind == TokenType.FROM and kinds[i - 1] in QUERY_STARTS), 0)
    return Fault(Span(tokens[at].start, tokens[at].end + 1), "a query without SELECT", "begin with SELECT")


def unbalanced(tokens: Sequence[Token], text: str) -> Fault | None:
    """Find a bracket without its partner."""
    return _bracket(Case(tokens, 0, text, lambda _: None))


def explain(tokens: Sequence[Token], index: int, text: str, probe: Probe) -> Fault | None:
    """Tell what is wrong with a text in which the parser stumbled over token `index`.

    None means that a slip of the grammar, which the parser forgives elsewhere, explains it.
    """
    if not tokens:
        return Fault(Span(0, 0), "this is no query")
    case = Case(tokens, min(index, len(tokens) - 1), text, probe)
    for look in (_character, _bracket, _torn, _misspelling):
        fault = look(case)
        if fault is not None:
            return fault
    slips = [slip for slip in grammar.slips(tokens) if slip.first <= case.index + 1]
    if any(slip.structural for slip in slips):
        return None
    if slips:
        return Fault(slips[0].span(tokens), slips[0].message, slips[0].help)
    for look in (
        _start, _second_select, _unfinished_case, omissions.companion, _keyword_as_name, _comma, omissions.omission,
        _ending, omissions.operator,
    ):  # fmt: skip
        fault = look(case)
        if fault is not None:
            return fault
    return _unexpected(case)


def _character(case: Case) -> Fault | None:
    """Look for a character that Snowflake's SQL does not have."""
    for index in range(min(case.index + 2, len(case.tokens))):
        kind = case.kind(index)
        is_lone = kind == TokenType.EXCLAMATION and not case.touches(index)
        if is_lone or kind in (TokenType.HASH, TokenType.BACKSLASH, TokenType.UNKNOWN):
            advice = "a comment starts with `--`" if kind == TokenType.HASH else None
            return Fault(case.span(index), f"`{case.written(index)}` has no meaning in Snowflake's SQL", advice)
    return None


def _bracket(case: Case) -> Fault | None:
    """Look for a bracket without its partner."""
    stack: list[int] = []
    suspect: int | None = None
    for index, token in enumerate(case.tokens):
        kind = token.token_type
        if kind in OPEN:
            stack.append(index)
        elif kind in CLOSING:
            if not stack:
                message = f"this `{token.text}` closes nothing"
                return Fault(case.span(_surplus(case, index)), message, "remove it, or open the bracket")
            opener = stack.pop()
            expected = OPEN[case.tokens[opener].token_type]
            if token.text != expected:
                return Fault(case.span(index), f"this `{token.text}` stands where `{expected}` is due")
        elif kind in _CLAUSES and stack and suspect is None and _is_stray(case, stack[-1], index):
            suspect = stack[-1]
    if not stack:
        return None
    at = suspect if suspect is not None else stack[-1]
    closer = OPEN[case.tokens[at].token_type]
    return Fault(case.span(at), f"this `{case.written(at)}` is never closed", f"close it with `{closer}`")


def _surplus(case: Case, index: int) -> int:
    """Find the closing bracket without which the text can be read; the one left over at the end may be innocent."""
    if case.mends(case.span(index), ""):
        return index
    for at in range(index - 1, -1, -1):
        if case.kind(at) == case.kind(index) != case.kind(at + 1) and case.mends(case.span(at), ""):
            return at
    return index


def _is_stray(case: Case, opener: int, index: int) -> bool:
    """Tell whether a clause keyword stands in a bracket that holds no query."""
    if case.kind(opener + 1) in QUERY_STARTS or opener + 1 == index:
        return False
    if case.kind(index) == TokenType.FROM:
        return case.word(opener - 1) not in _FROM_INSIDE and case.kind(index - 1) != TokenType.DISTINCT
    return True


def _torn(case: Case) -> Fault | None:
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


def _misspelling(case: Case) -> Fault | None:
    """Look for a word near the stumble that makes the text readable when it is spelt as a keyword."""
    for rank, index, keyword in sorted(_guesses(case), key=lambda guess: guess[:2]):
        is_likely = case.is_blind and rank[0] == 1 and rank[2] <= 1
        if is_likely or case.mends(case.span(index), keyword, wholly=False):
            return Fault(case.span(index), f"`{case.written(index)}` is not a keyword", f"did you mean `{keyword}`?")
    return None


def _guesses(case: Case) -> Iterator[tuple[tuple[int, bool, int], int, str]]:
    for index in _suspects(case):
        word = case.word(index)
        if not word.isidentifier() or word in KEYWORDS or case.kind(index) in (TokenType.IDENTIFIER, TokenType.STRING):
            continue
        if TokenType.DOT in (case.kind(index - 1), case.kind(index + 1)):
            continue
        # The word before the stumble is the usual culprit, then the stumble itself.
        order = abs(case.index - 1 - index) if index < case.index else index - case.index + 1
        for keyword in (*KEYWORDS, *PHRASES):
            steps = steps_between(word, keyword)
            if steps is not None and (order <= 6 or steps == 1):
                yield (steps, word[0] != keyword[0], order), index, keyword


def _suspects(case: Case) -> range:
    """Give the tokens among which the culprit is: before the stumble, or in the bracket that could not be read."""
    if case.kind(case.index) != TokenType.L_PAREN:
        return case.around(80, 3)
    depth, end = 0, case.index
    while end < len(case.tokens):
        depth += (case.kind(end) in OPEN) - (case.kind(end) in CLOSING)
        if depth == 0:
            break
        end += 1
    return range(max(0, case.index - 6), min(end, case.index + 300))


def _unfinished_case(case: Case) -> Fault | None:
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


def _start(case: Case) -> Fault | None:
    """Look for a text that begins like no query."""
    if case.kind(0) in QUERY_STARTS or case.kind(0) in CLOSING:
        return None
    return Fault(case.span(0), f"a query cannot start with `{case.written(0)}`", "it starts with SELECT")


def _second_select(case: Case) -> Fault | None:
    """Look for a SELECT behind a complete query, or one that lacks its brackets."""
    for index in (case.index, case.index - 1):
        if case.kind(index) == TokenType.SELECT and index > 0 and case.kind(index - 1) not in QUERY_STARTS:
            if case.kind(index - 1) in VALUES:
                return Fault(case.span(index), "a second SELECT starts here", "join the two with UNION ALL")
            return Fault(case.span(index), f"the query behind `{case.written(index - 1)}` stands in no brackets")
    return None


def _keyword_as_name(case: Case) -> Fault | None:
    """Look for a keyword that stands where a name is due."""
    for index in sorted(case.around(2, 1), key=lambda i: abs(case.index - i)):
        if case.kind(index) in VALUES or case.word(index) not in RESERVED:
            continue
        if case.mends(case.span(index), "x"):
            name = case.written(index)
            return Fault(case.span(index), f"`{name}` is a keyword, not a name", f'put it in quotes: `"{name}"`')
    return None


def _comma(case: Case) -> Fault | None:
    """Look for two items with no comma between them."""
    for index in (case.index, case.index - 1, case.index - 2):
        if index > 0 and case.kind(index - 1) in VALUES and case.kind(index) in ITEM_STARTS:
            at = case.tokens[index].start
            is_call = case.kind(index) == TokenType.L_PAREN and case.tokens[index - 1].end + 1 == at
            if not is_call and case.mends(Span(at, at), ", "):
                message = f"a comma is missing before `{case.written(index)}`"
                return Fault(case.span(index), message, f"put a comma behind `{case.written(index - 1)}`")
    return None


def _ending(case: Case) -> Fault | None:
    """Look at a text that stops in the middle."""
    last = len(case.tokens) - 1
    if case.index < last or case.kind(last) in VALUES:
        return None
    return Fault(case.span(last), f"the query stops behind `{case.written(last)}`, where more is due")


def _unexpected(case: Case) -> Fault:
    index = case.index
    if case.kind(index) == TokenType.SELECT and index:
        return Fault(case.span(index), "a second SELECT starts here", "join the two with UNION ALL, or remove one")
    return Fault(case.span(index), f"`{case.written(index)}` is not expected here")
