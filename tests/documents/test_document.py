"""YAML and JSON as trees with positions, and what is said of texts that are neither."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sqlcheck.documents import yaml as _yaml
from sqlcheck.documents.document import Document, expand, read_document, read_json, read_yaml
from sqlcheck.documents.nodes import Node
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Place, Source, Span
from sqlcheck.settings import Value

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
READERS = pytest.mark.parametrize("read", [read_json, read_yaml], ids=["json", "yaml"])


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with both of PyYAML's parsers, as some builds have only the slow one."""
    monkeypatch.setattr(_yaml, "LOADER", getattr(yaml, request.param))


def plain(node: Node | None) -> object:
    """Give what a document says, without places."""
    if node is None:
        return "unreadable"
    if node.kind == "object":
        return {str(key.value): plain(value) for key, value in node.items}
    if node.kind == "array":
        return [plain(element) for element in node.elements]
    return node.value


def leaves(document: Document) -> list[tuple[str, str]]:
    """Give the kind of every scalar and the text at its span, in order."""

    def walk(node: Node) -> list[tuple[str, str]]:
        inner = [value for _, value in node.items] + list(node.elements)
        if node.kind in ("object", "array"):
            return [leaf for each in inner for leaf in walk(each)]
        return [(node.kind, document.source.text[slice(*node.span)])]

    return walk(document.root) if document.root else []


def problems(document: Document) -> list[tuple[str, str]]:
    """Give the text at each problem, and what is said of it."""
    return [(document.source.text[slice(*problem.span)], problem.message) for problem in document.problems]


def yaml_of(text: str) -> Document:
    return read_yaml(Source("sqlcheck.yaml", text))


def json_of(text: str) -> Document:
    return read_json(Source("payload.json", text))


@pytest.mark.usefixtures("loader")
def test_yaml_scalars_are_those_of_the_core_schema() -> None:
    document = yaml_of(
        "text: [off, on, yes, No, 2026-01-01, 2026-01-01T00:00:00Z, 1_000, 12:30, 1.2.3, =, <<]\n"
        "quoted: ['1', \"true\", '']\nnull: [~, null, ]\nbool: [true, False]\n"
        "numbers: [0, -7, 010, 0x1F, 0o17, 1.5, -.5, 1e3, .inf]\n"
    )
    assert plain(document.root) == {
        "text": ["off", "on", "yes", "No", "2026-01-01", "2026-01-01T00:00:00Z", "1_000", "12:30", "1.2.3", "=", "<<"],
        "quoted": ["1", "true", ""],
        "null": [None, None],
        "bool": [True, False],
        "numbers": [0, -7, 10, 31, 15, 1.5, -0.5, 1000.0, float("inf")],
    }


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_yaml_spans_cover_exactly_the_written_values(start: str, end: str) -> None:
    text = start + end.join(
        [
            "# é 😀",
            "a: 'it''s'   # why",
            'é😀: {b: ${X}, c: "q"}',
            "d:",
            "  - plain text",
            "  - 7",
            "e:",
            "f: {{X}}-m",
            "",
        ]
    )
    document = yaml_of(text)
    assert (
        plain(document.root),
        leaves(document),
    ) == (
        {"a": "it's", "é😀": {"b": "${X}", "c": "q"}, "d": ["plain text", 7], "e": None, "f": "{{X}}-m"},
        [
            ("string", "'it''s'"),
            ("string", "${X}"),
            ("string", '"q"'),
            ("string", "plain text"),
            ("integer", "7"),
            ("null", "e"),
            ("string", "{{X}}-m"),
        ],
    )


@pytest.mark.usefixtures("loader")
def test_a_yaml_block_ends_with_its_last_value() -> None:
    document = yaml_of("a:\n  b: 1\n  c: 2\n\n# later\nd: 3\n")
    assert document.root is not None
    inner = document.root.get("a")
    assert inner is not None
    assert document.source.text[slice(*inner.span)] == "b: 1\n  c: 2"


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("", "the document is empty")]),
        ("# only a comment\n", [("", "the document is empty")]),
        ("a: 1\nb: 2\na: 3\n", [("a", "the key `a` stands here twice")]),
        ("a: &x 1\nb: *y\n", [("*y", "`*y` repeats a value that is not there")]),
        ("a: &x [*x]\n", [("*x", "`*x` repeats a value that is not there")]),
        ("a: !!int b\n", [("b", "`b` is no `!!int`")]),
        ("a: !include b.yaml\n", [("!include b.yaml", "the tag `!include` has no meaning here")]),
        ("? [a]\n: 1\n", [("[a]", "a key is a plain word, not a list or an object")]),
        ("a: 1\n---\nb: 2\n", [("---", "a second document begins here")]),
        ("a: {b: 1\n", [("{", "this `{` is never closed")]),
        ("a: 'b\nc: 1\n", [("'", "this `'` is never closed")]),
        ("a: b: c\n", [(":", "a `:` cannot stand here")]),
        ("a:\n\tb: 1\n", [("\t", "a tab cannot stand here")]),
        ("a: @b\n", [("@", "a value cannot begin with `@`")]),
        ("a: 1\n- b\n", [("-", "the line does not go with those above")]),
        ("a: [1 2]\nb: [1\nc: 2\n", [(":", "a comma or a closing bracket is missing before this")]),
        ("a: \x07\n", [("\x07", "the character U+0007 cannot stand in YAML")]),
        ("a: \ud800\n", [("\ud800", "the character U+D800 cannot stand in YAML")]),
        ("[" * 3000, [("[", "the values are nested more than 100 deep")]),
    ],
)
def test_yaml_that_cannot_be_read_is_explained(text: str, expected: list[tuple[str, str]]) -> None:
    assert expected == problems(yaml_of(text))


