"""Disks that are full, folders that are locked, files that come and go: one line, exit code 2, and nothing is lost."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from sqlcheck import files
from sqlcheck.commands._mending import Mending, mend
from sqlcheck.errors import SqlcheckError
from sqlcheck.inputs import collect
from tests.commands.conftest import CLEAN, Outcome, Write
from tests.commands.processes import Place
from tests.warehouses.account import Answer, Reply, needs_connector, serving

FAULTY = f"{CLEAN};\n"
MODEL = ("--id", "m-model", "--name", "M", "--workspace-id", "1")
CONCISE = ("--select", "trailing-semicolon", "--format", "concise")
WRITING = {
    "--output": ("check", "query.sql", "--format", "json", "--output", "target"),
    "--fix": ("check", "query.sql", "--fix", *CONCISE),
    "emit": ("emit", "clean.sql", *MODEL, "--out", "target"),
    "schema pull": ("schema", "pull", "clean.sql", "--output", "target", "--connection", "loop"),
}
"""What writes a file → how it is called."""
WAYS = [pytest.param(way, marks=needs_connector if way == "schema pull" else ()) for way in WRITING]
TARGETS = dict.fromkeys(WRITING, "target") | {"--fix": "query.sql"}
SEMICOLON = "query.sql:4:1: error[trailing-semicolon] this `;` ends the query inside mParticle's brackets\n"
REPORTS = {"--fix": SEMICOLON}
"""What stands on stdout all the same."""
PULLED = Answer(
    [(name, "TEXT", True) for name in ("SCHEMA", "TABLE", "KIND", "COLUMN", "TYPE", "SCALE", "NULLABLE", "COMMENT")],
    [["CRM", "USERS", "BASE TABLE", "ID", "NUMBER", "0", "NO", None]],
)
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2

REPLACING = """
import os
while True:
    for name in ("one.sql", "other.sql"):
        os.link(name, "new")
        os.replace("new", "query.sql")
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="uses files and limits that only Linux has")


def mortal() -> None:
    """Obey permissions in the process to come, also as root."""
    libc = ctypes.CDLL(None)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def cramped() -> None:
    """Let no file grow over a few bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))


def process(
    *arguments: str,
    before: Callable[[], None] | None = None,
    stdout: str | None = None,
    input: str = "",  # noqa: A002 - as `subprocess` calls it
) -> Outcome:
    """Run `sqlcheck` in a process of its own."""
    with open(stdout or os.devnull, "w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "sqlcheck", *arguments],
            input=input,
            stdout=out if stdout else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=before,
            check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
    return Outcome(done.returncode, done.stdout or "", done.stderr)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


@pytest.fixture
def desk(write: Write, folder: Path) -> dict[str, bytes]:
    """Give the files that must be as they were."""
    write("clean.sql", CLEAN)
    write("query.sql", FAULTY)
    write("target", "old\n")
    return contents(folder)


@pytest.fixture
def account(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve an account that tells the columns of a table, under the name `loop`."""
    place = Place(folder)
    place.home.mkdir()
    with serving(lambda statement: Reply(PULLED.body(statement))) as served:
        place.connections(loop=served.options)
        for name in ("HOME", "SNOWFLAKE_HOME", "XDG_CACHE_HOME"):
            monkeypatch.setenv(name, str(place.home))
        yield


@pytest.fixture
def tiny_disk(folder: Path) -> Iterator[Path]:
    """Give a folder on a full disk of its own, where one can be had."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted: {mounted.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        os.chdir(folder)
        subprocess.run(["umount", str(disk)], check=True)


def fill(path: Path) -> None:
    """Write a file until its disk is full."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def told(outcome: Outcome) -> tuple[int, str, str]:
    """Give exit code, stdout and the line on stderr; beside it only news of the cache may stand."""
    (line,) = (said for said in outcome.err.splitlines() if not said.startswith("cache: "))
    return outcome.code, outcome.out, line


@linux
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("way", WAYS)
def test_a_full_disk_leaves_the_old_file_whole(desk: dict[str, bytes], folder: Path, way: str) -> None:
    expected = 2, REPORTS.get(way, ""), f"error: cannot write {TARGETS[way]}: File too large"
    assert expected == told(process(*WRITING[way], before=cramped))
    assert desk == contents(folder)


