"""Two mappings → what the change means for profiles."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlcheck.comparison.fingerprint import Fingerprints
from sqlcheck.mapping import Mapping, OutputColumn, Role
from sqlcheck.parse import deep
from sqlcheck.settings import LoadTimestamp, Value

Kind = Literal[
    "added", "dropped", "renamed", "recased", "retyped", "resourced", "recomputed", "reset", "reselected", "unclear"
]
"""What a change is; `reset` is one of the load timestamp's settings, `unclear` one that a star may hide."""

_ADDED: dict[Role, str] = {
    "load_timestamp": "changed rows are found by it",
    "identity": "users are found by it",
    "device_identity": "devices are found by it",
    "attribute": "a new attribute: a user gets it when the row next changes",
}
_DROPPED: dict[Role, str] = {
    "load_timestamp": "nothing is left to find changed rows by",
    "identity": "users are no longer found by it",
    "device_identity": "devices are no longer found by it",
    "attribute": "no longer sent: profiles keep the last value",
}
_ORDER: tuple[Role, ...] = ("load_timestamp", "identity", "device_identity", "attribute")


@dataclass(frozen=True)
class Change:
    """One thing that changes for profiles; `certain` is False where a star that is not expanded may undo it.

    `role` is that of the column concerned, `rows` when it is about which rows are sent.
    """

    kind: Kind
    role: Role | Literal["rows"]
    message: str
    old: OutputColumn | None = None
    new: OutputColumn | None = None
    certain: bool = True

    @property
    def name(self) -> str:
        """Name the column: as it was and as it is, where that differs."""
        names = dict.fromkeys(column.target or column.name for column in (self.old, self.new) if column is not None)
        return " → ".join(names)


@dataclass(frozen=True)
class Comparison:
    """What changes, the load timestamp and identities first; `notes` say what could not be compared."""

    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()


def compare(
    old: Mapping | None,
    new: Mapping | None,
    before: LoadTimestamp = LoadTimestamp(),
    after: LoadTimestamp = LoadTimestamp(),
) -> Comparison:
    """Tell what a change of a query means; None stands for a query that is not there.

    `before` and `after` are the settings of the load timestamp, which change what its values mean.
    """
    if old is None or new is None:
        dropped = [_dropped(column) for column in _by_role(old.columns if old else ())]
        return Comparison((*dropped, *(_added(column) for column in _by_role(new.columns if new else ()))))
    with deep():
        comparer = _Comparer(old, new)
        changes = [*comparer.columns(), *_settings(old, new, before, after), *comparer.stars(), *comparer.rows()]
        changes.sort(key=_rank)
        return Comparison(tuple(changes), tuple(comparer.notes()))


def _rank(change: Change) -> int:
    return len(_ORDER) if change.role == "rows" else _ORDER.index(change.role)


def _by_role(columns: Sequence[OutputColumn]) -> list[OutputColumn]:
    return sorted(columns, key=lambda column: _ORDER.index(column.role))


def _added(column: OutputColumn, certain: bool = True) -> Change:
    return Change("added", column.role, _ADDED[column.role], None, column, certain)


def _dropped(column: OutputColumn, certain: bool = True) -> Change:
    return Change("dropped", column.role, _DROPPED[column.role], column, None, certain)


