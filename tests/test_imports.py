"""Who may import whom, and what a cheap command leaves alone."""

from __future__ import annotations

import ast
import fnmatch
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

import sqlcheck

PACKAGE = Path(sqlcheck.__file__).parent
PATHS = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
"""Module, without the leading `sqlcheck.`, → its file."""

MACHINE = (
    *("engine", "rulebook", "comment", "fix", "files", "workers", "attachments", "schemas*", "options", "subject"),
    *("taking", "projectfile", "edition", "store", "frozen", "cache", "batch", "inputs", "public"),
    *("ignoring", "debt"),
)
"""The modules that make a run of checks; those below them know SQL, documents and the vendor's facts."""

ASKING = ("!warehouses*", "!sampling", "!probes", "!pulling")
"""What talks to a warehouse: commands alone set it going, and hand on what was said as values."""

MAY_IMPORT = {
    "__init__": ("*",),
    "__main__": ("commands",),
    "model": (),
    "errors": (),
    "settings": ("model",),
    "names": ("model",),
    "apis*": ("model", "apis.*"),
    "knowledge*": ("model", "names", "apis.facts", "knowledge.*"),
    "syntax*": ("model", "names", "knowledge.*", "syntax.*"),
    "documents*": ("model", "settings", "errors", "names", "apis*", "documents.*", "knowledge.zones"),
    "parse": ("model", "syntax*"),
    "resolution*": ("model", "names", "parse", "sample", "schema", "knowledge.*", "syntax.*", "resolution.*"),
    "mapping": ("model", "settings", "names", "apis.*", "parse", "sample", "schema", "resolution.*"),
    "lineage": ("model", "mapping", "schema", "resolution.*", "syntax.tree"),
    "outputs": ("model", "settings", "apis.*", "mapping", "knowledge.*", "resolution.*"),
    "candidates": ("model", "settings", "names", "mapping", "resolution.*"),
    "comparison*": ("model", "settings", "errors", "parse", "mapping", "resolution.*", "comparison.*"),
    "formats*": ("model", "__init__", "fingerprints", "rulebook", "formats.*"),
    "views*": (
        "model",
        "lineage",
        "resolution.*",
        "mapping",
        "comparison.*",
        "formats*",
        "views*",
        "names",
        "__init__",
    ),
    "rulebook": ("model", "errors", "names"),
    "comment": ("model", "settings", "names", "parse"),
    "files": ("model", "settings", "errors"),
    "attachments": ("model", "settings", "errors", "files", "documents.*", "schemas"),
    "schemas*": ("model", "settings", "errors", "names", "apis.facts", "files", "schema", "documents.*", "schemas.*"),
    "fix": ("model", "errors"),
    "fingerprints": ("model",),
    "baseline": ("model", "errors", "fingerprints", "documents.*"),
    "workers": ("errors",),
    "reports": ("model",),
    "engine": ("model", "settings", "errors", "reports", "rulebook", "checks"),
    "options": ("model", "settings", "errors", "names", "apis", "rulebook"),
    "edition": ("__init__", "errors", "files", "rulebook"),
    "store": ("errors", "files", "fix"),
    "frozen": ("model",),
    "cache": ("model", "errors", "files", "attachments", "options", "edition", "store", "frozen"),
    "projectfile": ("files", "project", "cache"),
    "checks.live*": ("model", "settings", "apis.facts", "names", "knowledge.moments", "mapping", "sample", "masking"),
    "checks*": ("!checks.*", "!formats*", "!commands*", *ASKING, *(f"!{name}" for name in MACHINE)),
    "sample": ("model", "errors"),
    "wrapping": ("settings", "names", "sample"),
    "probes": ("settings", "names", "apis.facts", "sample", "wrapping"),
    "masking": (),
    "settling": ("model", "sample"),
    "sampling": (
        *("model", "settings", "errors", "parse", "mapping", "knowledge.moments", "sample", "wrapping", "probes"),
        *("engine", "subject", "warehouses.session", "warehouses.refusals"),
    ),
    "pulling": ("model", "errors", "names", "sample", "schema", "warehouses.session", "warehouses.refusals"),
    "schema": ("model", "names"),
    "project": ("model", "settings", "apis", "documents.*"),
    "subject": (
        *(
            "!checks.*",
            "!formats*",
            "!commands*",
            "!taking",
            "!batch",
            "!inputs",
            "!ignoring",
            "!debt",
            "!cache",
            *ASKING,
        ),
    ),
    "taking": ("!checks.*", "!formats*", "!commands*", "!batch", "!inputs", "!ignoring", "!debt", "!cache", *ASKING),
    "batch": ("!checks.*", "!formats*", "!commands*", "!inputs", "!ignoring", "!debt", *ASKING),
    "inputs": ("!checks.*", "!formats*", "!commands*", "!ignoring", "!debt", *ASKING),
    "public": ("model", "mapping", "options", "inputs"),
    "ignoring": ("model", "batch", "comment", "debt", "files", "fix", "parse"),
    "debt": (
        *("model", "settings", "errors", "files", "baseline", "batch", "engine", "fix", "options", "projectfile"),
        "reports",
    ),
    "warehouses*": (
        *("model", "errors", "names", "sample", "schema", "settings", "files", "documents.document", "warehouses.*"),
    ),
    "commands*": ("!checks.*",),
    "*": ("!checks*", "!formats*", "!commands*", *ASKING, *(f"!{name}" for name in MACHINE)),
}
"""Module → what it may import of ours, or with `!` what it may not; the first pattern that fits counts."""

