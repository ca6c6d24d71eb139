"""The options about what earlier runs have found."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sqlcheck.commands._options import Function
from sqlcheck.commands._terminal import note
from sqlcheck.options import Options

if TYPE_CHECKING:
    from sqlcheck.cache import Cache


class Caching(NamedTuple):
    """Whether reports of earlier runs count, as the command line says it, and whether they are deleted before."""

    is_on: bool = True
    is_cleared: bool = False

    def open(self, options: Options) -> Cache | None:
        """Give the cache for a run; that it cannot be written to is said, and stops nothing."""
        if not (self.is_on or self.is_cleared):
            return None
        from sqlcheck import store
        from sqlcheck.cache import Cache

        folder = store.folder()
        if folder is None:
            return None
        found = store.Store(folder)
        problems = [found.clear() if self.is_cleared else None, found.open() if self.is_on else None]
        for problem in filter(None, problems):
            note(f"cache: {problem}; choose another folder with {store.VARIABLE}, or none with --no-cache")
        return Cache(found, options) if self.is_on else None


def cache_options(function: Function) -> Function:
    """Add the options about the cache, and hand them over as `caching`."""

    @click.option("--no-cache", is_flag=True, help="Check everything anew, and keep nothing for the next run.")
    @click.option("--clear-cache", is_flag=True, help="Forget first what earlier runs have found.")
    @functools.wraps(function)
    def gathering(no_cache: bool, clear_cache: bool, **values: Any) -> Any:
        return function(caching=Caching(not no_cache, clear_cache), **values)

    return gathering
