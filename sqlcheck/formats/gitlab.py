"""The Code Quality report that GitLab shows in merge requests, the artifact `codequality` of a job.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json

from sqlcheck.fingerprints import fingerprints
from sqlcheck.formats._checkout import Checkout
from sqlcheck.formats._screen import told, visible
from sqlcheck.model import Diagnostic, Report, Severity

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info", Severity.OFF: "info"}


def render(report: Report, /, *, checkout: Checkout = Checkout(), **_look: object) -> str:
    """Write a list of issues; GitLab knows an issue again by its fingerprint."""
    everything = report.everything
    prints = fingerprints((found for found, _ in everything), checkout.path)
    pairs = zip(everything, prints, strict=True)
    issues = [_issue(found, fingerprint, checkout) for (found, counts), fingerprint in pairs if counts]
    return json.dumps(issues, indent=2) + "\n"


def _issue(diagnostic: Diagnostic, fingerprint: str, checkout: Checkout) -> dict[str, object]:
    return {
        "description": told(diagnostic),
        "check_name": diagnostic.rule,
        "fingerprint": fingerprint,
        "severity": SEVERITIES[diagnostic.severity],
        "location": {
            "path": visible(checkout.path(diagnostic.source.path)),
            "lines": {"begin": diagnostic.start.line, "end": diagnostic.end.line},
        },
    }