class _Comparer:
    def __init__(self, old: Mapping, new: Mapping) -> None:
        self._old = old
        self._new = new
        self._prints = Fingerprints()
        self._prints.learn(old)
        self._prints.learn(new)
        self._same_stars = self._prints.stars(old) == self._prints.stars(new)

    def columns(self) -> Iterator[Change]:
        """Yield what changes in the columns."""
        gone, come = _by_role(self._old.columns), _by_role(self._new.columns)
        certain = self._old.complete and self._new.complete
        for old, new in _taken(gone, come, _becomes):
            if old.role == "load_timestamp" and old.name != new.name:
                yield Change("renamed", old.role, f"changed rows are found by `{new.name}`", old, new)
            yield from self._value(old, new)
        for old, new in _taken(gone, come, lambda column: (column.role, column.name.upper())):
            yield Change("recased", old.role, _stale(old, "names keep their case"), old, new, certain)
            yield from self._value(old, new)
        for old, new in _taken(gone, come, self._made):
            yield Change("renamed", old.role, _stale(old, "a new attribute"), old, new, certain)
        yield from (_dropped(column, self._new.complete) for column in gone)
        yield from (_added(column, self._old.complete) for column in come)

    def _made(self, column: OutputColumn) -> Hashable:
        """Tell attributes by their values; identities are not renamed but others."""
        if column.role != "attribute":
            return column.role, column.target
        return column.role, self._prints.value(column.output)

    def _value(self, old: OutputColumn, new: OutputColumn) -> Iterator[Change]:
        """Yield how the value of a column changes."""
        is_retyped = None not in (old.family, new.family) and old.family != new.family
        if is_retyped:
            yield Change("retyped", old.role, f"{_family(old)} → {_family(new)}", old, new)
        if self._prints.value(old.output) == self._prints.value(new.output):
            return
        if set(old.sources) != set(new.sources):
            yield Change("resourced", old.role, f"{_sources(old)} → {_sources(new)}", old, new)
        elif not is_retyped:
            yield Change("recomputed", old.role, "calculated in another way", old, new)

    def stars(self) -> Iterator[Change]:
        """Yield that what a star sends cannot be compared."""
        if self._same_stars or (self._old.complete and self._new.complete):
            return
        when = "before" if self._new.complete else "now" if self._old.complete else "before and now"
        message = f"cannot tell what `*` stands for {when}: give a schema, or name the columns"
        yield Change("unclear", "attribute", message, certain=False)

    def rows(self) -> Iterator[Change]:
        """Yield that other rows may be selected."""
        if self._prints.rows(self._old) != self._prints.rows(self._new):
            message = "other tables, joins, filters or grouping: other rows may be sent"
            yield Change("reselected", "rows", message)

    def notes(self) -> Iterator[str]:
        """Say what was left out of a comparison that changes nothing."""
        if self._same_stars and not (self._old.complete and self._new.complete):
            yield "cannot tell what `*` stands for; only the columns that are named were compared"


def _becomes(column: OutputColumn) -> Hashable:
    """Give what a column becomes; there is but one load timestamp."""
    return (column.role, column.target)


def _taken(
    gone: list[OutputColumn], come: list[OutputColumn], key: Callable[[OutputColumn], Hashable]
) -> list[tuple[OutputColumn, OutputColumn]]:
    """Take the pairs with equal keys out of both lists, in order."""
    waiting: defaultdict[Hashable, deque[OutputColumn]] = defaultdict(deque)
    for column in come:
        waiting[key(column)].append(column)
    pairs = [(old, waiting[key(old)].popleft()) for old in gone if waiting[key(old)]]
    taken = {id(column) for pair in pairs for column in pair}
    for side in (gone, come):
        side[:] = [column for column in side if id(column) not in taken]
    return pairs


def _settings(old: Mapping, new: Mapping, before: LoadTimestamp, after: LoadTimestamp) -> Iterator[Change]:
    """Yield the settings of the load timestamp that change what its values mean."""
    for name, was, now in (
        ("type", before.type, after.type),
        ("time_zone", before.time_zone, after.time_zone),
        ("offset", before.offset, after.offset),
    ):
        if (was and was.value) != (now and now.value):
            message = f"`{name}` {_setting(was)} → {_setting(now)}"
            yield Change("reset", "load_timestamp", message, old.load_timestamp, new.load_timestamp)


def _setting(value: Value[str] | Value[int] | None) -> str:
    return "not set" if value is None else str(value.value)


def _stale(column: OutputColumn, reason: str) -> str:
    return f"{reason}: `{column.name}` stays on profiles with its last value"


def _family(column: OutputColumn) -> str:
    return (column.family or "?").replace("_", " ")


def _sources(column: OutputColumn) -> str:
    return ", ".join(column.sources) or ("no column" if column.output.facts.constant else "?")
