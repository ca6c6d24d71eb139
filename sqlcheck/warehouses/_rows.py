"""Files with rows of a table → columns as the file has them: CSV and JSON as text, Parquet with its own types."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from sqlcheck import files
from sqlcheck.errors import SqlcheckError

if TYPE_CHECKING:
    import pyarrow as pa

MAX_BYTES = 64 * 1024 * 1024
"""No larger file is read: it is a sample that is wanted."""
FORMATS = (".csv", ".parquet", ".json", ".jsonl", ".ndjson")

_ROW = re.compile(r"Row #(\d+)")
_BLANK = re.compile(r"\s*")


def read(path: str, semi_structured: AbstractSet[str]) -> pa.Table:
    """Read a file; `semi_structured` are the folded names of columns whose values in JSON are kept as JSON."""
    ending = os.path.splitext(path)[1].lower()
    if ending == ".csv":
        return _csv(path)
    if ending == ".parquet":
        return _parquet(path)
    if ending in FORMATS:
        return _json(path, semi_structured)
    raise SqlcheckError(f"{path}: rows are read from files that end in {', '.join(FORMATS)}")


def _text(path: str) -> str:
    content = files.read(path, MAX_BYTES)
    if content.problem is not None:
        raise SqlcheckError(f"{path}: {content.problem.message}; {content.problem.help}")
    return content.text


def _csv(path: str) -> pa.Table:
    """Read CSV with a header; a field with nothing in it is NULL, one with empty quotes is an empty text."""
    import pyarrow as pa
    from pyarrow import csv

    text = _text(path)
    if not text.strip():
        raise SqlcheckError(f"{path}: there is no header with the names of columns")
    data = pa.BufferReader(text.encode())
    parsing = csv.ParseOptions(newlines_in_values=True)
    try:
        # a first pass for the names: each column is to be text, and must be named for that
        names = csv.open_csv(data, csv.ReadOptions(use_threads=False), parsing, _texts(())).schema.names
        data.seek(0)
        return csv.read_csv(data, csv.ReadOptions(use_threads=False), parsing, _texts(names))
    except pa.ArrowInvalid as error:
        # the message goes on with the row itself
        row = _ROW.search(str(error))
        where = f"row {int(row[1]) - 1}" if row else "a row"
        raise SqlcheckError(f"{path}: {where} does not have as many fields as the header has names") from None


def _texts(names: tuple[str, ...] | list[str]) -> object:
    import pyarrow as pa
    from pyarrow import csv

    return csv.ConvertOptions(
        column_types={name: pa.string() for name in names},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )


def _parquet(path: str) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        if os.stat(path).st_size > MAX_BYTES:
            raise SqlcheckError(f"{path}: larger than {MAX_BYTES // 1024 // 1024} MB")
        return parquet.ParquetFile(path).read()
    except pa.ArrowInvalid:
        raise SqlcheckError(f"{path}: this is no Parquet file") from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it cannot be read"
        raise SqlcheckError(f"{path}: {reason[:1].lower()}{reason[1:]}") from None


def _json(path: str, semi_structured: AbstractSet[str]) -> pa.Table:
    """Read an array of objects, or objects one behind the other; what a row leaves out is NULL."""
    import pyarrow as pa

    rows = list(_objects(path, _text(path)))
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table(
        {
            name: pa.array(
                [_written(row.get(name), not {name, name.upper()}.isdisjoint(semi_structured)) for row in rows],
                pa.string(),
            )
            for name in names
        }
    )


def _objects(path: str, text: str) -> Iterator[dict[str, object]]:
    decoder, at, row = json.JSONDecoder(), 0, 0
    while (at := _after_blanks(text, at)) < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise SqlcheckError(f"{path}:{error.lineno}: this is not JSON") from None
        except RecursionError:
            raise SqlcheckError(f"{path}: row {row + 1} is nested too deeply") from None
        whole = at == 0 and isinstance(value, list)
        for entry in value if whole else (value,):
            row += 1
            if not isinstance(entry, dict):
                raise SqlcheckError(f"{path}: row {row} is not an object with a value for each column")
            yield entry
        at = end


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _written(value: object, as_json: bool) -> str | None:
    """Write a value as the text that becomes it again; the text of a semi-structured column keeps its quotes."""
    if value is None or (isinstance(value, str) and not as_json):
        return value
    return json.dumps(value, ensure_ascii=False)
