"""What must hold for every text, however broken it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from click.testing import CliRunner

from sqlcheck import formats, views
from sqlcheck.batch import Batch, Input
from sqlcheck.commands import main
from sqlcheck.inputs import collect
from sqlcheck.model import Report
from sqlcheck.options import Options
from sqlcheck.parse import deep
from sqlcheck.views._sheet import Sheet
from tests.formats.readers import READERS
from tests.fuzz.kinds import OLD, Kind

LOAD_TIMESTAMP = ("--load-timestamp", "UPDATED_AT")
Beat = Callable[[str], None]
"""Told of each step, so that a watchdog can tell which one does not end."""
Found = frozenset[str]
"""What a text has shown: the rules that spoke, and what became of it."""


class Examine(Protocol):
    """How a text is looked at."""

    def __call__(self, kind: Kind, data: bytes, /, *, thoroughly: bool, beat: Beat) -> Found:
        """Raise what does not hold."""


def examine(kind: Kind, data: bytes, *, thoroughly: bool, beat: Beat = lambda step: None) -> Found:
    """Look at a text in the current folder, made for its kind, in every way; what does not hold is raised."""
    Path(kind.path).write_bytes(data)
    beat("check")
    schemas = kind.options[1::2]
    batch = collect([kind.checked], Options(schema=schemas, load_timestamp=None if schemas else "UPDATED_AT"))
    report = batch.check(jobs=1)
    _within(report)
    beat("formats")
    _rendered(report)
    for entry in batch.inputs:
        for unsafe in (False, True):
            beat(f"fix {entry.path}, unsafe {unsafe}")
            _mended(entry, unsafe=unsafe)
    beat("views")
    mapped = _viewed(batch)
    if thoroughly:
        for arguments, read in _commands(kind):
            beat(" ".join(arguments))
            _run(arguments, read)
    return frozenset({*(found.rule for found in report.diagnostics), f"{min(mapped, 3)} mapped"})


def _within(report: Report) -> None:
    """Every span lies in its text, and every message is one line."""
    for found in report.diagnostics:
        edits = found.fix.edits if found.fix else ()
        for span in (found.span, *(edit.span for edit in edits)):
            source, inside = found.source.resolve(span)
            assert 0 <= span.start <= span.end <= len(found.source.text), (found.rule, span)
            assert 0 <= inside.start <= inside.end <= len(source.text), (found.rule, inside)
        assert found.start <= found.end, found.rule
        assert found.message.strip(), found.rule


def _rendered(report: Report) -> None:
    """Every format gives a text that its strictest reader takes."""
    for name, read in READERS.items():
        render = formats.load(name)
        read(render(report))
        render(report, colour=True, link=lambda rule: f"file:///{rule}").encode("utf-8", "backslashreplace")


def _mended(entry: Input, *, unsafe: bool) -> None:
    """What was read before is read after fixing, fixing again changes nothing, and safe fixes keep every name."""
    fixed = entry.fix(unsafe=unsafe)
    if fixed.text == entry.text.text:
        return
    before, after = entry.look(entry.text.text).shapes, entry.look(fixed.text).shapes
    assert len(before) == len(after), "fixing changes the number of queries"
    for old, new in zip(before, after, strict=True):
        assert old is None or new is not None, "a fixed query cannot be read"
        assert old is None or unsafe or old == new, "a safe fix renames an output"
    again = Input(entry.path, entry.text._replace(text=fixed.text), entry.take).fix(unsafe=unsafe)
    assert fixed.text == again.text, "fixing again changes more"


def _viewed(batch: Batch) -> int:
    """Every view can be drawn; tell how many queries were mapped."""
    queries = [query for entry in batch.inputs for query in entry.queries]
    sheets = [
        Sheet(query.source, query.configured.id, query.mapping, query.check().diagnostics)
        for query in queries
        if query.mapping is not None
    ]
    with deep():
        for name in views.names():
            for lineage in (False, True):
                text = views.load(name)(sheets, lineage=lineage)
                if name == "json":
                    json.loads(text)
    return len(sheets)


def _commands(kind: Kind) -> Iterator[tuple[tuple[str, ...], Callable[[str], object] | None]]:
    """Give command lines, and what reads their output."""
    path, options = kind.checked, kind.options
    yield ("check", path, "--format", "json", *options), json.loads
    yield ("check", path, "--diff", "--unsafe-fixes", *options), None
    yield ("map", path, "--lineage", *options), None
    yield ("map", path, "--lineage", "--format", "json", *options), json.loads
    yield ("wrap", path, *LOAD_TIMESTAMP, *options), None
    yield ("emit", path, "--model", "churn-model", *options), json.loads
    yield ("config", path), None
    yield ("diff", path, path, "--format", "json", *options), json.loads
    yield ("diff", OLD, path, *options), None
    if not path.endswith(".sql"):
        yield ("emit", path, "--resource", "connection"), json.loads
        yield ("emit", path, "--resource", "pipeline", "--model", "churn-model"), json.loads
    elif kind.path == path:
        yield ("emit", path, "--id", "x-model", "--api", "experimental", *LOAD_TIMESTAMP), json.loads


def _run(arguments: tuple[str, ...], read: Callable[[str], object] | None) -> None:
    """Run a command: it exits with 0, 1 or 2, says in one line what stops it, and prints what can be read."""
    result = CliRunner().invoke(main, list(arguments), prog_name="sqlcheck")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    out, err = result.stdout_bytes.decode(), result.stderr_bytes.decode()
    assert result.exit_code in (0, 1, 2), f"{arguments}: exit code {result.exit_code}"
    assert "Traceback" not in err, f"{arguments}: {err}"
    assert result.exit_code != 2 or err.strip(), f"{arguments}: exit code 2 without a word"
    if out and read is not None:
        read(out)
