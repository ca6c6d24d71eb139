"""Which type an expression has, class by class of Snowflake's function reference."""

from __future__ import annotations

import pytest

from sqlcheck.apis import API_VERSIONS
from sqlcheck.knowledge import result_types
from sqlcheck.knowledge.functions import FUNCTIONS, TABLE_FUNCTIONS
from sqlcheck.mapping import build
from sqlcheck.model import FAMILIES, Source
from sqlcheck.parse import parse
from sqlcheck.resolution.types import common
from sqlcheck.schema import Schema, SchemaColumn, SchemaTable
from sqlcheck.settings import Model

COLUMNS = {
    "price": "NUMBER",
    "ratio": "FLOAT",
    "label": "VARCHAR",
    "flag": "BOOLEAN",
    "day": "DATE",
    "clock": "TIME",
    "wall": "TIMESTAMP_NTZ",
    "here": "TIMESTAMP_LTZ",
    "zoned": "TIMESTAMP_TZ",
    "doc": "VARIANT",
    "obj": "OBJECT",
    "tags": "ARRAY",
    "raw": "BINARY",
    "place": "GEOGRAPHY",
    "shape": "GEOMETRY",
}
SCHEMA = Schema(
    (
        SchemaTable(
            ("ITEMS",),
            tuple(SchemaColumn(name.upper(), kind) for name, kind in COLUMNS.items()),
            Source("schema.sql", ""),
        ),
    )
)


