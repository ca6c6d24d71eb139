"""Source → Query: the one place that calls sqlglot's parser."""

from __future__ import annotations

import logging
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

from sqlcheck.model import Source, Span
from sqlcheck.syntax import explain, lexical, spans, statements, stumble
from sqlcheck.syntax.layout import CLOSING, OPENING, SET_OPERATORS, Frame, ItemText, SelectText, frames
from sqlcheck.syntax.marks import Mark
from sqlcheck.syntax.tree import TreeIndex
from sqlcheck.syntax.understood import understood

MAX_DEPTH = 150
"""How deep brackets, CASEs and prefix operators may nest; the compiled parser needs the C stack for each."""

_SNOWFLAKE = Snowflake()
_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery)
_TABLES = (*_QUERIES, exp.Values)
"""What a WITH clause may define; sqlglot reads any statement there, as some warehouses do."""
_SLIPS = (ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError)
"""What sqlglot lets slip, instead of its own errors, on statements that it cannot read."""
_PREFIXES = frozenset({TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE})
_DEEPER = OPENING | {TokenType.CASE}
_NESTING = _DEEPER | CLOSING | {TokenType.END} | _PREFIXES
# Statements that sqlglot does not know are logged; a linter says it in its report.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())
logging.getLogger("sqlglot").propagate = False


@dataclass(frozen=True, eq=False)
class Query:
    """The text of one query and what could be read of it.

    `tree` is None when there is nothing to resolve: the text is empty, is no single SELECT or set
    operation, holds a mark that blocks reading, or has a `fault`. `foreign` is the keyword that makes a
    readable statement something else than a query.
    """

    source: Source
    tokens: tuple[Token, ...] = ()
    marks: tuple[Mark, ...] = ()
    statements: tuple[Span, ...] = ()
    semicolons: tuple[Span, ...] = ()
    tree: exp.Query | None = None
    fault: stumble.Fault | None = None
    foreign: Span | None = None
    _starts: list[int] = field(default_factory=list, repr=False)

    @property
    def text(self) -> str:
        """Give the author's text."""
        return self.source.text

    def slice(self, span: Span) -> str:
        """Give the author's text in a span."""
        return self.text[span.start : span.end]

    def gaps(self) -> Iterator[Span]:
        """Yield the stretches between tokens, which hold blanks and comments alone."""
        at = 0
        marks = sorted([(t.start, t.end + 1) for t in self.tokens] + list(self.semicolons))
        for start, end in marks:
            if start > at:
                yield Span(at, start)
            at = end
        if at < len(self.text):
            yield Span(at, len(self.text))

    def token_at(self, offset: int) -> int:
        """Give the index of the token that covers the offset, or else of the next one."""
        index = bisect_right(self._starts, offset) - 1
        return index if index >= 0 and self.tokens[index].end >= offset else index + 1

    def before(self, offset: int) -> Token | None:
        """Give the last token that ends before the offset."""
        index = bisect_right(self._starts, offset) - 1
        while index >= 0 and self.tokens[index].end >= offset:
            index -= 1
        return self.tokens[index] if index >= 0 else None

    def after(self, offset: int) -> Token | None:
        """Give the first token that starts at or behind the offset."""
        index = bisect_right(self._starts, offset - 1)
        return self.tokens[index] if index < len(self.tokens) else None

    def token_span(self, first: int, last: int | None = None) -> Span:
        """Give the span of a token, or of a run of tokens, by index (both inclusive)."""
        return Span(self.tokens[first].start, self.tokens[first if last is None else last].end + 1)

    def span(self, node: exp.Expr) -> Span:
        """Give the exact text of a node of the tree."""
        return spans.of(node, self.tokens, self.token_at)

    def function_name(self, node: exp.Expr) -> str | None:
        """Give the name, in upper case, under which the author called a function; None when it is no call."""
        start = (node._meta or {}).get("start")
        if start is not None:
            return self.tokens[self.token_at(start)].text.upper()
        return spans.UNPOSITIONED.get(type(node))

    @cached_property
    def index(self) -> TreeIndex:
        """Give the nodes of the tree by class, each with the SELECT that owns it."""
        return TreeIndex(self.tree)

    def select(self, node: exp.Select) -> SelectText:
        """Tell where a SELECT of the tree stands in the text."""
        return self._selects[id(node)]

    @cached_property
    def _selects(self) -> dict[int, SelectText]:
        return _locate_selects(self)

    def operator(self, node: exp.SetOperation) -> Span:
        """Give the span of a set operator with its ALL or DISTINCT."""
        right = node.expression
        while not isinstance(right, exp.Select):
            right = right.this
        index, depth = self.token_at(self.select(right).keyword.start) - 1, 0
        # Between the operator and SELECT may stand brackets, and CTEs with operators of their own.
        while index > 0 and not (depth <= 0 and self.tokens[index].token_type in SET_OPERATORS):
            kind = self.tokens[index].token_type
            depth += (kind in CLOSING) - (kind in OPENING)
            index -= 1
        last = index
        while self.tokens[last + 1].token_type in (TokenType.ALL, TokenType.DISTINCT):
            last += 1
        return self.token_span(index, last)


