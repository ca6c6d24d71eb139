"""The project file: what is built from it, its JSON Schema, and what is said of faults in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from sqlcheck.apis import API_VERSIONS
from sqlcheck.documents.document import Document, read_yaml
from sqlcheck.files import find_project
from sqlcheck.inputs import collect
from sqlcheck.model import Place, Severity, Source
from sqlcheck.options import Options
from sqlcheck.project import Override, Project, json_schema, read_project
from sqlcheck.settings import Connection, DeclaredAttribute, LoadTimestamp, Model, Pipeline, RowsFile, Value
from sqlcheck.subject import DocumentSubject
from tests.documents.test_document import plain

HERE = Path(__file__).parent / "fixtures" / "project"
NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(HERE.parent)
    path = Path("project/sqlcheck.yaml")
    return read_project(read_yaml(Source(str(path), path.read_text(encoding="utf-8"))))


def document(text: str) -> Document:
    return read_yaml(Source("sqlcheck.yaml", text))


def findings(text: str) -> list[tuple[str, str, str]]:
    """Give rule, text and message of each diagnostic about a project file."""
    found = document(text)
    report = DocumentSubject(found, read_project(found), Options(now=NOW)).check()
    return [(each.rule, text[slice(*each.span)], each.message) for each in report.diagnostics]


def values_of(thing: object) -> Iterator[Value[object]]:
    """Walk over all settings in a value."""
    if isinstance(thing, Value):
        yield thing
    elif isinstance(thing, dict):
        for inner in thing.values():
            yield from values_of(inner)
    elif isinstance(thing, tuple):
        for inner in thing:
            yield from values_of(inner)


DEFAULTS = ("place", "required")
"""Fields of no interest here: a declaration of the project's own is always required."""


def bare(thing: object) -> object:
    """Give a noun as plain values, without places and without what is not set."""
    if isinstance(thing, Value):
        return thing.value
    if isinstance(thing, dict):
        return {name: bare(inner) for name, inner in thing.items()}
    if isinstance(thing, LoadTimestamp | Pipeline | DeclaredAttribute | Model | Connection | RowsFile):
        return _bare_fields(thing._asdict())
    if isinstance(thing, tuple):
        return [bare(inner) for inner in thing]
    return thing


def _bare_fields(fields: dict[str, object]) -> dict[str, object]:
    return {name: bare(inner) for name, inner in fields.items() if inner is not None and name not in DEFAULTS}


CONNECTION = {
    "fields": {
        "id": "crm-connection",
        "account": "gd1234",
        "region": "us-central1.gcp",
        "warehouse": "COMPUTE_WH",
        "database": "MP",
        "role": "MP_ROLE",
        "user": "MP_USER",
        "password": "${SNOWFLAKE_PASSWORD}",
    }
}
PIPELINES = [
    {
        "id": "churn-pipeline",
        "model": "churn-model",
        "interval": "daily",
        "start": "2026-01-01T00:00:00Z",
        "environment": "development",
        "feed_key": "${FEED_KEY}",
    },
    {
        "id": "shadow-pipeline",
        "name": "Shadow",
        "model": "shadow-model",
        "connection": "crm-connection",
        "interval": "on_demand",
        "end": "2027-01-01T00:00:00Z",
        "environment": "${ENVIRONMENT}",
        "feed_id": 2124,
        "active": False,
        "draft": True,
    },
]


def test_a_project_file_is_read_into_models(project: Project) -> None:
    assert [(entry.path, bare(entry.model)) for entry in project.models] == [
        (
            "project/queries/churn.sql",
            {
                "id": "churn-model",
                "name": "Churn model",
                "workspace_id": 5328,
                "load_timestamp": {"field": "UPDATED_AT", "type": "timestamp_ntz", "time_zone": "UTC", "offset": 0},
                "identities": ["customer_id"],
                "attributes": [
                    {"name": "propensity_to_buy", "type": "number", "origin": "calc.propensity_to_buy"},
                    {"name": "plan", "type": "text"},
                    {"name": "tier"},
                ],
                "pipelines": PIPELINES[:1],
                "connection": CONNECTION,
                "api": "v1",
                "schema": ["schema/*.sql"],
                "rows": [{"table": "MP.CRM.USERS", "path": "rows/users.csv"}],
                "data_plan": "plan.json",
            },
        ),
        (
            "project/queries/churn.sql",
            {
                "id": "shadow-model",
                "workspace_id": 5328,
                "load_timestamp": {"field": "SEEN_AT", "type": "timestamp_ltz"},
                "pipelines": PIPELINES[1:],
                "connection": CONNECTION,
                "api": "v1",
                "schema": ["schema/*.sql"],
                "rows": [{"table": "MP.CRM.USERS", "path": "rows/users.csv"}],
                "data_plan": "plan.json",
            },
        ),
    ]


