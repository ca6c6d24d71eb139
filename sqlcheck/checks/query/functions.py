"""Calls that Snowflake does not know, that differ on every run, or that do more than read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from sqlcheck.knowledge.foreign import SLIPS, Slip
from sqlcheck.knowledge.functions import BEFORE_BRACKETS, FUNCTIONS, ORDERED, PURE_SYSTEM, UNSTABLE, UNSTABLE_HINTS
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Edit, Finding, Span
from sqlcheck.names import closest
from sqlcheck.parse import Query
from sqlcheck.resolution.scopes import Output

_KNOWN = FUNCTIONS | BEFORE_BRACKETS
_UNPLACED = {
    "STRING_AGG": exp.GroupConcat, "SAFE_CAST": exp.TryCast, "IF": exp.If, "JSON_OBJECT": exp.JSONObject,
    "ARG_MAX": exp.ArgMax, "ARGMAX": exp.ArgMax, "ARG_MIN": exp.ArgMin, "ARGMIN": exp.ArgMin, "UNNEST": exp.Unnest,
    "GROUP_CONCAT": exp.GroupConcat, "CONVERT": exp.Cast,
}  # fmt: skip
"""Calls for which sqlglot keeps no position, with the node that it makes of them."""
_NAMING = (exp.Literal, exp.Identifier, exp.Parameter, exp.Placeholder)
"""What IDENTIFIER can name a thing by; that nothing fills in a variable is told as such."""
_ROW_PATTERN = frozenset(["FIRST", "LAST", "PREV", "NEXT", "CLASSIFIER", "MATCH_NUMBER", "MATCH_SEQUENCE_NUMBER"])
_SESSION = frozenset(name for name in UNSTABLE if name.startswith("CURRENT_"))


def unknown_function(query: Query) -> Iterator[Finding]:
    """Report calls of functions that Snowflake does not have."""
    doubtful = _doubtful(query.tokens) if query.tree is not None else ()
    calls = _calls(query) if doubtful else {}
    for token in doubtful:
        if _is_call(query, calls, token):
            span, slip = Span(token.start, token.end + 1), SLIPS.get(token.text.upper())
            yield _foreign(query, span, slip) if slip is not None else _unheard(query, span)


def _doubtful(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Give the words in front of a bracket that Snowflake has no function of."""
    behind = [at for at, token in enumerate(tokens) if token.token_type == TokenType.L_PAREN and at]
    words = (at - 1 for at in behind if tokens[at - 1].text.upper() not in _KNOWN)
    return tuple(tokens[at] for at in words if _is_bare_word(tokens[at]) and not _is_part(tokens, at))


def _is_bare_word(token: Token) -> bool:
    return token.text.isidentifier() and token.token_type not in (TokenType.IDENTIFIER, TokenType.STRING)