@linux
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("way", WAYS)
def test_a_file_system_without_room_leaves_the_old_file_whole(
    desk: dict[str, bytes], tiny_disk: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    for name, data in desk.items():
        (tiny_disk / name).write_bytes(data)
    fill(tiny_disk / "ballast")
    before = contents(tiny_disk)
    monkeypatch.chdir(tiny_disk)
    expected = 2, REPORTS.get(way, ""), f"error: cannot write {TARGETS[way]}: No space left on device"
    assert expected == told(process(*WRITING[way]))
    assert before == contents(tiny_disk)


@linux
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("way", WAYS)
def test_a_locked_folder_leaves_the_old_file_whole(desk: dict[str, bytes], folder: Path, way: str) -> None:
    folder.chmod(0o555)
    try:
        expected = 2, REPORTS.get(way, ""), f"error: cannot write {TARGETS[way]}: Permission denied"
        assert expected == told(process(*WRITING[way], before=mortal))
    finally:
        folder.chmod(0o755)
    assert desk == contents(folder)


@linux
@pytest.mark.parametrize("locked", ["b", "b/query.sql"])
@pytest.mark.parametrize(
    ("way", "done"), [("--fix", "fixed"), ("--unsafe-fixes", "fixed"), ("--add-ignore", "ignored")]
)
def test_a_file_that_cannot_be_mended_is_named_and_the_others_are_mended(
    folder: Path, write: Write, way: str, done: str, locked: str
) -> None:
    paths = [f"{name}/query.sql" for name in "abc"]
    for path in paths:
        write(path, FAULTY)
    mode = (folder / locked).stat().st_mode
    (folder / locked).chmod(mode & ~0o222)
    try:
        outcome = process("check", *paths, way, *CONCISE, before=mortal)
    finally:
        (folder / locked).chmod(mode)
    first, last = (f"{done} 1 problem in {name}/query.sql: trailing-semicolon\n" for name in "ac")
    said = f"{first}error: cannot write b/query.sql: Permission denied\n{last}"
    assert Outcome(2, f"b/{SEMICOLON}", said) == outcome
    assert [True, False, True] == [(folder / path).read_text() != FAULTY for path in paths]
    assert ["query.sql"] == os.listdir(folder / "b")


@linux
def test_a_project_file_that_cannot_be_begun_is_one_line(desk: dict[str, bytes], folder: Path) -> None:
    expected = 2, "", "error: cannot write sqlcheck.yaml: File too large"
    assert expected == told(process("init", before=cramped))
    assert desk == contents(folder)


@linux
@pytest.mark.parametrize(
    "arguments", [("check", "query.sql"), ("map", "query.sql"), ("rules",), ("--version",), ("-h",)]
)
def test_a_report_that_cannot_be_written_is_one_line(desk: dict[str, bytes], arguments: tuple[str, ...]) -> None:
    said = "error: cannot write to stdout or stderr: No space left on device\n"
    assert Outcome(2, "", said) == process(*arguments, stdout="/dev/full")


@linux
@pytest.mark.parametrize(
    ("arguments", "streams", "outcome"),
    [
        ("check query.sql", ">&-", (2, "", "error: stdout is closed; nothing can be reported\n")),
        ("check absent.sql", "2>&-", (2, "", "")),
        ("emit query.sql", "2>&-", (1, "", "")),
        ("rules", ">/dev/full 2>&-", (2, "", "")),
        ("check absent.sql", "2>/dev/full", (2, "", "")),
        ("rules --nope", "2>/dev/full", (2, "", "")),
    ],
)
def test_a_stream_that_takes_nothing_still_leaves_an_exit_code(
    desk: dict[str, bytes], arguments: str, streams: str, outcome: tuple[int, str, str]
) -> None:
    shell = ["sh", "-c", f"exec {sys.executable} -m sqlcheck {arguments} {streams}"]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert outcome == (done.returncode, done.stdout, done.stderr)


@linux
def test_a_file_that_may_not_be_read_is_named_and_the_rest_is_checked(desk: dict[str, bytes], folder: Path) -> None:
    (folder / "locked.sql").write_text(CLEAN)
    (folder / "locked.sql").chmod(0)
    (folder / "broken.sql").symlink_to("/proc/self/mem")
    outcome = process("check", ".", "--format", "concise", before=mortal)
    assert (2, ["error: broken.sql: input/output error", "error: locked.sql: permission denied"]) == (
        outcome.code,
        outcome.err.splitlines(),
    )
    assert ["query.sql:4:1: error[trailing-semicolon]"] == [
        line.partition("] ")[0] + "]" for line in outcome.out.splitlines() if "error[" in line
    ]


@linux
def test_a_folder_that_may_not_be_listed_is_named(desk: dict[str, bytes], folder: Path) -> None:
    (folder / "inner" / "locked").mkdir(parents=True)
    (folder / "inner" / "clean.sql").write_text(CLEAN)
    (folder / "inner" / "locked").chmod(0)
    outcome = process("check", "inner", before=mortal)
    assert (2, "error: inner/locked: permission denied\n") == (outcome.code, outcome.err)


def test_links_in_circles_end(desk: dict[str, bytes], folder: Path) -> None:
    for name in ("one", "two"):
        (folder / name).symlink_to(folder)
    (folder / "self.sql").symlink_to("self.sql")
    (folder / "gone.sql").symlink_to("absent.sql")
    batch = collect(["."])
    assert ["clean.sql", "query.sql"] == [entry.path for entry in batch.inputs]
    assert ("gone.sql: no such file or directory", "self.sql: too many levels of symbolic links") == batch.failures


def test_a_pattern_of_schema_files_does_not_follow_links_in_circles(folder: Path, write: Write) -> None:
    for path in ("sql/a.sql", "sql/deep/er/b.sql", "sql/.hidden/c.sql"):
        write(path, f"CREATE TABLE mp.crm.{Path(path).stem} (x INT);\n")
    for name in ("one", "two"):
        (folder / "sql" / name).symlink_to(folder / "sql")
    write("sqlcheck.yaml", 'schema: ["sql/**/*.sql"]\nmodels: []\n')
    write("query.sql", CLEAN)
    (entry,) = collect(["query.sql"]).inputs
    schema = entry.queries[0].schema
    assert schema is not None
    assert ["MP.CRM.A", "MP.CRM.B"] == [table.name for table in schema.tables]


def test_a_pattern_that_leads_through_a_whole_disk_is_refused(
    folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_FOLDERS", 20)
    write("sqlcheck.yaml", 'schema: ["wide/**/deep/**/*.sql"]\nmodels: []\n')
    write("query.sql", CLEAN)
    for number in range(15):
        write(f"wide/{number}/deep/a.sql", "CREATE TABLE mp.crm.a (x INT);\n")
    said = "`**` leads through more than 20 folders; name the right one"
    assert [True] == [failure.endswith(said) for failure in collect(["query.sql"]).failures]


def test_a_file_that_vanishes_after_it_was_read_is_checked_as_it_was(desk: dict[str, bytes], folder: Path) -> None:
    batch = collect(["query.sql"])
    (folder / "query.sql").unlink()
    assert ["trailing-semicolon"] == [found.rule for found in batch.check().diagnostics]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("SELECT 1", "query.sql: changed while it was looked at, and left as it is now; run again"),
        (None, "query.sql: no such file or directory"),
    ],
)
def test_a_fix_does_not_write_over_what_somebody_else_has_done(
    desk: dict[str, bytes], folder: Path, other: str | None, said: str
) -> None:
    (entry,) = collect(["query.sql"]).inputs
    fixed = entry.fix()
    path = folder / "query.sql"
    path.unlink() if other is None else path.write_text(other)
    with pytest.raises(SqlcheckError) as stopped:
        entry.write(fixed.text)
    assert (said, other) == (str(stopped.value), path.read_text() if path.exists() else None)


