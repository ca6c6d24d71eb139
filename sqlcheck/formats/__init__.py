"""The reports: one module a format, found by its name.

A format is a module with a function `render` (see `Format`). Adding one is adding its module here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from sqlcheck.model import Diagnostic, Skip


class Render(Protocol):
    """Turn diagnostics into the text of a report; a format takes the part of the look that it can show."""

    def __call__(
        self,
        diagnostics: Sequence[Diagnostic],
        skips: Sequence[Skip] = (),
        /,
        *,
        files: int | None = None,
        colour: bool = False,
        link: Callable[[str], str] | None = None,
    ) -> str:
        """Give the whole report, with a line ending at its end; `link` gives the address of a rule's page."""


def names() -> tuple[str, ...]:
    """List the formats, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"))


def load(name: str) -> Render:
    """Give the `render` of the format with this name."""
    return cast("Render", importlib.import_module(f"{__name__}.{name}").render)
