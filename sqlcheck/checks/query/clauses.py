"""The clauses of the query: will they be taken, and do they do any good inside mParticle's brackets?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.tokens import TokenType

from sqlcheck.apis.facts import Api
from sqlcheck.checks.query import _outermost
from sqlcheck.mapping import Mapping
from sqlcheck.model import Finding, Span
from sqlcheck.names import RESERVED
from sqlcheck.parse import Query
from sqlcheck.resolution.evidence import of_names
from sqlcheck.resolution.scopes import Scope
from sqlcheck.syntax import grammar

_UNDOCUMENTED: tuple[tuple[tuple[type[exp.Expr], ...], TokenType], ...] = (
    ((exp.Union,), TokenType.UNION),
    ((exp.Except,), TokenType.EXCEPT),
    ((exp.Intersect,), TokenType.INTERSECT),
    ((exp.Having,), TokenType.HAVING),
    ((exp.Qualify,), TokenType.QUALIFY),
    ((exp.Limit,), TokenType.LIMIT),
    ((exp.Limit,), TokenType.TOP),
    ((exp.Fetch,), TokenType.FETCH),
    ((exp.Offset,), TokenType.OFFSET),
    ((exp.TableSample,), TokenType.TABLE_SAMPLE),
    ((exp.Pivot,), TokenType.PIVOT),
    ((exp.Pivot,), TokenType.UNPIVOT),
    ((exp.MatchRecognize,), TokenType.MATCH_RECOGNIZE),
    ((exp.Connect,), TokenType.CONNECT_BY),
)
_UNDOCUMENTED_KINDS = frozenset(kind for kinds, _ in _UNDOCUMENTED for kind in kinds)
_NAMING = (exp.Alias, exp.TableAlias, exp.Column, exp.Table)


def forgiven_syntax(query: Query) -> Iterator[Finding]:
    """Report what the parser accepts and Snowflake refuses."""
    if not query.tokens or query.fault is not None or query.foreign is not None or len(query.statements) != 1:
        return
    if query.tree is None and any(mark.blocks for mark in query.marks):
        return
    for slip in grammar.slips(query.tokens):
        if slip.structural or query.tree is not None:
            yield Finding(slip.span(query.tokens), slip.message, slip.help)
    yield from _reserved_names(query)
    yield from _idle_conditions(query)
    yield from _unnamed_changes(query)


def _reserved_names(query: Query) -> Iterator[Finding]:
    """Find reserved words that name something without quotes."""
    for node in query.index.by_type.get(exp.Identifier, ()):
        name = node.args["this"].upper()
        if name in RESERVED and not node.args.get("quoted") and _names_by_itself(node):
            start = (node._meta or {}).get("start")
            at = query.token_at(start) if start is not None else 0
            if at and not (name == "ALL" and query.tokens[at - 1].token_type == TokenType.ORDER_BY):
                span = query.token_span(at)
                written = query.slice(span)
                message = f"`{written}` is a reserved word of Snowflake, not a name"
                yield Finding(span, message, f'put it in quotes, as in `"{written}"`, or choose another name')


def _names_by_itself(node: exp.Expr) -> bool:
    parent = node.parent
    if type(parent) not in _NAMING or parent is None:
        return False
    if isinstance(parent, exp.Column):
        return parent.args.get("table") is None and node.arg_key == "this"
    return not (isinstance(parent, exp.Table) and parent.args.get("db") is not None)


def _unnamed_changes(query: Query) -> Iterator[Finding]:
    """Find what the REPLACE or RENAME of a star holds without saying for which column."""
    for star in query.index.by_type.get(exp.Star, ()):
        for key, form in (("replace", "expression AS column"), ("rename", "column AS name")):
            for item in star.args.get(key) or ():
                if not isinstance(item, exp.Alias):
                    yield Finding(query.span(item), f"{key.upper()} takes `{form}`, and no AS is here")


def _idle_conditions(query: Query) -> Iterator[Finding]:
    """Find joins that take no condition and have one."""
    for node in query.index.by_type.get(exp.Join, ()):
        condition = node.args.get("on")
        if condition is None:
            continue
        word = next((w for w in ("CROSS", "NATURAL") if w in (node.args.get("kind"), node.args.get("method"))), None)
        if word is not None:
            on = query.token_at(query.span(condition).start)
            while on > 0 and query.tokens[on].token_type != TokenType.ON:
                on -= 1
            yield Finding(query.token_span(on), f"a {word} JOIN takes no condition", f"leave out {word}, or ON")


def undocumented_clause(query: Query, mapping: Mapping, api: Api) -> Iterator[Finding]:
    """Report the first of each kind of clause that the vendor's lists do not name."""
    by_type = mapping.query.index.by_type
    if _UNDOCUMENTED_KINDS.isdisjoint(by_type):
        return
    reported = {span.start for span in _limits(query)}
    for kinds, wanted in _UNDOCUMENTED:
        if any(kind in by_type for kind in kinds):
            at = next(_keywords(query, wanted, reported), None)
            if at is not None and query.slice(at).upper() not in api.supported_clauses:
                message = f"the vendor's documents do not say whether `{query.slice(at).upper()}` works"
                yield Finding(at, message, "try the data model on a small interval first")


