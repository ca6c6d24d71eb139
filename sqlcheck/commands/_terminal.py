"""Where output goes: stdout carries reports, stderr the rest, and a terminal gets colours."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

import click

from sqlcheck.formats._screen import GREEN, RED, cells, paint, visible

FOLDED = 26
"""The least width of a column that may be broken into lines."""

_DIFF_STYLES = {"-": RED, "+": GREEN, "@": "36"}
_CELL_STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold blue",
    "load timestamp": "magenta",
    "identity": "green",
    "device identity": "green",
}


def coloured(*, err: bool = False) -> bool:
    """Tell whether a stream wants colours; NO_COLOR and FORCE_COLOR decide before the terminal does."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_terminal(err=err) and os.environ.get("TERM") != "dumb"


def is_terminal(*, err: bool = False) -> bool:
    """Tell whether stdout, or stderr, is a terminal."""
    stream = sys.stderr if err else sys.stdout
    return stream is not None and stream.isatty()


def say(text: str, *, err: bool = False) -> None:
    """Print a text as it is; what the stream cannot encode is printed as an escape."""
    stream = sys.stderr if err else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    encodable = text.encode(encoding, "backslashreplace").decode(encoding)
    click.echo(encodable, nl=False, err=err, color=True)


def say_bytes(data: bytes) -> None:
    """Print bytes on stdout as they are, line endings included."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def note(text: str) -> None:
    """Print a line on stderr."""
    say(f"{visible(text)}\n", err=True)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Give what shows the step of a long run on stderr, where that is a terminal; nothing of it stays."""
    if not is_terminal(err=True):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(visible(title))) as status:
        yield lambda step: status.update(Text(visible(f"{title}: {step}")))


def harmless(text: str) -> str:
    """Make a text harmless on a terminal; elsewhere it stays as it is."""
    if not is_terminal():
        return text
    return re.sub(r"[^\n\t]+", lambda part: visible(part[0]), text)


def shown_diff(diff: str, *, err: bool = False) -> str:
    """Colour a diff and make it harmless on a terminal; elsewhere it stays what `patch` can apply."""
    if not is_terminal(err=err):
        return diff
    return "\n".join(_diff_line(visible(line), coloured(err=err)) for line in diff.split("\n"))


def _diff_line(line: str, colour: bool) -> str:
    style = _DIFF_STYLES.get(line[:1], "")
    return paint(line, style, colour and style != "")


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, folding: Collection[str] = ()) -> str:
    """Draw a table: with lines and colours on a terminal, else plain aligned text that is never cut.

    Only the columns named in `folding` are broken into lines where a terminal is too narrow.
    """
    shown = [[visible(cell) for cell in row] for row in rows]
    return _rich(headers, shown, folding) if coloured() and is_terminal() else _plain(headers, shown)


def _plain(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = _widths(headers, rows)
    return "".join(
        "  ".join(cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in (headers, *rows)
    )


def _widths(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(cells(row[column]) for row in (headers, *rows)) for column in range(len(headers))]


def _rich(headers: Sequence[str], rows: Sequence[Sequence[str]], folding: Collection[str]) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    wanted = 0
    for header, width in zip(headers, _widths(headers, rows), strict=True):
        least = min(width, FOLDED) if header in folding else width
        wanted += least + 3
        drawn.add_column(Text(header), overflow="fold", no_wrap=header not in folding, min_width=least)
    for row in rows:
        drawn.add_row(*(Text(cell, style=_CELL_STYLES.get(cell, "")) for cell in row))
    console = Console(force_terminal=True)
    console.width = max(console.width, wanted)
    with console.capture() as capture:
        console.print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().strip("\n").split("\n"))