def test_a_project_file_is_read_into_settings(project: Project) -> None:
    found = replace(project, models=(), document=document(""))
    assert {name: bare(value) for name, value in vars(found).items() if name != "document"} == {
        "api": "v1",
        "workspace_id": 5328,
        "schema": ["schema/*.sql"],
        "rows": [{"table": "MP.CRM.USERS", "path": "rows/users.csv"}],
        "data_plan": "plan.json",
        "connection": CONNECTION,
        "models": [],
        "pipelines": PIPELINES,
        "severities": {"select-star": Severity.ERROR, "folded-attribute": Severity.OFF},
        "overrides": [
            [["legacy/**", "old_*.sql"], {"folded-attribute": Severity.WARNING, "row-limit": Severity.OFF}],
            [["legacy/frozen"], {"row-limit": Severity.INFO}],
        ],
        "baseline": "known.json",
    }


ALWAYS = {"select-star": "error", "folded-attribute": "off"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("project/queries/churn.sql", ALWAYS),
        ("project/legacy/a.sql", {**ALWAYS, "folded-attribute": "warning", "row-limit": "off"}),
        ("project/queries/../legacy/b/c.sql", {**ALWAYS, "folded-attribute": "warning", "row-limit": "off"}),
        (HERE / "old_churn.sql", {**ALWAYS, "folded-attribute": "warning", "row-limit": "off"}),
        ("project/queries/old_churn.sql", ALWAYS),
        ("legacy/a.sql", ALWAYS),
        ("project/legacy/frozen/deep/a.sql", {**ALWAYS, "folded-attribute": "warning", "row-limit": "info"}),
        ("project/sqlcheck.yaml", ALWAYS),
    ],
)
def test_of_the_overrides_that_fit_a_path_the_last_counts(
    project: Project, path: str | Path, expected: dict[str, str]
) -> None:
    found = project.severities_for(str(path))
    assert expected == {name: severity.value.label for name, severity in found.items()}


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("**/*.sql", "a.sql", True),
        ("**/*.sql", "a/b/c.sql", True),
        ("a/**/c.sql", "a/c.sql", True),
        ("a/**/c.sql", "a/b/b/c.sql", True),
        ("a/**/c.sql", "b/c.sql", False),
        ("./a/", "a/b.sql", True),
        ("a/*/c.sql", "a/b/b/c.sql", False),
        ("[ab].sql", "b.sql", True),
        ("?.sql", "ab.sql", False),
        ("A.sql", "a.sql", False),
        ("../other/*.sql", "../other/a.sql", True),
        (".", "a/b.sql", True),
    ],
)
def test_a_pattern_is_compared_folder_by_folder(pattern: str, path: str, fits: bool) -> None:
    assert fits == Override((Value(pattern),), {}).fits(path)


def test_every_value_knows_where_it_stands(project: Project) -> None:
    everything = tuple(vars(project).values()) + tuple(entry.model for entry in project.models)
    text = project.document.source.text
    places = [(value.value, value.place) for value in values_of(everything)]
    written = [(value, place and text[slice(*place.span)].strip('"')) for value, place in places]

    def shown(value: object) -> str:
        return (
            value.label if isinstance(value, Severity) else str(value).lower() if value in (True, False) else str(value)
        )

    assert [(value, shown(value)) for value, _ in places] == written


def test_a_query_of_two_models_is_found_under_any_spelling(project: Project) -> None:
    paths: list[str | Path] = [
        "project/queries/churn.sql",
        HERE / "queries" / "churn.sql",
        "project/../project/queries/churn.sql",
        "churn.sql",
    ]
    found = [tuple(model.id for model in project.model_for(path)) for path in paths]
    assert found == [("churn-model", "shadow-model")] * 3 + [()]


def test_the_example_is_valid_by_the_shipped_schema_and_has_no_findings(project: Project) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(plain(project.document.root), schema)
    assert findings(project.document.source.text) == []


