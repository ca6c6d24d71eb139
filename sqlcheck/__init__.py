"""Check mParticle Warehouse Sync queries before mParticle runs them.

The names in `__all__` are the public API; they are imported on first use, so that `import sqlcheck` is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlcheck.errors import CheckCrashError, SqlcheckError
    from sqlcheck.mapping import Mapping, OutputColumn
    from sqlcheck.model import Diagnostic, Edit, Fix, Position, Severity, Source, Span
    from sqlcheck.public import check, read_mapping
    from sqlcheck.settings import Model

__version__ = "0.1.0"

__all__ = [
    "CheckCrashError",
    "Diagnostic",
    "Edit",
    "Fix",
    "Mapping",
    "Model",
    "OutputColumn",
    "Position",
    "Severity",
    "Source",
    "Span",
    "SqlcheckError",
    "__version__",
    "check",
    "read_mapping",
]

_HOMES = {
    "CheckCrashError": "errors",
    "SqlcheckError": "errors",
    "Mapping": "mapping",
    "OutputColumn": "mapping",
    "Model": "settings",
    "check": "public",
    "read_mapping": "public",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'model')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