def test_a_file_that_somebody_else_has_changed_keeps_no_other_from_being_mended(folder: Path, write: Write) -> None:
    for name in "abc":
        write(f"{name}.sql", FAULTY)
    before = collect(["absent.sql", "a.sql", "b.sql", "c.sql"])
    (folder / "b.sql").write_text("SELECT 1")
    batch, _ = mend(before, Mending(fix=True), ())
    texts = [FAULTY.replace(";", ""), "SELECT 1", FAULTY.replace(";", "")]
    assert texts == [(folder / f"{name}.sql").read_text() for name in "abc"]
    changed = "b.sql: changed while it was looked at, and left as it is now; run again"
    assert ("absent.sql: no such file or directory", changed) == batch.failures
    assert [texts[0], FAULTY, texts[2]] == [entry.text.text for entry in batch.inputs]


def test_a_file_that_is_replaced_all_the_time_is_read_as_one_or_the_other(folder: Path, write: Write) -> None:
    one, other = "SELECT 1 AS a\n", "SELECT 1 AS b;\n"
    write("one.sql", one)
    write("other.sql", other)
    write("query.sql", one)
    with subprocess.Popen([sys.executable, "-c", REPLACING]) as writer:
        try:
            read = {collect(["query.sql"]).inputs[0].text.text for _ in range(3000)}
        finally:
            writer.kill()
    assert {one, other} == read


