"""The nodes of a tree by class, each with the SELECT that owns it: one walk, that all questions share."""

from __future__ import annotations

import sys
from collections import defaultdict

from sqlglot import exp

LEAVES = frozenset({exp.Identifier, exp.Literal, exp.DataType, exp.Var, exp.Boolean, exp.Null})
"""Nodes below which there is nothing to find."""


class TreeIndex:
    """The nodes of a tree by class, with the SELECT that owns each and the clause that it stands in."""

    def __init__(self, tree: exp.Query | None) -> None:
        self.by_type: defaultdict[type[exp.Expr], list[exp.Expr]] = defaultdict(list)
        self.owners: dict[int, tuple[exp.Select | None, str]] = {}
        self.selects: list[exp.Select] = []
        self.anchors: dict[int, int] = {}
        if tree is not None:
            self._walk(tree)

    def _walk(self, tree: exp.Expr) -> None:
        """Visit every node once; the order is that of the text, but for identifiers, which have no owner."""
        owners, by_type, anchors = self.owners, self.by_type, self.anchors
        identifiers = by_type[exp.Identifier]
        stack: list[tuple[exp.Expr, tuple[exp.Select | None, str]]] = [(tree, (None, ""))]
        while stack:
            node, place = stack.pop()
            owner, clause = place
            kind = type(node)
            positioned = node
            if kind is exp.Identifier:
                identifiers.append(node)
            else:
                by_type[kind].append(node)
                owners[id(node)] = place
                if kind is exp.Column and type(node.this) is exp.Identifier:
                    identifiers += [part for part in node.args.values() if type(part) is exp.Identifier]
                    positioned = node.args.get("table") or node.this
            if owner is not None and positioned._meta and clause != "with_":
                start = positioned._meta.get("start")
                if start is not None and start < anchors.get(id(owner), sys.maxsize):
                    anchors[id(owner)] = start
            if kind in LEAVES or positioned is not node:
                continue
            if kind is exp.Select:
                self.selects.append(node)  # type: ignore[arg-type]  # a Select by the line above
                owner, clause = node, ""  # type: ignore[assignment]  # likewise
            # Backwards, as the stack turns the order around: SELECTs then come in the order of the text.
            for key, value in reversed(node.args.items()):
                if not value or value is True:
                    continue
                here = (owner, "on" if key == "on" and kind is exp.Join else clause or key)
                if type(value) is list:
                    stack += [(child, here) for child in reversed(value) if isinstance(child, exp.Expr)]
                elif isinstance(value, exp.Expr):
                    stack.append((value, here))
