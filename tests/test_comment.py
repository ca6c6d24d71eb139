"""`-- sqlcheck:` comments, from text to settings and ignores."""

from __future__ import annotations

import pytest

from sqlcheck import comment
from sqlcheck.model import Place, Source, Span
from sqlcheck.parse import Query, parse
from sqlcheck.settings import DeclaredAttribute, LoadTimestamp, Model, Value


def read(text: str) -> Query:
    return parse(Source("query.sql", text))


def settings(text: str) -> list[tuple[str, str, str]]:
    """Give key, value and the text at the value's span of every setting."""
    return [
        (setting.key, setting.value, text[setting.span.start : setting.span.end])
        for directive in comment.read(read(text))
        for setting in directive.settings
    ]


def ignores(text: str) -> list[tuple[str, str, int | None]]:
    """Give rule, the text at its span, and the line of every ignore."""
    return [
        (ignore.rule, text[ignore.span.start : ignore.span.end], ignore.line)
        for directive in comment.read(read(text))
        for ignore in directive.ignores
    ]


def problems(text: str, apis: tuple[str, ...] = ()) -> list[tuple[str, str, str | None]]:
    """Give the text at the place, the message and the help of every problem."""
    found = []
    for directive in comment.read(read(text), apis):
        for problem in directive.problems:
            assert isinstance(problem.at, Place)
            start, end = problem.at.span
            found.append((text[start:end], problem.message, problem.help))
    return found


def test_a_text_without_directives_has_none() -> None:
    assert () == comment.read(read("-- a comment\nSELECT 1 -- another\n"))


def test_prose_about_the_tool_is_no_directive() -> None:
    assert () == comment.read(read("-- sqlcheck is run by CI; see sqlcheck: ignore[select-star]\nSELECT 1"))


def test_a_header_may_have_several_lines_and_settings() -> None:
    text = "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz\n--sqlcheck:api=v1\n\nSELECT 1"
    assert [
        ("load_timestamp", "UPDATED_AT", "UPDATED_AT"),
        ("type", "timestamp_ntz", "timestamp_ntz"),
        ("api", "v1", "v1"),
    ] == settings(text)


def test_slashes_and_block_comments_hold_directives_too() -> None:
    text = "// sqlcheck: type=date\n/* sqlcheck:\n   time_zone=UTC\n   offset=-3600 */ SELECT 1"
    assert [("type", "date", "date"), ("time_zone", "UTC", "UTC"), ("offset", "-3600", "-3600")] == settings(text)


def test_a_quoted_value_may_hold_blanks_and_its_span_is_what_stands_inside() -> None:
    text = '-- sqlcheck: load_timestamp="Updated At" type="date"\nSELECT 1'
    assert [("load_timestamp", "Updated At", "Updated At"), ("type", "date", "date")] == settings(text)


def test_a_list_takes_blanks_behind_commas_and_knows_the_span_of_each_part() -> None:
    text = "-- sqlcheck: identities=customer_id, email,mpid api=v1\nSELECT 1"
    (directive,) = comment.read(read(text))
    first, second = directive.settings
    assert [("customer_id", "customer_id"), ("email", "email"), ("mpid", "mpid")] == [
        (part, text[span.start : span.end]) for part, span in first.parts
    ]
    assert ("api", "v1") == (second.key, second.value)


def test_a_directive_inside_a_string_is_none() -> None:
    assert () == comment.read(read("SELECT '-- sqlcheck: ignore[select-star]', $$ -- sqlcheck: api=v1 $$"))


def test_an_ignore_at_the_end_of_a_line_is_for_that_line() -> None:
    text = "SELECT *  -- sqlcheck: ignore[select-star] the view is frozen\nFROM a.b.c"
    assert [("select-star", "select-star", 1)] == ignores(text)


def test_an_ignore_alone_on_a_line_is_for_the_next_line_with_code() -> None:
    text = "SELECT\n  -- sqlcheck: ignore[unnamed-output]\n\n  -- why\n  COUNT(*)\nFROM a.b.c"
    assert [("unnamed-output", "unnamed-output", 5)] == ignores(text)


def test_a_block_ignore_before_code_is_for_the_line_that_it_begins() -> None:
    assert [("select-star", "select-star", 1)] == ignores("/* sqlcheck: ignore[select-star] */ SELECT * FROM a.b.c")


