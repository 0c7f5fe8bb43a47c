"""Options of commands that filter stores, as directives do -> the options of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.parsers import FILTERS as OWN_FILTERS
from sphinx_statestores.cli.parsers import SERVICES
from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.fields import CUSTOM, FIELD_FILTERS, FIELDS, FieldType
from sphinx_statestores.registry.model import STATUSES
from sphinx_statestores.registry.query import FILTERS

if TYPE_CHECKING:
    import argparse

    from sphinx_statestores.cli.parsers import CommandParser
    from sphinx_statestores.registry.model import Registry

_FILTER_HELP = {
    "service": "owning services",
    "backend": "backends, such as redis",
    "match": "names or patterns of names, such as 'auth-*'",
    "status": "planned, active, deprecated, removed",
    "tag": "tags",
    "search": "words in the name, the purpose, the keys or another field; commas separate alternatives",
    "reader": "services that read the store, other than its owner",
    "writer": "services that write the store, other than its owner",
}


def add_filters(parser: CommandParser) -> None:
    """Add an option for each filter; any other ``--NAME`` may be a filter by a field of the user's own."""
    parser.takes_extra_filters = True
    parser.values |= dict.fromkeys(("service", "reader", "writer"), SERVICES)
    parser.values["options"] = OWN_FILTERS
    parser.values |= {"status": STATUSES, "backend": tuple(KNOWN_BACKENDS)}
    for name in FILTERS:
        parser.add_argument(f"--{name}", action="append", metavar="LIST", help=_FILTER_HELP[name])
    for name in FIELD_FILTERS:
        # Alone, it asks for true.
        needs_no_value = FIELDS[name].type is FieldType.YES_OR_NO
        value: dict[str, Any] = {"nargs": "?", "const": ""} if needs_no_value else {}
        parser.add_argument(f"--{name}", action="append", metavar="LIST", help=f"values of the field {name}", **value)
    parser.set_defaults(refuse_filters=parser.refuse_filters)


def refuse_unknown_filters(options: argparse.Namespace, registry: Registry) -> None:
    """Say which filters no field has, and exit; return when there are none. The case does not matter, as on pages."""
    own = {field.lower() for field in (*registry.own_fields, *registry.facts)}
    unknown = [name for name, _ in options.extra if not name.startswith(CUSTOM) and name.lower() not in own]
    options.refuse_filters(unknown, (*registry.own_fields, *registry.facts))


def given_filters(options: argparse.Namespace) -> dict[str, str]:
    """Return the filters by name; the values of a repeated option are joined."""
    given = {name: getattr(options, name) for name in (*FILTERS, *FIELD_FILTERS)}
    for option, text in options.extra:
        given[option] = [*given.get(option, ()), text]
    return {name: ",".join(values) for name, values in given.items() if values}
