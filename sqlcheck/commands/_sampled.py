"""A sample as people and programs see it; values are shapes unless they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlcheck import masking
from sqlcheck.commands._terminal import table
from sqlcheck.formats.text import plural
from sqlcheck.knowledge.vocabulary import sensitive, words
from sqlcheck.sample import ColumnProfile, Extent, Interval, Profile, Rows, Sample

if TYPE_CHECKING:
    from sqlcheck.mapping import Mapping, OutputColumn
    from sqlcheck.subject import QuerySubject

HEADERS = ("#", "output column", "becomes", "null", "distinct", "range", "values")
BARS = "▁▂▃▄▅▆▇█"
CLASSES = 8
"""How many classes the small histogram has."""
_OPEN = frozenset({"number", "boolean", "date", "time", "timestamp_ntz", "timestamp_ltz", "timestamp_tz"})
_PERSONAL = frozenset(
    "birth birthday birthdate dob born phone mobile telephone tel fax zip postcode postal ip latitude longitude "
    "lat lon lng".split()
)
"""Words of a name that make numbers and dates those of a person."""
_KEYS = frozenset("id ids key number no code".split())
"""Last words of a name that make numbers those of one thing or person."""
Show = Callable[[object], str]


def is_open(column: OutputColumn) -> bool:
    """Tell whether a column's values may be seen by all: no identity, no text, no secret, no day of birth."""
    if column.role == "load_timestamp":
        return column.family in _OPEN
    return column.role == "attribute" and column.family in _OPEN and not any(map(_is_private, _names(column)))


def _names(column: OutputColumn) -> Iterator[str]:
    """Give the name of a column, and those of what it hands on under it."""
    yield column.name
    node = column.expression
    while node.key in ("cast", "trycast", "paren"):
        node = node.this
    if node.key == "column":
        yield from (source.rpartition(".")[2].strip('"') for source in column.sources)


def _is_private(name: str) -> bool:
    parts = words(name)
    return sensitive(name) is not None or not _PERSONAL.isdisjoint(parts) or not _KEYS.isdisjoint(parts[-1:])


def text(query: QuerySubject, *, show_values: bool) -> str:
    """Draw the sample of a query: what was looked at, the profile of each column, and some rows."""
    sample, mapping = query.sample, query.mapping
    assert sample is not None
    assert mapping is not None, "what cannot be read is not sent"
    parts = [f"{_title(query)}\n", *(f"{line}\n" for line in _said(sample))]
    if sample.profile is not None:
        cells = [_profiled(column, sample, show_values) for column in mapping.columns]
        parts += ["\n", table(HEADERS, cells, folding=("range",))]
    if sample.rows is not None and sample.rows.rows:
        shown = [_show(mapping, name, show_values) for name in sample.rows.names]
        parts += ["\n", table(_headers(mapping, sample.rows), list(_cells(sample.rows, shown)))]
    return "".join(parts)


def document(query: QuerySubject, *, show_values: bool) -> dict[str, object]:
    """Give the sample of a query as values for JSON."""
    sample, mapping = query.sample, query.mapping
    assert sample is not None
    assert mapping is not None, "what cannot be read is not sent"
    profile, rows = sample.profile, sample.rows
    found: dict[str, object] = {
        "file": query.source.path,
        "model": query.configured.id,
        "warehouse": sample.traits.name,
        "emulated": sample.traits.emulated,
        "invented": sorted(sample.traits.invented),
        "limitation": sample.limitation,
        "refusal": sample.refusal.message if sample.refusal else None,
        "extent": _extent(sample.extent),
        "interval": _interval(profile.interval if profile else None),
        "count": profile.rows if profile else None,
        "columns": [_column(column, sample, show_values) for column in mapping.columns],
    }
    if rows is not None:
        shown = [_show(mapping, name, show_values) for name in rows.names]
        found["rows"] = [
            _named(rows.names, [None if value is None else show(value) for value, show in zip(row, shown, strict=True)])
            for row in rows.rows
        ]
    return found


def _named(names: Sequence[str], cells: Sequence[str | None]) -> dict[str, object]:
    """Give a row by the names of its columns; those that share one have a list there, in their order."""
    found: dict[str, list[str | None]] = {}
    for name, cell in zip(names, cells, strict=True):
        found.setdefault(name, []).append(cell)
    return {name: among[0] if len(among) == 1 else among for name, among in found.items()}


def _title(query: QuerySubject) -> str:
    model = query.configured.id
    return f"{query.source.path}{f' (model {model})' if model else ''}"


