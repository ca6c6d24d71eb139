"""From paths and bytes to a report: what is found, which settings win, and that nothing ends in a traceback."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sqlcheck
from sqlcheck.batch import Batch
from sqlcheck.errors import SqlcheckError
from sqlcheck.inputs import collect
from sqlcheck.model import Place, Severity
from sqlcheck.options import Options
from sqlcheck.settings import LoadTimestamp, Value

CLEAN = "SELECT customer_id, updated_at FROM mp.crm.users\n"
PROJECT = """\
api: experimental
models:
  - id: one-model
    query: sql/one.sql
    load_timestamp: {field: UPDATED_AT, type: timestamp_ltz}
  - id: twin-model
    query: sql/one.sql
rules: {undeclared-load-timestamp: off}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, content: str | bytes) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())


def found(batch: Batch) -> tuple[list[str], tuple[str, ...]]:
    return [entry.path for entry in batch.inputs], batch.failures


def models(batch: Batch) -> list[tuple[str, str | None, str]]:
    """Give path, model and API of every query."""
    return [
        (query.source.path, query.configured.id, query.api.name) for entry in batch.inputs for query in entry.queries
    ]


def rules(content: bytes, path: str = "query.sql") -> list[str]:
    return [diagnostic.rule for diagnostic in sqlcheck.check(content, path=path)]


def test_a_folder_gives_its_project_and_all_sql_in_order(folder: Path) -> None:
    for path in ("b.sql", "a.SQL", "c.txt", "deep/er/d.sql", ".git/e.sql", "node_modules/f.sql", "sub/sqlcheck.yaml"):
        write(path, CLEAN if not path.endswith("yaml") else "models: []\n")
    assert (["a.SQL", "b.sql", "deep/er/d.sql"], ()) == found(collect(["."]))
    write("sqlcheck.yaml", "models: []\n")
    assert (["sqlcheck.yaml", "a.SQL", "b.sql", "deep/er/d.sql"], ()) == found(collect(["."]))


@pytest.mark.parametrize("paths", [["sql"], ["sql/link.sql", "sql/one.sql"], ["sql/one.sql", "sql/link.sql"]], ids=str)
def test_a_query_has_its_models_though_a_link_leads_to_it(folder: Path, paths: list[str]) -> None:
    write("sqlcheck.yaml", PROJECT)
    write("sql/one.sql", CLEAN)
    Path("sql/link.sql").symlink_to("one.sql")
    Path("sql/a.sql").symlink_to("one.sql")
    one, twin = (("sql/one.sql", model, "experimental") for model in ("one-model", "twin-model"))
    assert [one, twin] == models(collect(paths))


def test_a_project_gives_its_queries_once_and_one_subject_a_model(folder: Path) -> None:
    write("sqlcheck.yaml", PROJECT)
    write("sql/one.sql", CLEAN)
    expected = [("sql/one.sql", "one-model", "experimental"), ("sql/one.sql", "twin-model", "experimental")]
    for paths in (["sqlcheck.yaml"], [], ["sql/one.sql"], ["sql", "sqlcheck.yaml"], ["sql/one.sql", "./sql/one.sql"]):
        assert expected == models(collect(paths))


