"""The names of the output columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp
from sqlglot.tokens import TokenType

from sqlcheck.apis.facts import Api
from sqlcheck.candidates import meant
from sqlcheck.checks.query._sources import listed
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Edit, Finding, Span
from sqlcheck.names import quote
from sqlcheck.parse import Query
from sqlcheck.resolution.evidence import of_names
from sqlcheck.resolution.facts import arguments
from sqlcheck.resolution.scopes import Output
from sqlcheck.settings import Model

_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_CALLED = re.compile(r"([A-Za-z_]\w*)\s*\(")
_KEY = re.compile(r"\"[^\"]+\"|'[^']+'|[A-Za-z_]\w*")
_WRAPPERS = (exp.Paren, exp.Cast, exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Distinct)


def duplicate_output(mapping: Mapping) -> Iterator[Finding]:
    """Report outputs whose name an earlier one has."""
    seen: dict[str, OutputColumn] = {}
    doubles: dict[Span, list[OutputColumn]] = {}
    for column in mapping.columns:
        first = seen.setdefault(column.name, column) if column.named else column
        if first is not column:
            doubles.setdefault(_doubled(first.output, column.output), []).append(column)
    for span, columns in doubles.items():
        names = list(dict.fromkeys(column.name for column in columns))
        message = f"two outputs are called {listed(names)}"
        if len(names) > 1:
            message = f"the names {listed(names)} are those of two outputs each"
        evidence = of_names(each.output for column in columns for each in (column, seen[column.name]))
        advice = "give one of them another name, or leave it out"
        yield Finding(span, message, advice, evidence=evidence, column=names[0])


def _doubled(first: Output, second: Output) -> Span:
    """Give where the second of two outputs gets its name: itself, or the star that asks for both."""
    asked = second.span
    while second.star is not None and second.inherited is not None and first.inherited is not None:
        (one, left), (other, right) = first.inherited, second.inherited
        if one is not other or first.span != second.span or left.name != right.name or right.known is not None:
            return asked
        # both come out of one derived table, which has them twice already
        first, second = left, right
    return second.name_span if second.star is None else asked


def unnamed_output(query: Query, mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report expressions of the outermost SELECT list without an alias."""
    unnamed = [column for column in mapping.columns if not column.named]
    taken = {column.name for column in mapping.columns} if unnamed else set()
    renamed = [id(column) for column in meant(mapping, model)] if unnamed else []
    for column in unnamed:
        if id(column) in renamed or _is_misnamed(query, column.expression_span):
            continue
        alias = _free(_alias(query, column.expression, api), taken)
        taken.add(alias)
        edits: tuple[Edit, ...] = ()
        span = column.expression_span
        if column.output.inherited is None:
            edits = (Edit(Span(span.end, span.end), f" AS {quote(alias)}"),)
        message = "this expression has no name: the attribute is called after its text"
        yield Finding(span, message, f"name it, as in `AS {quote(alias)}`", edits, column=column.name)


def _is_misnamed(query: Query, span: Span) -> bool:
    """Tell whether the author wrote AS, but no name that Snowflake takes."""
    last = query.token_at(span.end - 1)
    ends = query.tokens[max(last - 1, 0) : last + 1]
    return any(token.token_type == TokenType.ALIAS and token.start > span.start for token in ends)


def _free(alias: str, taken: set[str]) -> str:
    number, name = 1, alias
    while name in taken:
        number += 1
        name = f"{alias}_{number}"
    return name


def _alias(query: Query, node: exp.Expr, api: Api) -> str:
    """Make a name in snake case from what an expression computes."""
    while isinstance(node, _WRAPPERS) and isinstance(node.this, exp.Expr):
        node = node.this
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
        node = node.expression
    is_path = isinstance(node, exp.JSONExtract | exp.Bracket | exp.Dot)
    words = _last_key(query.slice(query.span(node))) if is_path else _words(query, node)
    name = "_".join(_NOT_A_WORD.sub("_", word.lower()).strip("_") for word in words if word)
    is_accident = name in api.identities and not isinstance(node, exp.Column)
    return (f"{name}_value" if is_accident else name[:60].strip("_")) or "value"


def _last_key(path: str) -> list[str]:
    return [key.strip("\"'") for key in _KEY.findall(path)][-1:]


def _words(query: Query, node: exp.Expr) -> list[str]:
    columns: list[str] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, exp.Column):
            columns.append(current.name)
        elif not isinstance(current, exp.Query):
            stack.extend(reversed(list(arguments(current))))
    columns = list(dict.fromkeys(columns))[:2]
    if isinstance(node, exp.Case):
        return ["case", *columns]
    return [*_called(query, node), *columns]


def _called(query: Query, node: exp.Expr) -> list[str]:
    """Give the name of a function as the author wrote it; an operator has none."""
    name = query.function_name(node)
    if name is None and isinstance(node, exp.Func) and not isinstance(node, exp.Binary):
        found = _CALLED.match(query.text, query.span(node).start)
        name = found.group(1) if found else None
    return [name] if name is not None and name[:1].isalpha() else []
