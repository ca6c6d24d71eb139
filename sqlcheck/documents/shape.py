"""What the objects of a document must look like: faults against a `Field`, and the JSON Schema of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from sqlcheck.apis.facts import Field
from sqlcheck.documents.nodes import Node
from sqlcheck.model import Span
from sqlcheck.names import closest

_ARTICLES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
    "object": "a set of `key: value`",
    "array": "a list",
}
_NOUNS = {**_ARTICLES, "integer": "a number", "boolean": "a boolean", "null": "null"}
_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "1"), "true"),
    **dict.fromkeys(("false", "no", "off", "0"), "false"),
}
_REFERENCE_PATTERN = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"


class Fault(NamedTuple):
    """One way in which an object is not as it must be."""

    kind: Literal["missing", "unknown", "mistyped", "value"]
    span: Span
    message: str
    help: str | None = None


class Reading(NamedTuple):
    """How strictly a document is taken: YAML lets a value be left out, a reply of the API may hold more fields."""

    yaml: bool = False
    reply: bool = False


def faults(node: Node, shape: Field, title: str, anchor: Span, reading: Reading) -> Iterator[Fault]:
    """Compare a value, called `title` in messages, with its shape; what it lacks is reported at `anchor`."""
    if node.kind not in shape.types and not (node.kind == "integer" and "number" in shape.types):
        if not node.unfilled:
            yield _mistyped(node, shape, title, reading)
    elif node.kind == "object":
        yield from _object(node, shape, title, anchor, reading)
    elif node.kind == "array" and shape.items:
        for element in node.elements:
            yield from faults(element, shape.items, _titled(element, shape.items, title), anchor_of(element), reading)
    elif shape.values and node.text not in (None, *shape.values):
        yield from _value(node, shape, title)


def meant(node: Node, shape: Field) -> Node:
    """Give a value as it was meant: each unknown key under the name of the field that it was probably to be."""
    if node.kind == "array" and shape.items:
        items = shape.items
        return replace(node, elements=tuple(meant(element, items) for element in node.elements))
    if node.kind != "object":
        return node
    known = {field.name: field for field in shape.fields}
    taken: set[str] = set()
    pairs = []
    for key, value in node.items:
        field = known.get(str(key.value)) or shape.others
        guess = _guess(str(key.value), shape, node) if field is None else None
        if guess and node.get(guess) is None and guess not in taken:
            taken.add(guess)
            key, field = replace(key, value=guess), known[guess]
        pairs.append((key, meant(value, field) if field else value))
    return replace(node, items=tuple(pairs))


def anchor_of(node: Node, key: Span | None = None) -> Span:
    """Give the span that stands for a whole object: its opening brace, else its key, else its first key."""
    if node.kind == "object" and node.items and node.items[0][0].span.start == node.span.start:
        return key or node.items[0][0].span
    return Span(node.span.start, min(node.span.start + 1, node.span.end))


def _object(node: Node, shape: Field, title: str, anchor: Span, reading: Reading) -> Iterator[Fault]:
    known = {field.name: field for field in shape.fields}
    meant: set[str | None] = set()
    for key, value in node.items:
        name = str(key.value)
        field = known.get(name) or shape.others
        if field is None:
            guess = _guess(name, shape, node)
            meant.add(guess)
            if guess or not reading.reply:
                yield _unknown(key, shape, title, guess)
        elif not _is_left_out(value, field, shape, reading):
            label = f"`{name}`" if field is not shape.others else f"`{name}` of {title}"
            anchored = anchor_of(value, key.span) if value.kind == "object" else key.span
            yield from faults(value, field, label, anchored, reading)
    for field in shape.fields:
        if field.required and field.name not in meant:
            yield from _missing(node, field, title, anchor)


def _is_left_out(value: Node, field: Field, shape: Field, reading: Reading) -> bool:
    """Tell whether a null is no value of a wrong type, but none at all."""
    if value.kind != "null" or "null" in field.types:
        return False
    return field.required or (reading.yaml and field is not shape.others)


def _missing(node: Node, field: Field, title: str, anchor: Span) -> Iterator[Fault]:
    value = node.get(field.name)
    advice = f"it is {field.description}" if field.description else None
    if field.values:
        advice = f"write {_either(field.values)}"
    if value is None:
        yield Fault("missing", anchor, f"{title} has no `{field.name}`", advice)
    elif value.text == "" or (value.kind == "null" and "null" not in field.types):
        yield Fault("missing", value.span, f"`{field.name}` of {title} is empty", advice)


def _guess(name: str, shape: Field, node: Node) -> str | None:
    """Give the field that was meant by an unknown name: one that is not there already, if there is one."""
    names = [field.name for field in shape.fields if not field.read_only]
    absent = [known for known in names if node.get(known) is None]
    return shape.misnomers.get(name) or closest(name, absent) or closest(name, names)


def _unknown(key: Node, shape: Field, title: str, guess: str | None) -> Fault:
    fields = ", ".join(f"`{field.name}`" for field in shape.fields if not field.read_only)
    if key.value in shape.misnomers:
        advice = f"the field is called `{guess}`"
    else:
        advice = f"did you mean `{guess}`?" if guess else f"its fields are {fields}"
    return Fault("unknown", key.span, f"{title} has no field `{key.value}`", advice)


def _mistyped(node: Node, shape: Field, title: str, reading: Reading) -> Fault:
    wanted = " or ".join(_ARTICLES[kind] for kind in shape.types if kind != "null" or len(shape.types) == 1)
    advice = None
    if "integer" in shape.types and (node.text or "").strip().lstrip("-").isdecimal():
        advice = "write the number without quotes"
        if shape.name == "workspace_id":
            advice += "; the vendor's table calls it a string, but all of its calls send a number"
    elif "string" in shape.types and node.kind in ("integer", "number", "boolean"):
        advice = "put it in quotes"
    elif "boolean" in shape.types and (node.text or "").lower() in _BOOLEANS:
        advice = f"write `{_BOOLEANS[(node.text or '').lower()]}` without quotes"
    elif "array" in shape.types and node.kind == "string" and reading.yaml:
        advice = f"write `[{node.value}]`"
    return Fault("mistyped", _short(node), f"{title} is {_NOUNS[node.kind]}, not {wanted}", advice)


def _value(node: Node, shape: Field, title: str) -> Iterator[Fault]:
    text = node.text or ""
    if not text or node.unfilled or (shape.expands and node.referring):
        return
    guess = closest(text, shape.values)
    if guess is None and text.lower() in shape.values:
        guess = text.lower()
    wanted = ", ".join(f"`{value}`" for value in shape.values)
    advice = f"did you mean `{guess}`?" if guess and len(shape.values) > 1 else f"write {_either(shape.values)}"
    message = f"{title} is `{text}`, not one of {wanted}" if len(shape.values) > 1 else f"{title} is `{text}`"
    yield Fault("value", node.span, message, advice)


def _either(values: Iterable[str]) -> str:
    return " or ".join(f"`{value}`" for value in values)


def _short(node: Node) -> Span:
    return anchor_of(node) if node.kind in ("object", "array") else node.span


def _titled(node: Node, shape: Field, title: str) -> str:
    """Name an element of a list by its id where it has one."""
    name = node.get("id")
    noun = f"the {shape.name}" if shape.name else f"an entry of {title}"
    return f"{noun} `{name.text}`" if name and name.text else ("a " + shape.name if shape.name else noun)


def json_schema(shape: Field) -> dict[str, object]:
    """Describe a shape of a YAML document as JSON Schema, draft 2020-12, without the `$schema` line."""
    described: dict[str, object] = {"description": shape.description} if shape.description else {}
    if shape.values and "object" in shape.types:
        text = shape._replace(types=("string",), fields=(), description="")
        others = shape._replace(
            types=tuple(kind for kind in shape.types if kind != "string"), values=(), description=""
        )
        return {**described, "anyOf": [json_schema(text), json_schema(others)]}
    if shape.values:
        choice: dict[str, object] = {"enum": list(shape.values)}
        if shape.expands:
            return {**described, "anyOf": [choice, {"type": "string", "pattern": _REFERENCE_PATTERN}]}
        return {**described, **choice}
    described["type"] = shape.types[0] if len(shape.types) == 1 else list(shape.types)
    if shape.items:
        described["items"] = json_schema(shape.items)
    if shape.fields:
        described["properties"] = {field.name: _optional(field) for field in shape.fields}
        described["additionalProperties"] = False
        described["required"] = [field.name for field in shape.fields if field.required]
    if shape.others:
        described["additionalProperties"] = json_schema(shape.others)
    return described


def _optional(field: Field) -> dict[str, object]:
    """A field that is not required may stand there without a value."""
    schema = json_schema(field)
    if field.required or "null" in field.types:
        return schema
    if "enum" in schema or "anyOf" in schema:
        description = schema.pop("description", None)
        return {**({"description": description} if description else {}), "anyOf": [schema, {"type": "null"}]}
    kinds = [schema["type"]] if isinstance(schema["type"], str) else list(field.types)
    return {**schema, "type": [*kinds, "null"]}