def test_an_ignore_behind_a_string_of_several_lines_is_for_the_line_where_that_ends() -> None:
    assert [("x", "x", 2)] == ignores("SELECT 'a\nb' -- sqlcheck: ignore[x]\nFROM a.b.c")


def test_an_ignore_behind_all_code_is_for_its_own_line() -> None:
    assert [("x", "x", 2)] == ignores("SELECT 1\n-- sqlcheck: ignore[x]")


def test_an_ignore_behind_the_semicolon_is_for_its_line() -> None:
    assert [("x", "x", 1)] == ignores("SELECT 1; -- sqlcheck: ignore[x]")


def test_several_rules_may_share_a_bracket() -> None:
    text = "-- sqlcheck: ignore-file[ select-star,row-limit ] why\nSELECT 1"
    assert [("select-star", "select-star", None), ("row-limit", "row-limit", None)] == ignores(text)


def test_settings_and_an_ignore_may_share_a_comment() -> None:
    text = "-- sqlcheck: api=v1 ignore[select-star] because=yes\nSELECT 1"
    assert ([("api", "v1", "v1")], [("select-star", "select-star", 2)]) == (settings(text), ignores(text))


def test_a_text_that_has_no_tokens_still_has_its_leading_comments() -> None:
    text = "-- sqlcheck: api=v1\n/* x */ SELECT 'open -- sqlcheck: type=date"
    assert ((), [("api", "v1", "v1")]) == (read(text).tokens, settings(text))


def test_windows_line_ends_do_not_enter_values() -> None:
    assert [("api", "v1", "v1"), ("type", "date", "date")] == settings(
        "-- sqlcheck: api=v1\r\n-- sqlcheck: type=date\r\nSELECT 1\r\n"
    )


def keys(text: str) -> list[tuple[str, str, bool, str]]:
    """Give rule, key, whether it is quoted, and the text at its span, for every ignore and key."""
    return [
        (ignore.rule, key.name, key.quoted, text[key.span.start : key.span.end])
        for directive in comment.read(read(text))
        for ignore in directive.ignores
        for key in ignore.keys
    ]


def test_an_ignore_may_name_the_output_columns_that_it_is_for() -> None:
    text = 'SELECT a, b -- sqlcheck: ignore[x, y](plan, "Net ""value"", (EUR)" ,two words) why (not)'

    assert keys(text) == [
        (rule, *key)
        for rule in ("x", "y")
        for key in (
            ("plan", False, "plan"),
            ('Net "value", (EUR)', True, '"Net ""value"", (EUR)"'),
            ("two words", False, "two words"),
        )
    ]


@pytest.mark.parametrize("comment", ["ignore[x] (the reason)", "ignore[x] why (not)", "ignore-file[x]"])
def test_brackets_behind_a_blank_belong_to_the_reason(comment: str) -> None:
    assert ([], [("x", "x")]) == (
        keys(f"-- sqlcheck: {comment}\nSELECT 1"),
        [found[:2] for found in ignores(f"-- sqlcheck: {comment}\nSELECT 1")],
    )


@pytest.mark.parametrize(
    ("key", "column", "fits"),
    [
        ("plan", "PLAN", True),
        ("plan", "plan", True),
        ('"plan"', "plan", True),
        ('"plan"', "PLAN", False),
        ("plan", "PLANS", False),
        ("plan", None, False),
    ],
)
def test_case_counts_only_for_a_key_in_quotes(key: str, column: str | None, fits: bool) -> None:
    (directive,) = comment.read(read(f"SELECT 1 -- sqlcheck: ignore[x]({key})"))

    assert fits == directive.ignores[0].keys[0].fits(column)


