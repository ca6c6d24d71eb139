"""Do one thing for many numbers on all processors, by forking: what is at hand need not be sent to the workers."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlcheck.errors import SqlcheckError

T = TypeVar("T")

WORTH = 60
"""From how many calls on a second process pays for itself."""
CHUNKS = 12
"""How many portions each worker gets, so that one with long queries does not keep all waiting, nor the progress."""

Tell = Callable[[int, int], None]
"""What hears how many of how many calls are done."""

_call: Callable[[int], object] | None = None


def processors() -> int:
    """Count the processors that this process may use; 1 where it cannot safely fork."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def each(call: Callable[[int], T], count: int, jobs: int, tell: Tell | None = None) -> list[T]:
    """Give the results of `call(0)` to `call(count - 1)`, which must be picklable, in order.

    Where a process cannot fork, as on Windows, there is one job.
    `tell` hears now and then how many of how many calls are done.
    """
    global _call  # noqa: PLW0603  # what a worker inherits must stand where it can find it
    tell = tell or (lambda _done, _count: None)
    jobs = min(jobs, count // WORTH + 1) if hasattr(os, "fork") else 1
    if jobs < 2:
        with _collecting_between():
            return list(_in_turn(call, count, tell))
    from concurrent.futures.process import BrokenProcessPool  # 25 ms, for long runs alone

    _call = call
    try:
        with _collecting_between():
            return _spread(count, jobs, tell)
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


def _in_turn(call: Callable[[int], T], count: int, tell: Tell) -> Iterator[T]:
    for number in range(count):
        yield _clean(call, number)
        tell(number + 1, count)


def _spread(count: int, jobs: int, tell: Tell) -> list[T]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    step = jobs * CHUNKS
    portions: list[list[T]] = []
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin) as pool:
        try:
            # `pool.map` would cancel what is left, and then the end of the workers is a traceback of the pool's thread
            works = [pool.submit(_portion, start, count, step) for start in range(step)]
            for work in works:
                portions.append(work.result())
                tell(sum(map(len, portions)), count)
        except BaseException:
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()  # what they are at is not wanted any more, and may take long
            raise
    return [portions[number % step][number // step] for number in range(count)]


def _portion(start: int, count: int, step: int) -> list[Any]:
    """Make the calls of a portion; what they give is what `each` was given a call for."""
    assert _call is not None
    return [_clean(_call, number) for number in range(start, count, step)]


def _begin() -> None:
    """Leave Ctrl-C to the parent, which ends the workers; where it was killed itself, they end with it."""
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """Wait for the end of the parent; without it a worker would wait for work for ever."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
