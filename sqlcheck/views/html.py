"""The mapping as one page that needs nothing else: a picture, and a table with what is known and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from sqlcheck import __version__
from sqlcheck.formats._screen import visible
from sqlcheck.mapping import OutputColumn
from sqlcheck.model import Diagnostic, Severity
from sqlcheck.views._graph import PROFILE, Port, graph
from sqlcheck.views._picture import HEAD, ROW, Card, Picture, arrange
from sqlcheck.views._sheet import NULLABLE, Sheet
from sqlcheck.views._tree import draw_one

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
LANES = (("source", "Source columns"), ("output", "Output columns"), ("profile", "Profile"))
HEADERS = ("#", "Output column", "Becomes", "Type", "NULL", "Made from", "Problems")


def render(sheets: Sequence[Sheet], /, *, lineage: bool = False) -> str:
    """Write the page; `lineage` adds each column's path to the table."""
    return "".join(f"{line}\n" for line in _page(sheets, lineage))


def _page(sheets: Sequence[Sheet], lineage: bool) -> Iterator[str]:
    title = _text(sheets[0].title) if len(sheets) == 1 else f"{len(sheets)} queries"
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<link rel="icon" href="data:,">'
    yield f"<title>Mapping of {title}</title>"
    yield f"<style>\n{_asset('page.css')}</style>"
    yield "</head>"
    yield "<body>"
    if len(sheets) > 1:
        yield '<nav aria-label="Queries"><ul>'
        yield from (f'<li><a href="#q{at}">{_text(sheet.title)}</a></li>' for at, sheet in enumerate(sheets, 1))
        yield "</ul></nav>"
    yield "<main>"
    for at, sheet in enumerate(sheets, 1):
        yield from _section(sheet, at, lineage)
    yield "</main>"
    yield f"<footer>Made by sqlcheck {__version__} without running the query; <b>?</b> is what it cannot tell.</footer>"
    yield f"<script>\n{_asset('page.js')}</script>"
    yield "</body>"
    yield "</html>"


def _asset(name: str) -> str:
    return files("sqlcheck.views").joinpath(name).read_text(encoding="utf-8")


def _text(text: str) -> str:
    return escape(visible(text))


def _section(sheet: Sheet, at: int, lineage: bool) -> Iterator[str]:
    yield f'<section id="q{at}">'
    yield f"<header><h1>{_text(sheet.source.path)}</h1>"
    model = f"model <b>{_text(sheet.model)}</b> · " if sheet.model else ""
    yield f"<p>{model}{_summary(sheet)}</p></header>"
    if sheet.mapping.columns:
        yield from _picture(sheet, f"q{at}")
    if not sheet.mapping.complete:
        yield (
            '<p class="more">There may be more columns: a <code>*</code> stands for columns that only the tables’ '
            "schema can tell.</p>"
        )
    if sheet.mapping.columns:
        yield from _table(sheet, f"q{at}", lineage)
    if sheet.others:
        yield '<h2>About the query as a whole</h2><ul class="others">'
        for found in sheet.others:
            yield f"<li>{_problem(found)} <span class=where>{_text(found.where)}</span></li>"
        yield "</ul>"
    yield "</section>"


def _summary(sheet: Sheet) -> str:
    """Count the columns by what they become, and the findings."""
    roles = Counter(column.role for column in sheet.mapping.columns)
    parts = [_counted(len(sheet.mapping.columns), "output column")]
    parts += [_counted(roles[role], _singular(title)) for role, title in PROFILE.items() if roles[role]]
    found = [*sheet.others, *{id(d): d for column in sheet.mapping.columns for d in sheet.problems(column)}.values()]
    counts = Counter(diagnostic.severity for diagnostic in found)
    for severity in sorted(counts, reverse=True):
        parts.append(f'<span class="{severity.label}">{_counted(counts[severity], severity.label)}</span>')
    return " · ".join(parts)


