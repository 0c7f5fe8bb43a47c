"""``statestores list``: prints the stores that match filters, one on each line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.arguments import add_files, add_limits, load_registry, report_errors
from sphinx_statestores.cli.columns import lined_up
from sphinx_statestores.cli.filters import add_filters, given_filters, refuse_unknown_filters
from sphinx_statestores.cli.outcome import FAILED, OK, UNUSABLE
from sphinx_statestores.cli.output import complain, print_result, print_styled
from sphinx_statestores.cli.terminal import (
    COLOUR_CHOICES,
    is_terminal,
    painter,
    terminal_width,
    wants_colour,
)
from sphinx_statestores.registry.field_hints import field_hint
from sphinx_statestores.registry.fields import (
    CODE_FACTS,
    CUSTOM,
    FIELDS,
    SEEN_FACTS,
    Field,
    as_text,
    find_field,
    may_be_own,
)
from sphinx_statestores.registry.phrases import totals_text
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint, parse_query
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.quoting import log_line
from sphinx_statestores.registry.selection import select
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection, Sequence

    from sphinx_statestores.cli.parsers import CommandParser
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.query import Query

_TABLE = "table"
_DEFAULT_COLUMNS = "name,backend,service,purpose"


def add(commands: Any, summary: str) -> None:
    """Add the command to those of the parser; *summary* is its line in the list of commands."""
    parser: CommandParser = commands.add_parser(
        "list",
        help=summary,
        description=(
            "List all stores, or those that match every filter. A filter takes a list (redis,mysql) and negation "
            "('!redis'). --x-NAME LIST filters by a custom field, x-NAME, and --NAME LIST by a field that the "
            "registry declares.\n\n"
            "Example: statestores list --service Auth --backend redis"
        ),
        epilog=(
            "Exit status: 0 stores were listed; 1 no store matches, or the registry has errors; 2 the command "
            "could not run, or a filter names something unknown."
        ),
    )
    parser.values["columns"] = (*FIELDS, *CODE_FACTS, *SEEN_FACTS)
    add_files(parser)
    add_filters(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=_TABLE,
        metavar="FORMAT",
        help=f"{', '.join(FORMATS)}; names prints one name per line (default: %(default)s)",
    )
    parser.add_argument(
        "--columns",
        metavar="LIST",
        help=(
            f"the columns, of {', '.join((*FIELDS, *CODE_FACTS, *SEEN_FACTS))}, x-... (default: {_DEFAULT_COLUMNS} "
            "for table; all but those of code and servers for csv and json)"
        ),
    )
    parser.add_argument(
        "--sort", action="append", metavar="LIST", help="sort by these columns; --sort=-service reverses the order"
    )
    parser.add_argument("--limit", metavar="N", help="list at most N stores")
    parser.add_argument(
        "--observed",
        action="append",
        default=[],
        metavar="FILE",
        help=f"what 'statestores observe' has seen on servers, for {', '.join(SEEN_FACTS)}; may be repeated",
    )
    parser.add_argument(
        "--color", choices=COLOUR_CHOICES, default="auto", metavar="WHEN", help="auto, always, never (default: auto)"
    )
    add_limits(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    query, complaints = parse_query(_query_options(options), may_be_own)
    loaded = load_registry(options)
    registry = loaded.registry
    problems = loaded.problems
    if registry.guide.code and _needs(options, query, CODE_FACTS):
        registry = import_module("sphinx_statestores.cli.code").with_uses(loaded)
    if _needs(options, query, SEEN_FACTS):
        registry, of_files = import_module("sphinx_statestores.cli.observed").with_seen(options, loaded, registry)
        problems = [*problems, *of_files]
    refuse_unknown_filters(options, registry)
    columns, unknown = _columns(options, registry)
    complaints += [*unknown, *check_query(query, registry)]
    has_errors = report_errors(options, problems)
    for complaint in complaints:
        complain(f"statestores: {complaint.message}")
    # A name that is not there is the result of a list, as with grep.
    if any(complaint.kind is not Kind.UNMATCHED_PATTERN for complaint in complaints):
        return UNUSABLE
    stores = select(registry, query)
    if options.format == _TABLE:
        print_styled(_table(registry, stores, columns, colour=wants_colour(options.color)) if stores else "")
    else:
        print_result(FORMATS[options.format](registry, stores, columns))
    if not stores and not has_errors and not complaints:
        complain("statestores: no store matches")
    return OK if stores and not has_errors else FAILED


def _query_options(options: argparse.Namespace) -> dict[str, str]:
    """Return the options of the query by name; the values of a repeated option are joined."""
    found = given_filters(options)
    found |= {"sort": ",".join(options.sort)} if options.sort else {}
    return found if options.limit is None else {**found, "limit": options.limit}


def _needs(options: argparse.Namespace, query: Query, facts: Collection[str]) -> bool:
    """Return whether a column, a filter or the order is one of some facts, which are read only then."""
    # The case of a filter does not matter.
    asked = {*(options.columns or "").replace(",", " ").split(), *(name.lower() for name, _ in query.extra)}
    return not asked.union(key.removeprefix("-") for key in query.sort).isdisjoint(facts)


def _columns(options: argparse.Namespace, registry: Registry) -> tuple[list[Field], list[Complaint]]:
    """Return the columns that are asked for; none for a format that has all of them."""
    if options.columns is None and options.format != _TABLE:
        return [], []
    text = _DEFAULT_COLUMNS if options.columns is None else options.columns
    columns, complaints = [], []
    for key in text.replace(",", " ").split():
        field = find_field(key, registry)
        if field is None:
            hint = field_hint(key, "columns", registry)
            complaints.append(Complaint(Kind.UNKNOWN_COLUMN, f"unknown column {key!r}{hint}"))
            continue
        columns.append(field)
        if key.startswith(CUSTOM) and key not in registry.extra_fields and key not in registry.own_fields:
            near = did_you_mean(key, registry.extra_fields)
            complaints.append(Complaint(Kind.UNKNOWN_COLUMN, f"no store has a field {key!r}{near}"))
    if not columns and not complaints:
        complaints.append(Complaint(Kind.UNKNOWN_COLUMN, "'--columns' is empty: name a column"))
    return columns, complaints


def _table(registry: Registry, stores: Sequence[Store], columns: Sequence[Field], *, colour: bool) -> str:
    """Return the lines: on a terminal with a header, a total and shortened columns; otherwise only the stores."""
    rows = [[_cell(as_text(field.value(store, registry))) for field in columns] for store in stores]
    if not is_terminal():
        return "".join(f"{line}\n" for line in lined_up(rows, None))
    paint = painter(colour=colour)
    heading, *lines = lined_up([[field.title for field in columns], *rows], terminal_width())
    total = log_line(totals_text(totals(registry, stores)))
    return "\n".join((paint(heading, "heading"), *lines, "", paint(total, "aside"))) + "\n"


def _as_csv(registry: Registry, stores: tuple[Store, ...], columns: Sequence[Field]) -> str:
    module = import_module("sphinx_statestores.export.csv_rows")
    text: str = module.to_csv(registry._replace(stores=stores), tuple(field.key for field in columns))
    return text


def _as_json(registry: Registry, stores: tuple[Store, ...], columns: Sequence[Field]) -> str:
    text: str = import_module("sphinx_statestores.export.json_document").stores_to_json(registry, stores, columns)
    return text


def _as_names(_: Registry, stores: tuple[Store, ...], __: Sequence[Field]) -> str:
    return "".join(f"{store.name}\n" for store in stores)


#: Format -> what writes stores in it. The table is for people, and is made of what the terminal has room for.
FORMATS: dict[str, Callable[[Registry, tuple[Store, ...], Sequence[Field]], str]] = {
    _TABLE: lambda *_: "",
    "json": _as_json,
    "csv": _as_csv,
    "names": _as_names,
}


def _cell(text: str) -> str:
    return log_line(" ".join(text.split()))
