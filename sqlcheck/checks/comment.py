"""The tool's own directives: are they read, and do they still do something?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlcheck.model import Directive, Edit, Finding, Ignore, Key, Place, Rule, Silenced, Span
from sqlcheck.names import closest
from sqlcheck.parse import Query

if TYPE_CHECKING:
    from sqlcheck.baseline import Baseline


def bad_directive(directives: tuple[Directive, ...]) -> Iterator[Finding]:
    """Report what could not be read in a directive."""
    for directive in directives:
        yield from directive.problems


def unknown_ignore(
    directives: tuple[Directive, ...], rules: tuple[Rule, ...], outputs: tuple[str, ...] | None, silenced: Silenced
) -> Iterator[Finding]:
    """Report an ignore that names no rule, or for a column that the query does not have."""
    if not any(directive.ignores for directive in directives):
        return
    known = {rule.name for rule in rules}
    for directive in directives:
        for ignore in directive.ignores:
            if ignore.rule not in known:
                guess = closest(ignore.rule, known)
                advice = f"did you mean `{guess}`?" if guess else "`sqlcheck rules` lists them all"
                yield Finding(ignore.span, f"there is no rule `{ignore.rule}`", advice)
        for key in _absent(directive, outputs, silenced):
            guess = closest(key.name, outputs or ())
            advice = f"did you mean `{guess}`?" if guess else "`sqlcheck map` lists them all"
            yield Finding(key.span, f"no output column is called `{key.name}`", advice)


def unused_ignore(
    query: Query, directives: tuple[Directive, ...], outputs: tuple[str, ...] | None, silenced: Silenced
) -> Iterator[Finding]:
    """Report an ignore of a rule that ran and found nothing there, or nothing about a column."""
    for directive in directives:
        absent = _absent(directive, outputs, silenced)
        idle = [] if absent else [ignore for ignore in directive.ignores if _is_idle(ignore, silenced)]
        for ignore in idle:
            edit = _remove(query.text, directive, ignore, whole=len(idle) == len(directive.ignores))
            yield Finding(ignore.span, f"`{ignore.rule}` finds nothing {_where(ignore)}", "remove it", (edit,))
        if len(idle) < len(directive.ignores):
            yield from _idle_keys(directive, absent, silenced)


def stale_baseline(baseline: Baseline) -> Iterator[Finding]:
    """Report an entry of the baseline that is no longer found."""
    for entry in baseline.stale:
        message = f"`{entry.rule}` no longer finds this in `{entry.file}`"
        yield Finding(Place(baseline.source, entry.span), message, "run `sqlcheck check --baseline-update`")


def _idle_keys(directive: Directive, absent: tuple[Key, ...], silenced: Silenced) -> Iterator[Finding]:
    """Report the columns about which none of the rules finds anything."""
    if not silenced.ran.issuperset(ignore.rule for ignore in directive.ignores):
        return
    rules = " or ".join(f"`{ignore.rule}`" for ignore in directive.ignores)
    keys = directive.ignores[0].keys
    for key in keys:
        if key not in silenced.keys and key not in absent:
            message = f"nothing about `{key.name}` is found by {rules} {_where(directive.ignores[0])}"
            edit = Edit(_listed([each.span for each in keys], key.span), "")
            yield Finding(key.span, message, "remove it", (edit,))


def _absent(directive: Directive, outputs: tuple[str, ...] | None, silenced: Silenced) -> tuple[Key, ...]:
    """Give the keys that are neither an output column nor what a finding is about."""
    keys = directive.ignores[0].keys if directive.ignores and outputs is not None else ()
    return tuple(key for key in keys if key not in silenced.keys and not any(map(key.fits, outputs or ())))


def _is_idle(ignore: Ignore, silenced: Silenced) -> bool:
    return ignore.rule in silenced.ran and ignore not in silenced.used


def _where(ignore: Ignore) -> str:
    return "in this file" if ignore.line is None else f"on line {ignore.line}"


def _remove(text: str, directive: Directive, ignore: Ignore, whole: bool) -> Edit:
    if not whole:
        return Edit(_listed([each.span for each in directive.ignores], ignore.span), "")
    if directive.settings or directive.problems:
        word = text.lower().rfind("ignore", directive.span.start, directive.ignores[0].span.start)
        end = directive.span.end - 2 * text.startswith("/*", directive.span.start)
        return Edit(Span(_back(text, word), _back(text, end)), "")
    return _comment(text, directive.span)


def _listed(spans: list[Span], span: Span) -> Span:
    """Give the span of one name of a list and of the comma that it no longer needs."""
    at = spans.index(span)
    if at:
        return Span(spans[at - 1].end, span.end)
    return Span(span.start, spans[1].start)


def _comment(text: str, span: Span) -> Edit:
    """Remove a comment: with its line when it stands there alone, else with the blanks beside it."""
    start, end = _back(text, span.start), span.end
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    opens, closes = not text[:start] or text[start - 1] in "\r\n", end == len(text) or text[end] in "\r\n"
    if opens and closes:
        return Edit(Span(start, end + (2 if text.startswith("\r\n", end) else end < len(text))), "")
    if closes:
        return Edit(Span(start, end), "")
    if opens:
        return Edit(Span(span.start, end), "")
    return Edit(Span(start, end), " ")


def _back(text: str, offset: int) -> int:
    """Go back over blanks."""
    while text[offset - 1 : offset] in (" ", "\t"):
        offset -= 1
    return offset
