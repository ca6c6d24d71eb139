"""Write ignore comments for what is found in a query; each is tried out like a fix, and withdrawn when it fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sqlcheck import comment
from sqlcheck.batch import Input
from sqlcheck.debt import Counted
from sqlcheck.files import is_document
from sqlcheck.fix import Fixed, Look, Withdrawn, fix
from sqlcheck.model import Diagnostic, Directive, Edit, Fix, Source, Span
from sqlcheck.parse import Query, parse

ELSEWHERE = "it does not stand in a SQL file, so that no comment is for it"
NOWHERE = "no comment that silences it can stand there"

_LINE_END = re.compile(r"\r\n|\r|\n")


def ignore(entry: Input, reason: str, counted: Counted = tuple) -> Fixed:
    """Ignore everything that is found in a file, as far as it counts; `reason` stands in every comment."""
    if entry.text.problem is not None:
        return Fixed(entry.text.text)
    found = counted(entry.check().diagnostics)
    here = None if is_document(entry.path) else entry.path
    own = tuple(each for each in found if each.source.path == here)
    elsewhere = tuple(Withdrawn(each, ELSEWHERE) for each in found if each.source.path != here)
    fixed = _ignored(entry, own, reason, counted)
    return fixed._replace(withdrawn=(*fixed.withdrawn, *elsewhere))


def _ignored(entry: Input, left: tuple[Diagnostic, ...], reason: str, counted: Counted) -> Fixed:
    """Try each place for comments as long as something is left; what none of them silences stays."""
    text = entry.text.text
    applied: list[Diagnostic] = []
    for place in (_beside, _before, _behind):

        def look(changed: str, place: _Choice = place) -> Look:
            seen, page = entry.look(changed), _Page.of(Source(entry.path, changed), reason)
            found = counted(seen.diagnostics)
            return seen._replace(diagnostics=tuple(_offering(each, place(page, each)) for each in found))

        if left:
            fixed = fix(text, look)
            text = fixed.text
            applied += fixed.applied
            left = counted(entry.look(text).diagnostics)
    return Fixed(text, tuple(applied), tuple(Withdrawn(each, NOWHERE) for each in left))


def _offering(found: Diagnostic, edit: Edit | None) -> Diagnostic:
    return found._replace(fix=Fix(True, (edit,)) if edit else None)


class _Page(NamedTuple):
    """A query to write comments into: what is there already, and the reason to give."""

    query: Query
    directives: tuple[Directive, ...]
    reason: str

    @classmethod
    def of(cls, source: Source, reason: str) -> _Page:
        query = parse(source)
        return cls(query, comment.read(query), reason)

    @property
    def text(self) -> str:
        return self.query.text

    def written(self, rule: str) -> str:
        return f"ignore[{rule}] {self.reason}".rstrip()

    def joined(self, line: int, rule: str) -> Edit | None:
        """Add a rule to the ignores of a line."""
        for directive in self.directives:
            if directive.ignores and directive.ignores[0].line == line:
                edit = self.widened(directive, rule)
                if edit:
                    return edit
        return None

    def widened(self, directive: Directive, rule: str) -> Edit | None:
        """Add a rule to those of a comment, where it has no keys and the reason is no other."""
        last = directive.ignores[-1]
        rest = self.text[self.text.index("]", last.span.end) + 1 : self.end(directive)]
        if last.keys or (self.reason and rest.strip() != self.reason):
            return None
        return Edit(Span(last.span.end, last.span.end), f", {rule}")

    def within(self, directive: Directive, rule: str) -> Edit | None:
        """Ignore what is found in a comment of ours by that comment itself."""
        if not directive.ignores:
            end = self.end(directive)
            return Edit(Span(end, end), f" {self.written(rule)}")
        return self.widened(directive, rule) if directive.ignores[0].line is not None else None

    def end(self, directive: Directive) -> int:
        """Give where the words of a directive end."""
        start, end = directive.span
        end -= 2 * self.text.startswith("/*", start)
        return start + len(self.text[start:end].rstrip(" \t\r\n*"))

    def at_end(self, line: int, rule: str) -> Edit | None:
        """Write a comment behind what stands on a line."""
        span = self.query.source.lines.span(line)
        code = self.text[slice(*span)].rstrip()
        at = span.start + len(code)
        if not comment.may_begin(self.query, at):
            return None
        return Edit(Span(at, at), f"{' ' if code else ''}-- sqlcheck: {self.written(rule)}")

    def above(self, line: int, rule: str) -> Edit | None:
        """Write a comment on a line of its own above a line, as far in as that is."""
        span = self.query.source.lines.span(line)
        if not comment.may_begin(self.query, span.start):
            return None
        code = self.text[slice(*span)]
        ending = _LINE_END.match(self.text, span.end) or _LINE_END.search(self.text)
        indent = code[: len(code) - len(code.lstrip())]
        added = f"{indent}-- sqlcheck: {self.written(rule)}{ending[0] if ending else chr(10)}"
        return Edit(Span(span.start, span.start), added)


_Choice = Callable[[_Page, Diagnostic], "Edit | None"]
"""A place for the comment that ignores a finding; None where it cannot stand there."""


def _beside(page: _Page, found: Diagnostic) -> Edit | None:
    """Choose the comment that the finding is about, or the end of the line where it begins."""
    for directive in page.directives:
        if directive.span.contains(found.span):
            return page.within(directive, found.rule)
    line = found.start.line
    return page.joined(line, found.rule) or page.at_end(line, found.rule)


def _before(page: _Page, found: Diagnostic) -> Edit | None:
    """Choose the line above the one where the finding begins."""
    line = found.start.line
    return page.joined(line, found.rule) or page.above(line, found.rule)


def _behind(page: _Page, found: Diagnostic) -> Edit | None:
    """Choose the end of the line where the finding ends."""
    last = max(found.span.start, found.span.end - 1)
    line = page.query.source.lines.position(last).line
    return page.joined(line, found.rule) or page.at_end(line, found.rule)