def type_of(expression: str, rest: str = "from items") -> str | None:
    query = parse(Source("query.sql", f"select {expression} as x {rest}"))
    mapping = build(query, Model(), API_VERSIONS["v1"], SCHEMA)
    assert mapping is not None, query.fault
    return mapping.columns[0].type


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("price - '7'", "NUMBER"),
        ("'3' * ratio", "FLOAT"),
        ("label / 2", "NUMBER"),
        ("doc:qty * doc:price", "NUMBER"),
        ("doc:qty + 1", "NUMBER"),
        ("-ratio", "FLOAT"),
        ("unknown_column + 1", None),
        ("day + 30", "DATE"),
        ("7 + day", "DATE"),
        ("day - price", "DATE"),
        ("day - label", None),
        ("wall + 1", None),
        ("raw || raw || raw", "BINARY"),
        ("label || price", "VARCHAR"),
    ],
)
def test_operators_read_texts_as_numbers_and_keep_dates_and_binaries(expression: str, expected: str | None) -> None:
    assert expected == type_of(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("day + interval '3 months'", "DATE"),
        ("day - interval '1 y, 2 wk'", "DATE"),
        ("interval '1 quarter' + day", "DATE"),
        ("day + interval '1 year, 5 min'", "TIMESTAMP_NTZ"),
        ("day + interval '90 s'", "TIMESTAMP_NTZ"),
        ("day + interval '90'", "TIMESTAMP_NTZ"),
        ("day + interval '2-6' year to month", "DATE"),
        ("day + interval '6' hour", "TIMESTAMP_NTZ"),
        ("day + interval '1' day", None),
        ("clock - interval '15 minutes'", "TIME"),
        ("zoned + interval '1 day' - interval '1 hour'", "TIMESTAMP_TZ"),
        ("here - interval '1 week'", "TIMESTAMP_LTZ"),
        ("label + interval '1 day'", None),
        ("wall - wall", "INTERVAL"),
        ("(wall - wall) * 2", "INTERVAL"),
        ("label::interval day to second", "INTERVAL"),
        ("dateadd(minute, 5, day)", "TIMESTAMP_NTZ"),
        ("dateadd(mons, 5, day)", "DATE"),
        ("dateadd(day, 1, doc:at)", None),
        ("add_months(zoned, 1)", "TIMESTAMP_TZ"),
        ("add_months(label, 1)", None),
        ("date_trunc('hour', clock)", "TIME"),
        ("date_trunc('day', label)", None),
        ("trunc(doc:at, 'month')", None),
        ("time_slice(here, 5, 'minute')", "TIMESTAMP_LTZ"),
        ("timestamp_from_parts(2024, 1, 1, 0, 0, 0, 0, 'UTC')", "TIMESTAMP_TZ"),
        ("as_timestamp(doc)", "TIMESTAMP_NTZ"),
    ],
)
def test_moments_move_by_intervals_and_parts(expression: str, expected: str | None) -> None:
    assert expected == type_of(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("coalesce(day, '1970-01-01')", "DATE"),
        ("nvl('0', ratio)", "FLOAT"),
        ("ifnull(flag, 'false')", "BOOLEAN"),
        ("iff(flag, wall, '2024-05-01 10:00')", "TIMESTAMP_NTZ"),
        ("case when flag then '1' else price end", "NUMBER"),
        ("decode(label, 'a', day, 'b', wall)", "TIMESTAMP_NTZ"),
        ("coalesce(raw, label)", None),
        ("coalesce(doc:a, label)", None),
        ("coalesce(wall, zoned)", None),
        ("greatest(wall, '2024-01-01', day)", "TIMESTAMP_NTZ"),
        ("greatest(day, wall)", None),
        ("least('5', price)", None),
        ("least_ignore_nulls(price, '5', ratio)", "FLOAT"),
    ],
)
def test_texts_are_brought_to_the_type_beside_them(expression: str, expected: str | None) -> None:
    assert expected == type_of(expression)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("VARCHAR", "VARCHAR"), "VARCHAR"),
        (("NULL", "DATE"), "DATE"),
        (("NULL", "NULL"), None),
        (("VARCHAR", "DATE", "TIMESTAMP_LTZ"), "TIMESTAMP_LTZ"),
        (("VARCHAR", "DATE", "NUMBER"), None),
        (("VARCHAR", "ARRAY"), None),
        (("BOOLEAN", "NUMBER"), None),
        (("NUMBER", None), None),
    ],
)
def test_several_types_have_a_common_one(kinds: tuple[str | None, ...], expected: str | None) -> None:
    assert expected == common(kinds)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(tags::array(date))[2]", "DATE"),
        ("(tags::array(array(float)))[0][1]", "FLOAT"),
        ("(tags::array(timestamp_tz not null))[0]", "TIMESTAMP_TZ"),
        ("get(tags::array(boolean), 0)", "BOOLEAN"),
        ("(obj::object(street varchar, built date not null)):built", "DATE"),
        ("(obj::object(home object(zip number))):home.zip", "NUMBER"),
        ("(obj::object(home object(zip number)))['home']['zip']", "NUMBER"),
        ("(obj::object(street varchar)):town", None),
        ("get_path(obj::object(home object(zip number)), 'home.zip')", "NUMBER"),
        ("get_ignore_case(obj::object(built date), 'BUILT')", "DATE"),
        ("(obj::object(rest variant)):rest.deeper", "VARIANT"),
        ("(obj::map(varchar, number))['k']", "NUMBER"),
        ("(obj::map(varchar, array(time) not null))['k'][0]", "TIME"),
        ("array_append(tags::array(date), day)[0]", "DATE"),
        ("map_keys(obj::map(varchar, number))[0]", None),
        ("transform(tags::array(number), n -> n::varchar)[0]", None),
        ("iff(flag, tags::array(date), null)[0]", "DATE"),
        ("tags[0]", "VARIANT"),
        ("obj:key", "VARIANT"),
        ("(tags::array)[0]", "VARIANT"),
        ("split(label, ',')[0]", "VARIANT"),
        ("{'k': day}['k']", "VARIANT"),
    ],
)
def test_elements_have_the_type_that_a_structured_value_declares(expression: str, expected: str | None) -> None:
    assert expected == type_of(expression)


@pytest.mark.parametrize(
    "rest",
    [
        "from (select tags::array(date) as days from items)",
        "from (select distinct tags::array(date) as days from items union all select tags::array(date) from items)",
        "from items a left join (select tags::array(date) as days from items) b on true",
    ],
)
def test_declared_members_pass_through_subqueries(rest: str) -> None:
    assert "DATE" == type_of("days[0]", rest)


