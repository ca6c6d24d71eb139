"""dbt's `catalog.json` and `manifest.json` (dbt 1.0 and later) → `Schema`.

The catalog tells what stands in the warehouse: all columns, with types. The manifest tells what the project declares:
some columns, maybe with types and constraints; a model whose contract is enforced has all of them.
https://docs.getdbt.com/reference/artifacts/catalog-json, https://docs.getdbt.com/reference/artifacts/manifest-json
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlcheck.documents.document import read_json
from sqlcheck.model import Place, Source, Span
from sqlcheck.schema import Parts, Schema, SchemaColumn, SchemaTable, locate, scale_of, split_name, type_name
from sqlcheck.schemas.assembly import Assembly

_RELATIONS = frozenset({"model", "seed", "snapshot", "source"})
_KINDS = {"view": "view", "materialized_view": "materialized view", "dynamic_table": "dynamic table"}
_SECTIONS = ("nodes", "sources")


def is_dbt(root: object) -> bool:
    """Tell whether a JSON value looks like an artifact of dbt."""
    return isinstance(root, dict) and "metadata" in root and ("nodes" in root or "sources" in root)


def read(source: Source) -> Schema:
    """Read a catalog or a manifest."""
    try:
        root = json.loads(source.text)
    except (ValueError, RecursionError):
        root = None
    if root is None:
        return _refused(source)
    assembly = Assembly(sources=[source])
    fold = _folding(root)
    for section in _SECTIONS:
        nodes = root.get(section) if isinstance(root, dict) else None
        for key, node in nodes.items() if isinstance(nodes, dict) else ():
            at = (section, key)
            if not isinstance(node, dict):
                assembly.refuse(locate(source, at), f"`{key}` is not an object")
            elif isinstance(node.get("metadata"), dict):
                _take(assembly, _catalogued(source, at, node, fold))
            elif node.get("resource_type", "source") in _RELATIONS:
                _take(assembly, _declared(source, at, node))
    return assembly.schema()


def _refused(source: Source) -> Schema:
    """Say what is wrong with a text that is no JSON."""
    problems = read_json(source).problems
    assembly = Assembly(sources=[source])
    for problem in problems:
        assembly.refuse(Place(source, problem.span), problem.message, problem.help)
    if not problems:
        assembly.refuse(Place(source, Span(0, 1)), "this is not an artifact of dbt")
    return assembly.schema()


def _take(assembly: Assembly, table: SchemaTable | None) -> None:
    if table is not None:
        assembly.add(table)


def _folding(root: Any) -> bool:
    """Tell a catalog in which every name is lower case: it comes from a warehouse that does not fold to upper case."""
    nodes = [node for section in _SECTIONS for node in (root.get(section) or {}).values()] if is_dbt(root) else []
    metadata = [node.get("metadata") for node in nodes if isinstance(node, dict)]
    names = [str(each.get(key) or "") for each in metadata if isinstance(each, dict) for key in ("schema", "name")]
    return bool(names) and all(name == name.lower() for name in names)


def _catalogued(source: Source, at: tuple[str, ...], node: dict[str, Any], fold: bool) -> SchemaTable | None:
    """Read a relation of a catalog, whose names are as the warehouse stores them."""
    metadata = node["metadata"]
    parts = _known(metadata.get(key) for key in ("database", "schema", "name"))
    if not parts or not isinstance(metadata.get("name"), str):
        return None
    listed = node.get("columns")
    columns = None
    if isinstance(listed, dict):
        entries = [(name, entry) for name, entry in listed.items() if isinstance(entry, dict)]
        entries.sort(key=lambda item: item[1].get("index") or 0)
        columns = tuple(
            SchemaColumn(
                name.upper() if fold else name,
                type_name(str(entry.get("type") or "")),
                None,
                entry.get("comment") or "",
                (*at, "columns", name),
                scale_of(str(entry.get("type") or "")),
            )
            for name, entry in entries
        )
    kind = "view" if "VIEW" in str(metadata.get("type") or "").upper() else "table"
    names = tuple(part.upper() for part in parts) if fold else parts
    return SchemaTable(names, columns, source, at, kind, complete=columns is not None)


def _declared(source: Source, at: tuple[str, ...], node: dict[str, Any]) -> SchemaTable | None:
    """Read a relation of a manifest, whose names are as the author wrote them."""
    config = node.get("config") if isinstance(node.get("config"), dict) else {}
    materialized = config.get("materialized") if isinstance(config, dict) else None
    parts = split_name(str(node.get("relation_name") or "")) or tuple(
        part.upper()
        for part in _known(
            (node.get("database"), node.get("schema"), node.get("identifier") or node.get("alias") or node.get("name"))
        )
    )
    if not 0 < len(parts) <= 3 or materialized == "ephemeral":
        return None
    listed = node.get("columns")
    entries = [entry for entry in listed.items() if isinstance(entry[1], dict)] if isinstance(listed, dict) else []
    required = set(_required(node.get("constraints")))
    columns = tuple(_column((*at, "columns", key), key, entry, required) for key, entry in entries)
    contract = config.get("contract") if isinstance(config, dict) else None
    is_enforced = isinstance(contract, dict) and contract.get("enforced") is True
    kind = _KINDS.get(str(materialized), "table")
    return SchemaTable(parts, columns or None, source, at, kind, complete=is_enforced and bool(columns))


def _column(at: tuple[str, ...], key: str, entry: dict[str, Any], required: set[str]) -> SchemaColumn:
    name = str(entry.get("name") or key)
    constraints = entry.get("constraints")
    kinds = {each.get("type") for each in constraints if isinstance(each, dict)} if constraints else set()
    is_required = bool(kinds & {"not_null", "primary_key"}) or name.upper() in required
    return SchemaColumn(
        name if entry.get("quote") else name.upper(),
        type_name(str(entry.get("data_type") or "")),
        False if is_required else None,
        str(entry.get("description") or ""),
        at,
        scale_of(str(entry.get("data_type") or "")),
    )


def _required(constraints: object) -> Iterator[str]:
    """Give the columns that the constraints of a model make NOT NULL, in upper case."""
    for constraint in constraints if isinstance(constraints, list) else ():
        if isinstance(constraint, dict) and constraint.get("type") in ("not_null", "primary_key"):
            yield from (str(name).upper() for name in constraint.get("columns") or ())


def _known(parts: Iterable[object]) -> Parts:
    """Keep the parts of a name that are there."""
    return tuple(part for part in parts if isinstance(part, str) and part)
