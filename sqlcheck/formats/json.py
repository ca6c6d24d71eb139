"""The report for programs: version 1 of the JSON contract; fields may be added, none changes or goes."""

from __future__ import annotations

import json
from collections import Counter

from sqlcheck import __version__
from sqlcheck.model import Diagnostic, Fix, Report, Severity, Source, Span

VERSION = 1


def render(report: Report, /, **_look: object) -> str:
    """Write one JSON object; lines and columns count from 1 in characters, ends are exclusive."""
    fields = {
        **head(report),
        "diagnostics": [described(diagnostic) for diagnostic in report.diagnostics],
        "skipped": [{"rule": skip.rule, "model": skip.model, "needs": skip.needs} for skip in report.skips],
    }
    return json.dumps(fields, indent=2) + "\n"


def head(report: Report) -> dict[str, object]:
    """Give what every report for programs begins with."""
    counts = Counter(diagnostic.severity for diagnostic in report.diagnostics)
    return {
        "version": VERSION,
        "tool": {"name": "sqlcheck", "version": __version__},
        "summary": {
            "files": len(report.files),
            "errors": counts[Severity.ERROR],
            "warnings": counts[Severity.WARNING],
            "infos": counts[Severity.INFO],
            "in_baseline": len(report.baseline or ()),
        },
    }


def described(diagnostic: Diagnostic) -> dict[str, object]:
    """Give a diagnostic as values for JSON."""
    source, span = diagnostic.source.resolve(diagnostic.span)
    return {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity.label,
        "evidence": diagnostic.evidence,
        "file": source.path,
        "model": diagnostic.model,
        **_range(source, span),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "fix": _fix(source, diagnostic.fix) if diagnostic.fix else None,
    }


def _fix(source: Source, fix: Fix) -> dict[str, object]:
    return {
        "safe": fix.safe,
        "edits": [{**_range(source, edit.span), "text": edit.text} for edit in fix.edits],
    }


def _range(source: Source, span: Span) -> dict[str, int]:
    start, end = source.lines.position(span.start), source.lines.position(span.end)
    return {"line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column}
