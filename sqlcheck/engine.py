"""Run the checks that can run, sign what they find, silence what is ignored, sort."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import FunctionType, ModuleType
from typing import NamedTuple

import sqlcheck.checks
from sqlcheck import rulebook
from sqlcheck.errors import CheckCrashError
from sqlcheck.model import (
    Diagnostic,
    Directive,
    Edit,
    Finding,
    Fix,
    Heard,
    Ignore,
    Key,
    Place,
    Report,
    Rule,
    Severity,
    Silenced,
    Skip,
    Source,
    Span,
)
from sqlcheck.reports import ordered
from sqlcheck.settings import Model, Settings


@dataclass(frozen=True, eq=False)
class Check:
    """A check function, the rule that it signs with, and the names of the values that it wants."""

    rule: Rule
    function: Callable[..., Iterable[Finding]]
    names: tuple[str, ...]


Group = tuple[tuple[str, ...], tuple[Check, ...]]
"""The checks that want the same values, behind the names of these."""


class _Plan(NamedTuple):
    """The checks to run under some settings when some values are at hand."""

    first: tuple[Group, ...]
    last: tuple[Group, ...]
    severities: Mapping[str, Severity]
    skipped: tuple[str, ...]
    """The rules that a schema would let speak."""
    early: frozenset[str]
    """The rules that run first and are not skipped."""
    heard: frozenset[str]
    """These, and those that run behind."""


def run(
    values: Mapping[str, object], settings: Settings = Settings(), among: tuple[Check, ...] | None = None
) -> Report:
    """Run every check whose values are all at hand, and those about ignores behind the others."""
    at_hand = frozenset(values)
    plan = _plan(settings, at_hand, checks(at_hand) if among is None else among)
    signer = _Signer.of(values, plan.severities)
    silencer = _Silencer.of(values)
    kept = [found for found in signer.run(plan.first, values) if not silencer.silences(found)]
    values = {**values, "silenced": Silenced(frozenset(silencer.used), plan.early, frozenset(silencer.keys))}
    kept += [found for found in signer.run(plan.last, values) if not silencer.silences(found)]
    wants_rows = among is None and "mapping" in values and "sample" not in values
    skips = _skips(plan.skipped, signer.model, settings if wants_rows else None)
    heard = Heard(signer.source.resolve(Span(0, 0))[0].path, plan.heard, "query" in values)
    return Report(ordered(diagnostic for _, diagnostic in kept), skips, heard=(heard,))


@cache
def checks(at_hand: frozenset[str] | None = None) -> tuple[Check, ...]:
    """Load the check functions that have a page, in the order of the pages; see `functions`."""
    rules = rulebook.rules()
    found = {
        function.__name__.replace("_", "-"): Check(
            rules[function.__name__.replace("_", "-")],
            function,
            function.__code__.co_varnames[: function.__code__.co_argcount],
        )
        for family, function in functions(at_hand)
        if _has_page(rules, family, function)
    }
    return tuple(found[name] for name in rules if name in found)


def functions(at_hand: frozenset[str] | None = None) -> tuple[tuple[str, FunctionType], ...]:
    """Give every public function of the check modules with its family.

    Where it is told which values are `at_hand`, packages of which no check can run with these are left out.
    """
    found = []
    for module in pkgutil.iter_modules(sqlcheck.checks.__path__, "sqlcheck.checks."):
        family = module.name.rpartition(".")[2].replace("_", "-")
        found += [(family, function) for part in _modules(module.name, at_hand) for function in _public(part)]
    return tuple(found)


def _modules(name: str, at_hand: frozenset[str] | None) -> Iterator[ModuleType]:
    module = importlib.import_module(name)
    needs: frozenset[str] | None = getattr(module, "NEEDS", None)
    if needs is not None and at_hand is not None and needs.isdisjoint(at_hand):
        return
    yield module
    for part in pkgutil.iter_modules(getattr(module, "__path__", ())):
        if not part.name.startswith("_"):
            yield from _modules(f"{name}.{part.name}", at_hand)


def _public(module: ModuleType) -> Iterator[FunctionType]:
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__ and not name.startswith("_"):
            yield value


def _has_page(rules: Mapping[str, Rule], family: str, function: FunctionType) -> bool:
    rule = rules.get(function.__name__.replace("_", "-"))
    return rule is not None and rule.family == family


@lru_cache(maxsize=64)
def _plan(settings: Settings, at_hand: frozenset[str], among: tuple[Check, ...]) -> _Plan:
    chosen = [(check, settings.severity(check.rule.name)) for check in among]
    severities = {check.rule.name: severity for check, severity in chosen if severity is not None}
    wanted = [check for check, severity in chosen if severity is not Severity.OFF]
    ready = [check for check in wanted if at_hand | {"silenced"} >= set(check.names)]
    first = [check for check in ready if "silenced" not in check.names]
    last = [check for check in ready if "silenced" in check.names]
    skipped = [check.rule.name for check in wanted if _lacks_schema(check, at_hand)]
    early = frozenset(check.rule.name for check in first).difference(skipped)
    heard = early.union(check.rule.name for check in last)
    return _Plan(_grouped(first), _grouped(last), severities, tuple(skipped), early, heard)


def _grouped(checks: Iterable[Check]) -> tuple[Group, ...]:
    groups: dict[tuple[str, ...], list[Check]] = {}
    for check in checks:
        groups.setdefault(check.names, []).append(check)
    return tuple((names, tuple(group)) for names, group in groups.items())


def _lacks_schema(check: Check, at_hand: frozenset[str]) -> bool:
    """Tell whether a schema would let a rule speak; an unreadable query leaves nothing to speak about."""
    if check.rule.evidence != "schema" or "schema" in at_hand or "mapping" not in at_hand:
        return False
    return at_hand | {"schema"} >= set(check.names)


@lru_cache(maxsize=64)
def _skips(lacking: tuple[str, ...], model: str | None, asking: Settings | None) -> tuple[Skip, ...]:
    """Tell what a schema would let speak, and rows under the settings `asking`: of many queries this is the same."""
    return (*(Skip(rule, model, "schema") for rule in lacking), *(_live(asking) if asking is not None else ()))


@lru_cache(maxsize=16)
def _live(settings: Settings) -> tuple[Skip, ...]:
    """Tell of the rules that look at rows; their checks are not even loaded where there are none."""
    found = (rule.name for rule in rulebook.rules().values() if rule.evidence == "live")
    return tuple(Skip(name, None, "rows") for name in found if settings.severity(name) is not Severity.OFF)


class _Signer(NamedTuple):
    """Turn the findings of one run into diagnostics."""

    source: Source
    model: str | None
    severities: Mapping[str, Severity]

    @classmethod
    def of(cls, values: Mapping[str, object], severities: Mapping[str, Severity]) -> _Signer:
        text = values.get("query") or values.get("document")
        source = getattr(text, "source", None)
        model = values.get("model")
        name = model.id if isinstance(model, Model) else None
        return cls(source if isinstance(source, Source) else Source("", ""), name, severities)

    def run(self, groups: tuple[Group, ...], values: Mapping[str, object]) -> Iterator[tuple[Place, Diagnostic]]:
        """Run checks; each finding comes with its place before it is mapped into a host."""
        for names, group in groups:
            arguments = [values[name] for name in names]
            for check in group:
                try:
                    findings = list(check.function(*arguments))
                except Exception as error:  # a bug in a check, of whatever kind: say where, and go no further
                    raise CheckCrashError(check.rule.name, self.source.path) from error
                # what is wrong with a schema is so for every model, and is said once
                model = None if names == ("schema",) else self.model
                for finding in findings:
                    place = finding.at if isinstance(finding.at, Place) else Place(self.source, finding.at)
                    yield place, self.sign(check.rule, place, finding, model)

    def sign(self, rule: Rule, place: Place, finding: Finding, model: str | None) -> Diagnostic:
        source, span = place.source.resolve(place.span)
        own = finding.severity if finding.severity is not None else rule.severity
        fix = None
        if finding.edits:
            safe = finding.safe if finding.safe is not None else rule.fix == "safe"
            fix = Fix(safe, tuple(_hosted(place.source, edit) for edit in finding.edits))
        return Diagnostic(
            rule.name,
            self.severities.get(rule.name, own),
            finding.evidence,
            source,
            span,
            finding.message,
            finding.help,
            fix,
            model,
            finding.column,
        )


class _Silencer:
    """Match findings with the ignores of one query, and remember which of these did something."""

    def __init__(self, source: Source | None, ignores: Iterable[Ignore]) -> None:
        self.source = source
        self.ignores: dict[str, list[Ignore]] = {}
        self.used: set[Ignore] = set()
        self.keys: set[Key] = set()
        for ignore in ignores:
            self.ignores.setdefault(ignore.rule, []).append(ignore)

    @classmethod
    def of(cls, values: Mapping[str, object]) -> _Silencer:
        directives = values.get("directives", ())
        source = getattr(values.get("query"), "source", None)
        if not isinstance(directives, tuple):
            return cls(source, ())
        return cls(source, (ignore for entry in directives if isinstance(entry, Directive) for ignore in entry.ignores))

    def silences(self, found: tuple[Place, Diagnostic]) -> bool:
        """Tell whether an ignore covers a finding; the nearest one gets the credit."""
        place, diagnostic = found
        ignores = self.ignores.get(diagnostic.rule)
        if not ignores:
            return False
        covering = [ignore for ignore in ignores if self._covers(ignore, place, diagnostic.column)]
        if not covering:
            return False
        nearest = min(covering, key=lambda ignore: (ignore.line is None, not ignore.keys))
        self.used.add(nearest)
        self.keys.update(key for key in nearest.keys if key.fits(diagnostic.column))
        return True

    def _covers(self, ignore: Ignore, place: Place, column: str | None) -> bool:
        """Compare the output column, the line on which a finding begins, and that on which it ends."""
        if ignore.keys and not any(key.fits(column) for key in ignore.keys):
            return False
        if ignore.line is None:
            return True
        if self.source is None or place.source is not self.source:
            return False
        lines = self.source.lines
        last = max(place.span.start, place.span.end - 1)
        return (
            ignore.comment.contains(place.span)
            or lines.position(place.span.start).line == ignore.line
            or lines.position(last).line == ignore.line
        )


def _hosted(source: Source, edit: Edit) -> Edit:
    """Write an edit of a query that stands in a JSON string as an edit of the JSON text."""
    if source.host is None:
        return edit
    import json  # for payloads alone

    _, span = source.resolve(edit.span)
    return Edit(span, json.dumps(edit.text, ensure_ascii=False)[1:-1])
