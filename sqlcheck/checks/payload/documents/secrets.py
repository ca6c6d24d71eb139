"""Values that are still to be filled in, and those that do not belong into a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlcheck.documents.bodies import Body, bodies
from sqlcheck.documents.document import Document
from sqlcheck.documents.nodes import Node
from sqlcheck.model import Finding

_SECRETS = ("password", "service_account_key", "partner_feed_key")
_VARIABLES = {
    "password": "SNOWFLAKE_PASSWORD",
    "service_account_key": "SERVICE_ACCOUNT_KEY",
    "partner_feed_key": "FEED_KEY",
}
_MASK = re.compile(r"\*+\Z")
# the vendor's own sample writes the name of a variable where the key will be filled in
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\Z")
_FREE_TEXT = ("name", "description")


def unfilled_field(document: Document) -> Iterator[Finding]:
    """Report a placeholder where a value belongs."""
    if document.language == "yaml":
        for key, node in _leaves(document.root):
            yield from _unfilled(document, key, node)
    for body in bodies(document) if document.language == "json" else ():
        for key, node in _leaves(body.node):
            # the query has a rule of its own, and a reply shows masks for what the API keeps secret
            if key != "sql_query" and not (body.reply and _MASK.match(node.text or "")):
                yield from _unfilled(document, key, node)


def written_secret(document: Document) -> Iterator[Finding]:
    """Report a password or key in clear."""
    for body in bodies(document):
        for name in _SECRETS:
            found = body.settled(name)
            if found and not _VARIABLE.match(found[1]):
                yield _written(body, name, found[0])


def _written(body: Body, name: str, node: Node) -> Finding:
    variable = _VARIABLES[name]
    if body.names:
        advice = f"write `${{{variable}}}` and set the environment variable"
    else:
        advice = f"keep it out of the file: write `${{{variable}}}`, and fill it in when the body is sent"
    return Finding(body.place(node), f"`{body.called(name)}` of {body.title} stands here in clear", advice)


def _unfilled(document: Document, key: str, node: Node) -> Iterator[Finding]:
    placeholder = node.unfilled
    if placeholder and (key not in _FREE_TEXT or placeholder == node.text or placeholder[0] == "{"):
        message = f"`{key}` is still the placeholder `{placeholder}`"
        if _MASK.match(placeholder):
            message = f"`{key}` is masked, as the API shows it: this is not the value itself"
        yield Finding(document.place(node), message, "fill in the value")


def _leaves(node: Node | None, key: str = "") -> Iterator[tuple[str, Node]]:
    """Walk over the strings with the key that each stands under."""
    if node is None:
        return
    if node.kind == "string":
        yield key, node
    for name, value in node.items:
        yield from _leaves(value, str(name.value))
    for element in node.elements:
        yield from _leaves(element, key)
