"""The answers to a question that follows references, so that nothing is asked twice on the ways that lead to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_STEPS = 100
"""How many references are followed; each takes a dozen frames of the stack."""


class Answers(Generic[T]):
    """What is known by now of the things that a question was asked of.

    `unknown` is the answer of what leads back to itself, as lateral aliases can, or leads on for too long.
    """

    def __init__(self, unknown: T) -> None:
        self._unknown = unknown
        self._known: dict[int, T] = {}
        self._steps = 0

    def of(self, asked: object, find: Callable[[], T]) -> T:
        """Give the answer of a thing, found out when it is asked first."""
        key = id(asked)
        if key not in self._known:
            if self._steps > MAX_STEPS:
                return self._unknown
            self._known[key] = self._unknown
            self._steps += 1
            self._known[key] = find()
            self._steps -= 1
        return self._known[key]