def test_declared_members_pass_through_scalar_subqueries() -> None:
    assert "DATE" == type_of("(select any_value(tags::array(date)) from items)[0]")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("sum(label)", "NUMBER"),
        ("sum(doc:qty)", "NUMBER"),
        ("sum(distinct ratio)", "FLOAT"),
        ("max(distinct label)", "VARCHAR"),
        ("abs(label)", "NUMBER"),
        ("round(doc:qty, 2)", "NUMBER"),
        ("round(expr => price, scale => 1)", "NUMBER"),
        ("ceiling(ratio)", "FLOAT"),
        ("kurtosis(ratio)", "FLOAT"),
        ("avg(ratio) over (partition by label)", "FLOAT"),
        ("percentile_disc(0.9) within group (order by day)", "DATE"),
        ("percentile_cont(0.9) within group (order by ratio) over (partition by label)", "FLOAT"),
        ("min_by(label, price, 3)", "ARRAY"),
        ("interpolate_ffill(price) over (order by day)", "NUMBER"),
        ("uniform(1, 6, random())", "NUMBER"),
        ("uniform(0::float, 1, random())", "FLOAT"),
        ("zipf(1, 10, random())", "NUMBER"),
        ("h3_cell_to_parent(price, 3)", "NUMBER"),
        ("h3_cell_to_parent(label, 3)", "VARCHAR"),
        ("bitxor(raw, raw)", "BINARY"),
        ("bit_not(raw)", "BINARY"),
        ("bitor_agg(price)", "NUMBER"),
        ("insert(raw, 1, 1, raw)", "BINARY"),
        ("concat_ws(raw, raw, raw)", "BINARY"),
        ("length(raw)", "NUMBER"),
    ],
)
def test_functions_return_the_kind_that_they_are_given(expression: str, expected: str) -> None:
    assert expected == type_of(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("filter(tags, e -> e:n > 1)", "ARRAY"),
        ("transform(tags, e int -> e + 1)", "ARRAY"),
        ("reduce(tags, 0, (sum, e) -> sum + e)", "NUMBER"),
        ("reduce(tags, [], (found, e) -> array_append(found, e))", "ARRAY"),
        ("reduce(tags, unknown_column, (sum, e) -> sum + e)", None),
        ("parse_xml(label)", "OBJECT"),
        ("xmlget(doc, 'a')", "OBJECT"),
        ("xmlget(doc, 'a'):\"$\"", "VARIANT"),
        ("encrypt_raw(raw, raw, raw)", "VARIANT"),
        ("encrypt(label, 'k')", "BINARY"),
        ("array_construct_structured(1, 2)", "ARRAY"),
        ("object_construct_keep_null_structured('a', 1)", "OBJECT"),
        ("map_construct('a', 1)", "MAP"),
        ("bitmap_or(raw, raw)", "BINARY"),
        ("all_user_names()", "ARRAY"),
        ("to_uuid(label)", "UUID"),
        ("is_role_activated('a')", "BOOLEAN"),
    ],
)
def test_semi_structured_and_other_functions_return_what_their_pages_say(expression: str, expected: str | None) -> None:
    assert expected == type_of(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("st_centroid(shape)", "GEOMETRY"),
        ("st_intersection(place, place)", "GEOGRAPHY"),
        ("st_makeline(shape, shape)", "GEOMETRY"),
        ("st_union_agg(place)", "GEOGRAPHY"),
        ("st_startpoint(to_geometry(label))", "GEOMETRY"),
        ("st_interpolate(place)", "GEOGRAPHY"),
        ("st_area(shape)", "FLOAT"),
        ("st_asgeojson(place)", "OBJECT"),
        ("h3_try_coverage(place, 3)", "ARRAY"),
    ],
)
def test_geospatial_functions_keep_geography_and_geometry_apart(expression: str, expected: str) -> None:
    assert expected == type_of(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("snowflake.cortex.complete('m', label)", "VARCHAR"),
        ("SNOWFLAKE.CORTEX.SPLIT_TEXT_MARKDOWN_HEADER(label, {}, 9, 1)", "ARRAY"),
        ("snowflake.cortex.entity_sentiment(label)", "OBJECT"),
        ("snowflake.core.sentiment(label)", None),
        ("mine.cortex.sentiment(label)", None),
        ("cortex.sentiment(label)", None),
        ("ai_complete('m', label)", "VARCHAR"),
        ("ai_complete(model => 'm', prompt => label, show_details => true)", None),
        ("ai_complete('m', label, {}, {'type': 'json'})", None),
        ("ai_translate(label, 'en', 'de')", "VARCHAR"),
        ("ai_translate(label, 'en', 'de', true)", "OBJECT"),
        ("ai_transcribe(to_file('@s', 'a.mp3'))", "VARCHAR"),
        ("ai_filter(label, return_error_details => true)", "OBJECT"),
        ("ai_multi_embed('m', label)", "OBJECT"),
        ("prompt('about {0}', label)", "OBJECT"),
        ("system$typeof(doc)", "VARCHAR"),
        ("system$stream_has_data('s')", "BOOLEAN"),
        ("system$something_else('s')", None),
    ],
)
def test_cortex_and_system_functions_are_known_by_their_full_names(expression: str, expected: str | None) -> None:
    assert expected == type_of(expression)