def _locate_selects(query: Query) -> dict[int, SelectText]:
    """Match the SELECTs of the tree with those of the text: parents first, the outermost frame that fits."""
    roots = frames(query.tokens)
    index = query.index
    texts: dict[int, SelectText] = {}
    by_node: dict[int, Frame] = {}
    anchors = _with_children(index)
    # A SELECT without any positioned leaf (SELECT NULL) takes what the others leave.
    for node in sorted(index.selects, key=lambda node: id(node) not in anchors):
        owner = index.owners[id(node)][0]
        anchor = anchors.get(id(node))
        outer = by_node.get(id(owner)) if owner is not None else None
        frame = _frame_at(query.token_at(anchor), roots) if anchor is not None else None
        frame = frame or _free_frame(outer.children if outer else roots) or _free_frame(roots) or roots[-1]
        frame.taken = True
        by_node[id(node)] = frame
        texts[id(node)] = _select_text(query, node, frame)
    return texts


def _with_children(index: TreeIndex) -> dict[int, int]:
    """Give the first offset known of each SELECT; one without a leaf of its own has that of a SELECT inside."""
    anchors = dict(index.anchors)
    for node in reversed(index.selects):
        owner, clause = index.owners[id(node)]
        if owner is not None and clause != "with_" and id(node) in anchors:
            anchors.setdefault(id(owner), anchors[id(node)])
    return anchors


def _frame_at(token: int, found: Sequence[Frame]) -> Frame | None:
    """Find the outermost frame around a token that no SELECT of the tree has yet."""
    while found:
        index = bisect_right(found, token, key=lambda frame: frame.keyword) - 1
        frame = found[index]
        if index < 0 or token >= frame.end:
            return None
        if not frame.taken:
            return frame
        found = frame.children
    return None


def _free_frame(found: Sequence[Frame]) -> Frame | None:
    for frame in found:
        free = frame if not frame.taken else _free_frame(frame.children)
        if free is not None:
            return free
    return None


def _select_text(query: Query, node: exp.Select, frame: Frame) -> SelectText:
    items = tuple(
        _item_text(query, expression, first, end)
        for expression, (first, end) in zip(node.expressions, frame.items, strict=False)
    )
    clauses = {name: query.token_span(index) for name, index in frame.clauses.items()}
    end = query.tokens[frame.end - 1].end + 1
    keyword = query.token_span(frame.keyword)
    return SelectText(keyword, items, clauses, Span(keyword.start, end))


def _item_text(query: Query, node: exp.Expr, first: int, end: int) -> ItemText:
    whole = query.token_span(first, end - 1)
    if isinstance(node, exp.Alias):
        name = query.token_span(end - 1)
        last = end - 2
        if last > first and query.tokens[last].token_type == TokenType.ALIAS:
            last -= 1
        return ItemText(whole, query.token_span(first, max(first, last)), name)
    plain = isinstance(node, exp.Column) and not isinstance(node.this, exp.Star)
    return ItemText(whole, whole, query.token_span(end - 1) if plain else None)


