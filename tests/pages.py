"""The rule pages as tests: check an example as a user would, and print its report."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlcheck import debt, rulebook
from sqlcheck.apis import API_VERSIONS
from sqlcheck.batch import Ask, Batch, Input
from sqlcheck.commands._live import Live, warehouse
from sqlcheck.documents import payloads
from sqlcheck.documents.document import read_document
from sqlcheck.formats import text
from sqlcheck.inputs import collect
from sqlcheck.model import Diagnostic, Example, Report, Rule, Source
from sqlcheck.options import Options
from sqlcheck.project import read_project
from sqlcheck.reports import merge
from sqlcheck.sampling import Wish, take
from sqlcheck.settings import PROJECT
from sqlcheck.subject import DocumentSubject, QuerySubject
from tests.warehouses import scripted

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ANSWERS = "warehouse.json"
"""The block of an example that says what an account answers, see `tests.warehouses.scripted`."""


@contextlib.contextmanager
def unpacked(example: Example) -> Iterator[Batch]:
    """Give the inputs of an example, from a folder of its own.

    A project file whose queries are not part of the example stands for itself.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for block in example.blocks:
            Path(block.path).parent.mkdir(parents=True, exist_ok=True)
            Path(block.path).write_bytes(block.text.encode())
        batch = collect([example.blocks[0].path], Options(now=NOW))
        if len(example.blocks) > 1 or example.blocks[0].language != "yaml":
            assert batch.failures == ()
        yield batch


def diagnose(example: Example) -> tuple[Diagnostic, ...]:
    """Check an example; a payload beside a project is compared with what the project would emit."""
    texts = {block.path: block.text for block in example.blocks}
    emitted = _emitted(texts, example.blocks[0].path)
    with unpacked(example) as batch:
        if emitted is None:
            return debt.settle(batch.check(ask=_asking(texts)), debt.debts(batch, Options())).diagnostics
        subjects = [subject for entry in batch.inputs for subject in entry.subjects]
        return merge(
            [
                replace(each, emitted=emitted).check() if isinstance(each, DocumentSubject) else each.check()
                for each in subjects
            ]
        ).diagnostics


def has_rows(example: Example) -> bool:
    """Tell whether an example has rows, which the embedded warehouse looks at."""
    return any(block.language == "csv" for block in example.blocks)


def _asking(texts: dict[str, str]) -> Ask | None:
    """Let a query be looked at where an example has rows, by the embedded warehouse, or answers of an account."""
    if ANSWERS in texts:
        script = json.loads(texts[ANSWERS])
        return lambda query: replace(query, sample=take(query, scripted.session(script), Wish(NOW)))
    return _embedded if any(path.endswith(".csv") for path in texts) else None


def _embedded(query: QuerySubject) -> QuerySubject:
    with warehouse(Live()) as question:
        return replace(query, sample=question(query, 100, lambda _: None))


def _emitted(texts: dict[str, str], path: str) -> str | None:
    if not path.endswith(".json") or PROJECT not in texts:
        return None
    project = read_project(read_document(Source(PROJECT, texts[PROJECT])))
    (entry,) = project.models
    assert entry.path is not None
    return payloads.render(payloads.data_model(API_VERSIONS[project.api_name], entry.model, texts[entry.path]))


def render(example: Example) -> str:
    """Print the report of an example as its page shows it."""
    return text.render(Report(diagnose(example)), summary=False)


def fixed(rule: Rule, example: Example) -> list[str]:
    """Give each text of an example that a rule's fixes change, as it is then; a second time changes nothing."""
    with unpacked(example) as batch:
        return [result for entry in batch.inputs if (result := _fix(entry, rule)) != entry.text.text]


def _fix(entry: Input, rule: Rule) -> str:
    unsafe = rule.fix == "unsafe"
    first = entry.fix(unsafe=unsafe, rules={rule.name})
    again = replace(entry, text=entry.text._replace(text=first.text)).fix(unsafe=unsafe, rules={rule.name})
    assert (first.text, ()) == (again.text, again.applied)
    return first.text


def fix_everything(example: Example) -> list[tuple[str, str]]:
    """Give each text of an example with all fixes applied once, and twice."""
    with unpacked(example) as batch:
        once = [(entry, entry.fix(unsafe=True).text) for entry in batch.inputs]
        return [
            (text, replace(entry, text=entry.text._replace(text=text)).fix(unsafe=True).text) for entry, text in once
        ]


def rewrite(path: Path) -> None:
    """Write the reports of a page anew, from the last to the first so that line numbers hold."""
    page = path.read_text(encoding="utf-8")
    lines = page.splitlines()
    for example in reversed(rulebook.examples(rulebook.read(str(path)))):
        if example.report is not None:
            start = example.report.line - 1
            lines[start : start + example.report.text.count("\n")] = render(example).splitlines()
    written = "".join(line + "\n" for line in lines)
    if written != page:
        path.write_text(written, encoding="utf-8")
