"""The path of a value, down to base columns."""

from __future__ import annotations

from textwrap import dedent

import pytest
from sqlglot import exp, parse_one
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from sqlcheck.apis import API_VERSIONS
from sqlcheck.lineage import Node, paths, steps, trace
from sqlcheck.mapping import Mapping, build
from sqlcheck.model import Place, Source, Span
from sqlcheck.parse import parse
from sqlcheck.schema import Schema, SchemaColumn, SchemaTable
from sqlcheck.settings import Model
from sqlcheck.views._sheet import Sheet
from sqlcheck.views._tree import DEEPEST, draw
from tests import corpus


def mapped(sql: str, schema: Schema | None = None) -> Mapping:
    mapping = build(parse(Source("q.sql", sql)), Model(), API_VERSIONS["v1"], schema)
    assert mapping is not None
    return mapping


def drawn(sql: str, schema: Schema | None = None) -> str:
    """Draw the paths of a query, and see that they end where the facts say."""
    mapping = mapped(sql, schema)
    for column, path in zip(mapping.columns, trace(mapping), strict=True):
        assert set(column.sources) == labels(path)
    return "\n" + draw(Sheet(mapping.query.source, None, mapping, ()))


def labels(path: Node) -> set[str]:
    return {base.label for base in path.bases if base.kind == "column"}


def tree(text: str) -> str:
    return dedent(text)


def view(name: str, sql: str) -> SchemaTable:
    source = Source("schema.sql", sql)
    return SchemaTable(("DB", "S", name), None, source, kind="view", body=Place(source, Span(0, len(sql))))


def test_a_plain_column_leads_to_its_table() -> None:
    assert tree("""
        CUSTOMER_ID = u.id
        └─ MP.CRM.USERS.ID
        """) == drawn("SELECT u.id AS customer_id FROM MP.CRM.USERS u")


def test_an_expression_leads_to_each_of_its_columns_once_in_text_order() -> None:
    assert tree("""
        X = CASE WHEN a > 0 THEN b ELSE a END
        ├─ T.A
        └─ T.B
        """) == drawn("SELECT CASE WHEN a > 0 THEN b ELSE a END AS x FROM t")


def test_derived_tables_ctes_and_aliases_are_steps() -> None:
    sql = """\
        WITH totals AS (
            SELECT user_id, SUM(amount) AS total FROM shop.orders GROUP BY user_id
        )
        SELECT t.total * 2 AS twice, twice + d.bonus AS z
        FROM totals t
        JOIN (SELECT user_id, extra AS bonus FROM crm.extras) d ON d.user_id = t.user_id
        """
    assert tree("""
        TWICE = t.total * 2
        └─ T.TOTAL = SUM(amount)  (CTE, line 2)
           └─ SHOP.ORDERS.AMOUNT
        Z = twice + d.bonus
        ├─ TWICE = t.total * 2  (alias, line 4)
        │  └─ T.TOTAL = SUM(amount)  (CTE, line 2)
        │     └─ SHOP.ORDERS.AMOUNT
        └─ D.BONUS = extra  (derived table, line 6)
           └─ CRM.EXTRAS.EXTRA
        """) == drawn(dedent(sql))


def test_a_set_operation_has_its_sides() -> None:
    assert tree("""
        A
        ├─ side 1 = a  (line 1)
        │  └─ T.A
        ├─ side 2 = b + c  (line 1)
        │  ├─ U.B
        │  └─ U.C
        └─ side 3 = 1  (line 1)
        """) == drawn("SELECT a FROM t UNION ALL SELECT b + c FROM u UNION ALL SELECT 1")


def test_a_subquery_is_a_step_and_its_filter_is_not() -> None:
    assert tree("""
        NEWEST = (SELECT MAX(o.at) FROM shop.orders o WHERE o.user_id = u.id)
        └─ subquery = MAX(o.at)  (line 1)
           └─ SHOP.ORDERS.AT
        """) == drawn("SELECT (SELECT MAX(o.at) FROM shop.orders o WHERE o.user_id = u.id) AS newest FROM crm.users u")


def test_a_flattened_value_comes_from_what_is_flattened() -> None:
    assert tree("""
        TAG = f.value:name::TEXT
        └─ F.VALUE  (rows of a table function, line 1)
           └─ U.TAGS
        """) == drawn("SELECT f.value:name::TEXT AS tag FROM u, LATERAL FLATTEN(input => u.tags) f")


def test_a_star_and_an_alias_list_hand_columns_on() -> None:
    assert tree("""
        X
        └─ D.X = a || b  (derived table, line 1)
           ├─ T.A
           └─ T.B
        """) == drawn("SELECT * FROM (SELECT a || b FROM t) AS d (x)")


def test_values_have_no_columns_below() -> None:
    assert tree("""
        B = v.b
        └─ V.B  (VALUES, line 1)
        """) == drawn("SELECT v.b FROM (VALUES (1, 2)) AS v (a, b)")


