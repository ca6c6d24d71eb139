"""`sqlcheck explain`: print the page of a rule."""

from __future__ import annotations

import click

from sqlcheck import rulebook
from sqlcheck.commands._options import complete_rules
from sqlcheck.commands._terminal import coloured, is_terminal, say

WIDTH = 100
"""Longer lines of prose are hard to read, however wide the terminal is."""


@click.command("explain")
@click.argument("rule", shell_complete=complete_rules)
def command(rule: str) -> None:
    """Print what a rule is about: why it exists, a bad and a good example, the fix."""
    page = rulebook.rule(rule)
    fix = {"none": "no fix"}.get(page.fix, f"{page.fix} fix")
    head = f"{page.severity.label} · {page.family} · {fix} · since {page.since}"
    if is_terminal() and coloured():
        _show(head, page.text)
    else:
        title, rest = page.text.lstrip("\n").split("\n", 1)
        say(f"{title}\n\n{head}\n{rest.rstrip()}\n")


def _show(head: str, text: str) -> None:
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

    title, rest = text.lstrip("\n").split("\n", 1)
    console = Console()
    console.width = min(WIDTH, console.width)
    console.print(Markdown(title))
    console.print(Text(f"\n{head}", style="dim"))
    console.print(Markdown(rest))