def _said(sample: Sample) -> Iterator[str]:
    traits, extent, profile = sample.traits, sample.extent, sample.profile
    if traits.emulated:
        yield "embedded warehouse: values are looked at; names and types are those of the text, not of Snowflake"
    if traits.invented:
        made_up = ", ".join(sorted(traits.invented))
        yield f"the rows of {made_up} are invented, so nothing is concluded from them; name files under `rows:`"
    if extent is not None:
        late = f", {extent.future:,} in the future" if extent.future else ""
        yield f"{plural(extent.rows, 'row')} in all, {extent.nulls:,} without a load timestamp{late}"
    if profile is not None:
        span = profile.interval
        where = f" from {_moment(span.start)} to {_moment(span.end)} UTC" if span else ""
        yield f"{plural(profile.rows, 'row')} looked at{where}"
    if sample.limitation is not None:
        yield f"not looked at, which proves nothing: {sample.limitation}"
    if sample.rows is not None and sample.rows.cut:
        yield "the rows shown were cut at the limit of bytes"


def _profiled(column: OutputColumn, sample: Sample, show_values: bool) -> tuple[str, ...]:
    assert sample.profile is not None
    found = sample.profile.by_name.get(column.name)
    becomes = column.target or column.role.replace("_", " ")
    if found is None:
        return str(column.position), column.name, becomes, "?", "?", "", ""
    shown = show_values or is_open(column)
    return (
        str(column.position),
        column.name,
        becomes,
        _share(found.nulls, sample.profile.rows),
        "" if found.distinct is None else f"{found.distinct:,}",
        _range(found, shown),
        histogram(column, sample.rows, show_values=shown),
    )


def _share(part: int, whole: int) -> str:
    """Draw a share as a bar of ten, with its percentage."""
    percent = 100 * part / whole if whole else 0.0
    full = round(percent / 10)
    shown = "<1" if 0 < percent < 1 else f"{percent:.0f}"
    return f"{'█' * full}{'░' * (10 - full)} {shown:>3} %"


def _range(found: ColumnProfile, shown: bool) -> str:
    if found.minimum is not None and found.maximum is not None:
        return f"{masking.plain(found.minimum)} … {masking.plain(found.maximum)}" if shown else "masked"
    if found.entries is not None:
        return f"up to {found.entries:,} entries"
    return f"up to {found.longest:,} characters" if found.longest else ""


def histogram(column: OutputColumn, rows: Rows | None, *, show_values: bool) -> str:
    """Draw how the sampled values spread: numbers and moments by size, others by their commonest values."""
    if rows is None or column.name not in rows.names:
        return ""
    at = rows.names.index(column.name)
    values = [row[at] for row in rows.rows if row[at] is not None]
    numbers = [number for value in values if (number := _magnitude(value)) is not None]
    if not values:
        return ""
    if len(numbers) == len(values) and show_values:
        low, high = min(numbers), max(numbers)
        width = (high - low) / CLASSES or 1.0
        classes = Counter(min(int((number - low) / width), CLASSES - 1) for number in numbers)
        return _bars([classes[number] for number in range(CLASSES if high > low else 1)])
    return _bars([count for _, count in Counter(map(str, values)).most_common(CLASSES)])


def _magnitude(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    return float(value) if isinstance(value, int | float | Decimal) else None


def _bars(counts: Sequence[int]) -> str:
    most = max(counts)
    return "".join(" " if not count else BARS[max(0, round(count / most * len(BARS)) - 1)] for count in counts)


def _headers(mapping: Mapping, rows: Rows) -> tuple[str, ...]:
    """Name the columns as the profile will: identities and attributes by what they become."""
    targets = {column.name: column.target for column in mapping.columns}
    return tuple(targets.get(name) or name for name in rows.names)


def _cells(rows: Rows, shown: Sequence[Show]) -> Iterator[tuple[str, ...]]:
    for row in rows.rows:
        yield tuple("NULL" if value is None else show(value) for value, show in zip(row, shown, strict=True))


def _show(mapping: Mapping, name: str, show_values: bool) -> Show:
    columns = [column for column in mapping.columns if column.name == name]
    return masking.plain if show_values or (columns and all(map(is_open, columns))) else masking.shape


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _interval(interval: Interval | None) -> dict[str, str] | None:
    return {"start": interval.start.isoformat(), "end": interval.end.isoformat()} if interval else None


def _extent(extent: Extent | None) -> dict[str, object] | None:
    if extent is None:
        return None
    return {
        "rows": extent.rows,
        "nulls": extent.nulls,
        "future": extent.future,
        "unit": extent.unit,
        "fullest": extent.fullest,
    }


def _column(column: OutputColumn, sample: Sample, show_values: bool) -> dict[str, object]:
    profile: Profile | None = sample.profile
    found = profile.by_name.get(column.name) if profile else None
    described: dict[str, object] = {"name": column.name, "role": column.role, "target": column.target}
    if found is None:
        return described
    shown = show_values or is_open(column)

    def value(of: object) -> str | None:
        return None if of is None else masking.plain(of) if shown else masking.shape(of)

    return {
        **described,
        "nulls": found.nulls,
        "distinct": found.distinct,
        "minimum": value(found.minimum),
        "maximum": value(found.maximum),
        "longest": found.longest,
        "entries": found.entries,
        "malformed": found.malformed,
        "repeated": found.repeated,
    }
