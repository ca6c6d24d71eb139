"""SARIF 2.1.0, which code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePath

from sqlcheck import __version__, rulebook
from sqlcheck.fingerprints import fingerprints
from sqlcheck.formats._checkout import Checkout, quoted
from sqlcheck.formats._screen import told, visible
from sqlcheck.formats.text import unheard
from sqlcheck.model import Diagnostic, Fix, Report, Rule, Severity, Source, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.OFF: "none"}
ROOT = "%SRCROOT%"
FINGERPRINT = "sqlcheck/v1"

Fields = dict[str, object]


def render(report: Report, /, *, checkout: Checkout = Checkout(), **_look: object) -> str:
    """Write a log with one run: the rules that found something, what they found, and what kept others from it."""
    everything = report.everything
    prints = fingerprints((diagnostic for diagnostic, _ in everything), checkout.path)
    names = sorted({diagnostic.rule for diagnostic, _ in everything})
    indexes = {name: number for number, name in enumerate(names)}
    run = {
        "tool": {"driver": _driver([rulebook.rule(name) for name in names])},
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that relative paths count from."}}},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": [
            {
                **_result(diagnostic, indexes[diagnostic.rule], fingerprint, checkout),
                **({} if report.baseline is None else _state(counts)),
            }
            for (diagnostic, counts), fingerprint in zip(everything, prints, strict=True)
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(rules: list[Rule]) -> Fields:
    return {
        "name": "sqlcheck",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }


def _rule(rule: Rule) -> Fields:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.summary}\n\n{rule.why}", "markdown": rule.text.strip()},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.family]},
    }


def _invocation(report: Report) -> Fields:
    """Tell whether all could be read, and which rules could not speak."""
    return {
        "executionSuccessful": not report.failures,
        "toolExecutionNotifications": [_notification("error", failure) for failure in report.failures],
        "toolConfigurationNotifications": [_notification("note", text) for text in unheard(report.skips)],
    }


def _notification(level: str, text: str) -> Fields:
    return {"level": level, "message": {"text": visible(text)}}


def _result(diagnostic: Diagnostic, index: int, fingerprint: str, checkout: Checkout) -> Fields:
    source = diagnostic.source
    place = {"artifactLocation": _artifact(source, checkout), "region": _region(source, diagnostic.span)}
    return {
        "ruleId": diagnostic.rule,
        "ruleIndex": index,
        "level": LEVELS[diagnostic.severity],
        "message": {"text": told(diagnostic)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
        **dict(_fixes(diagnostic, checkout)),
        "properties": {"evidence": diagnostic.evidence, "model": diagnostic.model},
    }


def _state(counts: bool) -> Fields:
    """Tell a new finding from one of the baseline; where one has suppressions, all must (3.27.23)."""
    if counts:
        return {"baselineState": "new", "suppressions": []}
    known = {"kind": "external", "status": "accepted", "justification": "It is in the baseline."}
    return {"baselineState": "unchanged", "suppressions": [known]}


def _fixes(diagnostic: Diagnostic, checkout: Checkout) -> Iterator[tuple[str, list[Fields]]]:
    if diagnostic.fix:
        change = _change(diagnostic.fix, diagnostic.source, checkout)
        title = f"{visible(diagnostic.help or diagnostic.message)} ({'safe' if diagnostic.fix.safe else 'unsafe'})"
        yield "fixes", [{"description": {"text": title}, "artifactChanges": [change]}]


def _change(fix: Fix, source: Source, checkout: Checkout) -> Fields:
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.text}} for edit in fix.edits
    ]
    return {"artifactLocation": _artifact(source, checkout), "replacements": replacements}


def _artifact(source: Source, checkout: Checkout) -> Fields:
    """Locate a file below the root of the repository, or by its whole path where it lies elsewhere."""
    path = checkout.path(source.path)
    if PurePath(path).is_absolute():
        return {"uri": f"file:///{quoted(path.removeprefix('/'))}"}
    return {"uri": quoted(path), "uriBaseId": ROOT}


def _region(source: Source, span: Span) -> Fields:
    start, end = source.lines.position(span.start), source.lines.position(span.end)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}