def test_a_query_of_1_mb_is_checked_and_one_over_the_limit_is_named(folder: Path, write: Write) -> None:
    columns = ",\n    ".join(f'u.column_{number} AS "column_{number}"' for number in range(28_000))
    write("large.sql", CLEAN.replace("u.plan AS", f"{columns},\n    u.plan AS"))
    write("huge.sql", "-- x\n" * (4 * 1024 * 1024))
    size = (folder / "large.sql").stat().st_size
    batch = collect(["large.sql", "huge.sql"])
    assert (True, ("huge.sql: larger than 16 MB; a query has 1 MB at most",)) == (
        1_000_000 < size < 1_200_000,
        batch.failures,
    )
    assert {"too-many-columns"} == {found.rule for found in batch.check().diagnostics}


BOMB = "a: &a [x, x]\n" + "".join(
    f"{two}: &{two} [{', '.join([f'*{one}'] * 9)}]\n" for one, two in pairwise("abcdefghij")
)
BLOCKS = "".join(f"{' ' * depth}a:\n" for depth in range(300))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("sqlcheck.yaml", BOMB, "6:40 aliases repeat more than 200000 values"),
        ("sqlcheck.yaml", "models: &m [*m]\n", "1:13 `*m` repeats a value that is not there"),
        ("sqlcheck.yaml", "models: [&m {<<: *m}]\n", "1:18 `*m` repeats a value that is not there"),
        ("sqlcheck.yaml", "api: v1\napi: v1\n", "2:1 the key `api` stands here twice"),
        (
            "sqlcheck.yaml",
            "api: !!python/name:os.system v1\n",
            "1:6 the tag `!!python/name:os.system` has no meaning here",
        ),
        ("sqlcheck.yaml", "models:\n\t- id: a\n", "2:1 a tab cannot stand here"),
        ("sqlcheck.yaml", "api: v1\0\n", "1:8 a NUL character: the file is no text, or is encoded in UTF-16"),
        ("sqlcheck.yaml", "api: v1\n---\napi: v2\n", "2:1 a second document begins here"),
        ("sqlcheck.yaml", "? [a]\n: b\n", "1:3 a key is a plain word, not a list or an object"),
        ("sqlcheck.yaml", "api: " + "{a: " * 50_000, "1:402 the values are nested more than 100 deep"),
        ("sqlcheck.yaml", BLOCKS, "101:101 the values are nested more than 100 deep"),
        ("deep.json", "[" * 100_000, "1:102 the values are nested more than 100 deep"),
        ("deep.json", '{"a":' * 5000 + "1" + "}" * 5000, "1:506 the values are nested more than 100 deep"),
        ("deep.sql", "SELECT " + "(" * 3000 + "1", "1:3007 brackets and CASEs nest more than 150 levels deep here"),
        (
            "deep.sql",
            "SELECT " + "CASE WHEN 1 THEN " * 4000,
            "1:67991 brackets and CASEs nest more than 150 levels deep here",
        ),
    ],
    ids=lambda text: text[:24],
)
def test_what_is_made_to_break_a_reader_is_one_finding(write: Write, name: str, text: str, said: str) -> None:
    write(name, text)
    outcome = process(
        "check", name, "--format", "concise", "--select", "unreadable-document,unreadable-query,unknown-field"
    )
    rule = "unreadable-query" if name.endswith(".sql") else "unreadable-document"
    place, _, message = said.partition(" ")
    assert [f"{name}:{place}: error[{rule}] {message}"] == outcome.out.splitlines()
    assert (1, "") == (outcome.code, outcome.err)


def test_paths_with_a_nul_in_a_project_file_are_told_at_their_lines(write: Write, run: Callable[..., Outcome]) -> None:
    write(
        "sqlcheck.yaml",
        'data_plan: "a\\0b"\nschema: "x\\0y"\nrows: {A.B.C: "r\\0"}\n'
        'models: [{id: m-model, query: "q\\0.sql", load_timestamp: {field: A, type: timestamp_ltz}}]\n',
    )

    code, out, err = run("check", "--format", "concise")

    assert (2, "error: sqlcheck.yaml:4: q␀.sql: no file has such a name\n") == (code, err)
    assert ["unreadable-schema", "unreadable-rows"] == [
        line.partition("[")[2].partition("]")[0] for line in out.splitlines()
    ]


@linux
def test_a_folder_that_is_gone_is_said(folder: Path, write: Write) -> None:
    query = str(write("query.sql", FAULTY))

    def lost() -> None:
        os.mkdir("gone")
        os.chdir("gone")
        os.rmdir(folder / "gone")

    assert (2, "", "error: the current folder is not there any more\n") == process("check", query, before=lost)
