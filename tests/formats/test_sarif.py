"""SARIF, held against the schema of OASIS, and its fixes applied by another hand."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from sqlcheck import __version__, check, fix, rulebook
from sqlcheck.formats import sarif
from sqlcheck.model import Diagnostic, Report, Severity, Skip, Source, Span
from tests.formats.readers import read_sarif

TEXT = (
    "-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC\r\n"
    "SELECT u.updated_at, u.id AS customer_id, '👩日' || u.plan AS “plan”\r"
    "FROM MP.CRM.USERS u\n"
    "WHERE u.x = “y”\n"
)


def applied(text: str, change: dict[str, Any]) -> str:
    """Apply a change as the standard tells it: by lines and columns, counted in code points."""
    starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column - 1

    for replacement in reversed(change["replacements"]):
        region = replacement["deletedRegion"]
        start = offset(region["startLine"], region["startColumn"])
        end = offset(region["endLine"], region["endColumn"])
        text = text[:start] + replacement["insertedContent"]["text"] + text[end:]
    return text


def test_a_rule_is_described_by_its_page() -> None:
    page = rulebook.rule("trailing-semicolon")
    diagnostic = Diagnostic(page.name, Severity.INFO, "static", Source("q.sql", ";"), Span(0, 1), "m")

    run = read_sarif(sarif.render(Report((diagnostic,))))

    assert run["tool"]["driver"] == {
        "name": "sqlcheck",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [
            {
                "id": "trailing-semicolon",
                "shortDescription": {"text": page.summary},
                "fullDescription": {"text": page.why},
                "help": {"text": f"{page.summary}\n\n{page.why}", "markdown": page.text.strip()},
                "helpUri": page.source,
                "defaultConfiguration": {"level": "error"},
                "properties": {"tags": ["query"]},
            }
        ],
    }
    assert [result["level"] for result in run["results"]] == ["note"]


def test_every_rule_s_description_is_one_that_services_take_whole() -> None:
    """GitHub cuts descriptions at 1,024 characters."""
    assert [] == [rule.name for rule in rulebook.rules().values() if not 0 < len(rule.why) <= 1024]


def test_the_fixes_of_a_log_give_the_text_that_sqlcheck_gives() -> None:
    diagnostics = tuple(check(TEXT, path="q.sql", select=["typographic-character"]))

    run = read_sarif(sarif.render(Report(diagnostics)))

    changes = [result["fixes"][0]["artifactChanges"][0] for result in run["results"]]
    fixes = [found.fix.edits for found in diagnostics if found.fix]
    texts = [applied(TEXT, change) for change in changes]
    assert texts == [fix.apply(TEXT, edits) for edits in fixes]
    assert [text.count("“") for text in texts] == [1, 1]


def test_an_invocation_tells_what_could_not_be_read_and_which_rules_could_not_speak() -> None:
    report = Report(skips=(Skip("unknown-column", None, "schema"),), failures=("a\x1b.sql: no such file",))

    assert read_sarif(sarif.render(report))["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": "a␛.sql: no such file"}}],
            "toolConfigurationNotifications": [
                {"level": "note", "message": {"text": "1 rule needs a schema: unknown-column"}}
            ],
        }
    ]


def test_a_file_outside_is_located_by_its_whole_path() -> None:
    diagnostic = Diagnostic("empty-query", Severity.ERROR, "static", Source("/a b/q.sql", ""), Span(0, 0), "m")

    (result,) = read_sarif(sarif.render(Report((diagnostic,))))["results"]

    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "file:///a%20b/q.sql"},
        "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
    }


@given(st.text(alphabet=st.characters(exclude_characters="/\0"), min_size=1).filter(lambda name: name != "."))
def test_every_name_of_a_file_becomes_a_uri_and_comes_back(name: str) -> None:
    diagnostic = Diagnostic("empty-query", Severity.ERROR, "static", Source(f"a/{name}", ""), Span(0, 0), "m")

    (result,) = read_sarif(sarif.render(Report((diagnostic,))))["results"]

    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert (re.fullmatch(r"([A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri) is not None, unquote(uri)) == (True, f"a/{name}")
