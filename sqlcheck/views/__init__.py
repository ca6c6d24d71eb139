"""The views of a mapping: one module a format, found by its name.

A view is a module with a function `render` (see `Render`). Adding one is adding its module here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from typing import Protocol, cast

from sqlcheck.views._sheet import Sheet


class Render(Protocol):
    """Turn mapped queries into a text."""

    def __call__(self, sheets: Sequence[Sheet], /, *, lineage: bool = False) -> str:
        """Give the whole text, with a line ending at its end; `lineage` adds the steps between table and output."""


def names() -> tuple[str, ...]:
    """List the views, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"))


def load(name: str) -> Render:
    """Give the `render` of the view with this name."""
    return cast("Render", importlib.import_module(f"{__name__}.{name}").render)
