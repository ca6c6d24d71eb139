"""Outputs as a warehouse described them: what it says of names and types is laid over what the text shows."""

from __future__ import annotations

from dataclasses import replace

from sqlcheck.model import Span
from sqlcheck.resolution.facts import Known
from sqlcheck.resolution.relations import known
from sqlcheck.resolution.scopes import Output, Result
from sqlcheck.sample import DescribedColumn, Description


def described(result: Result, description: Description) -> Result:
    """Give the outputs in the order of the description, which knows all of them.

    Outputs keep their place in the text; a column that only a star can deliver stands at the star. Where the
    warehouse has other names than the text, these are taken: that they differ is a finding of its own.
    """
    if result.complete and len(result.outputs) == len(description.columns):
        pairs = zip(result.outputs, description.columns, strict=True)
        return Result(tuple(_laid_over(output, column) for output, column in pairs), True, result.selects)
    left: dict[str, list[Output]] = {}
    for output in result.outputs:
        left.setdefault(output.name, []).append(output)
    stars = [star.span for scope in result.selects for star in scope.stars]
    place = stars[0] if stars else result.selects[0].text.keyword
    outputs = tuple(_found(left, column, place) for column in description.columns)
    return Result(outputs, True, result.selects)


def _found(left: dict[str, list[Output]], column: DescribedColumn, place: Span) -> Output:
    same = left.get(column.name)
    if same:
        return _laid_over(same.pop(0), column)
    return known(column.name, Known(column.type, column.nullable), place)


def _laid_over(output: Output, column: DescribedColumn) -> Output:
    """Set what the warehouse knows; that a value "can be NULL" is what it says of all that it cannot prove.

    It tells no scale and no members of a type: those of the text hold as long as the type does.
    """
    facts = output.facts
    nullable = False if column.nullable is False else facts.nullable
    known = Known(column.type or facts.type, nullable, facts.sources, facts.constant)
    if known.type == facts.type:
        known = replace(known, structure=facts.structure, scale=facts.scale)
    output.name, output.known = column.name, known
    vars(output).pop("facts", None)
    return output
