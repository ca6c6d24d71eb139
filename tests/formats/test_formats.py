"""The lookup of formats."""

from __future__ import annotations

from sqlcheck import formats
from sqlcheck.formats import concise


def test_a_format_is_a_module_of_the_folder() -> None:
    assert [list(formats.names()), formats.load("concise")] == [
        "concise github gitlab grouped json junit markdown sarif text".split(),
        concise.render,
    ]
