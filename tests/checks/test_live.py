"""Rules about rows: where each speaks, and what looks alike and is right; the samples are written down here."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest

from sqlcheck import rulebook
from sqlcheck.inputs import query_subject
from sqlcheck.options import Options
from sqlcheck.sample import (
    ColumnProfile,
    DescribedColumn,
    Description,
    Extent,
    Interval,
    Profile,
    Refusal,
    Rows,
    Sample,
    Traits,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ACCOUNT = Traits("snowflake", role="MP_ROLE")
INVENTED = Traits("embedded", emulated=True, invented=frozenset({"MP.CRM.USERS"}))
DAY = Interval(datetime(2026, 5, 4, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC))
STAMP = "load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC"
SECONDS = "load_timestamp=UPDATED_AT type=timestamp_unixtime_s"
MILLIS = "load_timestamp=UPDATED_AT type=timestamp_unixtime_ms"
ITEMS = 'u.customer_id, u.email, u.updated_at, u.plan AS "plan", u.tags AS "tags"'
FROM = "FROM MP.CRM.USERS u"
Case = tuple[str, Sample]


def told(case: Case) -> list[str]:
    """Give what the rules about rows say of a query, after its header, beside a sample."""
    header, sample = case
    settings, _, items = header.rpartition(" | ")
    text = f"-- sqlcheck: {settings or STAMP}\nSELECT {items or ITEMS} {FROM}"
    subject = query_subject(text, options=Options(now=NOW))
    live = {rule.name for rule in rulebook.rules().values() if rule.evidence == "live"}
    diagnostics = replace(subject, sample=sample).check().diagnostics
    return [f"{found.severity.label}: {found.message}" for found in diagnostics if found.rule in live]


def rows(name: str, *values: object) -> Rows:
    return Rows((name,), tuple((value,) for value in values))


def profile(*columns: ColumnProfile, count: int = 10, nameless: int = 0, interval: Interval | None = DAY) -> Sample:
    return Sample(ACCOUNT, profile=Profile(interval, count, columns, nameless))


def extent(count: int = 10, **known: Any) -> Sample:
    return Sample(ACCOUNT, extent=Extent(count, **known))


def lists(*values: object, entries: int | None = None) -> Sample:
    """Give rows with lists, as the connector gives semi-structured values: as texts."""
    found = rows("tags", *(value if isinstance(value, str | None) else json.dumps(value) for value in values))
    return replace(profile(ColumnProfile("tags", 0, entries=entries)), rows=found)


def described(*columns: tuple[str, str | None, bool | None]) -> Sample:
    return Sample(ACCOUNT, description=Description(tuple(DescribedColumn(*column) for column in columns)))


def refused(message: str, kind: Literal["rights", "object", "other"] = "other", **known: Any) -> Sample:
    return Sample(ACCOUNT, refusal=Refusal(message, kind, **known))


TAGS = 'u.customer_id, u.updated_at, u.tags::ARRAY AS "tags"'
DOC = 'u.customer_id, u.updated_at, u.tags::VARIANT AS "tags"'
EMAILS = "u.customer_id, u.email, u.updated_at"
ONE = 'u.customer_id, u.updated_at, u.plan::VARCHAR AS "plan"'
THREE: list[tuple[str, str | None, bool | None]] = [
    ("CUSTOMER_ID", "VARCHAR", False),
    ("UPDATED_AT", "TIMESTAMP_NTZ", False),
    ("plan", "VARCHAR", None),
]
OF_DAYS = datetime(2026, 5, 4, 8)
GRANTS = ("GRANT SELECT ON TABLE MP.CRM.USERS TO ROLE MP_ROLE;",)


def found(header: str, sample: Sample, *expected: str) -> tuple[Case, list[str]]:
    return (header, sample), list(expected)


SPEAKS = {
    "no-rows": [
        found("", profile(count=0), "warning: the query gives no row in the interval"),
        found("", profile(count=0, interval=None), "warning: the query gives no row at all"),
    ],
    "null-load-timestamp": [
        found(
            "",
            extent(nulls=3),
            "warning: the load timestamp is NULL in 3 of 10 rows (30 %), which are never sent",
        ),
        found("", extent(1, nulls=1), "warning: the load timestamp is NULL in the only row, which are never sent"),
        found(
            "",
            extent(100_000, nulls=3),
            "warning: the load timestamp is NULL in 3 of 100,000 rows (less than 1 %), which are never sent",
        ),
    ],
    "future-load-timestamp": [
        found("", extent(future=2), "warning: the load timestamp lies in the future in 2 of 10 rows (20 %)"),
        found(
            SECONDS + " | ",
            extent(future=2, earliest=1_777_888_800),
            "warning: the load timestamp lies in the future in 2 of 10 rows (20 %)",
        ),
    ],
    "misread-epoch": [
        found(
            SECONDS + " | ",
            extent(earliest=1_777_888_800_000, future=10),
            "error: numbers such as 1777888800000 count milliseconds since 1970, and `timestamp_unixtime_s` counts "
            "seconds",
        ),
        found(
            MILLIS + " | ",
            extent(earliest=Decimal(1_777_888_800)),
            "error: numbers such as 1777888800 count seconds since 1970, and `timestamp_unixtime_ms` counts "
            "milliseconds",
        ),
        found(
            MILLIS + " | ",
            extent(earliest=1_777_888_800_000_000),
            "error: numbers such as 1777888800000000 count microseconds since 1970, and `timestamp_unixtime_ms` counts "
            "milliseconds",
        ),
    ],
    "excess-volume": [
        found(
            "",
            extent(fullest=24_000_001),
            "warning: the fullest day has 24,000,001 rows, over the daily limit of 24,000,000; a later source names "
            "120,000,000",
        ),
        found(
            "",
            extent(fullest=120_000_001),
            "error: the fullest day has 120,000,001 rows, over the daily limit of 24,000,000",
        ),
        found(
            "",
            extent(fullest=5_000_001, unit="hour"),
            "error: the fullest hour has 5,000,001 rows, over the hourly limit of 1,000,000",
        ),
        *(
            found(
                header,
                extent(fullest=500_000_000, fullest_at=at, unit=unit),
                f"error: the fullest {named} has 500,000,000 rows, over the {limit}",
            )
            for header, unit, at, named, limit in (
                ("", "hour", datetime(2026, 5, 4, 8), "hour, from 2026-05-04 08:00,", "hourly limit of 1,000,000"),
                ("", "day", date(2026, 5, 4), "day, from 2026-05-04,", "daily limit of 24,000,000"),
                (f"{SECONDS} | ", "week", 1_777_507_200, "week, from 2026-04-30,", "weekly limit of 40,000,000"),
                (
                    f"{MILLIS} | ",
                    "month",
                    Decimal(1_775_520_000_000),
                    "month, from 2026-04-07,",
                    "monthly limit of 40,000,000",
                ),
                (f"{SECONDS} | ", "day", 1_777_507_200_000, "day", "daily limit of 24,000,000"),
                ("", "day", 1_777_507_200, "day", "daily limit of 24,000,000"),
            )
        ),
    ],
    "null-identity": [
        found(
            "",
            profile(nameless=2),
            "warning: `CUSTOMER_ID` and `EMAIL` are all NULL in 2 of 10 rows (20 %): whose profile is that?",
        ),
        found(
            "u.email, u.updated_at",
            profile(nameless=10),
            "error: `EMAIL` is NULL in every row: whose profile is that?",
        ),
    ],
    "malformed-identity": [
        found(
            EMAILS,
            profile(ColumnProfile("EMAIL", 0, malformed=3, example="Ann at 7")),
            "warning: `EMAIL` is not an e-mail address in 3 of 10 rows (30 %), as `Aaa aa 9`",
        ),
        found(
            "u.mpid, u.updated_at",
            profile(ColumnProfile("MPID", 0, malformed=1)),
            "warning: `MPID` is not a 64-bit integer in 1 of 10 rows (10 %)",
        ),
    ],
    "repeated-identity": [
        found(
            "",
            profile(ColumnProfile("CUSTOMER_ID", 0, repeated=4)),
            "warning: `CUSTOMER_ID` repeats that of another row in 4 of 10 rows (40 %): which one counts?",
        ),
        found(
            "u.ios_idfv, u.updated_at",
            profile(ColumnProfile("IOS_IDFV", 0, repeated=4)),
            "warning: `IOS_IDFV` repeats that of another row in 4 of 10 rows (40 %): which one counts?",
        ),
    ],
    "long-value": [
        found(
            "",
            profile(ColumnProfile("plan", 0, longest=4097)),
            "error: `plan` has up to 4,097 characters, and 4,096 may be sent",
        )
    ],
    "long-list": [
        found(TAGS, lists(entries=1001), "error: `tags` has up to 1,001 entries, and 1,000 may be sent"),
        found(TAGS, lists([0] * 1001), "error: `tags` has up to 1,001 entries, and 1,000 may be sent"),
        found(DOC, lists([0] * 1001), "error: `tags` has up to 1,001 entries, and 1,000 may be sent"),
        found(
            TAGS,
            lists(["a"], ["a", "b" * 513]),
            "error: an entry of `tags` has 513 characters, and 512 may be sent",
        ),
    ],
    "nested-value": [
        found(TAGS, lists(["a"], [["b"]]), "warning: `tags` is nested in 1 of 2 rows that were looked at"),
        found(TAGS, lists([{"a": 1}], [{}]), "warning: `tags` is nested in 2 of 2 rows that were looked at"),
        found(DOC, lists({"a": 1}, "text", None), "warning: `tags` is nested in 1 of 3 rows that were looked at"),
    ],
    "empty-attribute": [
        found("", profile(ColumnProfile("plan", 10)), "info: `plan` is NULL in every row"),
        found("", profile(ColumnProfile("plan", 1), count=1), "info: `plan` is NULL in the only row"),
    ],
    "refused-query": [
        found("", refused("invalid identifier 'U.X'"), "error: the warehouse refuses this: invalid identifier 'U.X'"),
        found(
            "",
            refused("Object 'MP.CRM.USRS' does not exist", "object", known=("MP.CRM.USERS",), grants=GRANTS),
            "error: the warehouse refuses this: Object 'MP.CRM.USRS' does not exist",
        ),
        found(
            "",
            refused("Object 'MP.CRM.USRS' does not exist", "object", grants=GRANTS),
            "error: the warehouse refuses this: Object 'MP.CRM.USRS' does not exist",
        ),
    ],
    "missing-grant": [
        found(
            "",
            refused("Insufficient privileges", "rights", grants=GRANTS),
            "error: the role may not read this: Insufficient privileges",
        ),
        found(
            "",
            refused("Object 'MP.CRM.USERS' does not exist", "object", grants=GRANTS, described=True),
            "error: the role may not read this: Object 'MP.CRM.USERS' does not exist",
        ),
    ],
    "renamed-output": [
        found(
            ONE,
            described(*THREE[:2], ("PLAN", "VARCHAR", None)),
            'error: the warehouse calls this output "PLAN", not "plan"',
        ),
        found(ONE, described(*THREE[:2]), "error: the warehouse gives 2 columns where 3 were expected"),
    ],
    "retyped-output": [
        found(
            ONE,
            described(*THREE[:2], ("plan", "NUMBER", None)),
            "error: `plan` is NUMBER in the warehouse, not VARCHAR",
        )
    ],
}
SILENT: dict[str, dict[str, Case]] = {
    "no-rows": {
        "a row": ("", profile(count=1)),
        "no profile, as another question was refused before": ("", extent(0)),
        "a table whose rows are invented": ("", replace(profile(count=0), traits=INVENTED)),
        "none of the sampled rows, as a limit of bytes cut them": ("", replace(profile(), rows=Rows(("X",), (), True))),
        "nobody has asked": ("", Sample(ACCOUNT)),
    },
    "null-load-timestamp": {
        "none": ("", extent(nulls=0)),
        "other columns are NULL": ("", profile(ColumnProfile("plan", 9), ColumnProfile("EMAIL", 9))),
        "no load timestamp is declared": ("api=v1 | ", extent(nulls=3)),
        "the query does not deliver it": ("u.customer_id, u.email", extent(nulls=3)),
        "rows are invented": ("", replace(extent(nulls=3), traits=INVENTED)),
    },
    "future-load-timestamp": {
        "none": ("", extent(future=0)),
        "the last row is of this second": ("", extent(latest=NOW)),
        "no load timestamp is declared": ("api=v1 | ", extent(future=3)),
        "the query does not deliver it": ("u.customer_id, u.email", extent(future=3)),
        "rows are invented": ("", replace(extent(future=3), traits=INVENTED)),
    },
    "misread-epoch": {
        "seconds": (SECONDS + " | ", extent(earliest=1_777_888_800)),
        "milliseconds": (MILLIS + " | ", extent(earliest=Decimal(1_777_888_800_000))),
        "a number that fits no unit": (SECONDS + " | ", extent(earliest=17)),
        "days since 1970": (SECONDS + " | ", extent(earliest=20_577)),
        "no row": (SECONDS + " | ", extent(0, earliest=None)),
        "a moment": (STAMP + " | ", extent(earliest=OF_DAYS)),
        "numbers under a type that counts nothing": (STAMP + " | ", extent(earliest=1_777_888_800_000)),
    },
    "excess-volume": {
        "the limit itself": ("", extent(fullest=24_000_000)),
        "the limit of a week": ("", extent(fullest=40_000_000, unit="week")),
        "more in all than in one interval": ("", extent(900_000_000, fullest=1_000)),
        "no load timestamp is declared": ("api=v1 | ", extent(fullest=500_000_000)),
        "rows are invented": ("", replace(extent(fullest=500_000_000), traits=INVENTED)),
    },
    "null-identity": {
        "none": ("", profile()),
        "one of two, and never both": ("", profile(ColumnProfile("CUSTOMER_ID", 4), ColumnProfile("EMAIL", 6))),
        "an attribute": ("", profile(ColumnProfile("plan", 9))),
        "no identity to be missing": ("u.updated_at, u.plan", profile(nameless=0)),
        "rows are invented": ("", replace(profile(nameless=9), traits=INVENTED)),
    },
    "malformed-identity": {
        "all have the form": ("", profile(ColumnProfile("EMAIL", 0, malformed=0))),
        "NULL has none, and needs none": ("", profile(ColumnProfile("EMAIL", 9, malformed=0))),
        "an identity without a form": ("", profile(ColumnProfile("CUSTOMER_ID", 0, malformed=None))),
        "an attribute with the name in it": (
            'u.customer_id, u.updated_at, u.e AS "work_email"',
            profile(ColumnProfile("work_email", 0, malformed=3)),
        ),
        "it could not be asked, as two outputs have the name": (
            "u.customer_id, u.email, u.e AS email, u.updated_at",
            profile(ColumnProfile("CUSTOMER_ID", 0)),
        ),
    },
    "repeated-identity": {
        "each once": ("", profile(ColumnProfile("CUSTOMER_ID", 0, repeated=0))),
        "another one, beside the first": ("", profile(ColumnProfile("EMAIL", 0, repeated=4))),
        "a device that users share": (
            "u.ios_idfv, u.customer_id, u.updated_at",
            profile(ColumnProfile("IOS_IDFV", 0, repeated=4), ColumnProfile("CUSTOMER_ID", 0, repeated=0)),
        ),
        "over all intervals, where each has its newest state": (
            "",
            profile(ColumnProfile("CUSTOMER_ID", 0, repeated=4), interval=None),
        ),
        "an attribute": ("", profile(ColumnProfile("plan", 0, distinct=1))),
    },
    "long-value": {
        "the limit itself": ("", profile(ColumnProfile("plan", 0, longest=4096))),
        "an identity": ("", profile(ColumnProfile("CUSTOMER_ID", 0, longest=5000))),
        "a list": (TAGS, lists(["x" * 500] * 20, entries=20)),
        "no text": ("", profile(ColumnProfile("plan", 0, maximum=10**5000))),
        "NULL": ("", profile(ColumnProfile("plan", 4, longest=None))),
    },
    "long-list": {
        "the limits themselves": (TAGS, lists(["x" * 512] * 1000, entries=1000)),
        "an empty one": (TAGS, lists([], entries=0)),
        "NULL": (TAGS, lists(None)),
        "a text that looks like a list": ("", lists(["x" * 600] * 2)),
        "a long text in a VARIANT": (DOC, lists("x" * 600)),
    },
    "nested-value": {
        "scalars": (TAGS, lists([1, "a", None, True, 1.5])),
        "an empty list": (TAGS, lists([])),
        "a text in brackets": (TAGS, lists(["{}", '[["a"]]'])),
        "a document in a text column": ("", lists({"a": {"b": 1}})),
        "a VARIANT that holds a number": (DOC, lists("7", "{not json")),
    },
    "empty-attribute": {
        "all but one": ("", profile(ColumnProfile("plan", 9))),
        "no row": ("", Sample(ACCOUNT, profile=None)),
        "an identity beside another": ("", profile(ColumnProfile("EMAIL", 10))),
        "empty texts are no NULL": ("", profile(ColumnProfile("plan", 0, longest=0, distinct=1))),
        "the load timestamp, which another rule tells": ("", profile(ColumnProfile("UPDATED_AT", 10))),
    },
    "refused-query": {
        "a description": (ONE, described(*THREE)),
        "a limitation of the embedded warehouse": ("", Sample(INVENTED, limitation="it has no function `F`")),
        "nobody has asked": ("", Sample(ACCOUNT)),
        "rows without a description": ("", profile()),
        "an empty answer of an emulated one": ("", Sample(INVENTED)),
    },
    "missing-grant": {
        "a description": (ONE, described(*THREE)),
        "a limitation of the embedded warehouse": ("", Sample(INVENTED, limitation="it has no table `MP.CRM.USERS`")),
        "nobody has asked": ("", Sample(ACCOUNT)),
        "rows without a description": ("", profile()),
        "an empty answer of an emulated one": ("", Sample(INVENTED)),
    },
    "renamed-output": {
        "the same": (ONE, described(*THREE)),
        "an output without a name of the author's": (
            "u.customer_id, u.updated_at, LOWER( u.plan )",
            described(*THREE[:2], ("LOWER(U.PLAN)", "VARCHAR", None)),
        ),
        "a star, which can be anything": ("u.*", described(*THREE)),
        "a star and more": ('u.*, u.plan AS "plan"', described(*THREE)),
        "a name in quotes": (
            'u.customer_id, u.updated_at, u.plan AS "Plan ""B"""',
            described(*THREE[:2], ('Plan "B"', "VARCHAR", None)),
        ),
    },
    "retyped-output": {
        "the same": (ONE, described(*THREE)),
        "another name of the family": (
            "u.customer_id, u.updated_at, u.n::FLOAT AS n",
            described(*THREE[:2], ("N", "NUMBER", None)),
        ),
        "a type that the text does not show": (
            'u.customer_id, u.updated_at, u.plan AS "plan"',
            described(*THREE[:2], ("plan", "NUMBER", None)),
        ),
        "a type that is not known here": (ONE, described(*THREE[:2], ("plan", None, None))),
        "a star that shifts the places": ("u.*, u.plan::VARCHAR AS x", described(*THREE[:2], ("X", "NUMBER", None))),
    },
}


def test_every_rule_about_rows_has_cases_and_five_look_alikes() -> None:
    live = {rule.name for rule in rulebook.rules().values() if rule.evidence == "live"}
    assert (live, live) == (set(SPEAKS), set(SILENT))
    assert [] == [rule for rule, cases in SILENT.items() if len(cases) < 5]


@pytest.mark.parametrize(("case", "expected"), [each for cases in SPEAKS.values() for each in cases])
def test_a_fault_of_the_rows_is_told(case: Case, expected: list[str]) -> None:
    assert expected == told(case)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{rule}: {name}") for rule, cases in SILENT.items() for name, case in cases.items()]
)
def test_what_merely_looks_alike_is_left_alone(case: Case) -> None:
    assert [] == told(case)
