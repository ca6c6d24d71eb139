"""The lookup of formats."""

from __future__ import annotations

from sqlcheck import formats
from sqlcheck.formats import concise


def test_a_format_is_a_module_of_the_folder() -> None:
    assert [formats.names(), formats.load("concise")] == [("concise", "json", "text"), concise.render]
