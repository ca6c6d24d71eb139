"""The span of a node is exactly the author's text, however little of it sqlglot remembers."""

from __future__ import annotations

import pytest
from sqlglot import exp

from sqlcheck.model import Source
from sqlcheck.parse import Query, parse

EXPRESSIONS = [
    "cast(a as int)",
    "a::timestamp_ntz(3)",
    "try_cast(a as date)",
    "a::double precision",
    "(a+b)*c",
    "((a))",
    "case when a then (case b when 1 then 2 end) end",
    "listagg(distinct a, ',') within group (order by a) over (partition by b)",
    "t:x.y[0]['k']::string",
    "f.value:id::int",
    "a is not null",
    "a >= current_timestamp() - interval '7 days'",
    "a > current_timestamp - interval '7 days'",
    "a + interval '1 hour'",
    "not a = b",
    "not (a is null)",
    "exists (select 1 from z)",
    "a in (1, 2)",
    "a in (select b from z)",
    "a = null",
    "a between b and c",
    "date '2020-01-01'",
    "-a",
    "f.g(a, null)",
    "lag(a) ignore nulls over (order by b)",
    "row_number() over (partition by a order by b)",
    "extract(day from a)",
    "(select max(q) from w limit 1)",
    "(with x as (select 1 as q) select q from x)",
    "count(*)",
    "count(distinct a, b)",
    "current_date()",
    "a || b || 'c'::text",
    "array_agg(a)[0]::int",
    "[1, 2]",
    "{'a': 1}",
    "max_by(a, b)",
    "nvl(a, null)",
    "coalesce(a, true)",
    "upper(a)::varchar",
    "dateadd(day, -1, a)",
    "iff(a > 1, 'x', 'y')",
    '"quoted ""name"""',
    "array_agg(distinct a) within group (order by b desc)",
    "to_timestamp_ntz(a / 1000, 3)",
]


def read(text: str) -> Query:
    query = parse(Source("query.sql", text))
    assert query.tree is not None, query.fault
    return query


def outermost(query: Query) -> exp.Expr:
    assert query.tree is not None
    return query.tree


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize(
    "template", ["select {} from t", "select z, {} as x, y from t", "select\n\t{}\tx\r\nfrom t -- c"]
)
def test_an_expression_spans_its_own_text(expression: str, template: str) -> None:
    query = read(template.format(expression))
    items = [node.unalias() for node in outermost(query).expressions]
    target = items[0] if len(items) == 1 else items[1]

    assert query.slice(query.span(target)) == expression


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_condition_spans_its_own_text(expression: str) -> None:
    query = read(f"select y from t where ({expression}) = 1")
    comparison = outermost(query).args["where"].this

    assert query.slice(query.span(comparison.this)) == f"({expression})"


def test_select_texts_are_matched_inside_out_of_every_construct() -> None:
    text = (
        "with a as (select null), b as (select 1 as x union all (select null) union all select x from a)\n"
        "select (select null), (select max(x) from b where exists (select null from a)) from (select * from b) z"
    )
    query = read(text)

    found = sorted(query.slice(query.select(node).body) for node in query.index.selects)

    assert found == sorted(
        [
            "select null",
            "select 1 as x",
            "select null",
            "select x from a",
            "select (select null), (select max(x) from b where exists (select null from a)) from (select * from b) z",
            "select null",
            "select max(x) from b where exists (select null from a)",
            "select null from a",
            "select * from b",
        ]
    )


def test_items_tell_their_expression_and_their_name() -> None:
    query = read('select distinct top 5 a.x, b as "B c", a is distinct from b d, f(x, y), t:p.q from t')
    (select,) = query.index.selects
    items = [
        (query.slice(item.expression), query.slice(item.name) if item.name else None)
        for item in query.select(select).items
    ]

    assert items == [
        ("a.x", "x"),
        ("b", '"B c"'),
        ("a is distinct from b", "d"),
        ("f(x, y)", None),
        ("t:p.q", None),
    ]


def test_words_of_the_language_may_be_keys_of_a_path() -> None:
    query = read("select a:from::string, b:x.union y, c from t")
    (select,) = query.index.selects

    assert [query.slice(item.span) for item in query.select(select).items] == ["a:from::string", "b:x.union y", "c"]


def test_clause_keywords_are_found_at_their_own_depth() -> None:
    query = read(
        "select a, extract(day from b), sum(c) over (order by d) from t "
        "where e group by f having g qualify h order by i limit 1"
    )
    (select,) = query.index.selects
    clauses = {name: query.slice(span) for name, span in query.select(select).clauses.items()}

    assert clauses == {name: name for name in ("from", "where", "group by", "having", "qualify", "order by", "limit")}


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("select 1 union all select 2", "union all"),
        ("(select 1) minus ((select 2))", "minus"),
        ("select 1 intersect select 2", "intersect"),
    ],
)
def test_a_set_operator_is_found(text: str, operator: str) -> None:
    query = read(text)

    assert isinstance(query.tree, exp.SetOperation)
    assert query.slice(query.operator(query.tree)) == operator


def test_gaps_are_what_stands_between_the_tokens() -> None:
    query = read("-- head\nselect a /* b */ from t ; -- tail")

    assert [query.slice(gap) for gap in query.gaps()] == ["-- head\n", " ", " /* b */ ", " ", " ", " -- tail"]