HOMES = {
    "click": ("commands*",),
    "rich": ("commands*", "formats*"),
    "yaml": ("documents.yaml",),
    "snowflake": ("warehouses.snowflake", "warehouses.embedded"),
    "sqlglot": ("parse", "mapping", "outputs", "candidates", "lineage", "syntax.*", "resolution.*", "comparison.*",
                "knowledge.result_types", "checks.*", "views.*", "warehouses.embedded"),
    **dict.fromkeys(("duckdb", "fakesnow", "pyarrow"), ("warehouses.embedded", "warehouses._*")),
}  # fmt: skip
"""Library → the modules that may import it."""


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    if all(pattern.startswith("!") for pattern in patterns):
        return not any(fnmatch.fnmatchcase(name, pattern[1:]) for pattern in patterns) if patterns else False
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def imports(path: Path) -> set[str]:
    """Give the full names of the modules that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            parts = {f"{module}.{alias.name}" for alias in node.names}
            ours = {part for part in parts if part.removeprefix("sqlcheck.") in PATHS}
            found |= ours or {module}
    return found


def own(module: str) -> set[str]:
    """Give what a module imports of ours."""
    found = imports(PATHS[module])
    names = {name.removeprefix("sqlcheck.") for name in found if name.startswith("sqlcheck.")}
    return names | ({"__init__"} if "sqlcheck" in found else set())


@pytest.mark.parametrize("module", PATHS)
def test_a_module_imports_only_what_its_layer_allows(module: str) -> None:
    allowed = next(patterns for pattern, patterns in MAY_IMPORT.items() if fnmatch.fnmatchcase(module, pattern))
    family = module.split(".")[1] if module.startswith("checks.") else None
    private = {name for name in own(module) if family and name.startswith(f"checks.{family}._")}
    assert set() == {name for name in own(module) - private if not fits(name, allowed)}


@pytest.mark.parametrize("module", PATHS)
def test_a_library_is_imported_only_at_its_home(module: str) -> None:
    libraries = {name.partition(".")[0] for name in imports(PATHS[module])} & HOMES.keys()
    assert set() == {library for library in libraries if not fits(module, HOMES[library])}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: own(module) for module in PATHS if module != "__init__"}
    assert len(graph) <= len(list(graphlib.TopologicalSorter(graph).static_order()))


def loaded(code: str) -> str:
    """Run code in a fresh interpreter and tell which of the slow libraries it has imported then."""
    tell = f"import sys; print(*sorted({set(HOMES)} & sys.modules.keys()))"
    run = [sys.executable, "-c", f"{code}\n{tell}"]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import sqlcheck", ""),
        ("from sqlcheck import Diagnostic, Severity, SqlcheckError", ""),
        ("from sqlcheck.commands import main\nmain(['--version'], standalone_mode=False)", "click"),
        ("from sqlcheck.commands import main\nmain(['explain', 'unused-ignore'], standalone_mode=False)", "click"),
        ("from sqlcheck.commands import main\nmain(['rules'], standalone_mode=False)", "click"),
        ("import sqlcheck\nsqlcheck.check('SELECT 1')", "sqlglot"),
        ("import sqlcheck.warehouses.embedded", ""),
        ("import sqlcheck.warehouses.snowflake", ""),
        ("from sqlcheck.commands import main\nmain(['sample', '--help'], standalone_mode=False)", "click"),
        ("from sqlcheck.commands import main\nmain(['schema', 'pull', '--help'], standalone_mode=False)", "click"),
    ],
)
def test_what_is_cheap_imports_no_slow_library(code: str, expected: str) -> None:
    assert expected == loaded(code)


def test_a_run_answered_from_the_cache_imports_no_slow_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("schema.sql").write_text("CREATE TABLE a (b INT);")
    Path("q.sql").write_text("SELECT b, FROM a;")
    Path("baseline.json").write_text('{"version": 1, "findings": []}')
    named = "schema: [schema.sql]\nrows: {A: a.csv}\nbaseline: baseline.json\n"
    settings = "overrides:\n  - {paths: [q.sql], rules: {select-star: off}}\n"
    Path("sqlcheck.yaml").write_text(f"{named}{settings}models:\n  - {{id: m, query: q.sql}}\n")
    run = "from sqlcheck.commands import main\ntry:\n    main(['check'])\nexcept SystemExit:\n    pass"

    assert ["click sqlglot yaml", "click"] == [loaded(run), loaded(run)]


def test_every_public_name_is_there() -> None:
    assert [] == [name for name in sqlcheck.__all__ if getattr(sqlcheck, name, None) is None]
    assert set(sqlcheck.__all__) <= set(dir(sqlcheck))
    with pytest.raises(AttributeError, match=r"\Amodule 'sqlcheck' has no attribute 'Linter'\Z"):
        _ = sqlcheck.Linter
