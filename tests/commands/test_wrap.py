"""`sqlcheck wrap`: statements to paste."""

from __future__ import annotations

import pytest

from tests.commands.conftest import CLEAN, Run, Write

INTERVAL = ("--interval", "2026-03-01T10:00..2026-03-01T11:30")


def test_the_three_statements_hold_the_query_as_it_is_written(run: Run, write: Write) -> None:
    text = CLEAN.replace("\n", "\r\n") + "-- é"
    write("q.sql", text)

    assert run("wrap", "q.sql", *INTERVAL) == (
        0,
        (
            "-- how many rows the interval has\n"
            "-- the interval is 2026-03-01 10:00:00 to 2026-03-01 11:30:00 UTC\n"
            "SELECT COUNT(*)\n"
            "FROM\n"
            f"(\n{text}\n)\n"
            "WHERE UPDATED_AT BETWEEN '2026-03-01 10:00:00+0000' AND '2026-03-01 11:30:00+0000';\n"
            "\n"
            "-- which columns there are\n"
            "SELECT *\n"
            "FROM\n"
            f"(\n{text}\n)\n"
            "LIMIT 0;\n"
            "\n"
            "-- what is sent: one object a row\n"
            "SELECT OBJECT_CONSTRUCT_KEEP_NULL(*)\n"
            "FROM\n"
            f"(\n{text}\n)\n"
            "WHERE UPDATED_AT BETWEEN '2026-03-01 10:00:00+0000' AND '2026-03-01 11:30:00+0000';\n"
        ),
        "",
    )


@pytest.mark.parametrize(
    ("options", "note", "condition"),
    [
        (
            ["--type", "timestamp_unixtime_ms"],
            ", written as milliseconds since 1970",
            "UPDATED_AT BETWEEN 1772359200000 AND 1772364600000",
        ),
        (
            ["--type", "timestamp_unixtime_s"],
            ", written as seconds since 1970",
            "UPDATED_AT BETWEEN 1772359200 AND 1772364600",
        ),
        (["--type", "date"], "", "UPDATED_AT BETWEEN '2026-03-01' AND '2026-03-01'"),
        (
            ["--time-zone", "Asia/Kolkata"],
            ", written as the clock shows it in Asia/Kolkata",
            "UPDATED_AT BETWEEN '2026-03-01 15:30:00+0530' AND '2026-03-01 17:00:00+0530'",
        ),
        (
            ["--type", "timestamp_tz", "--time-zone", "Asia/Kolkata"],
            "",
            "UPDATED_AT BETWEEN '2026-03-01 10:00:00+0000' AND '2026-03-01 11:30:00+0000'",
        ),
        (
            ["--time-zone", "Nowhere/Land"],
            "",
            "UPDATED_AT BETWEEN '2026-03-01 10:00:00+0000' AND '2026-03-01 11:30:00+0000'",
        ),
        (
            ["--load-timestamp", "Last change"],
            "",
            "\"Last change\" BETWEEN '2026-03-01 10:00:00+0000' AND '2026-03-01 11:30:00+0000'",
        ),
    ],
)
def test_the_interval_is_written_as_the_load_timestamp_wants_it(
    run: Run, options: list[str], note: str, condition: str
) -> None:
    lines = run("wrap", "-", *INTERVAL, *options, input=CLEAN).out.splitlines()

    assert (lines[1], lines[9]) == (
        f"-- the interval is 2026-03-01 10:00:00 to 2026-03-01 11:30:00 UTC{note}",
        f"WHERE {condition};",
    )


def test_an_offset_is_named_and_left_out(run: Run) -> None:
    assert run("wrap", "-", *INTERVAL, "--offset", "1800", input=CLEAN).out.splitlines()[2] == (
        "-- the model's offset of 1800 seconds is left out: no page says which way it moves"
    )


def test_without_an_interval_it_is_a_full_hour(run: Run) -> None:
    line = run("wrap", "-", "--type", "timestamp_unixtime_s", input=CLEAN).out.splitlines()[9]
    start, end = (int(number) for number in line.removeprefix("WHERE UPDATED_AT BETWEEN ").rstrip(";").split(" AND "))

    assert (end - start, end % 3600) == (3600, 0)


def test_a_query_with_errors_is_wrapped_with_a_warning(run: Run, write: Write) -> None:
    write("q.sql", CLEAN.replace("USERS u", "USERS u;"))

    code, out, err = run("wrap", "q.sql", *INTERVAL)

    assert (code, out.count("USERS u;\n)"), err) == (
        0,
        3,
        "warning: q.sql has 1 error, so these may not run: see `sqlcheck check q.sql`\n",
    )


def test_each_model_of_a_project_is_named_above_its_statements(run: Run, write: Write) -> None:
    write("sqlcheck.yaml", "models:\n  - {id: a-model, query: a.sql}\n  - {id: b-model, query: b.sql}\n")
    write("a.sql", CLEAN)
    write("b.sql", CLEAN)

    titles = [line for line in run("wrap", *INTERVAL).out.splitlines() if "model" in line]

    assert titles == ["-- a.sql (model a-model)", "-- b.sql (model b-model)"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--interval", "yesterday"],
            "`yesterday` is not an interval: write two times, as 2026-01-01T00:00..2026-01-01T01:00",
        ),
        (["--interval", "2026-01-01..now"], "`now` is not a time: write it as 2026-01-01T00:00:00Z"),
        (["--interval", "2026-01-02..2026-01-01"], "the interval `2026-01-02..2026-01-01` ends before it begins"),
        (
            [],
            (
                "<stdin>: no load timestamp is set; "
                "give --load-timestamp NAME, or `-- sqlcheck: load_timestamp=NAME` in the query"
            ),
        ),
    ],
)
def test_what_cannot_be_wrapped_is_said_in_one_line(run: Run, arguments: list[str], said: str) -> None:
    assert run("wrap", "-", *arguments, input="SELECT 1") == (2, "", f"error: {said}\n")
