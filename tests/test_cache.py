"""What the cache knows is what a check would find, whatever has changed since."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from sqlcheck import edition, files, rulebook
from sqlcheck.batch import Batch
from sqlcheck.cache import Cache
from sqlcheck.inputs import collect
from sqlcheck.model import Example, Report
from sqlcheck.options import Options
from sqlcheck.store import Store
from tests.documents.test_data_plan import LOYALTY

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
EXAMPLES = [
    pytest.param(example, id=f"{rule.name}-{number}")
    for rule in rulebook.rules().values()
    for number, example in enumerate(rulebook.examples(rule))
]
PROJECT = """\
    schema: [schema/*.sql]
    data_plan: plan.json
    rows: {MP.CRM.USERS: rows/users.csv}
    connection: {password: hunter2-in-clear}
    models:
      - id: first
        query: queries/churn.sql
        load_timestamp: {field: UPDATED_AT, type: timestamp_ntz, time_zone: PST}
        attributes: {plan: text}
      - {id: second, query: queries/churn.sql, identities: [customer_id]}
    pipelines:
      - {id: p, model: first, interval: daily, start: "2026-06-01T15:00:00Z", environment: development}
    rules: {folded-attribute: off}
    overrides:
      - {paths: [queries/other.sql], rules: {unknown-column: warning}}
"""
QUERY = """\
    -- sqlcheck: ignore-file[select-star]
    SELECT updated_at, id AS customer_id, plan AS "plan", city, secret_word FROM MP.CRM.USERS;
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a project: a schema, a data plan, rows, and two models on one query."""
    monkeypatch.chdir(tmp_path)
    texts = {
        "sqlcheck.yaml": dedent(PROJECT),
        "queries/churn.sql": dedent(QUERY),
        "queries/other.sql": "-- sqlcheck: schema=../own.sql data_plan=../plan.json\nSELECT id, nam FROM MP.CRM.ORDERS",
        "queries/payload.json": '{"id": "x", "sql_query": "SELECT id AS \\"customer_id\\", FROM MP.CRM.USERS"}',
        "schema/users.sql": "CREATE TABLE MP.CRM.USERS (id VARCHAR, updated_at TIMESTAMP_NTZ, plan VARCHAR);",
        "own.sql": "CREATE TABLE MP.CRM.ORDERS (id VARCHAR);",
        "plan.json": LOYALTY,
        "rows/users.csv": "ID\n1\n",
    }
    for path, text in texts.items():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give an empty store."""
    return Store(str(tmp_path_factory.mktemp("store")))


PATHS = ["sqlcheck.yaml", "queries", "queries/payload.json"]


def gathered(options: Options = Options(now=NOW), store: Store | None = None, paths: list[str] = PATHS) -> Batch:
    return collect(paths, options, Cache(store, options) if store else None)


def plain(report: Report) -> object:
    """Give all of a report as values that can be compared."""
    diagnostics = [
        (found._replace(source=None), found.source.path, found.source.text, found.source.secrets)  # type: ignore[arg-type]  # to compare
        for found in report.diagnostics
    ]
    return diagnostics, report._replace(diagnostics=())


def checked(store: Store, options: Options = Options(now=NOW), paths: list[str] = PATHS) -> tuple[list[str], object]:
    """Check with a cache; give the files that it did not know, and the report."""
    cache = Cache(store, options)
    batch = collect(paths, options, cache)
    unknown = [entry.path for entry in batch.inputs if cache.find(entry) is None]
    return unknown, plain(batch.check(1, cache=cache))


def uncached(options: Options = Options(now=NOW), paths: list[str] = PATHS) -> object:
    return plain(collect(paths, options).check(1))


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_is_known_of_an_example_is_what_was_found(
    example: Example, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in example.blocks:
        Path(block.path).parent.mkdir(parents=True, exist_ok=True)
        Path(block.path).write_bytes(block.text.encode())
    paths = [example.blocks[0].path]

    _, first = checked(store, paths=paths)
    again, second = checked(store, paths=paths)
    assert (uncached(paths=paths), first) == (first, second)
    names_missing_file = {"unreadable-schema", "unreadable-data-plan"}
    assert not again or names_missing_file & {found[0].rule for found in first[0]}  # type: ignore[index]  # as `plain` gives


def test_an_unchanged_project_is_known_as_a_whole(folder: Path, store: Store) -> None:
    everything = [*(path for path in ("queries/churn.sql", "queries/other.sql")), "queries/payload.json"]
    assert ["sqlcheck.yaml", *everything] == checked(store)[0]
    assert ([], uncached()) == checked(store)


def write(path: str, text: str) -> Callable[[], object]:
    return lambda: Path(path).write_text(text, encoding="utf-8")


def append(path: str, text: str) -> Callable[[], object]:
    return lambda: Path(path).write_text(Path(path).read_text(encoding="utf-8") + text, encoding="utf-8")


ALL = ["sqlcheck.yaml", "queries/churn.sql", "queries/other.sql", "queries/payload.json"]
CHURN, OTHER, PAYLOAD = ALL[1:]


@pytest.mark.parametrize(
    ("change", "unknown"),
    [
        (append(CHURN, " -- more"), [CHURN]),
        (append("sqlcheck.yaml", "# more"), ALL),
        (append("schema/users.sql", "CREATE TABLE x (y INT);"), ["sqlcheck.yaml", CHURN, PAYLOAD]),
        (write("schema/more.sql", "CREATE TABLE x (y INT);"), ["sqlcheck.yaml", CHURN, PAYLOAD]),
        (lambda: os.unlink("schema/users.sql"), ["sqlcheck.yaml", CHURN, PAYLOAD]),
        (lambda: os.rename("schema/users.sql", "schema/a.sql"), ["sqlcheck.yaml", CHURN, PAYLOAD]),
        (append("own.sql", "CREATE TABLE x (y INT);"), [OTHER]),
        (lambda: os.unlink("own.sql"), [OTHER]),
        (append("plan.json", " "), [CHURN, OTHER, PAYLOAD]),
        (lambda: os.unlink("plan.json"), [CHURN, OTHER, PAYLOAD]),
        (lambda: os.unlink("rows/users.csv"), ["sqlcheck.yaml"]),
        (append("rows/users.csv", "2\n"), []),
        (write("queries/new.sql", "SELECT 1"), ["queries/new.sql"]),
        (write("queries/sqlcheck.yaml", "rules: {}"), ["queries/sqlcheck.yaml", OTHER, PAYLOAD]),
        (lambda: os.utime(CHURN, ns=(1, 1)), []),
    ],
)  # fmt: skip
def test_a_change_is_seen_where_it_matters_and_nowhere_else(
    change: Callable[[], object], unknown: list[str], folder: Path, store: Store
) -> None:
    checked(store)
    change()
    expected = uncached()
    found, report = checked(store)
    assert (sorted(unknown), expected) == (sorted(found), report)


@pytest.mark.parametrize(
    "options",
    [
        Options(now=NOW, ignore=("unknown-column",)),
        Options(now=NOW, select=("query",)),
        Options(now=NOW, only="second"),
        Options(now=NOW, api="experimental"),
        Options(now=NOW, schema=("own.sql",)),
        Options(now=NOW, data_plan="plan.json"),
        Options(now=NOW, time_zone="UTC"),
    ],
    ids=repr,
)
def test_other_options_make_another_report(options: Options, folder: Path, store: Store) -> None:
    checked(store)
    unknown, report = checked(store, options)
    assert (len(gathered(options).inputs), uncached(options)) == (len(unknown), report)
    assert ([], report) == checked(store, options)


def test_a_baseline_makes_no_other_report(folder: Path, store: Store) -> None:
    report = checked(store)[1]
    assert ([], report) == checked(store, Options(now=NOW, baseline="baseline.json"))


def test_schedules_are_judged_anew_each_hour_and_queries_each_year(folder: Path, store: Store) -> None:
    later, next_year = Options(now=NOW + timedelta(hours=4)), Options(now=NOW + timedelta(days=365))
    before = checked(store)[1]
    assert (["sqlcheck.yaml", PAYLOAD], uncached(later)) == checked(store, later)
    assert before != uncached(later)
    assert ALL == sorted(checked(store, next_year)[0], key=ALL.index)


@pytest.mark.parametrize("start", ["2026-06-01T12:30:00Z", "2025-11-29T12:30:00Z"], ids=["to come", "catch-up"])
def test_within_an_hour_nothing_is_found_that_was_not_known(start: str, folder: Path, store: Store) -> None:
    project = Path("sqlcheck.yaml").read_text(encoding="utf-8")
    Path("sqlcheck.yaml").write_text(project.replace("2026-06-01T15:00:00Z", start), encoding="utf-8")
    checked(store)
    for minutes in (20, 40, 59):
        later = Options(now=NOW + timedelta(minutes=minutes))
        assert ([], uncached(later)) == checked(store, later)


def test_a_file_is_another_one_in_another_folder(folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    checked(store)
    shutil.copytree(folder, folder / "copy" / "of")
    monkeypatch.chdir(folder / "copy" / "of")
    assert len(ALL) == len(checked(store)[0])


def test_stdin_is_known_by_the_name_that_it_is_given(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = files.Text(Path(CHURN).read_text(encoding="utf-8"))
    monkeypatch.setattr(files, "read_stdin", lambda: text)
    named = Options(now=NOW, stdin_filename=CHURN)
    assert [[CHURN], [], ["<stdin>"]] == [checked(store, each, ["-"])[0] for each in (named, named, Options(now=NOW))]
    assert uncached(named, ["-"]) == checked(store, named, ["-"])[1]


def test_what_a_warehouse_says_is_neither_kept_nor_answered(folder: Path, store: Store) -> None:
    options = Options(now=NOW)
    asked: list[str] = []

    def ask(query):  # type: ignore[no-untyped-def]  # a subject goes in and comes out
        asked.append(query.source.path)
        return query

    for _ in range(2):
        cache = Cache(store, options)
        collect(PATHS, options, cache).check(1, ask, cache)
    assert [CHURN, CHURN, OTHER, PAYLOAD] * 2 == asked
    assert ALL == sorted(checked(store)[0], key=ALL.index)


def entries(store: Store) -> Iterator[Path]:
    return (path for path in sorted(Path(store.folder).rglob("*")) if path.is_file() and len(path.name) > 16)


def test_neither_texts_nor_secrets_are_kept_and_nobody_else_can_read_it(folder: Path, store: Store) -> None:
    _, (diagnostics, _) = checked(store)  # type: ignore[misc]  # as `plain` gives
    assert any(found[0].rule == "written-secret" for found in diagnostics)  # type: ignore[has-type]
    kept = b"".join(path.read_bytes() for path in entries(store))
    assert [True, False, False] == [word in kept for word in (b"written-secret", b"hunter2", b"FROM MP.CRM")]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in entries(store)}


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"static", b"statiC")),
        lambda path: path.write_bytes(os.urandom(2000)),
        lambda path: Store(str(path.parents[1])).put(path.parent.name + path.name, "[1, 2]"),
        lambda path: Store(str(path.parents[1])).put(
            path.parent.name + path.name, '[[], [["sqlcheck.yaml", []]], [["x", 9]], [], []]'
        ),
        lambda path: Store(str(path.parents[1])).put(path.parent.name + path.name, "{"),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)  # fmt: skip
def test_a_damaged_entry_is_as_if_it_were_not_there(
    damage: Callable[[Path], object], folder: Path, store: Store
) -> None:
    checked(store)
    for path in list(entries(store)):
        damage(path)
    unknown, report = checked(store)
    assert (ALL, uncached()) == (sorted(unknown, key=ALL.index), report)
    healed = not any(path.is_dir() for path in Path(store.folder).glob("??/*"))
    assert ([] if healed else unknown) == checked(store)[0]


def test_a_file_that_changes_while_it_is_checked_is_not_mistaken(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(now=NOW)
    cache = Cache(store, options)
    batch = collect(PATHS, options, cache)
    subjects = [subject for entry in batch.inputs for subject in entry.subjects]
    reports = [entry.check() for entry in batch.inputs]
    append("schema/users.sql", "CREATE TABLE x (y INT);")()
    for entry, report in zip(batch.inputs, reports, strict=True):
        cache.keep(entry, report)
    assert subjects
    assert (["sqlcheck.yaml", CHURN, PAYLOAD], uncached()) == checked(store)


def test_libraries_are_told_by_their_versions_without_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "yaml").mkdir()
    (tmp_path / "yaml/__init__.py").touch()
    (tmp_path / "PyYAML-6.0.1.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    before = edition.edition()
    assert before == edition.edition()
    (tmp_path / "PyYAML-6.0.1.dist-info").rename(tmp_path / "PyYAML-6.0.2.dist-info")
    assert before != edition.edition()


def test_an_edited_rule_page_makes_another_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(rulebook.home(), tmp_path / "rules")
    monkeypatch.setattr(rulebook, "home", lambda: str(tmp_path / "rules"))
    before = edition.edition()
    page = tmp_path / "rules" / "query" / "select-star.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert before != edition.edition()
