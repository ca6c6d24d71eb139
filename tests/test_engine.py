"""The engine: what runs, how findings are signed and silenced, in which order they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sqlcheck import comment, engine
from sqlcheck.engine import Check
from sqlcheck.errors import CheckCrashError
from sqlcheck.model import (
    Diagnostic,
    Edit,
    Evidence,
    Finding,
    Fix,
    Heard,
    Place,
    Report,
    Rule,
    Severity,
    Silenced,
    Skip,
    Source,
    Span,
)
from sqlcheck.parse import Query, parse
from sqlcheck.settings import Model, Settings

TEXT = "SELECT *\nFROM mp.crm.users"


def rule(name: str, severity: Severity = Severity.ERROR, evidence: Evidence = "static", fix: Any = "none") -> Rule:
    return Rule(name, "query", severity, "0.1.0", "Something is wrong.", "", f"{name}.md", fix=fix, evidence=evidence)


def check(rule: Rule, *findings: Finding, names: tuple[str, ...] = ("query",)) -> Check:
    def function(*values: object) -> Iterator[Finding]:
        assert len(values) == len(names)
        yield from findings

    return Check(rule, function, names)


def values(text: str = TEXT, **more: object) -> dict[str, object]:
    query = parse(Source("query.sql", text))
    return {"query": query, "directives": comment.read(query), "model": Model(id="m"), **more}


def run(checks: list[Check], values: dict[str, object], settings: Settings = Settings()) -> Report:
    return engine.run(values, settings, tuple(checks))


def brief(report: Report) -> list[tuple[str, Severity, Span, str]]:
    return [(found.rule, found.severity, found.span, found.message) for found in report.diagnostics]


def test_a_finding_is_signed_with_rule_severity_file_and_model() -> None:
    finding = Finding(Span(7, 8), "a star", "name the columns", (Edit(Span(7, 8), "a"),), column="A")
    given = values()
    query = given["query"]
    assert isinstance(query, Query)
    report = run([check(rule("select-star", Severity.WARNING, fix="safe"), finding)], given)
    fix = Fix(True, (Edit(Span(7, 8), "a"),))
    assert (
        Report(
            (
                Diagnostic(
                    "select-star",
                    Severity.WARNING,
                    "static",
                    query.source,
                    Span(7, 8),
                    "a star",
                    "name the columns",
                    fix,
                    "m",
                    "A",
                ),
            ),
            heard=(Heard("query.sql", frozenset({"select-star"}), query=True),),
        )
        == report
    )


def test_a_check_runs_when_all_its_values_are_at_hand() -> None:
    finding = Finding(Span(0, 1), "x")
    checks = [check(rule("a"), finding, names=("query", "mapping")), check(rule("b"), finding, names=("query",))]
    assert [("b", Severity.ERROR, Span(0, 1), "x")] == brief(run(checks, values()))
    assert ["a", "b"] == [found.rule for found in run(checks, values(mapping=object())).diagnostics]


def test_diagnostics_are_sorted_by_place_then_rule_and_said_once() -> None:
    late, early = Finding(Span(7, 8), "late"), Finding(Span(0, 6), "early")
    checks = [check(rule("b"), late, early, early), check(rule("a"), late)]
    assert [
        ("b", Severity.ERROR, Span(0, 6), "early"),
        ("a", Severity.ERROR, Span(7, 8), "late"),
        ("b", Severity.ERROR, Span(7, 8), "late"),
    ] == brief(run(checks, values()))


def test_a_finding_may_weigh_otherwise_than_its_rule_but_the_user_has_the_last_word() -> None:
    checks = [check(rule("a"), Finding(Span(0, 1), "x", severity=Severity.INFO))]
    assert [Severity.INFO] == [found.severity for found in run(checks, values()).diagnostics]
    settings = Settings((("a", Severity.WARNING),))
    assert [Severity.WARNING] == [found.severity for found in run(checks, values(), settings).diagnostics]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), ["a", "b"]),
        (Settings((("a", Severity.OFF),)), ["b"]),
        (Settings(ignore=frozenset({"b"})), ["a"]),
        (Settings(select=frozenset({"a"})), ["a"]),
        (Settings(select=frozenset({"a"}), ignore=frozenset({"a"})), []),
        (Settings((("a", Severity.OFF),), select=frozenset({"a"})), ["a"]),
    ],
)
def test_rules_are_switched_off_by_the_project_and_by_options_which_win(
    settings: Settings, expected: list[str]
) -> None:
    finding = Finding(Span(0, 1), "x")
    report = run([check(rule("a"), finding), check(rule("b"), finding)], values(), settings)
    assert expected == [found.rule for found in report.diagnostics]


def test_a_rule_that_wants_a_schema_is_listed_as_skipped_when_the_query_was_readable() -> None:
    checks = [
        check(rule("a", evidence="schema"), names=("mapping", "schema")),
        check(rule("b", evidence="schema"), names=("mapping",)),
        check(rule("c"), names=("mapping",)),
        check(rule("d", evidence="schema"), names=("document", "schema")),
    ]
    skips = (Skip("a", "m", "schema"), Skip("b", "m", "schema"))
    assert skips == run(checks, values(mapping=object())).skips
    assert () == run(checks, values()).skips
    assert () == run(checks, values(mapping=object(), schema=object())).skips
    assert skips[1:] == run(checks, values(mapping=object()), Settings((("a", Severity.OFF),))).skips


def test_a_crash_names_rule_and_file_and_keeps_its_cause() -> None:
    def crash(query: Query) -> Iterator[Finding]:
        yield Finding(Span(0, 1), "x")
        raise ZeroDivisionError

    with pytest.raises(CheckCrashError) as caught:
        run([Check(rule("a"), crash, ("query",))], values())
    assert ("a", "query.sql", ZeroDivisionError) == (
        caught.value.rule,
        caught.value.path,
        type(caught.value.__cause__),
    )


STAR = Finding(Span(37, 38), "a star")


def silenced(text: str, *checks: Check, settings: Settings = Settings()) -> tuple[list[str], list[Silenced]]:
    """Give the rules that still speak, and what the checks about ignores were told."""
    told: list[Silenced] = []

    def listen(silenced: Silenced) -> Iterator[Finding]:
        told.append(silenced)
        yield from ()

    report = run([*checks, Check(rule("listener"), listen, ("silenced",))], values(text), settings)
    return [found.rule for found in report.diagnostics], told


def used(told: list[Silenced]) -> list[tuple[str, int | None]]:
    return sorted((ignore.rule, ignore.line) for each in told for ignore in each.used)


@pytest.mark.parametrize(
    ("text", "expected", "did"),
    [
        ("SELECT * -- sqlcheck: ignore[star]\nFROM a.b.c", [], [("star", 1)]),
        ("-- sqlcheck: ignore[star]\nSELECT *\nFROM a.b.c", [], [("star", 2)]),
        ("-- sqlcheck: ignore-file[star]\nSELECT *\nFROM a.b.c", [], [("star", None)]),
        ("SELECT *\nFROM a.b.c -- sqlcheck: ignore[star]", ["star"], []),
        ("SELECT * -- sqlcheck: ignore[other]\nFROM a.b.c", ["star"], []),
        ("-- sqlcheck: ignore-file[star]\nSELECT * -- sqlcheck: ignore[star]\nFROM a.b.c", [], [("star", 2)]),
    ],
)
def test_an_ignore_silences_its_rule_on_its_line(
    text: str, expected: list[str], did: list[tuple[str, int | None]]
) -> None:
    at = text.index("*")
    rules, told = silenced(text, check(rule("star"), Finding(Span(at, at + 1), "a star")))
    assert (expected, did) == (rules, used(told))


def test_an_ignore_holds_where_a_finding_begins_or_ends() -> None:
    text = "SELECT CASE\n  WHEN a\n  THEN 1 END -- sqlcheck: ignore[x]\nFROM a.b.c"
    at = Span(text.index("CASE"), text.index("END") + 3)
    assert [] == silenced(text, check(rule("x"), Finding(at, "m")))[0]
    assert ["x"] == silenced(text, check(rule("x"), Finding(Span(at.start, at.end - 12), "m")))[0]


def test_an_ignore_covers_the_settings_beside_it() -> None:
    text = "-- sqlcheck: time_zone=PST ignore[zone] it is\nSELECT 1"
    at = text.index("PST")
    assert [] == silenced(text, check(rule("zone"), Finding(Span(at, at + 3), "m")))[0]


def test_a_line_ignore_leaves_findings_in_other_files_alone_and_a_file_ignore_does_not() -> None:
    place = Place(Source("sqlcheck.yaml", "x"), Span(0, 1))
    checks = check(rule("a"), Finding(place, "m"))
    assert ["a"] == silenced("-- sqlcheck: ignore[a]\nSELECT 1", checks)[0]
    assert [] == silenced("-- sqlcheck: ignore-file[a]\nSELECT 1", checks)[0]


def test_only_rules_that_ran_in_full_had_their_say() -> None:
    checks = [
        check(rule("ran")),
        check(rule("off")),
        check(rule("waits"), names=("schema",)),
        check(rule("partly", evidence="schema"), names=("mapping",)),
    ]
    told: list[Silenced] = []

    def listen(silenced: Silenced) -> Iterator[Finding]:
        told.append(silenced)
        yield from ()

    checks.append(Check(rule("listener"), listen, ("silenced",)))
    run(checks, values(mapping=object()), Settings(ignore=frozenset({"off"})))
    assert [Silenced(frozenset(), frozenset({"ran"}))] == told


def test_a_query_in_json_is_reported_and_fixed_in_the_json() -> None:
    host = Source("payload.json", r'{"sql_query": "SELECT\n\"a\""}')
    start = host.text.index("SELECT")
    offsets = (*range(start, start + 6), start + 6, start + 8, start + 10, start + 11, start + 13)
    source = Source("payload.json", 'SELECT\n"a"', host, offsets)
    finding = Finding(Span(7, 10), "m", edits=(Edit(Span(7, 10), '"b"\n'),), safe=True)
    report = engine.run({"query": Query(source)}, Settings(), (check(rule("x"), finding),))
    edit = Edit(Span(start + 8, start + 13), r"\"b\"\n")
    assert (
        Diagnostic("x", Severity.ERROR, "static", host, edit.span, "m", fix=Fix(True, (edit,))),
    ) == report.diagnostics