@pytest.mark.parametrize(
    ("expression", "rest", "expected"),
    [
        ("f.value", "from items, lateral flatten(input => tags) f", "VARIANT"),
        ("f.index", "from items, lateral flatten(input => tags) f", "NUMBER"),
        ("f.key", "from items, lateral flatten(input => obj) f", "VARCHAR"),
        ("s.value", "from items, lateral split_to_table(label, ',') s", "VARCHAR"),
        ("s.seq", "from items, table(strtok_split_to_table(label, ',')) s", "NUMBER"),
        ("metadata$filename", "from @stage", "VARCHAR"),
        ("metadata$file_row_number", "from @stage", "NUMBER"),
        ("metadata$file_last_modified", "from @stage", "TIMESTAMP_NTZ"),
        ("metadata$start_scan_time", "from @stage", "TIMESTAMP_LTZ"),
        ("metadata$isupdate", "from items", "BOOLEAN"),
    ],
)
def test_columns_that_no_table_has_are_typed(expression: str, rest: str, expected: str) -> None:
    assert expected == type_of(expression, rest)


OF_TABLES_OR_SERVICES = frozenset(
    """
    ACCUMULATE AGG AI_FUNCTION_EVALUATION AI_FUNCTION_OPTIMIZATION AI_GENERATE_TABLE_DESC APPLICATION_JSON BIND_VALUES
    BUCKET CLASSIFY_TEXT COMPLETE CUMULATIVE_PRIVACY_LOSSES EMAIL_INTEGRATION_CONFIG ESTIMATE_REMAINING_DP_AGGREGATES
    EXECUTE_AI_EVALUATION EXPLAIN_JSON EXTRACT_SEMANTIC_CATEGORIES FILE FLATTEN GENERATE_COLUMN_DESCRIPTION
    GENERATE_POSTGRES_ACCESS_TOKEN_FOR_USER GET_ANACONDA_PACKAGES_REPODATA GET_CONTACTS GET_JOB_HISTORY
    GET_PYTHON_PROFILER_OUTPUT IDENTIFIER INTEGRATION MODEL_MONITOR_DRIFT_METRIC MODEL_MONITOR_PERFORMANCE_METRIC
    MODEL_MONITOR_STAT_METRIC POLICY_CONTEXT SHOW_PYTHON_PACKAGES_DEPENDENCIES TEXT_HTML TEXT_PLAIN TO_QUERY
    BINARY BOOLEAN DATETIME DECIMAL DOUBLE FLOAT INT INTEGER NUMBER NUMERIC STRING TEXT TIMESTAMP VARCHAR VARIANT VECTOR
    """.split()
)
"""Functions that stand in FROM or administer a service, and names of types; their values are left untyped."""

BY_RULE = frozenset("IFF NVL2 DECODE REDUCE UNIFORM AI_COMPLETE CASE CAST TRY_CAST".split())
"""Functions that have a rule of their own."""


def test_every_function_of_a_value_has_a_type_or_a_rule() -> None:
    rules = (
        result_types.SAME_AS_ARGUMENT,
        result_types.NUMERIC,
        result_types.SAME_MOMENT,
        result_types.ADDS_TO_DATE,
        result_types.COMMON_TYPE,
        result_types.FIRST_DECIDES,
        result_types.GEOSPATIAL,
        BY_RULE,
    )
    typed = frozenset(result_types.RETURNS).union(*rules)
    assert OF_TABLES_OR_SERVICES == FUNCTIONS - TABLE_FUNCTIONS - typed


def test_no_function_with_a_fixed_type_has_a_rule_as_well() -> None:
    by_rule = (
        result_types.SAME_AS_ARGUMENT | result_types.NUMERIC | result_types.GEOSPATIAL | result_types.FIRST_DECIDES
    )
    assert frozenset() == by_rule & frozenset(result_types.RETURNS)


def test_every_type_in_the_tables_is_one_of_snowflakes() -> None:
    tables = (
        result_types.RETURNS,
        result_types.QUALIFIED,
        result_types.TYPE_NAMES,
        result_types.PSEUDO_COLUMNS,
    )
    assert {"INTERVAL", "UUID"} == {kind for table in tables for kind in table.values()} - set(FAMILIES)
