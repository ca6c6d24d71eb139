"""The mapping as a Mermaid flowchart, which GitHub and GitLab draw inside Markdown.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlcheck.views._graph import Graph, graph
from sqlcheck.views._sheet import Sheet

_PLAIN = re.compile(r"[^\w .,:()/+=?-]")


def render(sheets: Sequence[Sheet], /, *, lineage: bool = False) -> str:
    """Write one flowchart; the queries of several sheets stand in boxes of their own."""
    return "".join(f"{line}\n" for line in _lines(sheets, lineage))


def _lines(sheets: Sequence[Sheet], lineage: bool) -> Iterator[str]:
    yield "flowchart LR"
    first = 1
    for number, sheet in enumerate(sheets, 1):
        found = graph(sheet, first, lineage=lineage)
        first += sum(len(group.ports) for group in found.groups)
        if len(sheets) > 1:
            yield f'  subgraph q{number}["{_escaped(sheet.title)}"]'
        yield from _graph(found, number)
        if len(sheets) > 1:
            yield "  end"


def _graph(found: Graph, number: int) -> Iterator[str]:
    for at, group in enumerate(found.groups, 1):
        yield f'  subgraph g{number}_{at}["{_escaped(group.title)}"]'
        yield from (f'    n{port.id}["{_escaped(port.name)}"]' for port in group.ports)
        yield "  end"
    yield from (f"  n{left} --> n{right}" for left, right in found.edges)


def _escaped(text: str) -> str:
    """Write every character that Mermaid, Markdown or HTML could obey as an entity: `#34;` is a quote."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", text) or " "
