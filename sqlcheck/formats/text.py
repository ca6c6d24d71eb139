"""The report for people: source lines with carets, help, patches, and one line that sums up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from sqlcheck.formats._excerpt import Row, excerpt, patch
from sqlcheck.formats._screen import BLUE, BOLD, GREEN, RED, YELLOW, hyperlink, paint, visible
from sqlcheck.model import Diagnostic, Report, Severity, Skip

COLOURS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.INFO: BLUE, Severity.OFF: BOLD}
PATCH_COLOURS = {"-": RED, "+": GREEN}


def render(
    report: Report,
    /,
    *,
    colour: bool = False,
    link: Callable[[str], str] | None = None,
    summary: bool = True,
    **_look: object,
) -> str:
    """Draw every diagnostic, and say at the end how many there are and what can be done about them."""
    blocks = ["\n".join(_block(diagnostic, colour, link)) + "\n" for diagnostic in report.diagnostics]
    if summary and (line := summary_line(report)):
        blocks.append(f"{line}\n")
    return "\n".join(blocks)


def _block(diagnostic: Diagnostic, colour: bool, link: Callable[[str], str] | None) -> Iterator[str]:
    source, span = diagnostic.source.resolve(diagnostic.span)
    shown = list(excerpt(source, span))
    changes = list(patch(source, diagnostic.fix.edits)) if diagnostic.fix else []
    width = max(len(row.gutter) for row in (*shown, *changes) if row.gutter != "...")
    severity = COLOURS[diagnostic.severity]
    start = source.lines.position(span.start)

    yield _title(diagnostic, colour, link)
    arrow = paint(" " * width + "-->", BLUE, colour)
    yield f"{arrow} {visible(source.path)}:{start.line}:{start.column}"
    yield paint(" " * width + " |", BLUE, colour)
    for row in shown:
        yield _drawn(row, width, colour, "" if row.gutter else severity)
    if diagnostic.help or changes:
        yield paint(" " * width + " |", BLUE, colour)
    note = paint(" " * width + " =", BLUE, colour)
    if diagnostic.help:
        yield f"{note} {paint('help', BOLD, colour)}: {visible(diagnostic.help)}"
    if diagnostic.fix and changes:
        yield f"{note} {paint('fix', BOLD, colour)} ({'safe' if diagnostic.fix.safe else 'unsafe'}):"
        for row in changes:
            yield _drawn(row, width, colour, PATCH_COLOURS.get(row.sign, ""))


def _title(diagnostic: Diagnostic, colour: bool, link: Callable[[str], str] | None) -> str:
    rule = hyperlink(diagnostic.rule, link(diagnostic.rule)) if link else diagnostic.rule
    label = paint(f"{diagnostic.severity.label}[{rule}]", COLOURS[diagnostic.severity], colour)
    return f"{label}: {paint(visible(diagnostic.message), BOLD, colour)}"


def _drawn(row: Row, width: int, colour: bool, style: str) -> str:
    """Set a row behind the gutter."""
    if row.gutter == "...":
        return f"{'...'.ljust(width + 3 if row.sign else 4)}{row.text}".rstrip()
    text = row.text.rstrip()
    if row.sign != "|":
        line = f"{row.gutter:>{width}} {row.sign} {text}".rstrip()
        return paint(line, style, colour and bool(style))
    gutter = paint(f"{row.gutter:>{width}} |", BLUE, colour)
    return f"{gutter} {paint(text, style, colour and bool(style))}" if text else gutter


def summary_line(report: Report) -> str:
    """Say in one line what was found, what can be fixed, which rules could not speak; nothing when nothing was read."""
    if report.failures and not report.files:
        return ""
    known = [f"{len(report.baseline):,} more in the baseline"] if report.baseline else []
    return "; ".join([_found(report), *known, *_fixable(report.diagnostics), *unheard(report.skips)])


def _found(report: Report) -> str:
    counts = Counter(diagnostic.severity for diagnostic in report.diagnostics)
    words = [
        plural(counts[severity], severity.label)
        for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)
        if counts[severity]
    ]
    counted = ", ".join(words) or "no problems"
    return f"{counted} in {plural(len(report.files), 'file')}" if report.files else counted


def _fixable(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    safe = sum(1 for diagnostic in diagnostics if diagnostic.fix and diagnostic.fix.safe)
    unsafe = sum(1 for diagnostic in diagnostics if diagnostic.fix and not diagnostic.fix.safe)
    if safe:
        yield f"{safe} fixable with --fix"
    if unsafe:
        yield f"{unsafe}{' more' if safe else ''} fixable with --unsafe-fixes"


def unheard(skips: Sequence[Skip]) -> Iterator[str]:
    """Name the rules that need a schema; those that need rows are the same each time, and are only counted."""
    schema, rows = ({skip.rule for skip in skips if skip.needs == needs} for needs in ("schema", "rows"))
    if schema:
        yield f"{plural(len(schema), 'rule')} need{'s' * (len(schema) == 1)} a schema: {', '.join(sorted(schema))}"
    if rows:
        yield f"{plural(len(rows), 'rule')} need{'s' * (len(rows) == 1)} rows: --live"


def plural(count: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
