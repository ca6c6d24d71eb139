"""The early access API of 2023, `/platform/experimental/`.

The vendor's pages named below are those of the repository github.com/mParticle/docs under
src/pages/developers/warehouse-sync-api/ (overview, quickstart, reference, sql), as of its commit 1bace449.
"""

from __future__ import annotations

from sqlcheck.apis.facts import Api, Field, IdentityFormat, Resource
from sqlcheck.model import Severity

_USER = [
    "mpid",
    "customerid",
    "customer_id",
    "email",
    "facebook",
    "twitter",
    "google",
    "microsoft",
    "yahoo",
    "facebook_custom_audience_id",
    "other",
    "other_id_2",
    "other_id_3",
    "other_id_4",
    "other_id_5",
    "other_id_6",
    "other_id_7",
    "other_id_8",
    "other_id_9",
    "other_id_10",
    "mobile_number",
    "phone_number_2",
    "phone_number_3",
]
_DEVICE = [
    "android_uuid",
    "ios_advertising_id",
    "push_token",
    "ios_idfv",
    "android_advertising_id",
    "amp_id",
    "roku_advertising_id",
    "roku_publisher_id",
    "microsoft_advertising_id",
    "microsoft_publisher_id",
    "fire_advertising_id",
    "mp_deviceid",
]

# https://docs.mparticle.com/guides/idsync/user-data/: a signed 64-bit integer, which may be negative
_MPID = IdentityFormat(
    "64-bit integer",
    "^(-?0*([0-9]{1,18}|[0-8][0-9]{18}|9[01][0-9]{17}|92[01][0-9]{16}|922[0-2][0-9]{15}|9223[0-2][0-9]{14}"
    "|92233[0-6][0-9]{13}|922337[01][0-9]{12}|92233720[0-2][0-9]{10}|922337203[0-5][0-9]{9}|9223372036[0-7][0-9]{8}"
    "|92233720368[0-4][0-9]{7}|922337203685[0-3][0-9]{6}|9223372036854[0-6][0-9]{5}|92233720368547[0-6][0-9]{4}"
    "|922337203685477[0-4][0-9]{3}|9223372036854775[0-7][0-9]{2}|922337203685477580[0-7])|-0*9223372036854775808)$",
)
# `Uuid` of the Events API's JSON schema; either case
_UUID = IdentityFormat("UUID", "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$")
# no page gives a form for these two; what no mail and no telephone could have is meant
_EMAIL = IdentityFormat("e-mail address", "^[^@ ]+@[^@ ]+[.][^@. ]+$")
_PHONE = IdentityFormat("telephone number", "^[+(]?([0-9][-+(). /]*){6,20}(x[0-9]+)?$")
_FORMATS = {
    "mpid": _MPID,
    "email": _EMAIL,
    **dict.fromkeys(("mobile_number", "phone_number_2", "phone_number_3"), _PHONE),
    **dict.fromkeys(
        (
            "ios_advertising_id",
            "ios_idfv",
            "android_advertising_id",
            "roku_advertising_id",
            "roku_publisher_id",
            "fire_advertising_id",
            "mp_deviceid",
        ),
        _UUID,
    ),
}

_NEAR_MISSES = {
    # https://docs.mparticle.com/developers/idsync/http-api/
    "ios_idfa": "ios_advertising_id",
    "android_aaid": "android_advertising_id",
    "roku_aid": "roku_advertising_id",
    "fire_aid": "fire_advertising_id",
    "facebookcustomaudienceid": "facebook_custom_audience_id",
    "device_application_stamp": "mp_deviceid",
    # https://docs.mparticle.com/developers/dsr-api/v3/ and https://docs.mparticle.com/guides/csv/import/
    **{f"other{number}": f"other_id_{number}" for number in range(2, 11)},
    "other_id_1": "other",
    "android_id": "android_uuid",
    "ios_vendor_id": "ios_idfv",
    "controller_customer_id": "customer_id",
    "roku_publishing_id": "roku_publisher_id",
    # the vendor's example of the Profile API
    "google_advertising_id": "android_advertising_id",
    # user_identities of https://docs.mparticle.com/developers/server/json-reference/; nothing stands for it here
    "alias": "",
    # what people write without having looked it up
    "idfa": "ios_advertising_id",
    "gaid": "android_advertising_id",
    "idfv": "ios_idfv",
    "phone": "mobile_number",
    "phone_number": "mobile_number",
    "user_id": "customer_id",
    "email_address": "email",
}

