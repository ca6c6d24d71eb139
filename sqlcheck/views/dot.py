"""The mapping as a graph for Graphviz: `sqlcheck map --format dot query.sql | dot -Tsvg`.

https://graphviz.org/doc/info/lang.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlcheck.views._graph import Graph, Group, Port, graph
from sqlcheck.views._sheet import Sheet

_FILL = {"source": "#eef2f7", "step": "#f7f7f2", "output": "#e8f0fe", "profile": "#e6f4ea"}


def render(sheets: Sequence[Sheet], /, *, lineage: bool = False) -> str:
    """Write one digraph; the queries of several sheets stand in boxes of their own."""
    return "".join(f"{line}\n" for line in _lines(sheets, lineage))


def _lines(sheets: Sequence[Sheet], lineage: bool) -> Iterator[str]:
    yield "digraph mapping {"
    yield "  rankdir=LR; ranksep=1.2; nodesep=0.08; compound=true;"
    yield '  graph [fontname="Helvetica", fontsize=11, color="#8a94a6", style=rounded];'
    yield '  node [fontname="Helvetica", fontsize=10, shape=box, style="filled,rounded", color="#c3cad6", height=0.3];'
    yield '  edge [color="#8a94a6", arrowsize=0.6];'
    first = 1
    for number, sheet in enumerate(sheets, 1):
        found = graph(sheet, first, lineage=lineage)
        first += sum(len(group.ports) for group in found.groups)
        if len(sheets) > 1:
            yield f"  subgraph cluster_q{number} {{"
            yield f"    label={_quoted(sheet.title)};"
        yield from _graph(found, number)
        if len(sheets) > 1:
            yield "  }"
    yield "}"


def _graph(found: Graph, number: int) -> Iterator[str]:
    for at, group in enumerate(found.groups, 1):
        yield f"  subgraph cluster_{number}_{at} {{"
        yield f"    label={_quoted(group.title)};"
        yield from (f"    {_port(port, group)}" for port in group.ports)
        yield "  }"
    yield from (f"  n{left} -> n{right};" for left, right in found.edges)


def _port(port: Port, group: Group) -> str:
    tip = f", tooltip={_quoted(port.note)}" if port.note else ""
    return f'n{port.id} [label={_quoted(port.name)}, fillcolor="{_FILL[group.lane]}"{tip}];'


def _quoted(text: str) -> str:
    r"""Write a string: Graphviz obeys `\` and resolves entities such as `&lt;` in it."""
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
