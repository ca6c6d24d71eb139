"""`sqlcheck check` with what earlier runs have found."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands.conftest import CLEAN, Run, Write
from tests.commands.test_check import FAULTY, REPORT
from tests.commands.test_main import start

COUNT = 150
SHARED = 2
"""What reports of queries have in common: the rules that were heard, and those that want rows."""
CHECK = [sys.executable, "-m", "sqlcheck", "check", ".", "--jobs", "2", "--format", "json"]


def entries(cache: Path) -> list[Path]:
    return sorted(cache.glob("??/*"))


def test_the_second_run_says_what_the_first_did(run: Run, write: Write, own_cache: Path) -> None:
    write("q.sql", FAULTY)
    expected = (1, REPORT.format(path="q.sql"), "")

    assert [expected, expected] == [run("check", "q.sql"), run("check", "q.sql")]
    assert 1 + SHARED == len(entries(own_cache))


def test_no_cache_reads_none_and_writes_none(run: Run, write: Write, own_cache: Path) -> None:
    write("q.sql", FAULTY)

    assert (1, False) == (run("check", "q.sql", "--no-cache").code, own_cache.exists())
    run("check", "q.sql")
    for entry in entries(own_cache):
        entry.write_text("broken", encoding="utf-8")
    assert REPORT.format(path="q.sql") == run("check", "q.sql", "--no-cache").out
    assert ["broken"] * (1 + SHARED) == [entry.read_text(encoding="utf-8") for entry in entries(own_cache)]


def test_clear_cache_forgets_all_and_keeps_what_this_run_finds(run: Run, write: Write, own_cache: Path) -> None:
    write("a.sql", CLEAN)
    write("b.sql", FAULTY)
    run("check", ".")
    run("check", "b.sql", "--clear-cache")
    assert 1 + SHARED == len(entries(own_cache))
    run("check", "b.sql", "--clear-cache", "--no-cache")
    assert [] == entries(own_cache)


def test_a_file_whose_name_is_no_unicode_is_known_again(run: Run, folder: Path, own_cache: Path) -> None:
    (folder / os.fsdecode(b"n\xff.sql")).write_text(FAULTY, encoding="utf-8")
    expected = (1, REPORT.format(path="n<U+DCFF>.sql"), "")

    assert [expected, expected] == [run("check", "."), run("check", ".")]
    assert 1 + SHARED == len(entries(own_cache))


def test_fixing_looks_for_itself(run: Run, write: Write) -> None:
    path = write("q.sql", FAULTY)
    run("check", "q.sql")

    assert "fixed 1 problem in q.sql: trailing-semicolon\n" == run("check", "q.sql", "--fix").err
    assert FAULTY.replace(";", "") == path.read_text(encoding="utf-8")


def test_a_cache_that_cannot_be_written_is_a_note(
    run: Run, write: Write, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.sql", FAULTY)
    own_cache.touch()
    advice = "choose another folder with SQLCHECK_CACHE_DIR, or none with --no-cache"

    assert (1, REPORT.format(path="q.sql"), f"cache: cannot write {own_cache}: File exists; {advice}\n") == run(
        "check", "q.sql"
    )


def test_runs_at_the_same_time_do_not_disturb_each_other(write: Write, folder: Path) -> None:
    for number in range(COUNT):
        write(f"{number}.sql", FAULTY.replace("plan", f"plan_{number}"))
    expected = start(*CHECK[3:], "--no-cache", folder=folder).stdout

    together = [subprocess.Popen(CHECK, cwd=folder, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [expected] * 3 == [process.communicate(timeout=60)[0] for process in together]
    assert expected == start(*CHECK[3:], folder=folder).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed so hard there")
def test_a_killed_run_leaves_what_it_has_found(write: Write, folder: Path, own_cache: Path) -> None:
    for number in range(COUNT):
        write(f"{number}.sql", FAULTY.replace("plan", f"plan_{number}"))
    process = subprocess.Popen(CHECK, cwd=folder, stdout=subprocess.DEVNULL, start_new_session=True)
    end = time.monotonic() + 60
    while len(entries(own_cache)) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(process.pid, 9)
    process.wait(timeout=20)

    assert (-9, True) == (process.returncode, 3 <= len(entries(own_cache)) < COUNT)
    assert start(*CHECK[3:], "--no-cache", folder=folder).stdout == start(*CHECK[3:], folder=folder).stdout
