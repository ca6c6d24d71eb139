"""Snowflake's messages, as its documentation and its users quote them, and what becomes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Span
from sqlcheck.sample import DescribedColumn, Refusal, Traits
from sqlcheck.warehouses.refusals import translate, with_known
from sqlcheck.warehouses.session import Cursor, RefusedError, Session

HEAD, TAIL = "SELECT * FROM (\n", "\n) LIMIT 0"
QUERY = """SELECT u.id, "Mail" AS mail, -- not users
    NVL(score), 'users' AS kind
FROM mp.crm.users u
JOIN "mp".sales."Orders" o ON o.id = u.id"""
SEVERAL = """SQL compilation error:
syntax error line 3 at position 16 unexpected ''users''.
syntax error line 4 at position 0 unexpected 'FROM'.
syntax error line 6 at position 1 unexpected '<EOF>'."""


def refusal(message: str, errno: int, query: str = QUERY, role: str | None = "MP_ROLE") -> tuple[Refusal, str | None]:
    """Translate a message about the wrapped query, and give the text that it points at, too."""
    inner = Span(len(HEAD), len(HEAD) + len(query))
    found = translate(RefusedError(message, errno), HEAD + query + TAIL, inner, role)
    return found, query[found.at.start : found.at.end] if found.at else None


@pytest.mark.parametrize(
    ("message", "errno", "shown", "text"),
    [
        (
            "SQL compilation error:\nerror line 2 at position 7\ninvalid identifier 'U.ID'",
            904,
            "invalid identifier 'U.ID'",
            "u.id",
        ),
        (
            "SQL compilation error: error line 2 at position 13\ninvalid identifier '\"Mail\"'",
            904,
            "invalid identifier '\"Mail\"'",
            '"Mail"',
        ),
        (
            "SQL compilation error:\nerror line 3 at position 4\nnot enough arguments for function [NVL(U.SCORE)]",
            938,
            "not enough arguments for function [NVL(U.SCORE)]",
            "NVL",
        ),
        (
            "SQL compilation error:\nsyntax error line 5 at position 0 unexpected 'JOIN'.",
            1003,
            "syntax error: unexpected 'JOIN'",
            "JOIN",
        ),
        (
            SEVERAL,
            1003,
            "syntax error: unexpected ''users'' (and 2 more)",
            "'users'",
        ),
        (
            "SQL compilation error:\nsyntax error line 6 at position 0 unexpected ')'.",
            1003,
            "syntax error: the query ends too early",
            "u.id",
        ),
        ("SQL compilation error:\nparse error line 3 at position 14 near '1'.", 1003, "syntax error: near '1'", ","),
        ("SQL compilation error:\nUnknown function NVL", 2140, "Unknown function NVL", "NVL"),
        ("SQL compilation error:\nambiguous column name 'SCORE'", 2028, "ambiguous column name 'SCORE'", "score"),
        ("[U.ID] is not a valid group by expression", 979, "[U.ID] is not a valid group by expression", None),
        (
            "SQL compilation error:\nerror line 7 at position 12\ninvalid identifier 'UPDATED_AT'",
            904,
            "invalid identifier 'UPDATED_AT'",
            None,
        ),
        ("Division by zero", 100051, "Division by zero", None),
        ("Numeric value 'ann's@example.com' is not recognized", 100038, "Numeric value '…' is not recognized", None),
        ('Failed to cast variant value {"a": 7} to FIXED', 100071, "Failed to cast variant value '…' to FIXED", None),
    ],
)
def test_a_message_is_one_line_and_points_into_the_authors_text(
    message: str, errno: int, shown: str, text: str | None
) -> None:
    found, pointed = refusal(message, errno)
    assert (shown, "other", text, errno, ()) == (found.message, found.kind, pointed, found.errno, found.grants)


USAGE = ("GRANT USAGE ON DATABASE MP TO ROLE MP_ROLE;", "GRANT USAGE ON SCHEMA MP.CRM TO ROLE MP_ROLE;")


@pytest.mark.parametrize(
    ("message", "kind", "text", "grants"),
    [
        (
            "SQL compilation error:\nObject 'MP.CRM.USERS' does not exist or not authorized.",
            "object",
            "mp.crm.users",
            (*USAGE, "GRANT SELECT ON TABLE MP.CRM.USERS TO ROLE MP_ROLE;"),
        ),
        (
            "SQL access control error:\nInsufficient privileges to operate on table 'USERS'",
            "rights",
            "mp.crm.users",
            (*USAGE, "GRANT SELECT ON TABLE MP.CRM.USERS TO ROLE MP_ROLE;"),
        ),
        (
            'SQL compilation error:\nView \'"mp".SALES."Orders"\' does not exist or not authorized.',
            "object",
            '"mp".sales."Orders"',
            (
                'GRANT USAGE ON DATABASE "mp" TO ROLE MP_ROLE;',
                'GRANT USAGE ON SCHEMA "mp".SALES TO ROLE MP_ROLE;',
                'GRANT SELECT ON VIEW "mp".SALES."Orders" TO ROLE MP_ROLE;',
            ),
        ),
        ("SQL compilation error:\nSchema 'MP.CRM' does not exist or not authorized.", "object", None, USAGE),
        ("SQL compilation error:\nDatabase 'MP' does not exist or not authorized.", "object", None, USAGE[:1]),
        (
            "SQL access control error:\nInsufficient privileges to operate on warehouse 'WH'",
            "rights",
            None,
            ("GRANT USAGE ON WAREHOUSE WH TO ROLE MP_ROLE;",),
        ),
        ("SQL compilation error:\nStage 'MP.CRM.FILES' does not exist or not authorized.", "object", None, ()),
        ("SQL compilation error:\nObject does not exist, or operation cannot be performed.", "object", None, ()),
    ],
)
def test_what_is_hidden_comes_with_the_grants_that_show_it(
    message: str, kind: str, text: str | None, grants: tuple[str, ...]
) -> None:
    found, pointed = refusal(message, 3001 if kind == "rights" else 2003)
    assert (kind, text, grants) == (found.kind, pointed, found.grants)


def test_a_table_that_is_read_twice_is_not_pointed_at() -> None:
    query = "SELECT 1 FROM mp.crm.users UNION ALL SELECT 2 FROM mp.crm.users"
    found, pointed = refusal("Object 'MP.CRM.USERS' does not exist or not authorized.", 2003, query)
    assert ("object", None) == (found.kind, pointed)


@pytest.mark.parametrize(("role", "shown"), [("mp_role", "MP_ROLE"), ('"Sync"', '"Sync"'), (None, None)])
def test_grants_name_the_role_as_snowflake_knows_it(role: str | None, shown: str | None) -> None:
    found, _ = refusal("Database 'MP' does not exist or not authorized.", 2003, role=role)
    assert ((f"GRANT USAGE ON DATABASE MP TO ROLE {shown};",) if shown else ()) == found.grants


@given(st.text(), st.text(), st.integers(1, 9), st.integers(0, 99))
def test_no_message_and_no_text_upsets_the_reading(message: str, query: str, line: int, position: int) -> None:
    for said in (message, f"SQL compilation error: error line {line} at position {position}\n{message}"):
        found, _ = refusal(said, 904, query)
        assert found.at is None or 0 <= found.at.start < found.at.end <= len(query)


class Closed:
    """A warehouse that answers nothing."""

    traits = Traits("closed")

    def describe(self, sql: str) -> tuple[DescribedColumn, ...]:
        raise SqlcheckError(sql)

    def run(self, sql: str) -> Cursor:
        raise RefusedError(sql)

    def cancel(self) -> None: ...

    def close(self) -> None: ...


def test_near_misses_are_left_out_when_the_role_may_not_ask() -> None:
    found, _ = refusal("Object 'MP.CRM.USERS' does not exist or not authorized.", 2003)
    assert found == with_known(found, Session(Closed()))
