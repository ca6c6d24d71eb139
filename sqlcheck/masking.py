"""Values of rows → what may be shown of them: their shape, unless somebody at a terminal asks for more."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

MOST = 40
"""Characters of a value that are shown."""


def shape(value: object) -> str:
    """Give the form of a value: letters as `a` and `A`, digits as `9`, other signs as they are."""
    text = str(value)
    shaped = "".join(
        "9" if c.isdigit() else ("A" if c.isupper() else "a") if c.isalpha() else c if c.isprintable() else "·"
        for c in text[:MOST]
    )
    return shaped + ("…" if len(text) > MOST else "")


def plain(value: object) -> str:
    """Write a value out, on one line and not at full length."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:f}"
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    text = "".join(c if c.isprintable() else "·" for c in str(value)[: MOST + 1])
    return text if len(text) <= MOST else text[:MOST] + "…"
