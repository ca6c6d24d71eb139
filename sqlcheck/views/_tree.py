"""Paths drawn as trees of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlcheck.formats._screen import DIM, paint, visible
from sqlcheck.lineage import Node
from sqlcheck.views._sheet import Sheet

DEEPEST = 40
"""Below this the tree says `…`."""
PLENTY = 2000
"""After so many lines what was shown for another column is not shown again."""


def draw(sheet: Sheet, *, colour: bool = False) -> str:
    """Draw a tree for each output column."""
    drawing = _Drawing(sheet, lambda text: paint(text, DIM, colour))
    return "".join(f"{line}\n" for path in sheet.paths for line in drawing.lines(path))


def draw_one(sheet: Sheet, path: Node) -> str:
    """Draw what one output column is made from, without the column itself."""
    _, *lines = _Drawing(sheet, str).lines(path)
    return "".join(f"{line}\n" for line in lines)


class _Drawing:
    def __init__(self, sheet: Sheet, dim: Callable[[str], str]) -> None:
        self._sheet = sheet
        self._dim = dim
        self._count = 0
        self._seen: set[int] = set()

    def lines(self, root: Node) -> Iterator[str]:
        """Give the lines of a column's tree."""
        if self._count < PLENTY:
            self._seen = set()
        stack: list[tuple[Node, str, str, int]] = [(root, "", "", 0)]
        while stack:
            node, lead, inner, depth = stack.pop()
            self._count += 1
            is_again = bool(node.children) and id(node) in self._seen
            self._seen.add(id(node))
            yield self._dim(lead) + self._line(node, is_again=is_again)
            if node.children and not is_again and depth >= DEEPEST:
                yield self._dim(f"{inner}└─ …")
            elif not is_again:
                stack += reversed(list(_below(node.children, inner, depth + 1)))

    def _line(self, node: Node, *, is_again: bool) -> str:
        text = visible(node.label)
        made = self._sheet.text(node.expression)
        if made:
            text += f" = {made}"
        note = "as above" if is_again else self._sheet.note(node)
        return f"{text}{self._dim(f'  ({note})')}" if note else text


def _below(children: tuple[Node, ...], lead: str, depth: int) -> Iterator[tuple[Node, str, str, int]]:
    for number, child in enumerate(children, 1):
        is_last = number == len(children)
        yield child, f"{lead}{'└─' if is_last else '├─'} ", f"{lead}{'  ' if is_last else '│ '} ", depth
