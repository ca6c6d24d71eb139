"""What the text alone says of every output column: name, role, type, nullability, lineage."""

from __future__ import annotations

import pytest

from sqlcheck.apis import API_VERSIONS
from sqlcheck.mapping import Mapping, build
from sqlcheck.model import Source
from sqlcheck.parse import parse
from sqlcheck.settings import LoadTimestamp, Model, Value

MODEL = Model(load_timestamp=LoadTimestamp(field=Value("updated_at")))


def mapped(text: str) -> Mapping:
    query = parse(Source("query.sql", text))
    mapping = build(query, MODEL, API_VERSIONS["v1"])
    assert mapping is not None, query.fault
    return mapping


def rows(text: str) -> list[tuple[object, ...]]:
    return [(c.name, c.role, c.type, c.nullable, c.sources) for c in mapped(text).columns]


def test_roles_follow_the_effective_names() -> None:
    assert rows(
        'select u.updated_at, u.id as customer_id, u.x as "Email", u.y as "ios_idfv", u.plan as "plan", u.seats '
        "from mp.crm.users u"
    ) == [
        ("UPDATED_AT", "load_timestamp", None, None, ("MP.CRM.USERS.UPDATED_AT",)),
        ("CUSTOMER_ID", "identity", None, None, ("MP.CRM.USERS.ID",)),
        ("Email", "identity", None, None, ("MP.CRM.USERS.X",)),
        ("ios_idfv", "device_identity", None, None, ("MP.CRM.USERS.Y",)),
        ("plan", "attribute", None, None, ("MP.CRM.USERS.PLAN",)),
        ("SEATS", "attribute", None, None, ("MP.CRM.USERS.SEATS",)),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("select limit as a, offset from t", ["A", "OFFSET"]),
        ("select a, limit from t limit 5", ["A", "LIMIT"]),
        ("select 1 as a limit 5", ["A"]),
    ],
)
def test_a_word_that_begins_a_clause_may_name_a_column(text: str, names: list[str]) -> None:
    assert names == [column.name for column in mapped(text).columns]


def test_lineage_goes_through_derived_tables_ctes_stars_and_set_operations() -> None:
    assert rows(
        "with recent (who, at) as (select id, ts from mp.crm.events where ts is not null) "
        "select * from (select r.*, coalesce(at, sysdate()) as updated_at from recent r) d "
        "union all select a, b, c from mp.crm.old"
    ) == [
        ("WHO", "attribute", None, None, ("MP.CRM.EVENTS.ID", "MP.CRM.OLD.A")),
        ("AT", "attribute", None, None, ("MP.CRM.EVENTS.TS", "MP.CRM.OLD.B")),
        ("UPDATED_AT", "load_timestamp", None, None, ("MP.CRM.EVENTS.TS", "MP.CRM.OLD.C")),
    ]


def test_an_unexpanded_star_hides_columns_and_keeps_those_around_it() -> None:
    mapping = mapped("select *, a.x from (select u.*, 1 as y from mp.crm.users u) a")

    assert ([c.name for c in mapping.columns], mapping.complete) == (["Y", "X"], False)


@pytest.mark.parametrize(
    ("star", "names"),
    [
        ("*", ["A", "B", "K", "C"]),
        ("* exclude (a, b)", ["K", "C"]),
        ("* exclude a", ["B", "K", "C"]),
        ("* rename (a as z)", ["Z", "B", "K", "C"]),
        ("l.*", ["A", "B", "K"]),
    ],
)
def test_stars_over_known_relations_are_expanded(star: str, names: list[str]) -> None:
    mapping = mapped(f"select {star} from (select a, b, k from x) l join (select k, c from y) r using (k)")

    assert ([c.name for c in mapping.columns], mapping.complete) == (names, True)