def _counted(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{count} {noun}s"


def _singular(title: str) -> str:
    return f"{title[:-3]}y".lower() if title.endswith("ies") else title.lower().removesuffix("s")


def _picture(sheet: Sheet, prefix: str) -> Iterator[str]:
    picture = arrange(graph(sheet))
    worst = {column.position: _worst(sheet, column) for column in sheet.mapping.columns}
    yield '<div class="scroll"><figure aria-label="From source columns through output columns to the profile">'
    for at, (lane, title) in enumerate(LANES):
        yield f'<div class="lane {lane}"><h2>{title}</h2><div class="cards" style="height:{picture.height}px">'
        for card in picture.lane(lane):
            yield from _card(card, prefix, worst)
        yield "</div></div>"
        if at < len(LANES) - 1:
            yield from _edges(picture, at)
    yield "</figure></div>"


def _worst(sheet: Sheet, column: OutputColumn) -> Severity | None:
    return max((found.severity for found in sheet.problems(column)), default=None)


def _card(card: Card, prefix: str, worst: dict[int, Severity | None]) -> Iterator[str]:
    lane, title = card.group.lane, escape(card.group.title)
    yield f'<div class="card" style="top:{card.top}px;height:{card.height}px">'
    if lane == "output":
        title = _counted(len(card.group.ports), "column")
    elif lane == "source" and "." in title:
        parents, _, name = title.rpartition(".")
        title = f"<span>{parents}.</span><b>{name}</b>"
    yield f'<h3 style="height:{HEAD}px" title="{escape(card.group.title)}">{title}</h3><ul>'
    for port in card.group.ports:
        shown = _port(port, lane, prefix, worst)
        yield f'<li data-n="{port.id}" class="{port.role}" style="height:{ROW}px">{shown}</li>'
    yield "</ul></div>"


def _port(port: Port, lane: str, prefix: str, worst: dict[int, Severity | None]) -> str:
    name = f'<span class="name" title="{escape(port.name)}">{escape(port.name)}</span>'
    if lane != "output":
        return name
    severity = worst.get(port.position)
    mark = f'<b class="mark {severity.label}" title="{severity.label}">!</b>' if severity else ""
    note = f'<span class="type">{escape(port.note) or "?"}</span>'
    return f'<a href="#{prefix}c{port.position}">{name}</a>{mark}{note}'


def _edges(picture: Picture, gap: int) -> Iterator[str]:
    height = picture.height
    yield '<div class="lines"><h2>&nbsp;</h2>'
    yield f'<svg viewBox="0 0 100 {height}" preserveAspectRatio="none" style="height:{height}px" aria-hidden="true">'
    for line in picture.lines(gap):
        y, z = line.start, line.end
        curve = f"M0,{y} C45,{y} 55,{z} 100,{z}"
        yield f'<path class="{line.role}" data-a="{line.left}" data-b="{line.right}" d="{curve}"/>'
    yield "</svg></div>"


def _table(sheet: Sheet, prefix: str, lineage: bool) -> Iterator[str]:
    yield '<div class="scroll"><table><caption>What every output column becomes</caption>'
    yield "<thead><tr>" + "".join(f'<th scope="col">{header}</th>' for header in HEADERS) + "</tr></thead><tbody>"
    for at, column in enumerate(sheet.mapping.columns):
        path = ""
        if lineage and any(child.children for child in sheet.paths[at].children):
            tree = escape(draw_one(sheet, sheet.paths[at]))
            path = f"<details><summary>path</summary><pre>{tree}</pre></details>"
        yield f'<tr id="{prefix}c{column.position}" data-p="{column.position}">{_cells(sheet, column, path)}</tr>'
    yield "</tbody></table></div>"


def _cells(sheet: Sheet, column: OutputColumn, path: str) -> str:
    made = sheet.text(column.expression_span)
    target = f"<code>{_text(column.target)}</code>" if column.target else ""
    sources = "".join(f"<li><code>{_text(name)}</code></li>" for name in column.sources)
    origin = f"<ul>{sources}</ul>" if sources else escape(sheet.origin(column)) or "<i>no column</i>"
    problems = "".join(f"<li>{_problem(found)}</li>" for found in sheet.problems(column))
    becomes = f'<span class="chip {column.role}">{_singular(PROFILE[column.role])}</span> {target}'
    return (
        f'<td>{column.position}</td><th scope="row"><code>{_text(column.name)}</code>'
        f'<span class="made">{escape(made)}</span></th>'
        f"<td>{becomes}</td><td>{column.type or '?'}</td><td>{NULLABLE[column.nullable]}</td>"
        f"<td>{origin}{path}</td><td>{f'<ul>{problems}</ul>' if problems else ''}</td>"
    )


def _problem(found: Diagnostic) -> str:
    return f'<b class="{found.severity.label}">{found.severity.label}</b> <i>{found.rule}</i> {_marked(found.message)}'


def _marked(message: str) -> str:
    """Write what stands between backticks as code."""
    parts = _text(message).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
