"""``statestores usage``: who uses stores in code, and where."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sphinx_statestores.checks.code_usage import Usage
from sphinx_statestores.cli.arguments import (
    FILE_SUFFIXES,
    add_files,
    add_limits,
    load_registry,
    report_errors,
    take_names,
    unknown_names,
)
from sphinx_statestores.cli.code import find_code, place_of, report_unread
from sphinx_statestores.cli.columns import lined_up
from sphinx_statestores.cli.filters import add_filters, given_filters, refuse_unknown_filters
from sphinx_statestores.cli.outcome import FAILED, OK, UNUSABLE, UnusableError
from sphinx_statestores.cli.output import complain, print_result
from sphinx_statestores.cli.parsers import STORES
from sphinx_statestores.registry.fields import may_be_own
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import parse_query
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.quoting import log_line
from sphinx_statestores.registry.selection import select

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from sphinx_statestores.checks.code_usage import Use
    from sphinx_statestores.cli.parsers import CommandParser
    from sphinx_statestores.registry.model import Store

#: What the text says of a store that no code uses. No service can be called so.
_UNUSED = "(unused)"
#: The same, while some of the code is not known.
_NOT_FOUND = "(not found)"
#: What the text says of code that is no service's.
_NOBODY = "-"


def add(commands: Any, summary: str) -> None:
    """Add the command to those of the parser; *summary* is its line in the list of commands."""
    parser: CommandParser = commands.add_parser(
        "usage",
        usage="%(prog)s [NAME ...] [FILE ...] [OPTION ...]",
        help=summary,
        description=(
            "Show which services use stores in code, and on which lines. 'x-code' of the registry says which files "
            "are code, whose they are, and how they name stores. An argument that contains '/' or ends with "
            f"{', '.join(FILE_SUFFIXES)} is a FILE; any other is the name of a store. Filters are as in 'list'.\n\n"
            "Example: statestores usage auth-statestore\n\n"
            "Example: statestores usage --unused --service Auth"
        ),
        epilog=(
            "Exit status: 0 fine; 1 a store does not exist, no store matches, the registry has errors, or --unused "
            "when some of the code is not read; 2 the command could not run, or a filter names something unknown."
        ),
    )
    parser.values["files"] = STORES
    add_files(parser)
    parser.add_argument(
        "--unused",
        action="store_true",
        help="show only stores that no code uses, without planned, removed and in-memory ones",
    )
    add_filters(parser)
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        default="text",
        metavar="FORMAT",
        help=f"{', '.join(_FORMATS)} (default: %(default)s)",
    )
    parser.add_argument("--no-cache", action="store_true", help="read all code again, and keep nothing of it")
    add_limits(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    names = take_names(options)
    query, complaints = parse_query(given_filters(options), may_be_own)
    loaded = load_registry(options)
    registry = loaded.registry
    usage = find_code(loaded, use_cache=not options.no_cache) if registry.guide.code else Usage()
    registry = registry._replace(facts=usage.facts(registry))
    refuse_unknown_filters(options, registry)
    complaints += check_query(query, registry)
    has_errors = report_errors(options, loaded.problems)
    for complaint in complaints:
        complain(f"statestores: {complaint.message}")
    if any(complaint.kind is not Kind.UNMATCHED_PATTERN for complaint in complaints):
        return UNUSABLE
    if not registry.guide.code:
        if has_errors:
            return FAILED
        raise UnusableError("the registry has no 'x-code', which says where and how code names stores")
    unknown = unknown_names(names, registry)
    chosen = frozenset(names)
    stores = [store for store in select(registry, query) if not names or store.name in chosen]
    if not stores and not has_errors and not complaints and not unknown:
        complain("statestores: no store matches")
    report_unread(usage)
    is_fine = bool(stores) and not (has_errors or unknown or complaints)
    if options.unused and not usage.is_whole:
        complain("statestores: which stores are unused is not known, since some of the code is not read")
        return FAILED
    if options.unused:
        unused = frozenset(usage.unused)
        stores = [store for store in stores if store.name in unused]
    print_result(_FORMATS[options.format](stores, usage))
    return OK if is_fine else FAILED


def _as_text(stores: Sequence[Store], usage: Usage) -> str:
    rows = []
    without = _UNUSED if usage.is_whole else _NOT_FOUND
    for store in stores:
        uses = usage.uses.get(store.name, ())
        rows += [(store.name, use.service or _NOBODY, f"{_path(use)}:{use.line}") for use in uses]
        if not uses:
            rows.append((store.name, without, ""))
    return "".join(f"{line}\n" for line in lined_up([[*map(log_line, row)] for row in rows], None))


def _as_json(stores: Sequence[Store], usage: Usage) -> str:
    found = [
        {
            "name": store.name,
            "service": store.service,
            "status": store.status,
            "usedBy": usage.services(store.name),
            "uses": [
                {"service": use.service or None, "file": _path(use), "line": use.line, "column": use.column}
                for use in usage.uses.get(store.name, ())
            ],
        }
        for store in stores
    ]
    # Start-up: only this format needs it.
    text: str = import_module("sphinx_statestores.export.json_document").value(found, indent=2)
    return f"{text}\n"


def _as_csv(stores: Sequence[Store], usage: Usage) -> str:
    cell: Callable[[str], str] = import_module("sphinx_statestores.export.csv_rows").cell
    rows = [("name", "service", "file", "line")]
    for store in stores:
        uses = usage.uses.get(store.name, ())
        rows += [(store.name, use.service, _path(use), str(use.line)) for use in uses]
        if not uses:
            rows.append((store.name, "", "", ""))
    return "".join(f"{','.join(map(cell, row))}\n" for row in rows)


def _path(use: Use) -> str:
    return place_of(use.root, use.path)


#: Format -> what writes who uses stores in it.
_FORMATS: dict[str, Callable[[Sequence[Store], Usage], str]] = {"text": _as_text, "json": _as_json, "csv": _as_csv}
