"""The JSON report: the contract, field by field."""

from __future__ import annotations

import json

from sqlcheck import __version__
from sqlcheck.formats import json as format_json
from sqlcheck.model import Diagnostic, Edit, Fix, Report, Severity, Skip, Source, Span


def test_the_report_has_every_field_of_the_contract() -> None:
    source = Source("queries/churn.sql", "SELECT a,\r\n  “b”\r\nFROM t\r\n")
    fix = Fix(True, (Edit(Span(13, 14), '"'), Edit(Span(15, 16), '"')))
    diagnostics = (
        Diagnostic(
            "typographic-character", Severity.ERROR, "static", source, Span(13, 16), "odd", 'write `"`', fix, "churn"
        ),
        Diagnostic("missing-identity", Severity.WARNING, "schema", source, Span(0, 6), "none"),
    )

    skips = (Skip("unknown-column", "churn", "schema"),)
    report = json.loads(format_json.render(Report(diagnostics, skips, ("queries/churn.sql", "clean.sql"))))

    assert report == {
        "version": 1,
        "tool": {"name": "sqlcheck", "version": __version__},
        "summary": {"files": 2, "errors": 1, "warnings": 1, "infos": 0, "in_baseline": 0},
        "diagnostics": [
            {
                "rule": "typographic-character",
                "severity": "error",
                "evidence": "static",
                "file": "queries/churn.sql",
                "model": "churn",
                "line": 2,
                "column": 3,
                "end_line": 2,
                "end_column": 6,
                "message": "odd",
                "help": 'write `"`',
                "fix": {
                    "safe": True,
                    "edits": [
                        {"line": 2, "column": 3, "end_line": 2, "end_column": 4, "text": '"'},
                        {"line": 2, "column": 5, "end_line": 2, "end_column": 6, "text": '"'},
                    ],
                },
            },
            {
                "rule": "missing-identity",
                "severity": "warning",
                "evidence": "schema",
                "file": "queries/churn.sql",
                "model": None,
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 7,
                "message": "none",
                "help": None,
                "fix": None,
            },
        ],
        "skipped": [{"rule": "unknown-column", "model": "churn", "needs": "schema"}],
    }


def test_the_report_is_ascii_so_that_no_terminal_or_encoding_can_spoil_it() -> None:
    source = Source("é\x1b.sql", "\ud800\u202e")
    diagnostic = Diagnostic("r", Severity.ERROR, "static", source, Span(0, 1), "\ud800\u202e\x9b")

    assert format_json.render(Report((diagnostic,))).isascii()
