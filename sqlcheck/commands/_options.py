"""The options that all commands about queries share; they carry the names of the header comments' keys."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlcheck.options import Options

Function = Callable[..., Any]
Option = Callable[[Function], Function]


def _names(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Split comma lists; an option may also be given several times."""
    return tuple(name.strip() for part in value for name in part.split(",") if name.strip())


def complete_rules(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offer the names of rules to the shell."""
    from sqlcheck import rulebook

    return [name for name in rulebook.names() if name.startswith(incomplete)]


_QUERY = (
    click.option("--load-timestamp", metavar="NAME", help="The column by which changed rows are found."),
    click.option("--type", metavar="TYPE", help="Its type, as timestamp_ntz."),
    click.option("--time-zone", metavar="ZONE", help="The time zone that its values are in, as UTC."),
    click.option("--offset", type=int, metavar="SECONDS", help="Seconds to adjust its values by."),
    click.option(
        "--identities", multiple=True, callback=_names, metavar="NAMES", help="The identity columns: customer_id,email."
    ),
    click.option("--api", metavar="VERSION", help="experimental, v1 or v2; v1 when nothing says otherwise."),
    click.option("--data-plan", type=click.Path(), metavar="FILE", help="An mParticle data plan to keep to."),
    click.option("--project", type=click.Path(), metavar="FILE", help="The sqlcheck.yaml to use."),
    click.option("--model", "only", metavar="ID", help="Only this model of the project."),
)
_SCHEMA = click.option(
    "--schema",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="DDL, a dbt catalog or a snapshot that tells the tables; repeatable.",
)
_CHOICE = (
    click.option(
        "--select",
        multiple=True,
        callback=_names,
        shell_complete=complete_rules,
        help="Run only these rules or families.",
        metavar="NAMES",
    ),
    click.option(
        "--ignore",
        multiple=True,
        callback=_names,
        shell_complete=complete_rules,
        help="Leave these rules out.",
        metavar="NAMES",
    ),
)
paths_argument = click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATHS]...")


def settings_options(function: Function) -> Function:
    """Add the settings of a query, but for the schema, and hand them over as `options`."""
    return _gathered(function, _QUERY)


def query_options(function: Function) -> Function:
    """Add the settings of a query, and hand them over as `options`."""
    return _gathered(function, (*_QUERY, _SCHEMA))


def check_options(function: Function) -> Function:
    """Add the settings of a query and the choice of rules, and hand them over as `options`."""
    return _gathered(function, (*_QUERY, _SCHEMA, *_CHOICE))


def with_options(function: Function, added: tuple[Option, ...]) -> Function:
    """Add options to a command, in their order."""
    for option in reversed(added):
        function = option(function)
    return function


def _gathered(function: Function, added: tuple[Option, ...]) -> Function:
    names = {
        *("load_timestamp", "type", "time_zone", "offset", "identities", "api", "data_plan", "project", "only"),
        *("select", "ignore", "stdin_filename", "baseline"),
    }
    if _SCHEMA in added:  # elsewhere the name may be that of another option, as in `config --schema`
        names.add("schema")

    @functools.wraps(function)
    def gathering(**values: Any) -> Any:
        own = {name: values.pop(name) for name in names & values.keys()}
        return function(options=_options(own), **values)

    return with_options(gathering, added)


def _options(values: dict[str, Any]) -> Options:
    from sqlcheck.options import Options

    return Options(**{**values, "identities": values.get("identities") or None})
