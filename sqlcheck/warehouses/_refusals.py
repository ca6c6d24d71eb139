"""What the embedded engine says when it will not go on → one line for people, without a value of any row.

Messages about names and types, which the engine gives before it looks at rows, are passed on. Those that it gives
while it runs quote values, so that only their kind is told.
"""

from __future__ import annotations

import re

from sqlcheck.warehouses.session import RefusedError

BROKEN: tuple[type[Exception], ...] = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError),
)
"""What fakesnow and sqlglot raise over a query that they do not understand, beside errors of their own."""

_RUNNING = {
    "ConstraintException": "a row breaks a constraint",
    "HTTPException": "it has no access to the network",
    "IOException": "it has no access to files",
    "InternalException": "DuckDB failed in itself",
    "InterruptException": "the statement was stopped",
    "InvalidInputException": "a function does not take a value that it was given",
    "NotImplementedException": "DuckDB does not do a part of this",
    "OutOfMemoryException": "it needs more memory than it may have",
    "OutOfRangeException": "a number is out of range",
    "PermissionException": "it has no access to files, to the network, or to its own settings",
    "TypeMismatchException": "a value is not of the type that is needed",
}
_TYPES = {
    **dict.fromkeys(("INT8", "INT16", "INT32", "INT64", "INT128", "HUGEINT", "BIGINT", "INTEGER"), "a whole NUMBER"),
    **dict.fromkeys(("DECIMAL", "NUMERIC"), "NUMBER"),
    **dict.fromkeys(("DOUBLE", "FLOAT"), "FLOAT"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_NS"), "a timestamp"),
    "BOOL": "BOOLEAN",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME",
    "JSON": "VARIANT",
}
"""DuckDB's name of a type → how to say it."""
_DESTINATION = re.compile(
    r"(?:\bto|destination type) ([A-Z_]+\d*)(?:\(\d+,\s*\d+\))?(?: when casting from source column .+)?\Z"
    r"|\Ainvalid (\w+) field format"
)
_FUNCTION = re.compile(r"(?:Scalar |Aggregate |Table )?Function with name \"?([\w$.]+)\"? does not exist")
_SIGNATURE = re.compile(r"No function matches the given name and argument types '(.+?)'\.")
_TABLE = re.compile(r"Table with name (.+?) does not exist")
_KIND = re.compile(r"\A(?:\d+ \(\w+\): )?(?:[A-Z]\w+ )+Error: ")


def refusal(error: Exception) -> RefusedError:
    """Say why the engine will not run a statement; what it says in its own words loses place, stack and SQL."""
    cause = error.__cause__ if type(error.__cause__).__module__ in ("duckdb", "_duckdb") else error
    kind = type(cause).__name__
    line = _KIND.sub("", str(cause).partition("\n")[0]).strip()
    if kind == "ConversionException":
        return _unable(f"a value cannot be converted{_destination(line)}")
    if kind in _RUNNING:
        return _unable(_RUNNING[kind])
    if kind == "CatalogException":
        return _absent(line)
    if kind == "BinderException":
        found = _SIGNATURE.match(line)
        return _unable(f"it has no `{found[1]}`" if found else _lowered(line))
    if kind == "ParserException":
        return _unable(f"its SQL has no word for a part of this: {_lowered(line)}")
    return _unable("it does not understand the query")


def _unable(reason: str) -> RefusedError:
    return RefusedError(f"the embedded warehouse cannot run this: {reason}")


def _absent(line: str) -> RefusedError:
    if found := _FUNCTION.match(line):
        return _unable(f"it has no function `{found[1].upper()}`")
    if found := _TABLE.match(line):
        return RefusedError(f"the embedded warehouse has no table `{found[1].strip(chr(34))}`", 2003, "42S02")
    return _unable(_lowered(line))


def _destination(line: str) -> str:
    found = _DESTINATION.search(line)
    name = _TYPES.get((found[1] or found[2]).upper()) if found else None
    return f" to {name}" if name else ""


def _lowered(line: str) -> str:
    return (line if line[1:2].isupper() else line[:1].lower() + line[1:]).rstrip("!.")
