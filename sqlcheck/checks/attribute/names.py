"""The names under which attributes reach the profile."""

from __future__ import annotations

from collections.abc import Iterator

from sqlcheck.apis.facts import Api
from sqlcheck.candidates import meant
from sqlcheck.knowledge.vocabulary import oddity, twin_key
from sqlcheck.mapping import Mapping, OutputColumn
from sqlcheck.model import Finding, Severity
from sqlcheck.names import closest
from sqlcheck.outputs import is_declared, leaks, may_be_load_timestamp, misspelt, secret
from sqlcheck.settings import Model


def folded_attribute(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report an attribute that Snowflake writes in upper case though the author did not."""
    declared = {attribute.name for attribute in model.declared}
    # a data plan that lets in no others has the name as it was meant, and refuses what became of it
    planned = {a.name for a in model.declared if a.planned and model.plan and model.plan.closed_attributes}
    unquoted = [c for c in mapping.attributes if c.named and not c.quoted and c.name not in declared]
    renamed = [id(column) for column in meant(mapping, model)] if unquoted else []
    twins = {id(twin) for twin, _ in _twins(mapping, model)} if unquoted else set()
    names: set[str] = set()
    for column in unquoted:
        # a name that comes a second time is wrong for that alone
        if column.name in names:
            continue
        names.add(column.name)
        written = mapping.query.slice(column.name_span)
        if written == column.name or written.upper() != column.name or len(written) > api.max_attribute_name:
            continue
        if id(column) in twins or id(column) in renamed:
            continue
        # whoever is told to drop or rename a column need not be told to quote it
        if may_be_load_timestamp(column, model) or leaks(column, model) or secret(column, model):
            continue
        if misspelt(column, mapping, model, api) is None:
            message = f"unquoted, `{written}` becomes the attribute `{column.name}`, and custom names keep their case"
            advice = f'write `"{written}"`, or `{column.name}` if that is what you mean'
            edits, severity = mapping.rename(column, written), Severity.ERROR if written in planned else None
            yield Finding(
                column.name_span, message, advice, edits, severity, evidence=column.evidence, column=column.name
            )


def unknown_reserved_attribute(mapping: Mapping, api: Api) -> Iterator[Finding]:
    """Report a `$` name that mParticle does not know."""
    known = {name.lower() for name in api.reserved_attributes}
    for column in mapping.attributes:
        if column.named and column.name.startswith("$") and column.name.lower() not in known:
            guess = closest(column.name, api.reserved_attributes)
            every = ", ".join(f"`{name}`" for name in api.reserved_attributes)
            advice = f"did you mean `{guess}`?" if guess else f"drop the `$`; the reserved ones are {every}"
            message = f"`{column.name}` is not a reserved attribute, and names with `$` are kept for those"
            yield Finding(column.name_span, message, advice, evidence=column.evidence, column=column.name)


def recased_reserved_attribute(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report a reserved attribute in another case than the SDKs write it."""
    known = {name.lower(): name for name in api.reserved_attributes}
    marked = [column for column in mapping.attributes if column.named and column.name.startswith("$")]
    twins = [twin for twin, _ in _twins(mapping, model)] if marked else []
    for column in marked:
        name = known.get(column.name.lower())
        if name is None or name == column.name or any(column is twin for twin in twins):
            continue
        if not is_declared(column.name, model):
            message = f"the SDKs write `{column.name}` as `{name}`"
            edits = mapping.rename(column, name)
            yield Finding(
                column.name_span, message, f'write `"{name}"`', edits, evidence=column.evidence, column=column.name
            )


def too_many_columns(mapping: Mapping, api: Api) -> Iterator[Finding]:
    """Report more columns than the API takes, and warn when few are left."""
    limit, count = api.max_columns, len(mapping.columns)
    if limit is None or count * 10 < limit * 9:
        return
    if count > limit:
        first = mapping.columns[limit]
        message = f"the query has {count} columns, and mParticle takes {limit}"
        yield Finding(first.span, message, f"leave {count - limit} out", evidence=mapping.evidence, column=first.name)
    else:
        message = f"the query has {count} columns of the {limit} that mParticle takes"
        advice = "leave out what no audience needs, or split the model"
        yield Finding(mapping.keyword, message, advice, (), Severity.WARNING, mapping.evidence)


def long_attribute_name(mapping: Mapping, api: Api) -> Iterator[Finding]:
    """Report an attribute whose name is longer than mParticle takes."""
    for column in mapping.attributes:
        if column.named and len(column.name) > api.max_attribute_name:
            length, limit = len(column.name), api.max_attribute_name
            message = f"the name of this attribute has {length} characters, and {limit} are allowed"
            yield Finding(column.name_span, message, "shorten it", evidence=column.evidence, column=column.name)


def odd_attribute_name(mapping: Mapping, model: Model, api: Api) -> Iterator[Finding]:
    """Report an attribute name with characters that nobody sees, or one that is a value rather than a name."""
    for column in mapping.attributes:
        found = oddity(column.name) if column.named else None
        if found is None or misspelt(column, mapping, model, api) is not None:
            continue
        is_value = found.startswith("is ")
        message = f"the attribute name {f'`{column.name}` ' if is_value else ''}{found}"
        advice = "name the attribute by what it means, and send this as its value" if is_value else "take it out"
        yield Finding(column.name_span, message, advice, evidence=column.evidence, column=column.name)


def case_twin_attributes(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an attribute that another one differs from in case or separators alone."""
    for twin, first in _twins(mapping, model):
        message = f"`{twin.name}` and `{first.name}` are two attributes that differ only in case or separators"
        yield Finding(twin.name_span, message, "keep one of them", evidence=twin.evidence, column=twin.name)


def _twins(mapping: Mapping, model: Model) -> Iterator[tuple[OutputColumn, OutputColumn]]:
    """Yield each attribute that follows another of almost the same name, with the first of that name."""
    columns = [(twin_key(column.name), column) for column in mapping.attributes if column.named]
    if len({key for key, _ in columns}) == len(columns):
        return
    seen: dict[str, OutputColumn] = {}
    names: set[str] = set()
    for key, column in columns:
        first = seen.setdefault(key, column)
        # one name twice is a duplicate output, not a twin
        is_twin = first is not column and column.name not in names
        if is_twin and not (is_declared(column.name, model) and is_declared(first.name, model)):
            yield column, first
        names.add(column.name)


def leaked_helper_column(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report a helper of the query or of the loading that would become an attribute."""
    for column in mapping.attributes:
        if leaks(column, model):
            message = f"`{column.name}` looks like a helper column, and would become a user attribute"
            advice = "leave it out of the SELECT list, or declare the attribute if it is wanted"
            yield Finding(column.name_span, message, advice, evidence=column.evidence, column=column.name)


def sensitive_attribute(mapping: Mapping, model: Model) -> Iterator[Finding]:
    """Report an attribute that by its name holds a secret or data of a special category."""
    for column in mapping.attributes:
        found = secret(column, model)
        if found is not None:
            what = "a secret" if found.kind == "secret" else "personal data of a special category"
            message = f"`{column.name}` looks like {what} that would be sent to mParticle and on from there"
            advice = "leave it out, or declare the attribute if it may be sent"
            yield Finding(column.name_span, message, advice, evidence=column.evidence, column=column.name)