_AUDIT = tuple(
    Field(name, ("string", "null"), read_only=True)
    for name in ("created_on", "created_by", "last_modified_on", "last_modified_by")
)
_ID = Field("id", ("string",), required=True)
_NAME = Field("name", ("string",), required=True)
# reference: the tables of data models and pipelines say string, every call and the collection send an integer
_WORKSPACE = Field("workspace_id", ("integer",), required=True)
_ACTIVE = Field("is_active", ("boolean",))
_FAULTED = Field("is_faulted", ("boolean",), read_only=True)


def _text(name: str, *, required: bool = True, null: bool = False, values: tuple[str, ...] = ()) -> Field:
    return Field(name, ("string", "null") if null else ("string",), required=required, values=values)


# reference, "Connections"; the order is that of the create example
_CONNECTION = Resource(
    "connection",
    (
        _ID,
        _NAME,
        _WORKSPACE,
        # not in the table; sent by the vendor's Postman collection
        _ACTIVE,
        _FAULTED,
        _text("type", values=("snowflake", "bigquery")),
        *(_text(name) for name in ["source_account_id", "region", "warehouse", "database", "role", "user", "password"]),
        # null in an older example reply
        _text("snowflake_aws_iam_user_arn", null=True),
        _text("snowflake_aws_external_id", null=True),
        *_AUDIT,
    ),
    # names of Snowflake's own drivers and of the API's version 2
    {
        "account": "source_account_id",
        "account_id": "source_account_id",
        "account_locator": "source_account_id",
        "account_identifier": "source_account_id",
        "aws_iam_user_arn": "snowflake_aws_iam_user_arn",
        "aws_external_id": "snowflake_aws_external_id",
        "service_provider": "type",
    },
)
_BIGQUERY = Resource(
    "connection",
    (
        _ID,
        _NAME,
        _WORKSPACE,
        _ACTIVE,
        _FAULTED,
        _text("type", values=("snowflake", "bigquery")),
        *(_text(name) for name in ["region", "project_id", "dataset_id", "service_account_id", "service_account_key"]),
        *_AUDIT,
    ),
)
# reference, "Data Models"
_DATA_MODEL = Resource(
    "data_model",
    (
        _ID,
        _NAME,
        _WORKSPACE,
        # not in the table; sent by the vendor's Postman collection
        _ACTIVE,
        _text("type", values=("sql",)),
        _text("sql_query"),
        # the values are the affair of the rule unknown-timestamp-type
        _text("load_timestamp_field_type"),
        _text("load_timestamp_field_name"),
        # the table calls these two _tz and _offset_seconds; its examples and the calls that succeed use these names
        _text("load_timestamp_field_time_zone", required=False, null=True),
        Field("load_timestamp_field_time_offset", ("integer", "null")),
        *_AUDIT,
    ),
    {
        "query": "sql_query",
        "sql": "sql_query",
        "load_timestamp_field": "load_timestamp_field_name",
        "load_timestamp_name": "load_timestamp_field_name",
        "load_timestamp_type": "load_timestamp_field_type",
        "load_timestamp_time_zone": "load_timestamp_field_time_zone",
        "load_timestamp_field_tz": "load_timestamp_field_time_zone",
        "load_timestamp_field_offset_seconds": "load_timestamp_field_time_offset",
    },
)
_INTERVALS = ("hourly", "daily", "weekly", "monthly", "on_demand", "once")
_ENVIRONMENTS = ("development", "production")
# reference, "Pipelines"
_PIPELINE = Resource(
    "pipeline",
    (
        _ID,
        _NAME,
        _WORKSPACE,
        Field("is_active", ("boolean",), required=True),
        Field("is_draft", ("boolean",), required=True),
        _FAULTED,
        # not in the table; sent as null by the examples
        _text("faulted_reason", required=False, null=True),
        _text("connection_id"),
        _text("data_model_id"),
        # one of the two is wanted
        Field("partner_feed_id", ("integer", "null")),
        _text("partner_feed_key", required=False, null=True),
        _text("schedule_start_time", required=False, null=True),
        _text("schedule_end_time", required=False, null=True),
        _text("schedule_interval", values=_INTERVALS),
        _text("environment", required=False, values=_ENVIRONMENTS),
        # in a reply of the vendor's tutorial, documented nowhere
        Field("mapping_id", ("string", "integer", "null"), read_only=True),
        *_AUDIT,
    ),
)