def test_an_alias_bomb_is_not_expanded() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40))]
    assert problems(yaml_of("\n".join(lines))) == [("*a5", "aliases repeat more than 200000 values")]


def test_aliases_do_not_nest_deeper_than_values_may() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))]
    assert problems(yaml_of("\n".join(lines))) == [("*a98", "the values are nested more than 100 deep")]


@pytest.mark.usefixtures("loader")
def test_aliases_and_merge_keys_repeat_what_stands_at_its_own_place() -> None:
    text = "a: &a\n  f: &f UP\n  t: x\nb:\n  <<: *a\n  t: y\nc: &c {z: 1}\nd: {<<: [*a, *c], f: !!str 5}\ne: *f\n"
    document = yaml_of(text)
    root = document.root
    assert root is not None
    b, d = root.get("b"), root.get("d")
    assert b is not None
    assert d is not None
    assert (plain(root), document.problems) == (
        {
            "a": {"f": "UP", "t": "x"},
            "b": {"t": "y", "f": "UP"},
            "c": {"z": 1},
            "d": {"f": "5", "t": "x", "z": 1},
            "e": "UP",
        },
        (),
    )
    assert [text[slice(*node.span)] for node in (b, d, *(value for _, value in (*b.items, *d.items)))] == [
        "<<: *a\n  t: y",
        "{<<: [*a, *c], f: !!str 5}",
        "y",
        "UP",
        "5",
        "x",
        "1",
    ]


def test_an_anchor_and_a_tag_are_no_part_of_the_value() -> None:
    text = "a: &x  # here\n  b: 1\nc: &y {d: !!str &z 5}\ne: &w\n"
    root = yaml_of(text).root
    assert root is not None
    c = root.get("c")
    assert c is not None
    values = [value for _, value in (*root.items, *c.items)]
    assert [text[slice(*value.span)] for value in values] == ["b: 1", "{d: !!str &z 5}", "e", "5"]


@given(JSON_VALUES, st.sampled_from([None, 2]), st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(value: object, indent: int | None, ascii_only: bool) -> None:
    document = json_of(json.dumps(value, indent=indent, ensure_ascii=ascii_only))
    assert (value, ()) == (plain(document.root), document.problems)


@given(st.text(), st.booleans())
def test_each_character_of_a_json_string_knows_where_it_stands(value: str, ascii_only: bool) -> None:
    text = f"  [{json.dumps(value, ensure_ascii=ascii_only)}]"
    document = json_of(text)
    assert document.root is not None
    source = document.embedded(document.root.elements[0])
    pieces = [text[slice(*source.resolve(Span(at, at + 1))[1])] for at in range(len(value))]
    assert (value, list(value), document.source) == (
        source.text,
        [json.loads(f'"{piece}"') for piece in pieces],
        source.host,
    )


def test_the_end_of_an_embedded_text_is_the_closing_quote() -> None:
    document = json_of(r'{"q": "a\ud83d\ude00\u00e9\n"}')
    assert document.root is not None
    node = document.root.get("q")
    assert node is not None
    source = document.embedded(node)
    assert (source.text, source.offsets) == ("a😀é\n", (7, 8, 20, 26, 28))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("", "the document is empty")]),
        (" \n", [("", "the document is empty")]),
        ('{"a": 1, "a": 2}', [('"a"', "the key `a` stands here twice")]),
        ('{"a": 1,}', [(",", "a comma stands before the closing `}`")]),
        ("[1 2]", [("2", "a comma or `]` is wanted before this")]),
        ('{"a": "x"y"}', [("y", "a comma or `}` is wanted before this")]),
        ('{"a" 1}', [("1", "a `:` is wanted behind the key `a`")]),
        ("{a: 1}", [("a", "a key in double quotes is wanted here")]),
        ("['a']", [("'", "`'` is not a quotation mark of JSON")]),
        ("[“a”]", [("“", "`“` is not a quotation mark of JSON")]),
        ("[True]", [("True", "`True` is not a value of JSON")]),
        ("[01]", [("01", "`01` is not a value of JSON")]),
        ("[NaN]", [("NaN", "`NaN` is not a value of JSON")]),
        ("[1] // why", [("/", "the document is at its end before this")]),
        ("[/* why */ 1]", [("/", "JSON has no comments")]),
        ("[1", [("[", "this `[` is never closed")]),
        ('["a', [('"', "the string that begins here is never closed")]),
        ('["a\nb"]', [("\n", "a string runs over the end of the line")]),
        ('["a\tb"]', [("\t", "a control character stands in a string")]),
        (r'["\x41"]', [(r"\x", r"`\x` is not an escape of JSON")]),
        (r'["\u12"]', [(r"\u", r"`\u` wants four hexadecimal digits behind it")]),
        (r'["\ud800"]', [(r"\ud800", r"`\ud800` is half of a pair, and its other half is missing")]),
        ("[" * 5000, [("[", "the values are nested more than 100 deep")]),
    ],
)
def test_json_that_cannot_be_read_is_explained(text: str, expected: list[tuple[str, str]]) -> None:
    assert expected == problems(json_of(text))


