"""`sqlcheck init`: begin a project file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sqlcheck.commands._terminal import note
from sqlcheck.errors import SqlcheckError
from sqlcheck.formats._screen import visible
from sqlcheck.formats.text import plural
from sqlcheck.settings import PROJECT

if TYPE_CHECKING:
    from sqlcheck.mapping import Mapping, OutputColumn
    from sqlcheck.subject import QuerySubject

TYPES = {
    "TIMESTAMP_NTZ": "timestamp_ntz",
    "TIMESTAMP_LTZ": "timestamp_ltz",
    "TIMESTAMP_TZ": "timestamp_tz",
    "DATE": "date",
}
ZONED = ("timestamp_ntz", "date")
"""Types whose values are read in a time zone that the model names."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
_WORDS = frozenset("y n yes no on off true false null".split())

HEAD = """\
# The settings of sqlcheck. A line behind a `#` is not in force; take the `#` away and fill it in.
# `sqlcheck config` shows what applies and where it was set, `sqlcheck config --schema` every key there is.

api: v1  # experimental, v1 or v2
# workspace_id: 5328  # the number of the mParticle workspace; `sqlcheck emit` wants it
"""
ATTRIBUTES = """\
    # attributes:  # what the query is to deliver; anything else is reported then
    #   plan: text  # or number, boolean, date, timestamp, list
"""
UNREADABLE = "the query cannot be read yet: see `sqlcheck check`"
TAIL = """
# The Snowflake connection that the queries run over.
# connection:
#   id: snowflake-connection
#   account: gd1234
#   region: us-central1.gcp
#   warehouse: COMPUTE_WH
#   database: MP
#   role: MP_ROLE
#   user: MP_USER
#   password: ${SNOWFLAKE_PASSWORD}  # taken from the environment

# How often each model runs.
# pipelines:
#   - id: daily-pipeline
#     model: %s
#     interval: daily  # hourly, daily, weekly, monthly or on_demand
#     environment: development  # or production
#     feed_key: ${FEED_KEY}

# How much a rule weighs here: error, warning, info or off. `sqlcheck rules` lists them all.
# rules:
#   select-star: error
"""


@dataclass(frozen=True)
class Stamp:
    """A load timestamp as far as the query shows it; its type may be a guess."""

    field: str
    type: str
    is_guessed: bool


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, exists=True), default=".")
def command(folder: str) -> None:
    """Write a sqlcheck.yaml for the SQL files in FOLDER, the current one when left out.

    Load timestamps and identities are filled in from the queries' columns; look them over.
    """
    from sqlcheck.fix import write_atomic
    from sqlcheck.inputs import collect

    target = Path(folder, PROJECT)
    if os.path.lexists(target):
        raise SqlcheckError(f"{target} is there already; it is left as it is")
    queries = collect([folder]).queries
    write_atomic(target, _document(folder, queries).encode("utf-8", "backslashreplace"))
    note(f"wrote {target} with {plural(len(queries), 'model')}")


def _document(folder: str, queries: tuple[QuerySubject, ...]) -> str:
    if not queries:
        return f"{HEAD}\nmodels: []  # no `.sql` file was found here\n{TAIL % 'a-model'}"
    ids: list[str] = []
    models = []
    for query in queries:
        ids.append(_identifier(query.source.path, ids))
        path = Path(os.path.relpath(query.source.path, folder)).as_posix()
        models.append("".join(f"{line}\n" for line in _model(query, ids[-1], path)))
    return HEAD + "\nmodels:\n" + "\n".join([models[0] + ATTRIBUTES, *models[1:]]) + TAIL % ids[0]


def _identifier(path: str, taken: list[str]) -> str:
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(path).stem).strip("-") or "query"
    name = slug if "model" in slug.lower() else f"{slug}-model"
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}-{number}", number + 1
    return unique


def _model(query: QuerySubject, identifier: str, path: str) -> Iterator[str]:
    title = " ".join(re.findall(r"[^\W_]+", Path(path).stem)).capitalize()
    yield f"  - id: {identifier}"
    yield f"    name: {_scalar(title or identifier)}"
    yield f"    query: {_scalar(path)}"
    mapping = query.mapping
    yield from _load_timestamp(query, mapping)
    names = dict.fromkeys(column.target or "" for column in mapping.identities) if mapping else {}
    if names:
        yield f"    identities: [{', '.join(names)}]"
    else:
        yield f"    # identities: [customer_id]  # {'no output column has the name of one' if mapping else UNREADABLE}"


def _load_timestamp(query: QuerySubject, mapping: Mapping | None) -> Iterator[str]:
    declared = query.configured.load_timestamp
    if declared.field is not None:
        yield "    # load_timestamp is set in the query's own comment."
        return
    candidates = _candidates(mapping) if mapping else []
    if not candidates:
        yield f"    # load_timestamp:  # {'no output column looks like it' if mapping else UNREADABLE}"
        yield "    #   field: UPDATED_AT"
        yield "    #   type: timestamp_ntz"
        yield "    #   time_zone: UTC"
        return
    stamp = _stamp(candidates[0])
    others = ", ".join(visible(column.name) for column in candidates[1:])
    yield f"    load_timestamp:{f'  # or one of {others}' if others else ''}"
    yield f"      field: {_scalar(stamp.field)}"
    yield f"      type: {stamp.type}{'  # a guess: the query does not show it' if stamp.is_guessed else ''}"
    if stamp.type in ZONED:
        yield "      time_zone: UTC  # a guess: the zone in which the values are written"


def _candidates(mapping: Mapping) -> list[OutputColumn]:
    """Give the output columns that may tell when a row changed, the likeliest first."""
    from sqlcheck.knowledge.moments import change_rank

    ranked = []
    for column in mapping.attributes:
        rank = change_rank(column.name) if column.named else 0
        if column.type in TYPES:
            rank += 2
        if rank and not _is_something_else(column):
            ranked.append((-rank, column.position, column))
    return [column for _, _, column in sorted(ranked, key=lambda entry: entry[:2])]


def _is_something_else(column: OutputColumn) -> bool:
    """Tell whether the type rules a column out."""
    return column.type is not None and column.type not in TYPES and column.family != "number"


def _stamp(column: OutputColumn) -> Stamp:
    from sqlcheck.knowledge.moments import UNITS, epoch_unit

    if column.type in TYPES:
        return Stamp(column.name, TYPES[column.type], is_guessed=False)
    unit = epoch_unit(column.name)[1]
    kind = next((kind for kind, counted in UNITS.items() if counted == unit), "timestamp_ntz")
    return Stamp(column.name, kind, is_guessed=True)


def _scalar(text: str) -> str:
    """Write a text as YAML, in quotes where a reader might take it for something else."""
    return text if _PLAIN.match(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)