@pytest.mark.parametrize(
    "text",
    [
        "api: v9",
        "workspace_id: '5328'",
        "workspaceid: 1",
        "models: {}",
        "models: [{id: a-model}]",
        "models: [{id: a-model, query: a.sql, attributes: {x: txt}}]",
        "models: [{id: a-model, query: a.sql, attributes: {x: {typ: text}}}]",
        "models: [{id: a-model, query: a.sql, load_timestamp: {offset: 1.5}}]",
        "pipelines: [{id: a-pipeline, model: a, interval: dayly}]",
        "connection: {id: a}",
        "rules: {select-star: 'no'}",
        "schema: [1]",
        "rows: users.csv",
        "rows: {users: 1}",
    ],
)
def test_what_the_schema_refuses_the_checks_report(text: str) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    valid = validator.is_valid(plain(document(text).root))
    rules = {rule for rule, _, _ in findings(text)}
    assert (False, True) == (valid, bool(rules & {"missing-field", "unknown-field", "mistyped-field", "unknown-value"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a", [("mistyped-field", "-", "the project file is a list, not a set of `key: value`")]),
        ("just text", [("mistyped-field", "just text", "the project file is text, not a set of `key: value`")]),
        ("modles: []", [("unknown-field", "modles", "the project file has no field `modles`")]),
        ("workspace_id: yes", [("mistyped-field", "yes", "`workspace_id` is text, not a whole number")]),
        ("workspace_id: 1.0", [("mistyped-field", "1.0", "`workspace_id` is a number, not a whole number")]),
        ("models:\n  - 7", [("mistyped-field", "7", "a model is a number, not a set of `key: value`")]),
        (
            "models:\n  - query: a.sql",
            [("missing-field", "query", "a model has no `id`")],
        ),
        (
            "models: [{id: a-model, query: a.sql, attributes: {x: 5}}]",
            [("mistyped-field", "5", "`x` of `attributes` is a number, not text or a set of `key: value`")],
        ),
        (
            "models: [{id: a-model, query: a.sql, attributes: {x: string}}]",
            [
                (
                    "unknown-value",
                    "string",
                    (
                        "`x` of `attributes` is `string`, not one of "
                        "`text`, `number`, `boolean`, `date`, `timestamp`, `list`"
                    ),
                )
            ],
        ),
        (
            "models: [{id: a-model, sql_query: a.sql}]",
            [("unknown-field", "sql_query", "the model `a-model` has no field `sql_query`")],
        ),
        (
            "rules: {folded-attribute: false}",
            [("mistyped-field", "false", "`folded-attribute` of `rules` is a boolean, not text")],
        ),
        ("rules: {folded-atribute: off}", [("unknown-field", "folded-atribute", "there is no rule `folded-atribute`")]),
        (
            "overrides:\n  - {paths: [a], rules: {folded-atribute: off, row-limit: of}}",
            [
                ("unknown-field", "folded-atribute", "there is no rule `folded-atribute`"),
                ("unknown-value", "of", "`row-limit` of `rules` is `of`, not one of `off`, `info`, `warning`, `error`"),
            ],
        ),
        (
            "overrides: [{path: [a], rulse: {}}]",
            [
                ("unknown-field", "path", "a rule override has no field `path`"),
                ("unknown-field", "rulse", "a rule override has no field `rulse`"),
            ],
        ),
        ("overrides: [{paths: []}]", [("missing-field", "{", "a rule override has no `rules`")]),
        ("overrides: {paths: a}", [("mistyped-field", "{", "`overrides` is a set of `key: value`, not a list")]),
        ("api:\nworkspace_id:\nmodels:\npipelines:\nconnection:\nrules:", []),
        (
            "rules: {folded-attribute: }",
            [("mistyped-field", "folded-attribute", "`folded-attribute` of `rules` is null, not text")],
        ),
    ],
)
def test_faults_are_reported_where_they_stand(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert expected == findings(text)


PARTS = {
    "connection": (
        "connection: {id: crm-connection, account: gd1234, region: us-east-1, warehouse: W, database: MP, role: R, "
        "user: U, password: '${P}'}"
    ),
    "models": "models: [{id: a-model, query: a.sql}]",
    "pipelines": (
        "pipelines: [{id: a-pipeline, model: a-model, connection: crm-connection, interval: daily, "
        "environment: production, feed_key: '${K}'}]"
    ),
}


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("connection:", "conection:", ["unknown-field"]),
        ("models:", "modles:", ["unknown-field"]),
        ("models: [{id: a-model, query: a.sql}]", "models: {a-model: a.sql}", ["mistyped-field"]),
        ("models: [", "models: [b.sql, ", ["mistyped-field"]),
        (PARTS["connection"], "connection: crm-connection", ["mistyped-field"]),
        ("environment:", "enviroment:", ["unknown-field"]),
        ("interval:", "schedule:", ["unknown-field"]),
        ("feed_key:", "feedkey:", ["unknown-field"]),
        ("account:", "account_id:", ["unknown-field"]),
        ("feed_key: '${K}'", "feed_key: ''", ["missing-field"]),
        ("id: crm-connection,", "id: crm-connection, name: replace me soon,", []),
        ("id: crm-connection,", "id: crm-connection, name: replace me,", ["unfilled-field"]),
    ],
)
def test_a_slip_in_a_name_has_no_other_findings_in_its_wake(right: str, wrong: str, expected: list[str]) -> None:
    text = "\n".join(PARTS.values())
    assert [] == findings(text)
    assert expected == [rule for rule, _, _ in findings(text.replace(right, wrong, 1))]


