"""Common table expressions, which the first versions of the API refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp
from sqlglot.tokens import TokenType

from sqlcheck.apis.facts import Api
from sqlcheck.mapping import Mapping
from sqlcheck.model import Edit, Finding, Severity, Span
from sqlcheck.names import fold
from sqlcheck.parse import Query
from sqlcheck.syntax.spans import matching

_GROWTH = 8
"""How many times longer a query may get by writing its CTEs out where they are used."""
_DEPTH = 40
"""How many CTEs may build on one another."""
_PLAIN_TABLE = frozenset({"this", "alias", "only", "joins", "laterals"})


def common_table_expression(query: Query, mapping: Mapping, api: Api) -> Iterator[Finding]:
    """Report WITH, at any level."""
    if api.with_severity is Severity.OFF:
        return
    for node in mapping.nodes(exp.With):
        at = _keyword(query, node)
        if at is not None:
            refused = api.with_severity is Severity.ERROR
            message = "mParticle refuses `WITH`" if refused else "no document of the vendor says whether `WITH` works"
            advice = "write each CTE as a derived table where it is used"
            yield Finding(query.token_span(at), message, advice, _inlined(query, mapping, node), api.with_severity)


def _keyword(query: Query, node: exp.With) -> int | None:
    """Find the WITH in front of the first CTE's name."""
    start = ((node.expressions[0].args["alias"].this)._meta or {}).get("start") if node.expressions else None
    at = query.token_at(start) if start is not None else -1
    while at >= 0 and query.tokens[at].token_type != TokenType.WITH:
        at -= 1
    return at if at >= 0 else None


class _Cte(NamedTuple):
    """A CTE in the text: its query, its column list, and the token behind which it ends."""

    body: Span
    columns: str
    last: int


def _inlined(query: Query, mapping: Mapping, node: exp.With) -> tuple[Edit, ...]:
    """Write the CTEs of one WITH out where they are used; nothing when that cannot be done faithfully."""
    ctes = {_name(cte.args["alias"].this): _located(query, cte) for cte in node.expressions}
    names = Counter(_name(cte.args["alias"].this) for cte in mapping.nodes(exp.CTE))
    if node.args.get("recursive") or any(names[name] > 1 for name in ctes) or node.parent is None:
        return ()
    known = {name: cte for name, cte in ctes.items() if cte is not None}
    if len(known) < len(ctes):
        return ()
    uses = sorted((use for use in mapping.nodes(exp.Table) if _is_use(use, known)), key=_place)
    if any(_has_extras(use) for use in uses):
        return ()
    first = _keyword(query, node)
    last = max(cte.last for cte in known.values())
    if first is None or last + 1 >= len(query.tokens):
        return ()
    start, end = query.tokens[first].start, query.tokens[last].end + 1
    inliner = _Inliner(query, known, uses)
    edits = [inliner.edit(use) for use in uses if not start <= _place(use) < end]
    return () if None in edits else (_without(query, start, end), *(edit for edit in edits if edit is not None))


def _without(query: Query, start: int, end: int) -> Edit:
    """Take the WITH clause out, with the blanks behind it."""
    while end < len(query.text) and query.text[end].isspace():
        end += 1
    return Edit(Span(start, end), "")


def _name(node: exp.Expr) -> str:
    return fold(node.name, bool(node.args.get("quoted")))


def _place(node: exp.Table) -> int:
    start = (node.this._meta or {}).get("start", -1)
    return int(start)


def _is_use(node: exp.Table, ctes: dict[str, _Cte]) -> bool:
    return isinstance(node.this, exp.Identifier) and node.args.get("db") is None and _name(node.this) in ctes


def _has_extras(node: exp.Table) -> bool:
    """Tell whether a table has a sample, a pivot or the like, whose place behind a derived table is another."""
    return any(value for key, value in node.args.items() if key not in _PLAIN_TABLE)


def _located(query: Query, cte: exp.CTE) -> _Cte | None:
    start = (cte.args["alias"].this._meta or {}).get("start")
    if start is None:
        return None
    at = query.token_at(start) + 1
    columns = ""
    if query.tokens[at].token_type == TokenType.L_PAREN:
        close = matching(query.tokens, at)
        columns = query.slice(query.token_span(at, close))
        at = close + 1
    while at < len(query.tokens) and query.tokens[at].token_type != TokenType.L_PAREN:
        at += 1
    if at >= len(query.tokens):
        return None
    close = matching(query.tokens, at)
    return _Cte(query.token_span(at + 1, close - 1), columns, close) if close > at + 1 else None


class _Inliner:
    """Write uses of CTEs as derived tables, from the author's text."""

    def __init__(self, query: Query, ctes: dict[str, _Cte], uses: list[exp.Table]) -> None:
        self.query = query
        self.ctes = ctes
        self.uses = uses
        self.budget = _GROWTH * len(query.text)

    def edit(self, use: exp.Table) -> Edit | None:
        """Replace one use; None when a CTE reads itself or the text grows beyond reason."""
        return self._edit(use, frozenset())

    def _edit(self, use: exp.Table, within: frozenset[str]) -> Edit | None:
        name = _name(use.this)
        if name in within or len(within) == _DEPTH:
            return None
        cte = self.ctes[name]
        body = self._body(cte.body, within | {name})
        if body is None:
            return None
        table = self.query.token_span(self.query.token_at(_place(use)))
        alias = use.args.get("alias")
        if alias is None or alias.this is None:
            return Edit(table, f"({body}) AS {self.query.slice(table)}{cte.columns}")
        if cte.columns and not alias.args.get("columns"):
            meta = alias.this._meta or {}
            if "end" not in meta:
                return None
            between = self.query.text[table.end : meta["end"] + 1]
            return Edit(Span(table.start, meta["end"] + 1), f"({body}){between}{cte.columns}")
        return Edit(table, f"({body})")

    def _body(self, span: Span, within: frozenset[str]) -> str | None:
        """Give the text of a CTE with its own uses of CTEs written out."""
        text, at = "", span.start
        for use in self.uses:
            if span.start <= _place(use) < span.end:
                edit = self._edit(use, within)
                if edit is None:
                    return None
                text += self.query.text[at : edit.span.start] + edit.text
                at = edit.span.end
        text += self.query.text[at : span.end]
        self.budget -= len(text)
        return text if self.budget > 0 else None
