"""Rows for tables that have none: made up from names and types of columns, the same ones all day.

Each value follows from a number of one small domain, so that keys, names and addresses meet across tables, whatever
their columns are called.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlcheck.schema import SchemaColumn, SchemaTable

ROWS = 200
"""How many rows a table gets, and how large the domain of its values is."""

_DAYS = 60
_PER_HOUR = 4
_KEY = re.compile(r"(?:\A|_)(?:ID|KEY|SK|PK|FK|NUMBER|NO|CODE)\Z|KEY\Z")
_FIRST = "Ada Ben Chloe Dan Eve Finn Grace Hugo Ida Jon Kim Leo Mia Noah Ola Pia Quinn Rui Sam Tea".split()
_LAST = "Abbott Baker Cole Diaz Evans Fox Gray Hill Ito Jones".split()
_CITIES = "Berlin Boston Lima London Lyon Oslo Paris Porto Rome Tokyo".split()
_COUNTRIES = "DE US PE GB FR NO IT PT JP BR".split()
_WORDS = "amber basic blue classic free gold green plus premium silver".split()

Value = Callable[[int], str]
_TEXTS: tuple[tuple[re.Pattern[str], Value], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in {
        r"UUID|GUID|(?:\A|_)(?:IDFA|GAID|IDFV)\Z": lambda n: str(uuid.UUID(int=n * 0x9E3779B97F4A7C15, version=4)),
        r"E?MAIL(?!ED|ING)": lambda n: f"{_FIRST[n % 20].lower()}.{n}@example.com",
        r"PHONE|MOBILE|(?:\A|_)TEL": lambda n: f"+1202555{n:04}",
        r"FIRST_?NAME|GIVEN_?NAME": lambda n: _FIRST[n % 20],
        r"LAST_?NAME|SURNAME|FAMILY_?NAME": lambda n: _LAST[n // 20 % 10],
        r"NAME\Z": lambda n: f"{_FIRST[n % 20]} {_LAST[n // 20 % 10]}",
        r"CITY|TOWN": lambda n: _CITIES[n % 10],
        r"COUNTRY|NATION": lambda n: _COUNTRIES[n % 10],
        r"CURRENCY": lambda n: ("EUR", "USD", "GBP")[n % 3],
        r"ZIP|POSTAL|POSTCODE": lambda n: f"{10000 + n * 37}",
        r"URL|LINK|WEBSITE": lambda n: f"https://example.com/{n}",
        r"(?:\A|_)IP(?:\Z|_)": lambda n: f"192.0.2.{n}",
    }.items()
)
"""What a text column's name holds → the text of a number."""
_MOMENT = re.compile(r"(?:_AT|_ON|_TS|TIME|TIMESTAMP|DATE|_DT|EPOCH)\Z|\A(?:TS|DT)\Z|(?:_MS|_MILLIS|_UNIX)\Z")
_MILLIS = re.compile(r"MS\Z|MILLIS")
_AMOUNT = re.compile(
    r"AMOUNT|PRICE|COST|TOTAL|BALANCE|REVENUE|RATE|DISCOUNT|TAX|VALUE|SCORE|PROFIT|SALES|FEE|SPEND|PROPENSITY"
)


def invent(table: SchemaTable, now: datetime) -> dict[str, list[str | None]]:
    """Make up the rows of a table as columns of text; moments lie in the 60 days before `now`, none behind it."""
    columns = table.columns or ()
    key = next((column.name for column in columns if _KEY.search(column.name)), None)
    return {column.name: _Maker(table, column, now.astimezone(UTC)).values(column.name == key) for column in columns}


@dataclass(frozen=True)
class _Maker:
    """The values of one column."""

    table: SchemaTable
    column: SchemaColumn
    now: datetime

    def values(self, unique: bool) -> list[str | None]:
        """Draw numbers, and write what follows from them; the first key of a table has each number once."""
        seed = f"{self.table.name} {self.column.name} {self.now:%Y-%m-%d}"
        draw = random.Random(seed)  # noqa: S311  # rows that are the same all day are the point
        numbers = draw.sample(range(1, ROWS + 1), ROWS) if unique else draw.choices(range(1, ROWS + 1), k=ROWS)
        gaps = not unique and self.column.nullable is not False
        return [None if gaps and draw.random() < 0.1 else self._value(number, draw) for number in numbers]

    def _value(self, number: int, draw: random.Random) -> str:
        name, kind = self.column.name, self.column.type
        if kind in (None, "VARCHAR"):
            return self._text(number, draw)
        if kind in ("NUMBER", "FLOAT"):
            return self._number(number, draw)
        if kind == "BOOLEAN":
            return ("false", "true")[number % 2]
        if kind in ("DATE", "TIME") or (kind or "").startswith("TIMESTAMP"):
            moment = self._moment(number, draw)
            return f"{moment.date() if kind == 'DATE' else moment.time() if kind == 'TIME' else moment}"
        if kind == "BINARY":
            return f"{number:08x}"
        if kind in ("GEOGRAPHY", "GEOMETRY"):
            return f"POINT({number % 180} {number % 90})"
        if kind == "VECTOR":
            return json.dumps([number / ROWS, 1 - number / ROWS])
        if kind == "ARRAY":
            return json.dumps(_WORDS[number % 10 :][:3])
        words = {"id": number, "name": _WORDS[number % 10], "value": number / 4, "tags": _WORDS[number % 10 :][:2]}
        return json.dumps({**words, "of": name.lower()})

    def _text(self, number: int, draw: random.Random) -> str:
        name = self.column.name.upper()
        for pattern, value in _TEXTS:
            if pattern.search(name):
                return value(number)
        if _MOMENT.search(name):
            return f"{self._moment(number, draw)}"
        return str(number) if _KEY.search(name) else _WORDS[number % 10]

    def _number(self, number: int, draw: random.Random) -> str:
        name = self.column.name.upper()
        if _KEY.search(name):
            return str(number)
        if _MOMENT.search(name):
            seconds = int(self._moment(number, draw).timestamp())
            return str(seconds * 1000 if _MILLIS.search(name) else seconds)
        if "YEAR" in name:
            return str(self.now.year - number % 3)
        if self.column.type == "FLOAT" or _AMOUNT.search(name):
            return f"{number * 37 % 10000 / 100:.2f}"
        return str(number % 50 + 1)

    def _moment(self, number: int, draw: random.Random) -> datetime:
        """Give a time: half of them evenly over the last 24 hours, the others ever denser over the last 60 days."""
        today = self.now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        if number % 2:
            quarter = number // 2 % (24 * _PER_HOUR)
            time = today + timedelta(hours=quarter / _PER_HOUR, seconds=draw.randrange(3600 // _PER_HOUR))
            # what is yet to come today came yesterday
            return time if time <= self.now.replace(tzinfo=None) else time - timedelta(days=1)
        return today - timedelta(seconds=int(draw.random() ** 3 * (_DAYS - 1) * 86400))
