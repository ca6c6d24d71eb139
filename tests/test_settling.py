"""What a warehouse proves, refutes or explains of the findings that the text alone gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from sqlcheck import rulebook, sampling, settling
from sqlcheck.commands.check import tell_withdrawn
from sqlcheck.formats import json as as_json
from sqlcheck.inputs import query_subject
from sqlcheck.model import Heard, Report
from sqlcheck.options import Options
from sqlcheck.sample import Sample, Traits
from sqlcheck.sampling import Wish
from sqlcheck.warehouses.session import Limits, Session
from tests.warehouses.scripted import Scripted

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEADER = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC"
ID = ("CUSTOMER_ID", "VARCHAR", False)
AT = ("UPDATED_AT", "TIMESTAMP_NTZ", False)
PLAN = ("plan", "VARCHAR", None)
RIGHT = {"describe": [ID, AT, PLAN]}


class Settled(NamedTuple):
    """A report in short: the rules found, with their evidence, and the rules withdrawn."""

    found: str
    withdrawn: str = ""


def check(sql: str, script: Mapping[str, Any] | None, *, emulated: bool = False) -> Report:
    """Check a query, after asking a warehouse about it if there is a script; settings stand in a first line."""
    more, _, text = sql.rpartition("\n")
    subject = query_subject(f"{HEADER} {more}\n{text}", options=Options(now=NOW))
    if script is None:
        return subject.check()
    driver = Scripted(script, Traits("snowflake", emulated=emulated, role=script.get("role")))
    sample = sampling.take(subject, Session(driver, Limits(seconds=10)), Wish(NOW))
    return replace(subject, sample=sample).check()


def settled(sql: str, script: Mapping[str, Any] | None, *, emulated: bool = False) -> Settled:
    report = check(sql, script, emulated=emulated)
    evidence = {"static": "", "schema": " (schema)", "live": " (live)"}
    return Settled(
        ", ".join(each.rule + evidence[each.evidence] for each in report.diagnostics),
        ", ".join(each.rule for each in report.withdrawn),
    )


def selecting(plan: str) -> str:
    return f"SELECT u.customer_id, u.updated_at, {plan} FROM MP.CRM.USERS u"


COMPILED = {
    "unknown-alias": selecting('z.plan AS "plan"'),
    "unknown-function": selecting('DATE_FORMAT(u.plan) AS "plan"'),
    "unknown-column": (
        'SELECT u.customer_id, u.updated_at, u.plan AS "plan" '
        "FROM (SELECT v.customer_id, v.updated_at FROM MP.CRM.USERS v) u"
    ),
    "ambiguous-column": (
        'SELECT u.customer_id, u.updated_at, plan AS "plan" FROM (SELECT a.customer_id, a.updated_at, a.plan '
        "FROM MP.CRM.USERS a) u JOIN (SELECT b.id, b.plan FROM MP.CRM.PLANS b) p ON p.id = u.customer_id"
    ),
    "misplaced-aggregate": selecting('u.plan AS "plan"') + " WHERE COUNT(u.plan) > 1",
    "ungrouped-column": (
        'SELECT u.customer_id, MAX(u.updated_at) AS updated_at, MIN(u.plan) AS "plan" FROM MP.CRM.USERS u'
    ),
    "uneven-set-operation": selecting('u.plan AS "plan"') + " EXCEPT SELECT v.customer_id, v.at FROM MP.CRM.OTHERS v",
    "forgiven-syntax": selecting('u.plan AS "plan"') + " WHERE u.plan == 'gold'",
}
"""Rule that says what Snowflake would refuse → a query of which it says so."""


def test_the_rules_that_a_description_refutes_are_those_above_and_one_that_needs_a_schema() -> None:
    compiled = {rule.name for rule in rulebook.rules().values() if rule.settled == "compile"}
    assert {*COMPILED, "unknown-table"} == compiled


@pytest.mark.parametrize("rule", COMPILED)
def test_what_should_not_compile_and_does_is_withdrawn(rule: str) -> None:
    others = "undocumented-clause" if rule == "uneven-set-operation" else ""
    assert Settled(f"{others}, {rule}".removeprefix(", ")) == settled(COMPILED[rule], None)
    assert Settled(others, rule) == settled(COMPILED[rule], RIGHT)


@pytest.mark.parametrize("rule", COMPILED)
def test_that_an_emulated_warehouse_runs_it_withdraws_nothing(rule: str) -> None:
    assert settled(COMPILED[rule], None) == settled(COMPILED[rule], RIGHT, emulated=True)


def described(*columns: Sequence[object]) -> dict[str, object]:
    return {"describe": [list(column) for column in columns]}


PLAIN = selecting('u.plan AS "plan"')
STAR = "SELECT u.* FROM MP.CRM.USERS u"
ONE_STAR = 'SELECT u.customer_id, u.updated_at, v.*, u.plan AS "plan" FROM MP.CRM.USERS u JOIN MP.CRM.V v USING (k)'
CASES: dict[str, tuple[str, Mapping[str, Any], Settled, Settled]] = {
    "nothing to say": (PLAIN, RIGHT, Settled(""), Settled("")),
    "names are proven": (
        selecting("u.plan"),
        described(ID, AT, ("PLAN", "VARCHAR", None)),
        Settled("folded-attribute"),
        Settled("folded-attribute (live)"),
    ),
    "what is not declared is proven": (
        "attributes=city\n" + PLAIN,
        RIGHT,
        Settled("undelivered-attribute, undeclared-attribute"),
        Settled("undelivered-attribute (live), undeclared-attribute (live)"),
    ),
    "that an identity is missing is proven": (
        'SELECT u.updated_at, u.plan AS "plan" FROM MP.CRM.USERS u',
        described(AT, PLAN),
        Settled("missing-identity"),
        Settled("missing-identity (live)"),
    ),
    "that the load timestamp is missing is proven": (
        'SELECT u.customer_id, u.plan AS "plan" FROM MP.CRM.USERS u',
        described(ID, PLAN),
        Settled("missing-load-timestamp"),
        Settled("missing-load-timestamp (live)"),
    ),
    "a star delivers all that is wanted": (
        "identities=customer_id attributes=plan\n" + STAR,
        RIGHT,
        Settled("select-star"),
        Settled("select-star"),
    ),
    "a star lacks the load timestamp": (
        STAR,
        described(ID, PLAN),
        Settled("select-star"),
        Settled("missing-load-timestamp (live), select-star"),
    ),
    "a star lacks the identities": (
        STAR,
        described(AT, PLAN),
        Settled("select-star"),
        Settled("missing-identity (live), select-star"),
    ),
    "a star lacks what is declared": (
        "identities=customer_id,email attributes=plan,city\n" + STAR,
        RIGHT,
        Settled("select-star"),
        Settled("undelivered-identity (live), undelivered-attribute (live), select-star"),
    ),
    "a star delivers a name twice": (
        ONE_STAR,
        described(ID, AT, PLAN, ("K", "NUMBER", None), PLAN),
        Settled("select-star"),
        Settled("duplicate-output (live), select-star"),
    ),
    "the type of the load timestamp is another": (
        PLAIN,
        described(ID, ("UPDATED_AT", "NUMBER", False), PLAN),
        Settled(""),
        Settled("mistyped-load-timestamp (live)"),
    ),
    "the type of an attribute holds more than a value": (
        PLAIN,
        described(ID, AT, ("plan", "OBJECT", None)),
        Settled(""),
        Settled("nested-attribute (live)"),
    ),
    "the type of an attribute cannot be sent": (
        PLAIN,
        described(ID, AT, ("plan", "BINARY", None)),
        Settled(""),
        Settled("unsendable-attribute (live)"),
    ),
    "the type of an attribute is not the declared one": (
        "attributes=plan:number\n" + PLAIN,
        RIGHT,
        Settled(""),
        Settled("mistyped-attribute (live)"),
    ),
    "the type that was found out was wrong": (
        selecting('u.doc::VARIANT AS "plan"'),
        RIGHT,
        Settled("nested-attribute"),
        Settled("retyped-output (live)", "nested-attribute"),
    ),
    "the digits behind the point, which no description tells, are those of the text": (
        'SELECT u.id::NUMBER(38, 2) AS mpid, u.updated_at, u.plan AS "plan" FROM MP.CRM.USERS u',
        described(("MPID", "NUMBER", None), AT, PLAN),
        Settled("mistyped-identity"),
        Settled("mistyped-identity (live)"),
    ),
    "an output without a name of the author's has that of the account": (
        selecting("LOWER( u.plan )"),
        described(ID, AT, ("LOWER(U.PLAN)", "VARCHAR", None)),
        Settled("unnamed-output"),
        Settled("unnamed-output"),
    ),
    "that there is no NULL refutes that there may be": (
        'SELECT u.customer_id, TRY_TO_TIMESTAMP_NTZ(u.at) AS updated_at, u.plan AS "plan" FROM MP.CRM.USERS u',
        RIGHT,
        Settled("nullable-load-timestamp"),
        Settled("", "nullable-load-timestamp"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_description_settles_what_rests_on_names_and_types(case: str) -> None:
    sql, script, alone, beside = CASES[case]
    assert (alone, beside) == (settled(sql, None), settled(sql, script))


@pytest.mark.parametrize("case", CASES)
def test_what_an_emulated_warehouse_describes_settles_nothing(case: str) -> None:
    sql, script, alone, _ = CASES[case]
    assert alone == settled(sql, script, emulated=True)


WRONG = selecting('z.plan AS "plan"')
LATE = WRONG.index("z.plan")


def refused(message: str, errno: int = 904, position: int = LATE, **more: object) -> dict[str, object]:
    at = f" error line 5 at position {position}\n" if position >= 0 else "\n"
    return {"error": {"message": f"SQL compilation error:{at}{message}", "errno": errno, **more}, "role": "MP_ROLE"}


REFUSALS: dict[str, tuple[str, Mapping[str, Any], Settled]] = {
    "the cause is known at that place": (
        WRONG,
        refused("invalid identifier 'Z.PLAN'"),
        Settled("unknown-alias (live)"),
    ),
    "the place is another": (
        WRONG,
        refused("invalid identifier 'U.CUSTOMER_ID'", position=WRONG.index("u.customer_id")),
        Settled("refused-query (live), unknown-alias"),
    ),
    "there is no place": (
        WRONG,
        refused("Something is wrong.", position=-1),
        Settled("refused-query (live), unknown-alias"),
    ),
    "nothing was known": (PLAIN, refused("invalid identifier 'U.PLAN'"), Settled("refused-query (live)")),
    "what is found there is no cause": (
        selecting("u.plan"),
        refused("invalid identifier 'U.PLAN'"),
        Settled("refused-query (live), folded-attribute"),
    ),
    "a right is missing": (
        WRONG,
        refused("Insufficient privileges to operate on table 'USERS'", 3001, position=-1),
        Settled("unknown-alias, missing-grant (live)"),
    ),
    "a right is missing on what was said not to be there": (
        WRONG,
        refused("Insufficient privileges to operate on table 'PLAN'", 3001),
        Settled("missing-grant (live)", "unknown-alias"),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_stands_for_itself_unless_a_finding_explains_it(case: str) -> None:
    sql, script, expected = REFUSALS[case]
    assert expected == settled(sql, script)


@pytest.mark.parametrize("case", REFUSALS)
def test_what_an_emulated_warehouse_cannot_run_proves_nothing(case: str) -> None:
    sql, script, _ = REFUSALS[case]
    assert settled(sql, None) == settled(sql, script, emulated=True)


def test_a_query_that_compiles_and_fails_over_its_rows_is_settled_by_both() -> None:
    script = {**RIGHT, **refused("Numeric value 'Ann' is not recognized", 100038, position=-1, at="profile")}
    assert Settled("refused-query (live)", "unknown-alias") == settled(WRONG, script)


NULLABLE = 'SELECT u.customer_id, TRY_TO_TIMESTAMP_NTZ(u.at) AS updated_at, u.plan AS "plan" FROM MP.CRM.USERS u'
GAPS = {"describe": [ID, ("UPDATED_AT", "TIMESTAMP_NTZ", True), PLAN], "extent": [9, 2, 0, None, None, 5, None]}
UNMATCHED = (
    'SELECT c.customer_id, u.updated_at, u.plan AS "plan" FROM MP.CRM.USERS u '
    "LEFT JOIN MP.CRM.CUSTOMERS c ON c.user_key = u.user_key"
)
NAMELESS = {"describe": [("CUSTOMER_ID", "VARCHAR", True), AT, PLAN], "profile": [9, 2, *[0] * 20]}


@pytest.mark.parametrize("emulated", [False, True])
@pytest.mark.parametrize(
    ("sql", "script", "expected", "seen"),
    [
        (NULLABLE, GAPS, "nullable-load-timestamp", "null-load-timestamp (live)"),
        (UNMATCHED, NAMELESS, "nullable-identity", "null-identity (live)"),
    ],
)
def test_what_is_seen_takes_the_place_of_what_was_expected_and_refutes_nothing(
    sql: str, script: Mapping[str, Any], expected: str, seen: str, emulated: bool
) -> None:
    assert Settled(expected) == settled(sql, None)
    assert Settled(seen) == settled(sql, script, emulated=emulated)


def test_what_is_expected_stays_where_rows_do_not_show_it_yet() -> None:
    full = {**GAPS, "extent": [9, 0, 0, None, None, 5, None]}
    assert Settled("nullable-load-timestamp") == settled(NULLABLE, full)


def test_programs_are_told_what_each_finding_rests_on() -> None:
    report = check(selecting("u.plan") + " LIMIT 5", described(ID, AT, ("PLAN", "VARCHAR", None)))
    found = json.loads(as_json.render(report))["diagnostics"]
    assert [("folded-attribute", "live"), ("row-limit", "static")] == [(e["rule"], e["evidence"]) for e in found]


def test_what_is_withdrawn_is_told_on_stderr_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    tell_withdrawn(check(WRONG, RIGHT))
    expected = f"withdrawn: query.sql:2:{LATE + 1}: unknown-alias: the warehouse says otherwise\n"
    assert ("", expected) == tuple(capsys.readouterr())


@pytest.mark.parametrize("emulated", [True, False])
def test_rules_that_are_kept_silent_beside_a_warehouse_are_not_heard(emulated: bool) -> None:
    rules = frozenset({"row-limit", "unknown-column", "nullable-identity", "refused-query"})
    seen = Report(heard=(Heard("q.sql", rules, query=True),))

    settled = settling.settle(Report(), seen, Sample(Traits("w", emulated=emulated)), {"unknown-column": "compile"})

    assert settled == Report(heard=(Heard("q.sql", frozenset({"row-limit"}), query=True),))
