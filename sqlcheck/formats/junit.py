"""JUnit's XML, which most CI servers read: a test suite a file, a failed test a diagnostic.

https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from sqlcheck.formats._checkout import Checkout
from sqlcheck.formats._screen import told, visible
from sqlcheck.model import Diagnostic, Report

NAME = "sqlcheck"


def render(report: Report, /, *, checkout: Checkout = Checkout(), **_look: object) -> str:
    """Write a suite for each file; one without diagnostics has a single test, which passes."""
    tests: dict[str, list[ElementTree.Element]] = {checkout.path(path): [] for path in report.files}
    for diagnostic in report.diagnostics:
        path = checkout.path(diagnostic.source.path)
        tests.setdefault(path, []).append(_failed(diagnostic, path))
    suites = [_suite(path, among or [_test(path, NAME)]) for path, among in tests.items()]
    if report.failures:
        suites.append(_suite("not done", [*map(_undone, report.failures)]))
    return _written(suites)


def _failed(diagnostic: Diagnostic, path: str) -> ElementTree.Element:
    """Make a test of a diagnostic; the place is part of the name, for servers merge tests of one name."""
    start, severity = diagnostic.start, diagnostic.severity.label
    test = _test(path, f"{diagnostic.rule} {start.line}:{start.column}", start.line)
    failure = ElementTree.SubElement(test, "failure", message=visible(diagnostic.message), type=severity)
    failure.text = f"{visible(path)}:{start.line}:{start.column}: {told(diagnostic)}"
    return test


def _undone(failure: str) -> ElementTree.Element:
    test = _test("", failure)
    ElementTree.SubElement(test, "error", message=visible(failure), type="error")
    return test


def _test(path: str, name: str, line: int | None = None) -> ElementTree.Element:
    test = ElementTree.Element("testcase", name=visible(name), classname=visible(path) or NAME)
    if path:
        test.set("file", visible(path))
    if line is not None:
        test.set("line", str(line))
    return test


def _suite(name: str, tests: Sequence[ElementTree.Element]) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", {"name": visible(name), **_counts(tests)})
    suite.extend(tests)
    return suite


def _counts(tests: Sequence[ElementTree.Element]) -> dict[str, str]:
    failures, errors = (sum(test.find(tag) is not None for test in tests) for tag in ("failure", "error"))
    return {"tests": str(len(tests)), "failures": str(failures), "errors": str(errors), "skipped": "0", "time": "0"}


def _written(suites: Sequence[ElementTree.Element]) -> str:
    """Write the document in ASCII, so that no stream's encoding can spoil it."""
    tests = [test for suite in suites for test in suite]
    root = ElementTree.Element("testsuites", {"name": NAME, **_counts(tests)})
    root.extend(suites)
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="us-ascii").decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