def test_the_project_is_found_upwards(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("sqlcheck.yaml", PROJECT)
    write("sql/one.sql", CLEAN)
    write("sql/other.sql", CLEAN)
    monkeypatch.chdir("sql")
    assert (["../sqlcheck.yaml", "one.sql"], ()) == found(collect([]))
    assert [("other.sql", None, "experimental")] == models(collect(["other.sql"]))


def test_severities_of_the_project_hold_for_all_its_queries(folder: Path) -> None:
    write("sqlcheck.yaml", "models: []\nrules: {undeclared-load-timestamp: error}\n")
    write("one.sql", CLEAN)
    assert [("undeclared-load-timestamp", Severity.ERROR)] == [
        (diagnostic.rule, diagnostic.severity) for diagnostic in collect(["one.sql"]).check().diagnostics
    ]


def test_an_unreadable_project_is_reported_beside_its_queries(folder: Path) -> None:
    write("sqlcheck.yaml", "models: [\n")
    write("one.sql", CLEAN)
    assert (["sqlcheck.yaml", "one.sql"], ()) == found(collect(["one.sql"]))


def test_options_win_over_headers_and_headers_over_the_project(folder: Path) -> None:
    write("sqlcheck.yaml", PROJECT)
    header = "-- sqlcheck: type=date time_zone=UTC api=v1\n"
    write("sql/one.sql", header + CLEAN)
    (entry, *_) = collect(["sql/one.sql"], Options(time_zone="Europe/Paris")).inputs
    query = entry.queries[0]
    field = query.model.load_timestamp.field
    start = header.index("date")
    type_ = query.configured.load_timestamp.type
    assert type_ is not None
    assert type_.place is not None
    assert (
        LoadTimestamp(field, type_, Value("Europe/Paris"), None),
        "date",
        Place(query.source, query.directives[0].settings[0].span),
        start,
        "v1",
    ) == (
        query.configured.load_timestamp,
        type_.value,
        type_.place,
        type_.place.span.start,
        query.api.name,
    )


@pytest.mark.parametrize("path", ["schema/crm.sql", "schema/crm.yaml", "rows.json", "plan.json", "schema/./crm.sql"])
def test_a_file_that_tells_a_project_its_tables_rows_or_data_plan_stands_for_the_project(
    folder: Path, path: str
) -> None:
    named = "schema: [schema/*.sql, schema/crm.yaml]\nrows: {MP.CRM.USERS: rows.json}\ndata_plan: plan.json\n"
    write("sqlcheck.yaml", PROJECT + named)
    write("sql/one.sql", CLEAN)
    for name in ("schema/crm.sql", "schema/crm.yaml", "rows.json", "plan.json"):
        write(name, "")
    assert (["sqlcheck.yaml", "sql/one.sql"], ()) == found(collect([path]))
    assert (["sqlcheck.yaml", "sql/one.sql"], ()) == found(collect(["sqlcheck.yaml", path, "sql/one.sql"]))


def test_a_file_that_cannot_be_read_does_not_stop_the_others(folder: Path) -> None:
    write("one.sql", CLEAN)
    Path("empty").mkdir()
    os.mkfifo("pipe.sql")
    paths = ["absent.sql", "one.sql", "empty", "pipe.sql", "one.sql/x.sql", "absent.yaml", "a\0b"]
    assert (
        ["one.sql"],
        (
            "absent.sql: no such file or directory",
            "empty: no `.sql` file and no `sqlcheck.yaml` in this folder",
            "pipe.sql: not a regular file; give its text on stdin and `-` as path",
            "one.sql/x.sql: not a directory",
            "absent.yaml: no such file or directory",
            "a\0b: no file has such a name",
        ),
    ) == found(collect(paths))


def test_a_query_that_the_project_names_and_is_not_there_is_told_with_its_line(folder: Path) -> None:
    write("sqlcheck.yaml", PROJECT)
    failures = ("sqlcheck.yaml:4: sql/one.sql: no such file or directory",
                "sqlcheck.yaml:7: sql/one.sql: no such file or directory")  # fmt: skip
    assert (["sqlcheck.yaml"], failures) == found(collect([]))


def test_without_paths_and_project_there_is_nothing_to_check(folder: Path) -> None:
    with pytest.raises(SqlcheckError, match=r"\Ano `sqlcheck.yaml` here or above; name the files to check, or .*"):
        collect([])


@pytest.mark.parametrize(
    ("name", "expected"),
    [(None, "<stdin>"), ("sql/one.sql", "sql/one.sql"), ("x.json", "x.json"), ("sqlcheck.yaml", "sqlcheck.yaml")],
)
def test_stdin_is_taken_for_what_its_filename_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str | None, expected: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"SELECT 1")))
    assert ([expected], ()) == found(collect(["-"], Options(stdin_filename=name)))


