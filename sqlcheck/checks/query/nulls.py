"""Comparisons that cannot come out true."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.tokens import TokenType

from sqlcheck.model import Edit, Finding, Span
from sqlcheck.parse import Query

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_TESTS: dict[type[exp.Expr], str] = {exp.EQ: "IS NULL", exp.NEQ: "IS NOT NULL"}


def null_comparison(query: Query) -> Iterator[Finding]:
    """Report comparisons with NULL, and NULL among the values of IN and CASE … WHEN."""
    found = query.index.by_type
    if exp.Null not in found:
        return
    for node in found[exp.Null]:
        value, parent = _dressed(node), node.parent
        if isinstance(value.parent, _COMPARISONS):
            yield from _comparison(query, value.parent, value)
        elif isinstance(parent, exp.In) and parent.this is not node:
            span = query.span(node)
            negated = isinstance(parent.parent, exp.Not)
            drops = "with NULL in the list, NOT IN is never true" if negated else "IN never finds a NULL"
            yield Finding(span, drops, "leave NULL out of the list, and ask with IS NULL or IS NOT NULL")
        elif isinstance(parent, exp.If) and parent.this is node and _compares(parent.parent):
            yield Finding(_when(query, parent), "WHEN NULL never matches", "write `CASE WHEN … IS NULL THEN …`")


def _dressed(node: exp.Expr) -> exp.Expr:
    """Give the cast, or the brackets, that NULL stands in: it stays NULL there."""
    parent = node.parent
    while isinstance(parent, exp.Paren | exp.Cast) and parent.this is node:
        node, parent = parent, parent.parent
    return node


def _compares(case: exp.Expr | None) -> bool:
    """Tell `CASE x WHEN …` from `CASE WHEN …`."""
    return isinstance(case, exp.Case) and case.args.get("this") is not None


def _when(query: Query, branch: exp.Expr) -> Span:
    """Give the NULL of a WHEN: in front of THEN and of what follows that."""
    result = query.span(branch.args["true"])
    at = query.token_at(result.start)
    while at > 0 and query.tokens[at].token_type != TokenType.NULL:
        at -= 1
    return query.token_span(at)


def _comparison(query: Query, parent: exp.Expr, value: exp.Expr) -> Iterator[Finding]:
    span = _compared(query, parent, is_left=parent.this is value)
    if span is None:
        return
    test = _TESTS.get(type(parent))
    written = " ".join(query.slice(span).split())
    help_ = f"write `{test}`" if test else "ask with IS NULL or IS NOT NULL"
    edits = _edits(query, parent, span, test) if isinstance(value, exp.Null) else ()
    yield Finding(span, f"`{written}` is never true", help_, edits)


def _compared(query: Query, parent: exp.Expr, is_left: bool) -> Span | None:
    """Give the operator with the NULL beside it, and the brackets around that."""
    other = query.span(parent.args["expression"] if is_left else parent.this)
    step = -1 if is_left else 1
    at = query.token_at(other.start if is_left else other.end - 1) + step
    opening, closing = (TokenType.R_PAREN, TokenType.L_PAREN) if is_left else (TokenType.L_PAREN, TokenType.R_PAREN)
    kinds = [token.token_type for token in query.tokens]
    first = inner = at + step
    while 0 <= inner < len(kinds) and kinds[inner] == opening:
        inner += step
    if not 0 <= inner < len(kinds) or kinds[inner] != TokenType.NULL:
        return None
    for _ in range(abs(inner - first)):
        if not 0 <= inner + step < len(kinds) or kinds[inner + step] != closing:
            break
        inner += step
    return query.token_span(min(at, inner), max(at, inner))


def _edits(query: Query, parent: exp.Expr, span: Span, test: str | None) -> tuple[Edit, ...]:
    if test is None:
        return ()
    if not isinstance(parent.this, exp.Null):
        return (Edit(span, test),)
    other = query.span(parent.args["expression"])
    return (Edit(Span(span.start, other.start), ""), Edit(Span(other.end, other.end), f" {test}"))