def _is_part(tokens: Sequence[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].text in (".", "!")


def _calls(query: Query) -> dict[int, exp.Expr]:
    """Give the calls of the tree by the offset of their name."""
    return {
        node._meta["start"]: node
        for kind, nodes in query.index.by_type.items()
        if issubclass(kind, exp.Func)
        for node in nodes
        if node._meta and "start" in node._meta
    }


def _is_call(query: Query, calls: dict[int, exp.Expr], token: Token) -> bool:
    name = token.text.upper()
    if name in _ROW_PATTERN and exp.MatchRecognize in query.index.by_type:
        return False
    if token.start in calls:
        return True
    return name in _UNPLACED and _UNPLACED[name] in query.index.by_type


def _foreign(query: Query, span: Span, slip: Slip) -> Finding:
    written = query.slice(span)
    message = f"Snowflake has no function `{written}`"
    if slip.direct and slip.takes(_count(query, span)):
        name = slip.name.lower() if written.islower() else slip.name
        return Finding(span, message, f"it is called `{slip.name}` there", (Edit(span, name),))
    return Finding(span, message, f"write `{slip.form or slip.name}`")


def _unheard(query: Query, span: Span) -> Finding:
    written = query.slice(span)
    guess = closest(written, FUNCTIONS) if len(written) > 3 else None
    if guess is not None:
        name = guess.lower() if written.islower() else guess
        edits = (Edit(span, name),)
        return Finding(span, f"Snowflake has no function `{written}`", f"did you mean `{guess}`?", edits)
    help_ = f"call a function of your own by its full name, `database.schema.{written}(…)`"
    return Finding(span, f"Snowflake has no function `{written}`", help_)


def _count(query: Query, span: Span) -> int:
    """Count the arguments of the call whose name stands in a span."""
    depth = commas = words = 0
    for token in query.tokens[query.token_at(span.end) :]:
        if token.token_type in (TokenType.L_PAREN, TokenType.L_BRACKET):
            depth += 1
        elif token.token_type in (TokenType.R_PAREN, TokenType.R_BRACKET):
            depth -= 1
            if not depth:
                break
        elif depth == 1 and token.token_type == TokenType.COMMA:
            commas += 1
        words += 1
    return commas + 1 if words > 1 else 0


def unstable_expression(query: Query, mapping: Mapping) -> Iterator[Finding]:
    """Report what makes an output differ on every run."""
    unstable = [*_unstable_calls(query), *_unordered(query)]
    if not unstable:
        return
    values = _values(mapping)
    for node in unstable:
        column = _output_around(query, node, values)
        if column is not None and not _numbers_generated_rows(mapping, node):
            yield Finding(_place(query, node), _differs(query, node), _steady(node), column=column.name)


def _numbers_generated_rows(mapping: Mapping, node: exp.Expr) -> bool:
    """Tell a number that counts the rows of GENERATOR: they come out the same on every run."""
    name = mapping.query.function_name(_call(node) if isinstance(node, exp.Window) else node) or ""
    scope = mapping.scope_of(node)
    if scope is None or not scope.relations or not name.startswith(("SEQ", "ROW_NUMBER")):
        return False
    return all(_is_generator(mapping.query, relation.node) for relation in scope.relations)


def _is_generator(query: Query, node: exp.Expr) -> bool:
    return any(query.function_name(part) == "GENERATOR" for part in node.find_all(exp.Func))


def _place(query: Query, node: exp.Expr) -> Span:
    """Give the text of a call; CURRENT_USER without brackets is looked for in its select item."""
    if isinstance(node, exp.Window) or (node._meta and "start" in node._meta):
        return query.span(node)
    name, owner, item = query.function_name(node), query.index.owners[id(node)][0], node
    while item.parent is not None and item.parent is not owner:
        item = item.parent
    if owner is not None and item.arg_key == "expressions" and item.index is not None:
        span = query.select(owner).items[item.index].expression
        for token in query.tokens[query.token_at(span.start) : query.token_at(span.end - 1) + 1]:
            if token.text.upper() == name:
                return Span(token.start, token.end + 1)
    return query.span(node)


def _values(mapping: Mapping) -> dict[int, OutputColumn]:
    """Give every expression that flows into an output, with that output; the load timestamp is left out."""
    found: dict[int, OutputColumn] = {}
    for column in mapping.columns:
        stack = [] if column.role == "load_timestamp" else [column.output]
        while stack:
            output = stack.pop()
            if output.branches or output.inherited is not None:
                stack.extend(output.inner())
            elif id(output.expression) not in found:
                found[id(output.expression)] = column
                stack.extend(_feeding(mapping, output.expression))
    return found


def _feeding(mapping: Mapping, expression: exp.Expr) -> Iterator[Output]:
    for node in expression.find_all(exp.Column):
        scope = mapping.scope_of(node)
        reference = scope.reference(node) if scope is not None else None
        if reference is not None and reference.output is not None and reference.clause == "expressions":
            yield reference.output


def _output_around(query: Query, node: exp.Expr, values: dict[int, OutputColumn]) -> OutputColumn | None:
    """Give the output that a call makes part of the value of; a filter or an order is no part of it."""
    is_session = query.function_name(node) in _SESSION
    current: exp.Expr | None = node
    while current is not None:
        if id(current) in values:
            return values[id(current)]
        if query.index.owners[id(current)][1] != "expressions":
            return None
        parent = current.parent
        if is_session and isinstance(parent, exp.If) and parent.this is current:
            return None
        current = parent
    return None


def _differs(query: Query, node: exp.Expr) -> str:
    if isinstance(node, exp.Window):
        return f"without an order `{query.function_name(_call(node))}` can come out differently on every run"
    name = query.function_name(node)
    whose = "session" if name in _SESSION or name in ("LAST_QUERY_ID", "LAST_TRANSACTION") else "run"
    return f"`{name}` depends on the {whose}, not on the row"


def _steady(node: exp.Expr) -> str:
    if isinstance(node, exp.Window):
        return "give it an ORDER BY that leaves no ties"
    return "derive the value from columns of the row, as with `HASH(…)`"


def _unstable_calls(query: Query) -> Iterator[exp.Expr]:
    lowered = query.text.lower()
    if not any(hint in lowered for hint in UNSTABLE_HINTS):
        return
    for kind, nodes in query.index.by_type.items():
        if issubclass(kind, exp.Func):
            for node in nodes:
                name = query.function_name(node)
                is_fixed = name == "UUID_STRING" and node.args.get("this") is not None
                if name in UNSTABLE and not is_fixed and not isinstance(node.parent, exp.Dot):
                    yield node


def _unordered(query: Query) -> Iterator[exp.Window]:
    for node in query.index.by_type.get(exp.Window, ()):
        if isinstance(node, exp.Window) and query.function_name(_call(node)) in ORDERED and not node.args.get("alias"):
            order = node.args.get("order")
            if order is None or all(_is_constant(key.this) for key in order.expressions):
                yield node


def _call(window: exp.Window) -> exp.Expr:
    call: exp.Expr = window.this
    while isinstance(call, exp.IgnoreNulls | exp.RespectNulls):
        call = call.this
    return call


def _is_constant(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal | exp.Null | exp.Boolean) or (
        isinstance(node, exp.Subquery | exp.Paren) and node.find(exp.Column) is None
    )


def side_effect(query: Query, mapping: Mapping) -> Iterator[Finding]:
    """Report sequences and system functions."""
    lowered = query.text.lower()
    if "nextval" not in lowered and "system$" not in lowered and "identifier" not in lowered:
        return
    for column in query.index.by_type[exp.Column]:
        if column.name.upper() == "NEXTVAL" and column.args.get("table") and not _is_column(mapping, column):
            yield _acting(query.span(column), "NEXTVAL")
    for node in query.index.by_type[exp.Anonymous]:
        name = node.name.upper()
        if name == "GETNEXTVAL" or (name.startswith("SYSTEM$") and name not in PURE_SYSTEM):
            yield _acting(query.span(node), name)
    for node in query.index.by_type[exp.DynamicIdentifier]:
        name = node.name.upper().rpartition(".")[2].strip('"')
        if not isinstance(node.this, _NAMING):
            message = "what `IDENTIFIER` names here cannot be told: it may be anything that acts"
            yield Finding(query.span(node), message, "write the name itself")
        elif name in ("NEXTVAL", "GETNEXTVAL") or (name.startswith("SYSTEM$") and name not in PURE_SYSTEM):
            yield _acting(query.span(node), name)


def _acting(span: Span, name: str) -> Finding:
    if name.endswith("NEXTVAL"):
        numbers = "a number" if name == "NEXTVAL" else "numbers"
        message = f"{name} takes {numbers} from the sequence each time that the query runs"
        return Finding(span, message, "give each row its number where it is stored, and select that")
    message = f"`{name}` acts on the account or reports on it, at each sync anew"
    return Finding(span, message, "take it out: a query for a sync only reads rows")


def _is_column(mapping: Mapping, node: exp.Expr) -> bool:
    """Tell a table's column that is called NEXTVAL from a sequence's number."""
    scope = mapping.scope_of(node)
    path = tuple(node.text(part).upper() for part in ("catalog", "db", "table") if node.text(part))
    while scope is not None:
        for relation in scope.relations:
            # with more than an alias before it, it is the name of a table or of a sequence
            parts = tuple(map(str.upper, relation.parts)) if len(path) > 1 else path
            if relation.name.upper() == path[-1] and parts[-len(path) :] == path:
                return True
        scope = scope.parent
    return False