def test_a_payload_is_checked_and_so_is_its_sql_at_its_place_in_the_json() -> None:
    sql = 'SELECT *\nFROM mp.crm.users; -- "x"'
    text = json.dumps({"id": "m", "sql_query": sql, "load_timestamp_field_name": "A", "type": "sql"}, indent=2)
    stars = [found for found in sqlcheck.check(text, path="m.json") if found.rule == "select-star"]
    assert ["*"] == [text[star.span.start : star.span.end] for star in stars]


def test_an_ignore_that_one_model_needs_is_not_unused_for_the_other(folder: Path) -> None:
    write("sqlcheck.yaml", PROJECT)
    write("sql/one.sql", "SELECT customer_id FROM mp.crm.users -- sqlcheck: ignore[missing-load-timestamp]\n")
    assert [] == [found for found in collect(["sql"]).check().diagnostics if found.rule == "unused-ignore"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("SELECT 1".encode("utf-16"), "the file is encoded in UTF-16"),
        ("SELECT 1".encode("utf-16-le"), "a NUL character: the file is no text, or is encoded in UTF-16"),
        (b"SELECT 1 -- caf\xe9", "the byte 0xe9 is not UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00", "a NUL character: the file is no text, or is encoded in UTF-16"),
    ],
)
def test_a_text_in_a_wrong_encoding_is_unreadable_and_nothing_else(content: bytes, message: str) -> None:
    assert [("unreadable-query", message)] == [(found.rule, found.message) for found in sqlcheck.check(content)]
    assert [("unreadable-document", message)] == [
        (found.rule, found.message) for found in sqlcheck.check(content, path="x.json")
    ]


def test_a_byte_order_mark_does_not_count() -> None:
    text = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ltz\n" + CLEAN
    assert [] == rules(b"\xef\xbb\xbf" + text.encode())


@pytest.mark.parametrize("content", [b"", b" \n", b"-- nothing\n"])
def test_an_empty_file_is_an_empty_query(content: bytes) -> None:
    assert ["empty-query"] == rules(content)


@pytest.mark.parametrize("brackets", ["(", "(SELECT ", "CASE WHEN ", "NOT ", "[", "f(", "- "])
def test_deep_nesting_is_a_diagnostic(brackets: str) -> None:
    assert ["unreadable-query"] == rules(b"SELECT " + brackets.encode() * 2000 + b"1")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.lists(
            st.sampled_from(
                "SELECT FROM WHERE a.b * , ( ) ' \" `x` [ ] ; -- /* */ // sqlcheck: ignore[ select-star ] type= "
                "{{x}} $$ AS x 1 NULL CASE WHEN THEN END GROUP BY UNION ALL JOIN ON \n \r\n “q” :a ? $1 @s".split(" ")
            ),
            max_size=40,
        ).map(lambda words: " ".join(words).encode()),
    ),
    path=st.sampled_from(["query.sql", "payload.json", "sqlcheck.yaml"]),
)
def test_any_bytes_end_in_diagnostics_that_lie_inside_the_text(content: bytes, path: str) -> None:
    for found in sqlcheck.check(content, path=path):
        start, end = found.span
        assert 0 <= start <= end <= max(1, len(found.source.text))
        assert found.start <= found.end


def test_settings_of_the_api_are_those_of_the_command() -> None:
    assert [] == [
        found.rule
        for found in sqlcheck.check(
            CLEAN, load_timestamp="UPDATED_AT", type="timestamp_ltz", identities=["customer_id"], api="v1"
        )
    ]
    with pytest.raises(SqlcheckError, match=r"\A`v11` is not a version of the API; did you mean `v1`\?\Z"):
        sqlcheck.check(CLEAN, api="v11")
    with pytest.raises(SqlcheckError, match=r"\Athere is no rule or family `nope`; `sqlcheck rules` lists them all\Z"):
        sqlcheck.check(CLEAN, select=["nope"])