def test_a_misspelt_setting_is_read_as_it_was_meant() -> None:
    found = read_project(
        document(
            "modles: [{id: a-model, qurey: a.sql, load_timestamp: {field: A, tz: UTC}},"
            " {id: b-model, query: b.sql, load_timestamp: B}]"
        )
    )
    assert [(entry.path, bare(entry.model.load_timestamp)) for entry in found.models] == [
        ("a.sql", {"field": "A", "time_zone": "UTC"}),
        ("b.sql", {"field": "B"}),
    ]


def test_a_fault_in_a_repeated_value_is_reported_where_it_stands_and_once() -> None:
    text = (
        "models:\n  - id: a-model\n    query: a.sql\n    load_timestamp: &stamp {field: A, offset: x}\n"
        "  - id: b-model\n    query: b.sql\n    load_timestamp: *stamp\n"
        "  - id: c-model\n    query: c.sql\n    load_timestamp: {<<: *stamp, field: C}\n"
    )
    assert [("mistyped-field", "x", "`offset` is text, not a whole number")] == findings(text)


def test_a_wrong_value_does_not_stop_the_rest() -> None:
    found = read_project(
        document(
            "api: v9\nworkspace_id: '1'\nschema: 5\n"
            "models:\n  - 5\n  - {id: [], query: a.sql, identities: x, attributes: []}\n"
            "  - {id: b-model, load_timestamp: none}\npipelines: {}\nconnection: 7\nrules: [x]\n"
        )
    )
    assert (found.api_name, [(entry.path, bare(entry.model)) for entry in found.models]) == (
        "v1",
        [
            (
                "a.sql",
                {"load_timestamp": {}, "identities": ["x"], "pipelines": [], "api": "v1", "schema": [], "rows": []},
            ),
            (
                None,
                {
                    "id": "b-model",
                    "load_timestamp": {"field": "none"},
                    "pipelines": [],
                    "api": "v1",
                    "schema": [],
                    "rows": [],
                },
            ),
        ],
    )


@pytest.mark.parametrize("name", list(API_VERSIONS))
def test_each_version_of_the_api_is_known_by_its_name(name: str) -> None:
    found = read_project(document(f"api: {name}\nmodels: [{{id: a-model, query: a.sql}}]"))
    assert (API_VERSIONS[name].name, name, name) == (name, found.api_name, found.models[0].model.api)


def test_a_project_is_found_from_below(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "sqlcheck.yaml").write_text("api: v1\n")
    (tmp_path / "a" / "sqlcheck.yaml").mkdir()
    starts = [inner, tmp_path, inner / "query.sql"]
    assert [str(tmp_path / "sqlcheck.yaml")] * 3 == [find_project(str(start)) for start in starts]


def test_no_project_is_none(tmp_path: Path) -> None:
    assert find_project(str(tmp_path)) is None


def test_a_path_is_relative_to_the_project_file() -> None:
    found = read_project(read_yaml(Source("some/where/sqlcheck.yaml", "models: [{id: a-model, query: ../q/a.sql}]")))
    assert [entry.path for entry in found.models] == ["some/q/a.sql"]


def test_a_thousand_models_are_read_in_one_go(tmp_path: Path) -> None:
    lines = [f"  - {{id: model-{n}, query: q{n}.sql, identities: [customer_id]}}" for n in range(1000)]
    path = tmp_path / "sqlcheck.yaml"
    path.write_text("models:\n" + "\n".join(lines) + "\n")
    batch = collect([str(path)], Options(now=NOW))
    assert (1000, ()) == (len(batch.failures), batch.check().diagnostics)


def test_the_place_of_a_model_is_its_id() -> None:
    found = read_project(document("models:\n  - query: a.sql\n    id: a-model\n  - query: b.sql\n"))
    text = found.document.source.text
    places = [entry.model.place for entry in found.models]
    assert ["a-model", "query"] == [text[slice(*place.span)] for place in places if isinstance(place, Place)]