def _keywords(query: Query, wanted: TokenType, reported: set[int]) -> Iterator[Span]:
    for index, token in enumerate(query.tokens):
        if token.token_type != wanted or token.start in reported:
            continue
        if index and query.tokens[index - 1].token_type in (TokenType.DOT, TokenType.COLON):
            continue
        if wanted in _outermost.LIMITS and (_outermost.limit_end(query, index) is None or _is_follow_up(query, index)):
            continue
        yield query.token_span(index)


def _is_follow_up(query: Query, index: int) -> bool:
    """Tell whether an OFFSET belongs to a LIMIT in front of it."""
    return query.tokens[index].token_type == TokenType.OFFSET and any(
        token.token_type == TokenType.LIMIT for token in query.tokens[max(0, index - 2) : index]
    )


def row_limit(query: Query, mapping: Mapping) -> Iterator[Finding]:
    """Report a limit on the rows of the outermost query."""
    for span in _limits(mapping.query):
        message = "rows beyond this limit are lost: mParticle filters by the load timestamp only after it"
        yield Finding(span, message, "remove it; the interval limits the rows", (_outermost.dropped(query, span),))


def _limits(query: Query) -> Iterator[Span]:
    by_type = query.index.by_type
    if not (exp.Limit in by_type or exp.Fetch in by_type or exp.Offset in by_type or exp.TableSample in by_type):
        return
    last = -1
    for index in _outermost.indices(query):
        if index > last and query.tokens[index].token_type in _outermost.LIMITS:
            end = _outermost.limit_end(query, index)
            if end is not None:
                last = end
                yield query.token_span(index, end)


def idle_order_by(query: Query, mapping: Mapping) -> Iterator[Finding]:
    """Report an order of the outermost query's rows, which nothing keeps."""
    if exp.Order not in query.index.by_type or next(_limits(mapping.query), None) is not None:
        return
    for index in _outermost.indices(query):
        token = query.tokens[index]
        if token.token_type == TokenType.ORDER_BY:
            span = query.token_span(index, _outermost.clause_end(query, index))
            message = "the order is lost: mParticle reads from the query as from a table"
            yield Finding(span, message, "remove it", (_outermost.dropped(query, span),))


def uneven_set_operation(query: Query, mapping: Mapping) -> Iterator[Finding]:
    """Report a set operation whose sides differ in their number of columns."""
    if not mapping.set_operations:
        return
    scopes = {id(scope.node): scope for scope in mapping.scopes}
    for node in mapping.set_operations:
        left, right = _side(node.this, scopes), _side(node.expression, scopes)
        if left is None or right is None or len(left.outputs) == len(right.outputs) or node.args.get("by_name"):
            continue
        span = query.operator(node)
        word = " ".join(query.slice(span).upper().split())
        message = f"{_columns(len(left.outputs))} before `{word}` and {_columns(len(right.outputs))} behind it"
        advice, evidence = "both sides need the same columns in the same order", of_names(left.outputs + right.outputs)
        yield Finding(span, message, advice, evidence=evidence)


def _columns(number: int) -> str:
    return f"{number} column" if number == 1 else f"{number} columns"


def _side(node: exp.Expr, scopes: dict[int, Scope]) -> Scope | None:
    """Give the SELECT that names the columns of one side, None when a star hides how many these are."""
    while isinstance(node, exp.Subquery | exp.SetOperation):
        node = node.this
    scope = scopes.get(id(node))
    return scope if scope is not None and scope.complete else None
