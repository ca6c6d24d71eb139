"""The reports: one module a format, found by its name.

A format is a module with a function `render` (see `Render`). Adding one is adding its module here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Protocol, cast

from sqlcheck.formats._checkout import Checkout
from sqlcheck.model import Report


class Render(Protocol):
    """Turn a report into text; a format takes the part of the look that it can show."""

    def __call__(
        self,
        report: Report,
        /,
        *,
        colour: bool = False,
        link: Callable[[str], str] | None = None,
        checkout: Checkout = Checkout(),
    ) -> str:
        """Give the whole text, with a line ending at its end.

        `link` gives the address of a rule's page, `checkout` tells where the files are for others.
        """


def names() -> tuple[str, ...]:
    """List the formats, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"))


def load(name: str) -> Render:
    """Give the `render` of the format with this name."""
    return cast("Render", importlib.import_module(f"{__name__}.{name}").render)
