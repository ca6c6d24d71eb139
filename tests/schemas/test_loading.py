"""From the settings that name files to the tables that they tell, and to what is said of faults in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sqlcheck.batch import Batch
from sqlcheck.errors import SqlcheckError
from sqlcheck.inputs import collect
from sqlcheck.model import Place, Source, Span
from sqlcheck.options import Options
from sqlcheck.public import check
from sqlcheck.schemas import Loader, load
from sqlcheck.settings import Value
from sqlcheck.subject import DocumentSubject, QuerySubject
from tests.schemas.shown import FIXTURES, problems, tables

HEADER = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC"
QUERY = 'SELECT u.updated_at, u.customer_id, u.plan AS "plan" FROM mp.crm.users u\n'
USERS = "CREATE TABLE mp.crm.users (updated_at TIMESTAMP_NTZ NOT NULL, customer_id NUMBER NOT NULL, plan VARCHAR);\n"
BROKEN = f"{USERS}CREATE TABLE mp.crm.broken (x INT, );\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(**texts: str) -> None:
    for name, text in texts.items():
        path = Path(name.replace("__", "/").replace("_dot_", "."))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(batch: Batch) -> list[tuple[str, str, str, str | None]]:
    """Give rule, line, marked text and model of all diagnostics."""
    assert batch.failures == ()
    return [
        (each.rule, Place(each.source, each.span).line, each.source.text[slice(*each.span)], each.model)
        for each in batch.check().diagnostics
    ]


@pytest.mark.parametrize("name", ["crm.sql", "catalog.json", "manifest.json", "snapshot.yaml"])
def test_a_file_is_read_by_what_it_is(here: Path, name: str) -> None:
    shutil.copy(FIXTURES / name, here)
    known = load(name)
    assert ([], [name]) == (problems(known), [source.path for source in known.sources])
    assert known.tables


def test_a_pattern_stands_for_its_files_in_order_and_one_changes_what_the_other_says() -> None:
    write(migrations__b_dot_sql="ALTER TABLE t ADD y DATE;", migrations__a_dot_sql="CREATE TABLE mp.crm.t (x INT);")
    expected = {"MP.CRM.T": ("table", True, [("X", "NUMBER", True, ""), ("Y", "DATE", True, "")])}
    known = load("migrations/*.sql")
    assert expected == tables(known)
    assert ["migrations/a.sql:1", "migrations/b.sql:1"] == [
        known.tables[0].place_of(column).line for column in known.tables[0].columns or ()
    ]


def test_ddl_changes_what_a_catalog_says(here: Path) -> None:
    shutil.copy(FIXTURES / "catalog.json", here)
    write(later_dot_sql="ALTER TABLE mp.raw.events ADD COLUMN loaded_at TIMESTAMP_NTZ;")
    known = Loader().load((Value("catalog.json"), Value("later.sql"))).find(("EVENTS",))
    assert ["ID", "DATA", "LOADED_AT"] == list(known.by_name if known else ())


def test_a_path_is_relative_to_the_file_that_names_it() -> None:
    write(db__schema_dot_sql=USERS, models__queries__q_dot_sql="")
    place = Place(Source("models/queries/q.sql", "x"), Span(0, 1))
    assert ["MP.CRM.USERS"] == [table.name for table in Loader().load((Value("../../db/schema.sql", place),)).tables]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("schem.sql", "there is no file `schem.sql`; did you mean `schema.sql`?"),
        ("x/*.sql", "no file fits `x/*.sql`"),
        ("folder/", "`folder/` is a folder; write `folder/*.sql`"),
    ],
)
def test_what_is_not_there_stops_the_run_when_the_command_line_names_it(written: str, message: str) -> None:
    write(schema_dot_sql=USERS, folder__a_dot_sql="", q_dot_sql=QUERY)
    for run in (lambda: load(written), lambda: collect(["q.sql"], Options(schema=(written,)))):
        with pytest.raises(SqlcheckError) as caught:
            run()
        assert message == str(caught.value)


def test_a_file_of_another_kind_is_a_problem() -> None:
    write(a_dot_json='{"metadata": {}, "results": []}', b_dot_txt="", c_dot_yaml="models: []\n")
    help_ = "name DDL (`.sql`), dbt's `catalog.json` or `manifest.json`, or a snapshot by `sqlcheck schema pull`"
    for name, mark in (("a.json", "{"), ("b.txt", ""), ("c.yaml", "m")):
        assert [("unreadable", f"{name}:1", mark, "this file describes no tables", help_)] == problems(load(name))


def test_a_file_in_a_wrong_encoding_is_a_problem(here: Path) -> None:
    (here / "a.sql").write_bytes(USERS.encode("utf-16"))
    assert [("unreadable", "a.sql:1", "C", "the file is encoded in UTF-16", "save it as UTF-8")] == problems(
        load("a.sql")
    )
    (here / "b.sql").write_bytes(b"\xef\xbb\xbf" + USERS.encode())
    assert (["MP.CRM.USERS"], []) == ([table.name for table in load("b.sql").tables], problems(load("b.sql")))


def test_a_setting_of_the_header_wins_over_the_project_and_an_option_over_both() -> None:
    other = USERS.replace("users", "others")
    write(
        sqlcheck_dot_yaml="schema: a.sql\nmodels: [{id: m, query: q.sql}]\n",
        q_dot_sql=QUERY,
        headed_dot_sql=f"-- sqlcheck: schema=b.sql\n{QUERY}",
        a_dot_sql=USERS,
        b_dot_sql=other,
        c_dot_sql=other.replace("others", "thirds"),
    )

    def names(path: str, *schema: str) -> list[str]:
        (entry,) = collect([path], Options(schema=schema)).inputs
        (query,) = entry.queries
        return [table.name for table in query.schema.tables] if query.schema else []

    assert [["MP.CRM.USERS"], ["MP.CRM.OTHERS"], ["MP.CRM.THIRDS"]] == [
        names("q.sql"),
        names("headed.sql"),
        names("headed.sql", "c.sql"),
    ]


def test_all_queries_of_a_run_see_one_schema() -> None:
    write(
        sqlcheck_dot_yaml="schema: a.sql\nmodels: []\n",
        a_dot_sql=USERS,
        q_dot_sql=QUERY,
        r_dot_sql=f"-- sqlcheck: schema=a.sql\n{QUERY}",
    )
    one, two = (query for entry in collect(["q.sql", "r.sql"]).inputs for query in entry.queries)
    assert one.schema is two.schema


def test_no_rule_waits_for_a_schema_that_is_there() -> None:
    write(a_dot_sql=USERS, q_dot_sql=f"{HEADER} schema=a.sql\n{QUERY}")
    report = collect(["q.sql"]).check()
    assert ((), set()) == (report.diagnostics, {skip.needs for skip in report.skips} - {"rows"})
    assert collect(["q.sql"]).inputs[0].queries[0].schema is not None
    Path("q.sql").write_text(f"{HEADER}\n{QUERY}")
    assert {"schema", "rows"} == {skip.needs for skip in collect(["q.sql"]).check().skips}


def test_the_text_alone_reads_no_file() -> None:
    write(a_dot_sql=BROKEN)
    assert [] == check(f"{HEADER} schema=a.sql\n{QUERY}")


def test_what_is_wrong_with_a_schema_is_said_once_and_of_no_model() -> None:
    models = "models: [{id: one-model, query: q.sql}, {id: two-model, query: q.sql}, {id: three-model, query: r.sql}]\n"
    write(
        sqlcheck_dot_yaml=f"schema: [a.sql, b.sql, gone.sql]\n{models}",
        a_dot_sql=BROKEN,
        b_dot_sql=USERS.replace("VARCHAR", "DATE"),
        q_dot_sql=f"{HEADER}\n{QUERY}",
        r_dot_sql=f"{HEADER}\n{QUERY}",
    )
    expected = [
        ("unreadable-schema", "a.sql:2", ")", None),
        ("contradictory-schema", "b.sql:1", "plan", None),
        ("unreadable-schema", "sqlcheck.yaml:1", "gone.sql", None),
    ]
    assert expected == found(collect(["sqlcheck.yaml"]))
    assert expected == found(collect(["q.sql"]))


def test_a_wrong_path_in_a_header_is_told_there() -> None:
    write(q_dot_sql=f'{HEADER} schema="a.sql",gone.sql\n{QUERY}', a_dot_sql=USERS)
    assert [("unreadable-schema", "q.sql:1", "gone.sql", None)] == found(collect(["q.sql"]))


def test_the_files_that_tell_the_tables_are_no_queries() -> None:
    write(
        sqlcheck_dot_yaml="schema: [schema/*.sql]\nmodels: [{id: m-model, query: queries/q.sql}]\n",
        schema__a_dot_sql=USERS,
        queries__q_dot_sql=f"{HEADER}\n{QUERY}",
    )
    assert ["sqlcheck.yaml", "queries/q.sql"] == [entry.path for entry in collect(["."]).inputs]
    assert ("schema: its `.sql` files tell the tables; there is no query in this folder",) == collect(
        ["schema"]
    ).failures


def test_a_query_in_a_payload_has_the_schema_of_its_project() -> None:
    write(
        sqlcheck_dot_yaml="schema: a.sql\nmodels: []\n",
        a_dot_sql=USERS,
        payload_dot_json='{"id": "m", "type": "sql", "sql_query": "SELECT 1 AS a FROM mp.crm.users"}',
    )
    (entry,) = collect(["payload.json"]).inputs
    kinds = [type(subject) for subject in entry.subjects]
    assert [DocumentSubject, QuerySubject] == kinds
    assert entry.queries[0].schema is not None
