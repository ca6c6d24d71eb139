"""Where the cards of the picture stand: in pixels from the top, so that lines need no script to find them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean
from typing import NamedTuple

from sqlcheck.views._graph import Graph, Group, Lane

ROW = 28
HEAD = 34
PADDING = 6
SPACE = 14


@dataclass(frozen=True)
class Card:
    """A group of ports and where its card begins."""

    group: Group
    top: int = 0

    @property
    def height(self) -> int:
        """Give the height of the card."""
        return HEAD + ROW * len(self.group.ports) + PADDING

    def middle(self, at: int) -> int:
        """Give the middle of one of its rows."""
        return self.top + HEAD + ROW * at + ROW // 2


class Line(NamedTuple):
    """A line between two ports, from height to height, in the colour of a role."""

    left: int
    right: int
    start: int
    end: int
    role: str


@dataclass(frozen=True)
class Picture:
    """The cards of all lanes, and the height of the whole."""

    cards: tuple[Card, ...]
    height: int
    edges: tuple[tuple[int, int], ...]

    def lane(self, lane: str) -> tuple[Card, ...]:
        """Give the cards of one lane, from the top."""
        return tuple(card for card in self.cards if card.group.lane == lane)

    @cached_property
    def _ports(self) -> dict[int, tuple[int, str, str]]:
        """Give the middle, the role and the lane of every port."""
        return {
            port.id: (card.middle(at), port.role, card.group.lane)
            for card in self.cards
            for at, port in enumerate(card.group.ports)
        }

    def lines(self, gap: int) -> Iterator[Line]:
        """Yield the lines between two lanes: 0 is the gap in front of the output, 1 the one behind it."""
        for left, right in self.edges:
            start, left_role, left_lane = self._ports[left]
            end, right_role, _ = self._ports[right]
            if (left_lane == "output") == (gap == 1):
                yield Line(left, right, start, end, left_role if gap == 1 else right_role)


def arrange(graph: Graph) -> Picture:
    """Put every card as near as can be to the output columns that it has to do with."""
    output = Card(graph.lane("output")[0])
    lanes = {lane: [Card(group) for group in graph.lane(lane)] for lane in _AROUND}
    height = max(output.height, *(sum(c.height + SPACE for c in cards) - SPACE for cards in lanes.values()))
    output = replace(output, top=(height - output.height) // 2)
    rows = {port.id: output.middle(at) for at, port in enumerate(output.group.ports)}
    near: defaultdict[int, list[int]] = defaultdict(list)
    for left, right in graph.edges:
        near[left].append(rows.get(right, 0))
        near[right].append(rows.get(left, 0))
    wanted = {port: fmean(found) for port, found in near.items()}
    cards = [output]
    for found in lanes.values():
        cards += _stacked([_sorted(card, wanted) for card in found], wanted, height)
    return Picture(tuple(cards), height, graph.edges)


_AROUND: tuple[Lane, ...] = ("source", "profile")


def _sorted(card: Card, wanted: dict[int, float]) -> Card:
    ports = tuple(sorted(card.group.ports, key=lambda port: wanted[port.id]))
    return Card(replace(card.group, ports=ports))


def _stacked(cards: list[Card], wanted: dict[int, float], height: int) -> list[Card]:
    """Stack cards around where they want to be: down from the top without overlap, then up from the bottom."""
    middles = {id(card): fmean(wanted[port.id] for port in card.group.ports) for card in cards}
    cards.sort(key=lambda card: middles[id(card)])
    tops: list[int] = []
    for card in cards:
        least = tops[-1] + cards[len(tops) - 1].height + SPACE if tops else 0
        # The rows, not the card with its title, face what they belong to.
        tops.append(max(least, round(middles[id(card)] - (card.height + HEAD - PADDING) / 2)))
    room = height
    for at in range(len(cards) - 1, -1, -1):
        tops[at] = min(tops[at], room - cards[at].height)
        room = tops[at] - SPACE
    return [replace(card, top=top) for card, top in zip(cards, tops, strict=True)]
