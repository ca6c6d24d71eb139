"""A bar on stderr for what takes long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlcheck.commands._terminal import is_terminal

PATIENCE = 1.0
"""After how many seconds the bar appears."""


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Give what shows how many of how many are done, where stderr is a terminal; nothing of it stays."""
    start = time.monotonic()
    with ExitStack() as stack:
        shown: list[Callable[[int, int], None]] = []

        def tell(done: int, count: int) -> None:
            if not shown and time.monotonic() - start > PATIENCE:
                shown.append(stack.enter_context(_drawn(title)))
            for show in shown:
                show(done, count)

        yield tell if is_terminal(err=True) else lambda _done, _count: None


@contextmanager
def _drawn(title: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, count: progress.update(task, completed=done, total=count)