EXPERIMENTAL = Api(
    name="experimental",
    page="https://github.com/mParticle/docs/blob/1bace449/src/pages/developers/warehouse-sync-api/reference/index.md",
    # sql, "User identity mapping" and "Device identity mapping"
    identities={**dict.fromkeys(_USER, "identity"), **dict.fromkeys(_DEVICE, "device_identity")},
    aliases={"customerid": "customer_id"},
    near_misses=_NEAR_MISSES,
    # https://docs.mparticle.com/developers/sdk/web/users/#set-user-attributes
    reserved_attributes=(
        "$Age",
        "$FirstName",
        "$LastName",
        "$Gender",
        "$Mobile",
        "$Address",
        "$City",
        "$State",
        "$Zip",
        "$Country",
    ),
    # reference, load_timestamp_field_type; quickstart has the same list
    timestamp_types=(
        "timestamp_ltz",
        "timestamp_ntz",
        "timestamp_tz",
        "datetime",
        "date",
        "timestamp_unixtime_ms",
        "timestamp_unixtime_s",
    ),
    # `timestamp` is in the vendor's list for BigQuery; Snowflake's own TIMESTAMP is TIMESTAMP_NTZ by default
    foreign_timestamp_types={"timestamp": "timestamp_ntz", "timestamptz": "timestamp_tz"},
    # reference, schedule_interval; `once` is in the quickstart and in the overview's limits alone
    intervals=_INTERVALS,
    unsettled_intervals=("once",),
    environments=_ENVIRONMENTS,
    # sql, "Unsupported SQL commands" lists WITH
    with_severity=Severity.ERROR,
    # sql, "Supported SQL commands"
    supported_clauses=frozenset(
        {"SELECT", "DISTINCT", "FROM", "ORDER BY", "GROUP BY", "WHERE", "JOIN", "AS", "ON", "IN"}
    ),
    # sql, "Unsupported SQL commands"
    refused_statements=frozenset({"DELETE", "UPDATE", "DROP", "CREATE", "ALTER", "WITH"}),
    # overview, "Service limits"
    max_columns=100,
    # https://docs.mparticle.com/guides/default-service-limits/
    max_attribute_name=256,
    max_attribute_value=4096,
    max_list_entries=1000,
    max_list_entry=512,
    # overview, "Service limits"
    max_pipelines=5,
    # overview, "Service limits": 7 days, 6 months, 3 years, 5 years; the longest that these can be
    catch_up_days={"hourly": 7, "daily": 184, "weekly": 1096, "monthly": 1827},
    # overview, "Service limits"
    max_records={"hourly": 1_000_000, "daily": 24_000_000, "weekly": 40_000_000, "monthly": 40_000_000},
    # rate-limits/mparticle-rate-limits.yml of github.com/api-evangelist/mparticle, read off the vendor's page in 2026
    relaxed_records={"hourly": 5_000_000, "daily": 120_000_000, "weekly": 200_000_000, "monthly": 200_000_000},
    identity_formats=_FORMATS,
    resources={
        "connection": _CONNECTION,
        "bigquery_connection": _BIGQUERY,
        "data_model": _DATA_MODEL,
        "pipeline": _PIPELINE,
    },
)