@contextmanager
def deep() -> Iterator[None]:
    """Allow the recursion that a tree of `MAX_DEPTH` needs; bounded, so that the C stack suffices."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 12_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def parse(source: Source) -> Query:
    """Read the text of a query; whatever is wrong with it is told by the result, nothing is raised."""
    text = source.text
    if (binary := explain.binary(text)) is not None:
        return Query(source, fault=binary)
    try:
        every = _SNOWFLAKE.tokenize(text)
    except TokenError:
        marks = lexical.marks(text)
        blocked = any(mark.blocks for mark in marks)
        return Query(source, marks=marks, fault=None if blocked else explain.unclosed(text))
    semicolons: tuple[Span, ...] = ()
    tokens = tuple(every)
    kinds = [token.token_type for token in every]
    if TokenType.SEMICOLON in kinds:
        semicolons = tuple(Span(t.start, t.end + 1) for t in every if t.token_type == TokenType.SEMICOLON)
        tokens = tuple(t for t in every if t.token_type != TokenType.SEMICOLON)
        kinds = [kind for kind in kinds if kind != TokenType.SEMICOLON]
    marks = lexical.marks(text)
    query = Query(source, tokens, marks, _statements(tokens, semicolons), semicolons, _starts=[t.start for t in tokens])
    if not tokens or any(mark.blocks for mark in marks):
        return query
    foreign = statements.foreign_statement(tokens)
    if foreign is not None:
        return _with(query, foreign=query.token_span(foreign))
    if len(query.statements) > 1:
        return query
    depth, deepest, left = _depth(kinds)
    if depth > MAX_DEPTH:
        return _with(query, fault=explain.too_deep(query.token_span(deepest), MAX_DEPTH))
    # sqlglot forgives a bracket that is never closed in some calls.
    unclosed = explain.unbalanced(tokens, text) if left and not marks else None
    return _read(query, kinds) if unclosed is None else _with(query, fault=unclosed)


def _read(query: Query, kinds: list[TokenType]) -> Query:
    tokens = query.tokens
    try:
        with deep():
            trees = _SNOWFLAKE.parser().parse(understood(tokens, kinds), query.text)
    except ParseError as error:
        return _unreadable(query, _error_token(error, query.tokens))
    except _SLIPS:
        return _unreadable(query, 0)
    tree = trees[0] if trees else None
    if isinstance(tree, _QUERIES):
        if TokenType.INTO in kinds and tree.find(exp.Into) is not None:
            return _with(query, foreign=query.token_span(kinds.index(TokenType.INTO)))
        read = _with(query, tree=tree)
        if any(not isinstance(cte.this, _TABLES) for cte in read.index.by_type[exp.CTE]):
            return _with(query, foreign=query.token_span(statements.bracketed_statement(tokens)))
        # `FROM t` reads as a SELECT for sqlglot; a SELECT without its keyword has no place in the text.
        has_keywords = len(read.index.selects) <= kinds.count(TokenType.SELECT)
        return read if has_keywords else _with(query, fault=explain.headless(tokens))
    if isinstance(tree, exp.Create) and tokens[0].token_type in stumble.QUERY_STARTS:
        # SELECT … INTO comes out of the parser as CREATE TABLE.
        into = next((i for i, t in enumerate(tokens) if t.token_type == TokenType.INTO), 0)
        return _with(query, foreign=query.token_span(into))
    return _unreadable(query, 0)


def _unreadable(query: Query, index: int) -> Query:
    """Explain why a text cannot be read, unless a mark in it says so already."""
    if query.marks:
        return query
    return _with(query, fault=explain.explain(query.tokens, index, query.text, _stumble))


def _stumble(text: str) -> int | None:
    """Give the offset at which a text can be read no further; None when it reads as a query."""
    try:
        tokens = _SNOWFLAKE.tokenize(text)
        with deep():
            trees = _SNOWFLAKE.parser().parse(understood(tokens, [token.token_type for token in tokens]), text)
    except ParseError as error:
        return tokens[_error_token(error, tokens)].start
    except (TokenError, *_SLIPS):
        return 0
    return None if len(trees) == 1 and isinstance(trees[0], _QUERIES) else 0


def _with(
    query: Query, *, tree: exp.Query | None = None, fault: stumble.Fault | None = None, foreign: Span | None = None
) -> Query:
    return Query(
        query.source,
        query.tokens,
        query.marks,
        query.statements,
        query.semicolons,
        tree,
        fault,
        foreign,
        query._starts,
    )


def _statements(tokens: tuple[Token, ...], semicolons: tuple[Span, ...]) -> tuple[Span, ...]:
    if not tokens:
        return ()
    if not semicolons:
        return (Span(tokens[0].start, tokens[-1].end + 1),)
    borders = [-1, *(span.start for span in semicolons), sys.maxsize]
    starts = [t.start for t in tokens]
    found = []
    for low, high in pairwise(borders):
        first, end = bisect_right(starts, low), bisect_right(starts, high)
        if first < end:
            found.append(Span(tokens[first].start, tokens[end - 1].end + 1))
    return tuple(found)


def _depth(kinds: list[TokenType]) -> tuple[int, int, int]:
    """Give how deep the tokens nest, the index of the token where it is deepest, and what is open at the end."""
    depth = run = most = deepest = 0
    for index, kind in enumerate(kinds):
        if kind not in _NESTING:
            run = 0
            continue
        if kind in _DEEPER:
            depth += 1
        elif kind in _PREFIXES:
            run += 1
        else:
            depth = max(0, depth - 1)
        if depth + run > most:
            most, deepest = depth + run, index
    return most, deepest, depth


def _error_token(error: ParseError, tokens: Sequence[Token]) -> int:
    """Find the token that the parser stumbled over; the last one when it ran out of text."""
    place = error.errors[0] if error.errors else {}
    line, column = place.get("line"), place.get("col")
    for index, token in enumerate(tokens):
        if token.line == line and token.col == column and place.get("highlight"):
            return index
    return len(tokens) - 1