@pytest.mark.parametrize(
    ("expression", "type_"),
    [
        ("1", "NUMBER"),
        ("1.5e3", "FLOAT"),
        ("'a'", "VARCHAR"),
        ("null", None),
        ("true", "BOOLEAN"),
        ("a > 1", "BOOLEAN"),
        ("a is null", "BOOLEAN"),
        ("a::timestamp", "TIMESTAMP_NTZ"),
        ("a::datetime", "TIMESTAMP_NTZ"),
        ("cast(a as timestamp_ltz(3))", "TIMESTAMP_LTZ"),
        ("try_cast(a as timestamp_tz)", "TIMESTAMP_TZ"),
        ("to_timestamp(a)", "TIMESTAMP_NTZ"),
        ("to_timestamp_ltz(a)", "TIMESTAMP_LTZ"),
        ("try_to_timestamp_tz(a)", "TIMESTAMP_TZ"),
        ("sysdate()", "TIMESTAMP_NTZ"),
        ("current_timestamp", "TIMESTAMP_LTZ"),
        ("getdate()", "TIMESTAMP_LTZ"),
        ("convert_timezone('UTC', a)", "TIMESTAMP_TZ"),
        ("convert_timezone('UTC', 'Europe/Rome', a)", "TIMESTAMP_NTZ"),
        ("timestamp_from_parts(2024, 1, 1, 0, 0, 0)", "TIMESTAMP_NTZ"),
        ("to_date(a)", "DATE"),
        ("date_trunc('day', sysdate())", "TIMESTAMP_NTZ"),
        ("date_trunc('day', a)", None),
        ("dateadd(hour, 1, current_date())", "TIMESTAMP_NTZ"),
        ("dateadd(day, 1, current_date())", "DATE"),
        ("current_date - to_date(a)", "NUMBER"),
        ("current_date + 1", "DATE"),
        ("a + 1", None),
        ("a * 2", "NUMBER"),
        ("a || 'x'", "VARCHAR"),
        ("a:b", "VARIANT"),
        ("a:b.c::int", "NUMBER"),
        ("a[0]", "VARIANT"),
        ("parse_json(a)", "VARIANT"),
        ("object_construct('k', a)", "OBJECT"),
        ("[1, 2]", "ARRAY"),
        ("iff(a, 'x', 'y')", "VARCHAR"),
        ("iff(a, 'x', b)", None),
        ("case when a then 1 else null end", "NUMBER"),
        ("coalesce(to_date(a), sysdate())", "TIMESTAMP_NTZ"),
        ("greatest(1, 2.5::float)", "FLOAT"),
        ("floor(1.5)", "NUMBER"),
        ("substr('abc', 1)", "VARCHAR"),
        ("decode(a, 1, 'x', 'y')", "VARCHAR"),
        ("max(to_date(a))", "DATE"),
        ("count(*)", "NUMBER"),
        ("array_agg(a) within group (order by b)", "ARRAY"),
        ("row_number() over (order by a)", "NUMBER"),
        ("first_value(sysdate()) over (order by a)", "TIMESTAMP_NTZ"),
        ("(select max(sysdate()) from z)", "TIMESTAMP_NTZ"),
        ("md5_binary(a)", "BINARY"),
        ("to_geography(a)", "GEOGRAPHY"),
        ("my_function(a)", None),
        ("s.my_function(a)", None),
    ],
)
def test_types_come_from_casts_literals_and_functions(expression: str, type_: str | None) -> None:
    (column,) = mapped(f"select {expression} as x from t").columns

    assert column.type == type_


