"""What text does on a screen: characters made visible, widths in cells, colours and links."""

from __future__ import annotations

from sqlcheck.model import Diagnostic

TAB = "    "
"""What a tab is shown as: the carets below must not depend on the terminal's tab stops."""

RED, YELLOW, BLUE, GREEN, BOLD, DIM = "1;31", "1;33", "1;34", "32", "1", "2"


def visible(text: str) -> str:
    """Show every character that a terminal would obey or hide: controls, escapes, bidi marks, odd blanks."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _name(character) for character in text)


def told(diagnostic: Diagnostic) -> str:
    """Say in one line what is wrong, and what to do about it."""
    return visible("; ".join(filter(None, (diagnostic.message, diagnostic.help))))


def _name(character: str) -> str:
    code = ord(character)
    if character == "\t":
        return TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"<U+{code:04X}>"


def cells(text: str) -> int:
    """Measure how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only where wide characters occur: it costs start-up time

    return cell_len(text)


def paint(text: str, style: str, colour: bool) -> str:
    """Wrap a text in the escape sequence of a style, where colour is wanted."""
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


def hyperlink(text: str, address: str) -> str:
    """Make a text a hyperlink (OSC 8)."""
    return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"