def test_a_postman_variable_outside_of_quotes_is_a_text() -> None:
    document = json_of('\ufeff{"workspace_id": {{WORKSPACE_ID}}, "n": {}}')
    assert ({"workspace_id": "{{WORKSPACE_ID}}", "n": {}}, ()) == (plain(document.root), document.problems)


@READERS
@given(text=st.text())
def test_any_text_gives_a_tree_or_a_problem_inside_it(read: Callable[[Source], Document], text: str) -> None:
    document = read(Source("document", text))
    inside = all(0 <= problem.span.start <= problem.span.end <= len(text) for problem in document.problems)
    assert (True, True) == (inside, document.root is not None or bool(document.problems))


@given(st.text(alphabet="ab:-[]{},'\"#&*!|>%@ \n\t$?~1."))
def test_any_yaml_like_text_gives_a_tree_or_a_problem(text: str) -> None:
    document = yaml_of(text)
    assert document.root is not None or document.problems


def test_the_language_goes_by_the_name() -> None:
    names = ("a.JSON", "sqlcheck.yaml", "a.yml", "-")
    assert [read_document(Source(name, "{}")).language for name in names] == ["json", "yaml", "yaml", "yaml"]


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        (
            "p.yaml",
            "connection: {user: U, password: hunter2, role: R}\n",
            "connection: {user: U, password: *******, role: R}\n",
        ),
        ("p.yaml", "password: |\n  a\n  b\nx: 1\n", "password: *\n***\n***\nx: 1\n"),
        ("p.yaml", "feed_key: ${FEED_KEY}\n", "feed_key: ${FEED_KEY}\n"),
        ("p.yaml", "password: [hunter2\nx: 1\n", "password:*********\nx: 1\n"),
        (
            "p.json",
            '{"service_account_key": {"private_key": "abc"}}',
            '{"service_account_key": **********************}',
        ),
        ("p.json", '{"partner_feed_key": "us1-1", "a": hunter2}', '{"partner_feed_key":***********************'),
        ("p.json", '{"keyword": "password", "tokens": 3}', '{"keyword": "password", "tokens": 3}'),
    ],
)
def test_secrets_are_not_shown(name: str, text: str, shown: str) -> None:
    assert shown == read_document(Source(name, text)).source.shown


@pytest.mark.parametrize(
    ("name", "text"),
    [("p.yaml", "password: *hunter2\n"), ("p.yaml", "password: !hunter2 x\n"), ("p.json", '{"password": hunter2}')],
)
def test_a_message_about_a_secret_does_not_tell_it(name: str, text: str) -> None:
    document = read_document(Source(name, text))
    assert [problem.message for problem in document.problems] == ["this value cannot be read"]


def test_references_are_filled_in_from_the_environment() -> None:
    assert expand(Value("${A}-${B_2}-$C-{D}"), {"A": "1", "B_2": "2"}) == "1-2-$C-{D}"


def test_a_variable_that_is_not_set_stops_the_run_at_its_line() -> None:
    source = Source("sqlcheck.yaml", "a: 1\nb: ${NOPE}\n")
    with pytest.raises(SqlcheckError) as caught:
        expand(Value("${NOPE}", Place(source, Span(8, 15))), {})
    assert str(caught.value) == "sqlcheck.yaml:2: the environment variable `NOPE` is not set"


@pytest.mark.parametrize(
    ("text", "unfilled"),
    [
        ("replace_me", "replace_me"),
        ("arn:REPLACE-ME:x", "REPLACE-ME"),
        ("{{POD}}-x", "{{POD}}"),
        ("a-<your account>", "<your account>"),
        ("********", "********"),
        ("changeme", "changeme"),
        ("your_password", "your_password"),
        ("replacement-model", None),
        ("a < b > c", None),
        ("a**b", None),
        ("${NAME}", None),
        ("todo-model", None),
    ],
)
def test_placeholders_are_known(text: str, unfilled: str | None) -> None:
    assert unfilled == Node("string", Span(0, 0), text).unfilled
