"""Work on several processors gives what work on one gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

from sqlcheck import workers
from sqlcheck.errors import CheckCrashError, SqlcheckError
from sqlcheck.inputs import collect

COUNT = 3 * workers.WORTH


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_order(jobs: int) -> None:
    assert [number * number for number in range(COUNT)] == workers.each(lambda number: number * number, COUNT, jobs)


def test_few_calls_stay_in_this_process_and_many_do_not() -> None:
    assert {os.getpid()} == set(workers.each(lambda number: os.getpid(), workers.WORTH - 1, 4))
    assert os.getpid() not in workers.each(lambda number: os.getpid(), COUNT, 2)


def test_where_no_process_can_fork_all_stay_in_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert {os.getpid()} == set(workers.each(lambda number: os.getpid(), COUNT, 2))


def test_a_crash_in_a_worker_keeps_its_name_and_traceback() -> None:
    def crash(number: int) -> None:
        try:
            _ = 1 // (number - 7)
        except ZeroDivisionError as error:
            raise CheckCrashError("some-rule", "query.sql") from error

    with pytest.raises(CheckCrashError) as caught:
        workers.each(crash, COUNT, 2)
    shown = "".join(traceback.format_exception(caught.value))
    assert ("some-rule", "query.sql", True) == (caught.value.rule, caught.value.path, "_ = 1 // (number - 7)" in shown)


def test_a_worker_that_dies_is_one_line() -> None:
    with pytest.raises(SqlcheckError, match=r"\Aa worker process died, perhaps for want of memory; try again with"):
        workers.each(lambda number: os._exit(1), COUNT, 2)


@pytest.mark.parametrize("jobs", [1, 3])
def test_it_is_told_how_far_the_work_has_come(jobs: int) -> None:
    told: list[tuple[int, int]] = []
    workers.each(abs, COUNT, jobs, lambda done, count: told.append((done, count)))
    steps = COUNT if jobs == 1 else jobs * workers.CHUNKS
    assert (steps, sorted(told), (COUNT, COUNT)) == (len(told), told, told[-1])


def _runs(process: int) -> bool:
    """Tell whether a process is there, and more than what is left of one until somebody asks how it ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="work is spread where a process can fork")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda by: by.name)
def test_a_run_that_is_ended_ends_its_workers_in_the_middle_of_their_work(by: signal.Signals) -> None:
    code = (
        "import os, time\n"
        "from sqlcheck import workers\n"
        f"workers.each(lambda number: (os.write(1, b'%d\\n' % os.getpid()), time.sleep(600)), {COUNT}, 2)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    children = {int(parent.stdout.readline()) for _ in range(2)}
    parent.send_signal(by)
    parent.wait(timeout=60)
    assert (2, -by, "") == (len(children), parent.returncode, parent.stdout.read())
    parent.stdout.close()
    end = time.monotonic() + 60
    while any(map(_runs, children)) and time.monotonic() < end:
        time.sleep(0.01)
    assert [] == [child for child in children if _runs(child)]


def test_a_run_on_several_processors_gives_the_same_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(COUNT):
        Path(f"{number:03}.sql").write_text(f"SELECT customer_id, {number} AS x, FROM a.b.c{';' * (number % 3)}\n")
    batch = collect(["."])

    def brief(jobs: int) -> list[object]:
        report = batch.check(jobs)
        return [(found.rule, found.source.path, found.span, found.fix) for found in report.diagnostics] + list(
            report.skips
        )

    assert brief(1) == brief(2)