@pytest.mark.parametrize(
    ("select", "nullable"),
    [
        ("u.a", None),
        ("o.a", True),
        ("coalesce(o.a, u.a)", None),
        ("coalesce(o.a, sysdate())", False),
        ("coalesce(sysdate(), o.a)", False),
        ("nvl(o.a, o.b)", True),
        ("nullif(u.a, 1)", True),
        ("try_to_date(u.a)", True),
        ("try_cast(u.a as date)", True),
        ("case when u.a then 1 end", True),
        ("case when u.a then 1 else 2 end", False),
        ("iff(u.a, 1, null)", True),
        ("decode(u.a, 1, 2)", True),
        ("decode(u.a, 1, 2, 3)", False),
        ("greatest(u.a, o.a)", True),
        ("greatest(1, 2)", False),
        ("greatest_ignore_nulls(o.a, 1)", False),
        ("to_date(o.a)", True),
        ("to_date('2024-01-01')", False),
        ("max(o.a)", True),
        ("count(o.a)", False),
        ("lag(u.a) over (order by u.b)", True),
        ("lag(1, 1, 2) over (order by u.b)", False),
        ("(select max(z) from w)", True),
        ("(select count(*) from w)", False),
        ("o.a is null", False),
        ("u.a || o.a", True),
        ("null", True),
        ("'x'", False),
        ("u.v:path::date", None),
    ],
)
def test_nullability_follows_joins_and_functions(select: str, nullable: bool | None) -> None:
    (column,) = mapped(f"select {select} as x from users u left join orders o on o.u = u.id").columns

    assert column.nullable == nullable


@pytest.mark.parametrize(
    ("filter_", "nullable"),
    [
        ("o.at is not null", False),
        ("o.at >= '2024-01-01'", False),
        ("o.at between 1 and 2 and u.x = 1", False),
        ("not (o.at is null or u.x = 1)", False),
        ("to_date(o.at) = current_date", False),
        ("o.at is not null or u.x = 1", True),
        ("coalesce(o.at, 1) = 1", True),
        ("o.at is null", True),
        ("u.x = 1", True),
    ],
)
def test_a_filter_can_prove_that_a_column_is_not_null(filter_: str, nullable: bool) -> None:
    (column,) = mapped(f"select o.at from users u left join orders o on o.u = u.id where {filter_}").columns

    assert column.nullable == nullable


