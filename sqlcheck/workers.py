"""Do one thing for many numbers on all processors, by forking: what is at hand need not be sent to the workers."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlcheck.errors import SqlcheckError

T = TypeVar("T")

WORTH = 60
"""From how many calls on a second process pays for itself."""
CHUNKS = 4
"""How many portions each worker gets, so that one with long queries does not keep all waiting."""

_call: Callable[[int], object] | None = None


def processors() -> int:
    """Count the processors that this process may use; 1 where it cannot safely fork."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def each(call: Callable[[int], T], count: int, jobs: int) -> list[T]:
    """Give the results of `call(0)` to `call(count - 1)`, which must be picklable, in order."""
    global _call  # noqa: PLW0603  # what a worker inherits must stand where it can find it
    jobs = min(jobs, count // WORTH + 1)
    if jobs < 2:
        with _collecting_between():
            return [_clean(call, number) for number in range(count)]
    from concurrent.futures.process import BrokenProcessPool  # 25 ms, for long runs alone

    _call = call
    try:
        with _collecting_between():
            return _spread(count, jobs)
    except BrokenProcessPool as error:
        raise SqlcheckError("a worker process died, perhaps for want of memory; try again with fewer files") from error
    finally:
        _call = None


@contextmanager
def _collecting_between() -> Iterator[None]:
    """Let the garbage collector look between the calls alone, and never at what was there before.

    It costs a third of the time otherwise, and in each worker it copies the pages that all share.
    """
    was_enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
        gc.unfreeze()


def _clean(call: Callable[[int], T], number: int) -> T:
    """Make a call and clear away what it leaves: the nodes of a tree point at each other, and are garbage by now."""
    result = call(number)
    gc.collect(0)
    return result


def _spread(count: int, jobs: int) -> list[T]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    step = jobs * CHUNKS
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin) as pool:
        portions: list[list[T]] = list(pool.map(_portion, range(step), [count] * step, [step] * step))
    return [portions[number % step][number // step] for number in range(count)]


def _portion(start: int, count: int, step: int) -> list[T]:
    assert _call is not None
    return [_clean(_call, number) for number in range(start, count, step)]  # type: ignore[misc]  # as `each` was given


def _begin() -> None:
    """Leave Ctrl-C to the parent, which ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
