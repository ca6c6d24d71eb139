"""The values of one interval: whose rows they are, and whether they can be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlcheck import masking
from sqlcheck.apis.facts import Api
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Finding, Severity
from sqlcheck.sample import Profile, Rows

_HOLDERS = frozenset({"variant", "object", "array", "map"})


def null_identity(mapping: Mapping, profile: Profile) -> Iterator[Finding]:
    """Report rows in which every identity is NULL."""
    if not profile.nameless or not mapping.identities:
        return
    is_all = profile.nameless == profile.rows
    names = " and ".join(f"`{column.name}`" for column in mapping.identities)
    verb = "are all NULL" if len(mapping.identities) > 1 else "is NULL"
    message = f"{names} {verb} in {profile.share(profile.nameless)}: whose profile is that?"
    first = mapping.identities[0]
    yield Finding(
        first.name_span if len(mapping.identities) == 1 else mapping.keyword,
        message,
        "leave such rows out, or select another identity beside it",
        severity=Severity.ERROR if is_all else None,
        evidence="live",
        column=first.name if len(mapping.identities) == 1 else None,
    )


def malformed_identity(mapping: Mapping, profile: Profile, api: Api) -> Iterator[Finding]:
    """Report identities whose values do not have the form that they should."""
    for column in mapping.identities:
        found, form = profile.by_name.get(column.name), api.identity_formats.get(column.target or "")
        if found is None or form is None or not found.malformed:
            continue
        shown = f", as `{masking.shape(found.example)}`" if found.example is not None else ""
        article = "an" if form.name[0] in "aei" else "a"
        message = f"`{column.name}` is not {article} {form.name} in {profile.share(found.malformed)}{shown}"
        yield _at(column, message, "letters are shown as `a`, digits as `9`")


def repeated_identity(mapping: Mapping, profile: Profile) -> Iterator[Finding]:
    """Report identities that several rows of one interval have."""
    if profile.interval is None:
        return
    for column in mapping.identities:
        found = profile.by_name.get(column.name)
        if found is None or not found.repeated or not _is_own(column, mapping):
            continue
        message = f"`{column.name}` repeats that of another row in {profile.share(found.repeated)}: which one counts?"
        advice = "keep the newest row of each, as with QUALIFY ROW_NUMBER() OVER (PARTITION BY …) = 1"
        yield _at(column, message, advice)


def long_value(mapping: Mapping, profile: Profile, api: Api) -> Iterator[Finding]:
    """Report texts that are longer than the value of an attribute may be."""
    for column in mapping.attributes:
        found = profile.by_name.get(column.name)
        if found is not None and found.longest is not None and found.longest > api.max_attribute_value:
            message = (
                f"`{column.name}` has up to {found.longest:,} characters, and {api.max_attribute_value:,} may be sent"
            )
            yield _at(column, message, "shorten it, as with LEFT(…)")


def long_list(mapping: Mapping, profile: Profile, rows: Rows, api: Api) -> Iterator[Finding]:
    """Report lists with too many entries, or with entries that are too long."""
    for column in mapping.attributes:
        found = profile.by_name.get(column.name)
        lists = [value for value in _documents(column, rows) if isinstance(value, list)]
        most = max([found.entries or 0 if found else 0, *map(len, lists)], default=0)
        longest = max((len(entry) for value in lists for entry in value if isinstance(entry, str)), default=0)
        if most > api.max_list_entries:
            message = f"`{column.name}` has up to {most:,} entries, and {api.max_list_entries:,} may be sent"
            yield _at(column, message, "keep the first ones, as with ARRAY_SLICE(…)")
        elif longest > api.max_list_entry:
            message = f"an entry of `{column.name}` has {longest:,} characters, and {api.max_list_entry:,} may be sent"
            yield _at(column, message, "shorten the entries before they are gathered")


def nested_value(mapping: Mapping, rows: Rows) -> Iterator[Finding]:
    """Report values that are objects, or lists that hold more than scalars."""
    for column in mapping.attributes:
        documents = _documents(column, rows)
        count = sum(map(_is_nested, documents))
        if count:
            message = f"`{column.name}` is nested in {count} of {len(rows.rows)} rows that were looked at"
            yield _at(column, message, "cast the parts that you need, each as an attribute of its own")


def empty_attribute(mapping: Mapping, profile: Profile) -> Iterator[Finding]:
    """Report attributes that are NULL in every row."""
    if not profile.rows:
        return
    for column in mapping.attributes:
        found = profile.by_name.get(column.name)
        if found is not None and found.nulls == profile.rows:
            yield _at(column, f"`{column.name}` is NULL in {profile.share(found.nulls)}", None)


def _documents(column: OutputColumn, rows: Rows) -> list[object]:
    """Give the semi-structured values of a column, read from the text in which they come."""
    if column.name not in rows.names or column.family not in _HOLDERS:
        return []
    at = rows.names.index(column.name)
    return [_read(row[at]) for row in rows.rows]


def _read(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:  # a VARIANT that holds a bare text
        return value


def _is_nested(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(e, dict | list) for e in value))


def _is_own(column: OutputColumn, mapping: Mapping) -> bool:
    """Tell whether rows are told apart by this identity: the first of the user's, as others may be shared."""
    users = [each for each in mapping.identities if each.role == "identity"]
    return column is (users or mapping.identities)[0]


def _at(column: OutputColumn, message: str, advice: str | None) -> Finding:
    return Finding(column.name_span, message, advice, evidence="live", column=column.name)
