"""Change a text a little, or badly: what editors, generators, copying and bad luck make of queries and documents."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

MAX_LENGTH = 60_000
"""No text grows beyond this many characters: what is asked is whether it breaks, time by length is for other tests."""

_PIECE = re.compile(r"\w+|[^\S\n]+|\n|[^\w\s]")
_BRACKETS = "()[]{}"
_QUOTES = "'\"`“”‘’«»$"
_ODD = [
    *(
        "\u00a0",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u202e",
        "\u2028",
        "\x85",
        "\x00",
        "\x07",
        "\x1b[31m",
        "\x7f",
        "\t",
        "\r",
    ),
    *(
        "é",
        "e\u0301",
        "ß",
        "ſ",
        "İ",
        "ı",
        "日本",
        "😀",
        "👨‍👩‍👧",
        "\U0010ffff",
        "\ue000",
        "（",
        "，",
        "；",
        "–",
        "…",
        "％",
    ),
]
_COMMENTS = [
    *("-- x\n", "/* x */", "// x\n", "--\n", "/**/", "/* -- */", "/*", "*/", "# x\n", " \n", "\r\n", "\n\n\n", "  "),
    *("-- sqlcheck: api=v1 type=date\n", "-- sqlcheck:\n", "-- sqlcheck: ignore-file[nope]\n"),
    "-- sqlcheck: ignore[select-star]\n",
]
_NESTS = [
    *(("(", ")"), ("[", "]"), ("{", "}"), ("(select * from (", ") as q)"), ("(select ", ")"), ("not ", ""), ("- ", "")),
    *(("case when ", " then 1 end"), ("coalesce(", ", 1)"), ('{"a": ', "}"), ("[[", "]]"), ("{a: ", "}"), ("- - ", "")),
    *(("/*", "*/"), ("'", "'"), ("{{", "}}"), ("array_agg(", ")"), ("a union all select ", ""), ("cast(", " as text)")),
]
WORDS: dict[str, list[str]] = {
    "sql": (
        "SELECT DISTINCT TOP FROM WHERE GROUP BY ALL HAVING QUALIFY ORDER LIMIT OFFSET FETCH UNION EXCEPT "
        "INTERSECT MINUS WITH RECURSIVE AS JOIN LEFT RIGHT FULL OUTER INNER CROSS NATURAL ASOF LATERAL "
        "FLATTEN TABLE ON USING IN IS NOT NULL AND OR CASE WHEN THEN ELSE END BETWEEN LIKE ILIKE EXISTS OVER "
        "PARTITION ROWS PRECEDING WITHIN CAST TRY_CAST INTERVAL DATE VALUES PIVOT UNPIVOT SAMPLE AT BEFORE "
        "MATCH_RECOGNIZE CONNECT START PRIOR EXCLUDE RENAME REPLACE GROUPING SETS ROLLUP CUBE NULLS FIRST "
        "LAST COLLATE ESCAPE INSERT UPDATE DELETE MERGE CREATE OR REPLACE VIEW ALTER DROP COLUMN ADD PRIMARY "
        "KEY DEFAULT COMMENT CALL EXECUTE IMMEDIATE BEGIN DECLARE RETURN FOR WHILE LOOP t u v a b c x1 "
        "updated_at customer_id email $1 $$ :: : . .* * , ; = <> != => -> || % ? :b @s &v ${x} {{x}} {% <x> "
        "%s 'x' '' \"X\" \"\" 1 -1 1.5 1e9 0x1 TRUE t.* u.a db.s.t a:b.c a[0] COUNT(*) MAX(a) GREATEST(a,b) "
        "NOW() CURRENT_TIMESTAMP UUID_STRING() SEQ4() ROW_NUMBER() OBJECT_CONSTRUCT(*) IFF(a,b,c) NVL(a,b) "
        "x.nextval ARRAY_AGG(a) LISTAGG(a,',') TO_TIMESTAMP(a) DATEADD(day,1,a) PARSE_JSON(a) IDENTIFIER('t') "
        "$FirstName other10"
    ).split(),
    "document": (
        ": - , [ ] { } & * ! | > ? # % @ ~ << --- ... null true false yes off 1 -1 0 1.5 .inf 0x1F 1e400 "
        "2026-01-01 !!str !!int !!binary !x &a *a '' \"\" api v1 v2 experimental models model id name query "
        "load_timestamp field type time_zone offset identities attributes pipelines interval daily hourly "
        "once start environment feed_key rules error connection account region schema data_plan workspace_id "
        "rows sql_query load_timestamp_field_name ${X} {{x}} <x> replace_me ******** version_document "
        "data_points match validator definition properties required additionalProperties enum criteria nodes "
        "sources metadata columns snapshot pulled tables not null maybe"
    ).split(),
}  # fmt: skip

Mutation = Callable[[random.Random, list[str], list[str], Sequence[str]], list[str]]
"""Pieces of a text, those of another one, and words that its language knows → other pieces."""


def mutate(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    """Change a text in one to five ways."""
    pieces, others = _PIECE.findall(text), _PIECE.findall(other)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5))):
        pieces = _PIECE.findall("".join(chance.choice(_MUTATIONS)(chance, pieces, others, words))[:MAX_LENGTH])
    return "".join(pieces)


def damage(chance: random.Random, data: bytes) -> bytes:
    """Change the bytes of a text: a wrong encoding, a mark before it, a byte that went wrong."""
    text = data.decode("utf-8", "replace")
    kind = chance.randrange(5)
    if kind == 0:
        return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-7")), "replace")
    if kind == 1:
        return b"\xef\xbb\xbf" + data
    if kind == 2:
        return text.replace("\r\n", "\n").replace("\n", chance.choice(("\r\n", "\r"))).encode()
    at = chance.randint(0, len(data))
    return data[:at] + bytes(chance.randrange(256) for _ in range(chance.choice((1, 1, 4)))) + data[at + kind - 3 :]


def _slice(chance: random.Random, pieces: list[str], most: int = 12) -> tuple[int, int]:
    start = chance.randint(0, len(pieces))
    return start, min(len(pieces), start + chance.randint(1, most))


def _delete(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    start, end = _slice(chance, pieces)
    return pieces[:start] + pieces[end:]


def _duplicate(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    start, end = _slice(chance, pieces)
    return pieces[:end] + pieces[start:end] * chance.choice((1, 1, 2, 50)) + pieces[end:]


def _swap(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    (one, two), (three, four) = sorted((_slice(chance, pieces), _slice(chance, pieces)))
    if two > three:
        return pieces[one:] + pieces[:one]
    return pieces[:one] + pieces[three:four] + pieces[two:three] + pieces[one:two] + pieces[four:]


def _brackets(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    return _replaced(chance, pieces, _BRACKETS)


def _quotes(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    return _replaced(chance, pieces, _QUOTES)


def _replaced(chance: random.Random, pieces: list[str], characters: str) -> list[str]:
    """Drop or replace one of some characters, or put one in."""
    places = [at for at, piece in enumerate(pieces) if piece in characters]
    if places and chance.random() < 0.7:
        at = chance.choice(places)
        return pieces[:at] + chance.choice(([], [chance.choice(characters)])) + pieces[at + 1 :]
    return _inserted(chance, pieces, chance.choice(characters))


def _odd(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    if pieces and chance.random() < 0.3:
        at = chance.randrange(len(pieces))
        inside = chance.randint(0, len(pieces[at]))
        changed = pieces[at][:inside] + chance.choice(_ODD) + pieces[at][inside:]
        return [*pieces[:at], changed, *pieces[at + 1 :]]
    return _inserted(chance, pieces, chance.choice(_ODD))


def _splice(chance: random.Random, pieces: list[str], others: list[str], _words: Sequence[str]) -> list[str]:
    """Put part of another text in, or go on with it."""
    start, end = _slice(chance, others, 60)
    at, behind = _slice(chance, pieces, 20)
    rest = chance.choice((pieces[at:], pieces[behind:], []))
    return pieces[:at] + others[start:end] + rest


def _comment(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    return _inserted(chance, pieces, chance.choice(_COMMENTS))


def _word(chance: random.Random, pieces: list[str], _others: list[str], words: Sequence[str]) -> list[str]:
    at, _ = _slice(chance, pieces)
    kept = pieces[at + chance.randint(0, 1) :]
    return [*pieces[:at], " ", chance.choice(words), " ", *kept]


def _nest(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    start, end = _slice(chance, pieces)
    opening, closing = chance.choice(_NESTS)
    depth = chance.choice((1, 1, 2, 3, 30, 120, 1500))
    inside = "".join(pieces[start:end])
    return [*pieces[:start], opening * depth, inside, closing * (depth - chance.choice((0, 0, 1))), *pieces[end:]]


def _case(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    start, end = _slice(chance, pieces, 40)
    return pieces[:start] + [piece.swapcase() for piece in pieces[start:end]] + pieces[end:]


def _cut(chance: random.Random, pieces: list[str], _others: list[str], _words: Sequence[str]) -> list[str]:
    at, _ = _slice(chance, pieces)
    return chance.choice((pieces[:at], pieces[at:]))


def _inserted(chance: random.Random, pieces: list[str], text: str) -> list[str]:
    at = chance.randint(0, len(pieces))
    return [*pieces[:at], text, *pieces[at:]]


_MUTATIONS: tuple[Mutation, ...] = (
    *(_delete, _delete, _duplicate, _swap, _brackets, _quotes, _odd, _splice, _splice, _comment, _word, _word, _word),
    *(_nest, _case, _cut),
)
