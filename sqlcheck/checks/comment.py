"""The tool's own directives: are they read, and do they still do something?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlcheck.model import Directive, Edit, Finding, Ignore, Rule, Silenced, Span
from sqlcheck.names import closest
from sqlcheck.parse import Query


def bad_directive(directives: tuple[Directive, ...]) -> Iterator[Finding]:
    """Report what could not be read in a directive."""
    for directive in directives:
        yield from directive.problems


def unknown_ignore(directives: tuple[Directive, ...], rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """Report an ignore that names no rule."""
    if not any(directive.ignores for directive in directives):
        return
    known = {rule.name for rule in rules}
    for directive in directives:
        for ignore in directive.ignores:
            if ignore.rule not in known:
                guess = closest(ignore.rule, known)
                advice = f"did you mean `{guess}`?" if guess else "`sqlcheck rules` lists them all"
                yield Finding(ignore.span, f"there is no rule `{ignore.rule}`", advice)


def unused_ignore(query: Query, directives: tuple[Directive, ...], silenced: Silenced) -> Iterator[Finding]:
    """Report an ignore of a rule that ran and found nothing there."""
    for directive in directives:
        idle = [ignore for ignore in directive.ignores if ignore.rule in silenced.ran and ignore not in silenced.used]
        for ignore in idle:
            where = "in this file" if ignore.line is None else f"on line {ignore.line}"
            edit = _remove(query.text, directive, ignore, whole=len(idle) == len(directive.ignores))
            yield Finding(ignore.span, f"`{ignore.rule}` finds nothing {where}", "remove it", (edit,))


def _remove(text: str, directive: Directive, ignore: Ignore, whole: bool) -> Edit:
    if not whole:
        return Edit(_name(directive.ignores, ignore), "")
    if directive.settings or directive.problems:
        word = text.lower().rfind("ignore", directive.span.start, directive.ignores[0].span.start)
        end = directive.span.end - 2 * text.startswith("/*", directive.span.start)
        return Edit(Span(_back(text, word), _back(text, end)), "")
    return _comment(text, directive.span)


def _name(ignores: tuple[Ignore, ...], ignore: Ignore) -> Span:
    """Give the span of one name and of the comma that it no longer needs."""
    at = ignores.index(ignore)
    if at:
        return Span(ignores[at - 1].span.end, ignore.span.end)
    return Span(ignore.span.start, ignores[1].span.start)


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