@pytest.mark.parametrize(
    ("from_", "optional"),
    [
        ("a join b on a.i = b.i", []),
        ("a left join b on a.i = b.i", ["B"]),
        ("a right join b on a.i = b.i", ["A"]),
        ("a full outer join b on a.i = b.i", ["A", "B"]),
        ("a left join (b join c on b.i = c.i) on a.i = b.i", ["B", "C"]),
        ("a left join b on a.i = b.i right join c on a.i = c.i", ["A", "B"]),
        ("a, lateral flatten(input => a.v) f", []),
        ("a asof join b match_condition (a.t >= b.t) on a.i = b.i", ["B"]),
    ],
)
def test_outer_joins_make_relations_optional(from_: str, optional: list[str]) -> None:
    (scope,) = mapped(f"select 1 as x from {from_}").scopes

    assert [relation.name for relation in scope.relations if relation.optional] == optional


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select t.a, z.a from t", [("z.a", "unknown-alias")]),
        ("select users.a from db.s.users", []),
        ("select users.a from db.s.users u", [("users.a", "unknown-alias")]),
        ("select db.s.users.a, s.users.a from db.s.users", []),
        ('select "U".a, U.a, u.a from t u', []),
        ('select "u".a from t u', [('"u".a', "unknown-alias")]),
        ("select a from (select b from t)", [("a", "unknown-column")]),
        ("select q.a from (select b from t) q", [("q.a", "unknown-column")]),
        ("select a from (select a from t) x, (select a from t) y", [("a", "ambiguous")]),
        ("select a from (select a from t) x join (select a from t) y using (a)", []),
        ("select x.a from (select a from t) x order by a", []),
        ("select a from (select a from t) x, u", []),
        ("select a as b, b as c from (select a from t)", []),
        ("select (select max(o.x) from o where o.u = t.id) as m from t", []),
        ("select a from t where exists (select 1 from (select b from u) v where v.b = a)", []),
        ("select a from t where exists (select 1 from u where u.x = ghost.y)", [("ghost.y", "unknown-alias")]),
        ("select d.a from t, (select t.b as a) d", [("t.b", "unknown-alias")]),
        ("select d.a from t, lateral (select t.b as a) d", []),
        ("select f.value, f.index, f.nope from t, lateral flatten(input => t.v) f", [("f.nope", "unknown-column")]),
        ("select seq.nextval as n from t", []),
        ("select n.nextval as n from t, table(getnextval(db.s.seq)) n", []),
        ("select v.a, v.b from (values (1, 2)) as v (a, c)", [("v.b", "unknown-column")]),
        ("select column1, column2 from values (1, 2)", []),
        ("select p.a from t pivot (sum(x) for m in ('a')) as p", []),
        ("with a as (select 1 as x), b as (select x from a) select b.x, a.x from b", [("a.x", "unknown-alias")]),
        ("with recursive r as (select 1 as n union all select n + 1 from r) select n from r", []),
        ("select metadata$filename, $1:a from @stage/path", []),
        ("select level from t start with a = 1 connect by prior a = b", []),
    ],
)
def test_references_are_resolved_or_left_open(text: str, found: list[tuple[str, str]]) -> None:
    mapping = mapped(text)
    wrong = ("unknown-alias", "unknown-column", "ambiguous")

    assert [
        (mapping.query.slice(reference.span), reference.status)
        for scope in mapping.scopes
        for reference in scope.references
        if reference.status in wrong
    ] == found


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("select x.n, x.a, m from (select *, 1 as n, 'x' as m from t) x", ["NUMBER", None, "VARCHAR"]),
        ("select x.n from (select * replace (1 as n) from t) x", ["NUMBER"]),
        ("select x.n from (select * exclude (a) replace (1 as a) rename (a as n) from t) x", ["NUMBER"]),
        ("select * replace (1 as n) from t", ["NUMBER"]),
        ("select y.n from (select x.* from (select *, 1 as n from t) x) y", ["NUMBER"]),
        ("select x.n from (select *, 1 as n from t) as x (n)", [None]),
        ("select x.n from (select *, 1 as n from t union all select *, 'a' from t) x", [None]),
        ("select n from (select *, 1 as n from t) x, (select *, 'a' as n from t) y", [None]),
        ("select (select max(n) from u) as m from (select *, 1 as n from t) x", [None]),
    ],
)
def test_what_stands_beside_a_star_that_cannot_be_expanded_is_known_by_its_name(
    text: str, types: list[str | None]
) -> None:
    assert types == [column.output.type for column in mapped(text).columns]


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("select x from (select y as x from (select current_date as y) a) b", ["current_date"]),
        ("select x from (select 1 as x union all select 2) u", ["1", "2"]),
        ("with c as (select max(a) as x from t) select c.x from c", ["max(a)"]),
        ("select a as x from t", ["a"]),
        ("select * from (select now() as x) z", ["now()"]),
        ("select y + 1 as z, z as x from t", ["y + 1", "y + 1"]),
        ("select z as x, y + 1 as z from t", ["z", "y + 1"]),
        ("select a as b, b as a from t", ["a", "b"]),
    ],
)
def test_origins_are_the_expressions_that_make_the_value(text: str, origins: list[str]) -> None:
    mapping = mapped(text)
    found = [
        mapping.query.slice(origin.expression_span) for column in mapping.columns for origin in column.output.origins()
    ]

    assert found == origins


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("select count(*) from t", "COUNT(*)"),
        ("select  Count ( * )  from t", "COUNT(*)"),
        ("select a + /* c */ 1 from t", "A+1"),
        ("select case when a then 1 end from t", "CASE WHEN A THEN 1 END"),
        ("select $1 from @s", "$1"),
    ],
)
def test_an_unnamed_output_is_called_after_its_text_whatever_the_layout(text: str, name: str) -> None:
    (column,) = mapped(text).columns

    assert (column.name, column.named) == (name, False)
