"""The store on disk: bounded, private, and no hindrance when the disk does not take part."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sqlcheck import store
from sqlcheck.store import MAX_ENTRIES, MAX_ENTRY, MAX_SHARD, Store


def key(number: int, shard: str = "ab") -> str:
    return f"{shard}{number:030x}"


def kept(found: Store) -> list[str]:
    return sorted(path.parent.name + path.name for path in Path(found.folder).glob("??/*"))


def test_what_is_put_is_there_and_what_is_not_is_none(tmp_path: Path) -> None:
    found = Store(str(tmp_path / "a" / "b"))
    assert (None, None) == (found.get(key(1)), found.open())
    found.put(key(1), "früh\r\n")
    assert ("früh\r\n", None) == (found.get(key(1)), found.get(key(2)))


def test_an_entry_counts_only_under_its_own_key(tmp_path: Path) -> None:
    found = Store(str(tmp_path))
    found.put(key(1), "x")
    (tmp_path / "ab" / key(1)[2:]).rename(tmp_path / "ab" / key(2)[2:])
    assert None is found.get(key(2))


def test_a_folder_that_it_makes_is_left_alone_by_backups_and_git(tmp_path: Path) -> None:
    Store(str(tmp_path / "new")).open()
    Store(str(tmp_path)).open()
    assert ([".gitignore", "CACHEDIR.TAG"], ["new"]) == (sorted(os.listdir(tmp_path / "new")), os.listdir(tmp_path))
    assert 0o700 == (tmp_path / "new").stat().st_mode & 0o777


def test_a_shard_keeps_what_was_used_last(tmp_path: Path) -> None:
    found = Store(str(tmp_path))
    now = time.time()
    for number in range(MAX_ENTRIES + 5):
        found.put(key(number), "x")
        os.utime(tmp_path / "ab" / key(number)[2:], (now - 10**6 + number,) * 2)
    found.put(key(0, "cd"), "x")
    assert "x" == found.get(key(0))
    found.prune([key(0)])
    assert [key(0), *(key(number) for number in range(6, MAX_ENTRIES + 5)), key(0, "cd")] == kept(found)


def test_a_shard_keeps_no_more_bytes_than_it_may(tmp_path: Path) -> None:
    found = Store(str(tmp_path))
    size = MAX_ENTRY - 100
    for number in range(MAX_SHARD // size + 2):
        found.put(key(number), "x" * size)
    found.put(key(99), "x" * MAX_ENTRY)
    found.prune([key(0)])
    assert (MAX_SHARD // size, None) == (len(kept(found)), found.get(key(99)))


def test_clearing_deletes_its_own_files_alone(tmp_path: Path) -> None:
    found = Store(str(tmp_path))
    found.put(key(1), "x")
    foreign = ["ab/notes.txt", "query.sql", "ze/00", "abc/00"]
    for path in [*foreign, "ab/.sqlcheck-draft"]:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    assert None is found.clear()
    assert sorted(foreign) == sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert None is Store(str(tmp_path / "none")).clear()


def test_runs_that_clear_at_the_same_time_do_not_hinder_each_other(tmp_path: Path) -> None:
    found = Store(str(tmp_path))
    for number in range(500):
        found.put(key(number), "x")
    with ThreadPoolExecutor(4) as pool:
        assert [None] * 4 == list(pool.map(lambda _: found.clear(), range(4)))
    assert [] == kept(found)


def test_a_folder_that_cannot_be_one_is_said_and_harmless(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = Store(str(tmp_path / "file"))
    assert f"cannot write {tmp_path / 'file'}: File exists" == found.open()
    found.put(key(1), "x")
    found.prune([key(1)])
    assert None is found.get(key(1))


@pytest.mark.skipif(sys.platform == "win32", reason="limits are of Unix")
def test_on_a_full_disk_nothing_is_kept_and_nothing_is_left_behind(tmp_path: Path) -> None:
    code = (
        "import glob, resource, sys\n"
        "from sqlcheck.store import Store\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))\n"
        "found = Store(sys.argv[1])\n"
        "found.put('ab' + '0' * 30, 'x' * 100)\n"
        "print(found.get('ab' + '0' * 30), *glob.glob(found.folder + '/*/*'), Store(found.folder + '/x').open())\n"
    )
    run = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert f"None cannot write {tmp_path}/x/CACHEDIR.TAG: File too large\n" == run.stdout


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "/home/me/.cache/sqlcheck"),
        ("linux", {"XDG_CACHE_HOME": "/var/mine"}, "/var/mine/sqlcheck"),
        ("linux", {"XDG_CACHE_HOME": "not/absolute"}, "/home/me/.cache/sqlcheck"),
        ("linux", {"HOME": "nowhere"}, None),
        ("darwin", {}, "/home/me/Library/Caches/sqlcheck"),
        ("win32", {"LOCALAPPDATA": "/users/me/local"}, "/users/me/local/sqlcheck"),
        ("linux", {"SQLCHECK_CACHE_DIR": "/chosen"}, "/chosen"),
        ("linux", {"CI": "true"}, None),
        ("linux", {"CI": "true", "SQLCHECK_CACHE_DIR": "/chosen"}, "/chosen"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="paths are those of Unix")
def test_the_folder_is_where_the_platform_keeps_caches(
    platform: str, variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "SQLCHECK_CACHE_DIR", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/me", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert expected == store.folder()
