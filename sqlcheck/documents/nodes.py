"""The tree of a YAML or JSON document: values that know where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sqlcheck.model import Span

Kind = Literal["object", "array", "string", "integer", "number", "boolean", "null"]
Scalar = str | int | float | bool | None

MAX_DEPTH = 100
"""Nesting beyond this is refused; a real project file has 5 levels."""

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A setting that is taken from the environment."""
_PLACEHOLDER = re.compile(
    r"\{\{[^{}\n]*\}\}|(?<![a-z])replace[_ -]?me(?![a-z])|<[A-Za-z_][\w .-]*>"
    r"|\A(\*{3,}|change[_-]?me|todo|tbd|your[_-]\w+)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Node:
    """One value of a document; `span` covers it with its quotes and brackets.

    The span of a value that is left out (`key:` and nothing more in YAML) is that of its key.
    """

    kind: Kind
    span: Span
    value: Scalar = None
    items: tuple[tuple[Node, Node], ...] = ()
    elements: tuple[Node, ...] = ()

    @cached_property
    def _named(self) -> dict[str, Node]:
        return {str(key.value): value for key, value in self.items}

    def get(self, key: str) -> Node | None:
        """Give the value under a key, or None."""
        return self._named.get(key)

    def key(self, name: str) -> Node | None:
        """Give the node of a key itself, or None."""
        return next((key for key, _ in self.items if key.value == name), None)

    @property
    def text(self) -> str | None:
        """Give the value of a string, else None."""
        return self.value if isinstance(self.value, str) else None

    @property
    def unfilled(self) -> str | None:
        """Give the placeholder that stands where a value belongs, as `replace_me` or `{{NAME}}`, or None."""
        found = _PLACEHOLDER.search(self.text or "")
        return found.group() if found else None

    @property
    def referring(self) -> bool:
        """Tell whether the text takes something from the environment by `${NAME}`."""
        return REFERENCE.search(self.text or "") is not None

    @property
    def settled(self) -> str | None:
        """Give the text that the author really wrote: no blank, no placeholder and no `${NAME}`."""
        text = self.text
        return text if text and text.strip() and not self.unfilled and not self.referring else None
