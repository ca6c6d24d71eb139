"""What Python programs call: `check()` and `read_mapping()`, which read no file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlcheck.inputs import from_text, query_subject
from sqlcheck.model import Diagnostic
from sqlcheck.options import Options

if TYPE_CHECKING:
    from sqlcheck.mapping import Mapping


def check(
    text: str | bytes,
    *,
    path: str = "query.sql",
    load_timestamp: str | None = None,
    type: str | None = None,
    time_zone: str | None = None,
    offset: int | None = None,
    identities: Sequence[str] | None = None,
    api: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> list[Diagnostic]:
    """Check a query, a payload (`path` ends in `.json`) or a project file (`.yaml`), and give its diagnostics in order.

    Settings given here win over header comments in the text; `select` and `ignore` take names of rules and
    families. No file is read. A setting that makes no sense raises `SqlcheckError`.
    """
    options = Options(
        load_timestamp=load_timestamp,
        type=type,
        time_zone=time_zone,
        offset=offset,
        identities=None if identities is None else tuple(identities),
        api=api,
        select=tuple(select),
        ignore=tuple(ignore),
    )
    return list(from_text(text, path, options).check().diagnostics)


def read_mapping(
    text: str, *, load_timestamp: str | None = None, api: str | None = None, path: str = "query.sql"
) -> Mapping | None:
    """Give what the output columns of a query become, None when it cannot be read."""
    return query_subject(text, path, Options(load_timestamp=load_timestamp, api=api)).mapping
