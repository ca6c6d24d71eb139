"""Facts about Snowflake and about names that no query tells: functions, types, time zones, words."""