USAGE = "write `key=value`, `ignore[rule-name]` or `ignore-file[rule-name]`"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("timezone=UTC", ("timezone", "`timezone` is not a setting", "did you mean `time_zone`?")),
        ("TYPE=date", ("TYPE", "`TYPE` is not a setting", "did you mean `type`?")),
        (
            "colour=red",
            (
                "colour",
                "`colour` is not a setting",
                f"the settings are {', '.join(comment.KEYS)}",
            ),
        ),
        ("ignore[x](plan", ("(", "this bracket is never closed", "add `)`")),
        ("ignore[x]( )", ("( )", "these brackets name no output column", "name one, or remove them")),
        ("type=", ("type", "`type` has no value", "write `type=…`")),
        ('type=""', ("type", "`type` has no value", "write `type=…`")),
        ("type", ("type", "`type` has no value", "write `type=…`")),
        ("type= api=v1", ("type", "`type` has no value", "write `type=…`")),
        ('type="date', ('"', "this quote is never closed", 'add `"`')),
        ("api=v11", ("v11", "`v11` is not a version of the API", "did you mean `v1`?")),
        ("ignore[a, b", ("[", "this bracket is never closed", "add `]`")),
        ("ignore[]", ("ignore[]", "`ignore` names no rule", "write the rule's name in the brackets")),
        ("ignore", ("ignore", "`ignore` names no rule", "write `ignore[rule-name]` and the reason behind it")),
        ("ignored[a]", ("ignored[a]", "`ignored[a]` is no directive", "did you mean `ignore[…]`?")),
        ("please", ("please", "`please` is no directive", USAGE)),
        ("", ("sqlcheck:", "this comment sets nothing", USAGE)),
    ],
)
def test_what_cannot_be_read_is_a_problem_at_its_place(line: str, expected: tuple[str, str, str]) -> None:
    assert [expected] == problems(f"-- sqlcheck: {line}\nSELECT 1", ("v1", "v2"))


def test_a_missing_colon_is_a_problem() -> None:
    text = "SELECT * -- sqlcheck ignore[select-star]\nFROM a.b.c"
    assert [("sqlcheck", "`sqlcheck` wants a colon here", "write `sqlcheck: ignore[…]`")] == problems(text)


def test_a_setting_given_twice_is_a_problem_and_the_first_counts() -> None:
    text = "-- sqlcheck: api=v1\n-- sqlcheck: api=v2\nSELECT 1"
    assert ([("api", "`api` is set twice", "keep one of the two")], [("api", "v1", "v1")]) == (
        problems(text),
        settings(text),
    )


def test_a_setting_or_a_file_ignore_behind_the_beginning_is_a_problem_and_does_nothing() -> None:
    text = "SELECT 1 -- sqlcheck: api=v1\n-- sqlcheck: ignore-file[x]\n"
    assert (
        [
            ("api", "`api` is set behind the beginning of the query", "move it to the top"),
            ("ignore-file", "`ignore-file` stands behind the beginning of the query", "move it to the top"),
        ],
        [],
        [],
    ) == (problems(text), settings(text), ignores(text))


def test_a_header_wins_over_the_model() -> None:
    text = (
        "-- sqlcheck: load_timestamp=TS offset=60 identities=email,mpid\n"
        "-- sqlcheck: attributes=plan:text,score:number:calc.score,note api=v2\nSELECT 1"
    )
    source = Source("query.sql", text)

    def place(word: str) -> Place:
        at = text.index(word)
        return Place(source, Span(at, at + len(word)))

    type_ = Value("date")
    model = Model(id="m", load_timestamp=LoadTimestamp(Value("OLD"), type_), identities=(), api="v1")
    score = place("score")
    number = Place(source, Span(score.span.end + 1, score.span.end + 7))
    origin = Place(source, Span(number.span.end + 1, number.span.end + 11))
    assert Model(
        id="m",
        load_timestamp=LoadTimestamp(Value("TS", place("TS")), type_, None, Value(60, place("60"))),
        identities=(Value("email", place("email")), Value("mpid", place("mpid"))),
        attributes=(
            DeclaredAttribute("plan", Value("text", place("text")), None, place("plan")),
            DeclaredAttribute("score", Value("number", number), Value("calc.score", origin), score),
            DeclaredAttribute("note", None, None, place("note")),
        ),
        api="v2",
    ) == comment.configure(model, comment.read(parse(source)), source)


def test_a_block_may_hold_several_directives_in_lines_that_begin_with_stars() -> None:
    text = (
        "/*\n * sqlcheck: type=date\n *   time_zone='UTC'\n"
        ' * sqlcheck: identities="email, customer_id"\n */\nSELECT 1'
    )

    assert settings(text) == [
        ("type", "date", "date"),
        ("time_zone", "UTC", "UTC"),
        ("identities", "email, customer_id", "email, customer_id"),
    ]
