"""Ids, and what refers to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count, islice

from sqlcheck.apis.facts import Api
from sqlcheck.documents.bodies import Body, Kind, bodies, meant_root
from sqlcheck.documents.document import Document
from sqlcheck.model import Finding
from sqlcheck.names import closest

_ID = re.compile(r"[A-Za-z0-9_-]+\Z")
_ODD = re.compile(r"[^A-Za-z0-9_-]+")
_SUFFIX: dict[Kind, str] = {
    "connection": "connection",
    "bigquery_connection": "connection",
    "data_model": "model",
    "pipeline": "pipeline",
}

_REFERENCES: dict[str, Kind] = {"data_model_id": "data_model", "connection_id": "connection"}
_KEYS: dict[Kind, str] = {"data_model": "models", "connection": "connection"}
_MAX_GUESSES = 20
"""A guess looks at all ids; where so many references are wrong, the reason is another than a slip."""


def bad_id(document: Document) -> Iterator[Finding]:
    """Report an id with other characters than the API takes."""
    for body in bodies(document):
        # in a project file the references are compared with the ids, which are reported themselves
        names = ("id",) if document.language == "yaml" else ("id", "connection_id", "data_model_id")
        for name in names:
            found = body.settled(name)
            odd = _ODD.search(found[1]) if found else None
            if found and odd:
                node, text = found
                suggestion = _ODD.sub("-", text).strip("-")
                example = f", as in `{suggestion}`" if suggestion else ""
                advice = f"letters, digits, `_` and `-` are allowed{example}"
                yield Finding(body.place(node), f"the id `{text}` has {_shown(odd.group()[0])} in it", advice)


def _shown(character: str) -> str:
    if character == " ":
        return "a blank"
    return f"`{character}`" if character.isprintable() else "an invisible character"


def duplicate_id(document: Document) -> Iterator[Finding]:
    """Report two resources of one kind under one id."""
    seen: set[tuple[str, str]] = set()
    for body in bodies(document):
        found = body.settled("id")
        if found:
            node, text = found
            kind = _SUFFIX[body.kind]
            if (kind, text) in seen:
                message = f"another {kind} has the id `{text}` already"
                yield Finding(body.place(node), message, "give each its own id: the later one replaces the earlier")
            seen.add((kind, text))


def unsuffixed_name(document: Document) -> Iterator[Finding]:
    """Report an id that does not say what it is the id of."""
    for body in bodies(document):
        found = body.settled("id")
        word = _SUFFIX[body.kind]
        if found and word not in found[1].lower():
            node, text = found
            advice = f"for instance `{text}-{word}`" if _ID.match(text) else None
            yield Finding(body.place(node), f"the id `{text}` does not say that it is a {word}", advice)


def dangling_reference(document: Document) -> Iterator[Finding]:
    """Report a pipeline whose model or connection is not in the project."""
    if document.language != "yaml":
        return
    ids = {kind: _ids(document, key, kind) for kind, key in _KEYS.items()}
    guesses = count()
    for body in bodies(document):
        if body.kind == "pipeline":
            for name, kind in _REFERENCES.items():
                found = body.settled(name)
                known = ids[kind]
                if found and known is not None and found[1] not in known:
                    advice = _advice(found[1], known, kind, near=next(guesses) < _MAX_GUESSES)
                    message = f"{body.title} names the {_SUFFIX[kind]} `{found[1]}`, which is not there"
                    yield Finding(body.place(found[0]), message, advice)


def _ids(document: Document, key: str, kind: Kind) -> dict[str, str] | None:
    """Give the ids of one kind, each with what tells it from the others; None when one of them cannot be told."""
    root = meant_root(document)
    listed = root.get(key) if root else None
    wanted = "array" if kind == "data_model" else "object"
    own = [body for body in bodies(document) if body.kind == kind]
    if listed and listed.kind != "null" and (listed.kind != wanted or len(own) < len(listed.elements)):
        return None
    found = [body.settled("id") for body in own]
    # what all ids have in common makes none of them near
    known = {entry[1]: entry[1].replace(_SUFFIX[kind], "") for entry in found if entry}
    return None if None in found else known


def _advice(name: str, known: dict[str, str], kind: Kind, *, near: bool) -> str:
    noun = _SUFFIX[kind]
    short = {word: other for other, word in known.items()}
    guess = short.get(closest(name.replace(noun, ""), short) or "") if near else None
    if guess:
        return f"did you mean `{guess}`?"
    if known:
        return f"the project has {', '.join(f'`{other}`' for other in islice(known, 10))}"
    return f"the project has no {noun}"


def too_many_pipelines(document: Document, api: Api) -> Iterator[Finding]:
    """Report the first active pipeline beyond the limit of an account."""
    active = [body for body in bodies(document) if body.kind == "pipeline" and _is_active(body)]
    if len(active) > api.max_pipelines:
        body = active[api.max_pipelines]
        node = body.get("id")
        message = f"{len(active)} pipelines are active, and the limit is {api.max_pipelines}"
        name = body.called("is_active")
        advice = f"pause some with `{name}: false`, or ask mParticle for more"
        yield Finding(body.place(node) if node else body.start, message, advice)


def _is_active(body: Body) -> bool:
    active, draft = body.get("is_active"), body.get("is_draft")
    return not (active and active.value is False) and not (draft and draft.value is True)