def test_what_cannot_be_told_is_said() -> None:
    assert tree("""
        A = a
        └─ A  (cannot tell from which table)
        B = d.b
        └─ D.B  (cannot tell from which table)
        LEVEL = LEVEL
        """) == drawn("SELECT a, d.b, LEVEL FROM t JOIN u ON t.i = u.i JOIN (SELECT * FROM v) d ON d.i = t.i")


def test_a_view_leads_through_to_the_tables_that_it_reads() -> None:
    source = Source("schema.sql", "")
    schema = Schema(
        (
            SchemaTable(("DB", "S", "T"), (SchemaColumn("A"), SchemaColumn("B")), source),
            view("INNER_VIEW", "SELECT a + b AS ab, a FROM db.s.t"),
            view("V", "SELECT ab * 2 AS twice, 1 AS one FROM db.s.inner_view"),
        )
    )
    assert tree("""
        X = v.twice
        └─ DB.S.V.TWICE  (view)
           ├─ DB.S.T.A
           └─ DB.S.T.B
        A
        └─ DB.S.T.A
        B
        └─ DB.S.T.B
        """) == drawn("SELECT v.twice AS x, t.* FROM db.s.v CROSS JOIN db.s.t", schema)


def test_a_recursive_cte_ends_where_it_meets_itself() -> None:
    assert tree("""
        N = n
        └─ R.N  (CTE, line 1)
           ├─ side 1 = start_at  (line 1)
           │  └─ T.START_AT
           └─ side 2 = n + 1  (line 1)
              └─ R.N  (cannot tell from which table)
        """) == drawn("WITH RECURSIVE r AS (SELECT start_at AS n FROM t UNION ALL SELECT n + 1 FROM r) SELECT n FROM r")


def test_aliases_that_lead_to_each_other_end() -> None:
    first, _ = trace(mapped("SELECT b + 1 AS a, a + 1 AS b"))
    assert [("A", "output"), ("B", "alias"), ("A", "alias")] == [(node.label, node.kind) for node in steps([first])]


def test_what_is_shared_is_one_object_and_drawn_once_for_a_column() -> None:
    depth = 60
    sql = "SELECT t.x + t.y AS x, t.x - t.y AS y FROM t"
    for _ in range(depth):
        sql = f"SELECT x + y AS x, x - y AS y FROM ({sql})"
    path, _ = trace(mapped(sql))

    assert 2 * depth + 3 == len(list(steps([path])))
    lines = draw(Sheet(Source("q.sql", sql), None, mapped(sql), ())).splitlines()
    assert len(lines) < 2 * (4 * DEEPEST + 2)


def test_a_chain_of_thousands_of_aliases_costs_no_stack() -> None:
    sql = "SELECT a AS c0, " + ", ".join(f"c{n} + 1 AS c{n + 1}" for n in range(3000)) + " FROM t"
    mapping = mapped(sql)

    assert ["T.A"] == [base.label for base in trace(mapping)[-1].bases]
    assert 3002 == len(list(steps([paths(mapping.columns[-1].output)])))


def described(tables: dict[str, dict[str, str]]) -> Schema:
    source = Source("schema.json", "")
    return Schema(
        tuple(
            SchemaTable((name.upper(),), tuple(SchemaColumn(column.upper()) for column in columns), source)
            for name, columns in tables.items()
        )
    )


TPC = {name: described(tables) for name, tables in corpus.tables().items()}


def independent(name: str, scope: Scope) -> set[str]:
    """Ask sqlglot for the base columns of an output of a qualified tree."""
    root = lineage(name, scope.expression, {}, scope=scope, dialect="snowflake", trim_selects=False, copy=False)
    return {
        f"{node.expression.name}.{node.name.rpartition('.')[2].strip(chr(34))}".upper()
        for node in root.walk()
        if isinstance(node.expression, exp.Table)
    }


@corpus.needed
@pytest.mark.parametrize(("sql", "name"), [(row["sql"], row["schema"]) for row in corpus.lines("tpc_queries.jsonl")])
def test_the_base_columns_of_tpc_agree_with_an_independent_computation(sql: str, name: str) -> None:
    mapping = mapped(sql, TPC[name])
    qualified = qualify(parse_one(sql, dialect="snowflake"), schema=dict(corpus.tables()[name]), dialect="snowflake")
    scope = build_scope(qualified)
    assert scope is not None
    assert isinstance(qualified, exp.Query)

    # There is no disagreement to explain; sqlglot cannot be asked for outputs without a name.
    found = [labels(path) for path in trace(mapping)]
    names = enumerate(qualified.named_selects)
    asked = {at: name for at, name in names if not name.lower().startswith("_col_")}
    assert {at: independent(name, scope) for at, name in asked.items()} == {at: found[at] for at in asked}
    assert [set(column.sources) for column in mapping.columns] == found
