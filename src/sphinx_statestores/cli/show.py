"""``statestores show``: stores in full, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.arguments import (
    FILE_SUFFIXES,
    add_files,
    add_limits,
    load_registry,
    report_errors,
    take_names,
    unknown_names,
)
from sphinx_statestores.cli.columns import lined_up
from sphinx_statestores.cli.outcome import FAILED, OK
from sphinx_statestores.cli.output import print_styled
from sphinx_statestores.cli.parsers import STORES
from sphinx_statestores.cli.terminal import COLOUR_CHOICES, painter, wants_colour
from sphinx_statestores.registry.fields import FIELDS, FieldType, as_text, listed_fields, own_fields
from sphinx_statestores.registry.key_index import PHYSICAL_TABLE, physical_table
from sphinx_statestores.registry.paths import repository_path, repository_root
from sphinx_statestores.registry.quoting import log_line
from sphinx_statestores.registry.source_links import DEFAULT_REF, source_address

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from sphinx_statestores.cli.arguments import Loaded
    from sphinx_statestores.cli.parsers import CommandParser
    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.model import Store

_INDENT = "  "


def add(commands: Any, summary: str) -> None:
    """Add the command to those of the parser; *summary* is its line in the list of commands."""
    parser: CommandParser = commands.add_parser(
        "show",
        usage="%(prog)s NAME ... [FILE ...] [OPTION ...]",
        help=summary,
        description=(
            "Show everything that the registry says about one or more stores. An argument that contains '/' or "
            f"ends with {', '.join(FILE_SUFFIXES)} is a FILE; any other is the name of a store.\n\n"
            "Example: statestores show auth-statestore"
        ),
        epilog=(
            "Exit status: 0 all stores were shown; 1 a store does not exist, or the registry has errors; 2 the "
            "command could not run."
        ),
    )
    parser.values["files"] = STORES
    add_files(parser)
    parser.add_argument(
        "--color", choices=COLOUR_CHOICES, default="auto", metavar="WHEN", help="auto, always, never (default: auto)"
    )
    add_limits(parser)
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(options: argparse.Namespace) -> int:
    names = take_names(options)
    if not names:
        options.usage_error("name a store")
    loaded = load_registry(options)
    by_name = loaded.registry.by_name
    has_errors = report_errors(options, loaded.problems)
    unknown = unknown_names(names, loaded.registry)
    paint = painter(colour=wants_colour(options.color))
    found = ["\n".join(_lines(by_name[name], loaded, paint)) for name in names if name in by_name]
    print_styled("\n\n".join(found) + "\n" if found else "")
    return FAILED if unknown or has_errors else OK


def _lines(store: Store, loaded: Loaded, paint: Callable[[str, str], str]) -> Iterator[str]:
    """Yield the lines about a store: its name, its fields, its keys."""
    yield paint(_one_line(store.name), "heading")
    rows = [(title, text) for title, text in _facts(store, loaded) if text]
    titles = lined_up([[_one_line(title), ":"] for title, _ in rows], None)
    for title, (_, text) in zip(titles, rows, strict=True):
        yield f"{_INDENT}{paint(title.removesuffix(':'), 'aside')}{_one_line(text)}"
    if store.keys:
        yield f"{_INDENT}{paint(FIELDS['keys'].title, 'aside')}"
        keys = [[_one_line(text) for text in (key.pattern, key.type, key.ttl, key.purpose)] for key in store.keys]
        for line in lined_up(keys, None):
            yield f"{_INDENT * 2}{line}"


def _facts(store: Store, loaded: Loaded) -> Iterator[tuple[str, str]]:
    registry = loaded.registry
    own = own_fields(store, registry)
    first: tuple[Field, ...] = (FIELDS["purpose"], FIELDS["status"], FIELDS["replaced-by"])
    for field in (*first, *listed_fields(registry), *own, FIELDS["source"]):
        # The name of a service and the key of a backend are what filters take.
        text = as_text(field.value(store, registry))
        recorded = as_text(field.recorded(store, registry))
        if field.type in {FieldType.SERVICE, FieldType.BACKEND} and text.lower() != recorded.lower():
            text = f"{text} ({recorded})"
        yield field.title, text
        if field.key == "table":
            yield PHYSICAL_TABLE, ": ".join(filter(None, physical_table(store, registry)))
    yield "Address", _address(store, loaded)


def _address(store: Store, loaded: Loaded) -> str:
    """Return where the store can be read in a browser; nothing where no settings say it."""
    settings = loaded.settings
    location = store.location
    file = loaded.files.get(location.path)
    if not settings.source_url or file is None:
        return ""
    ref = DEFAULT_REF if settings.source_ref is None else settings.source_ref
    path, repo = repository_path(file, loaded.root), repository_root(file, loaded.root).name
    return source_address(settings.source_url, path, location.line, ref, repo)


def _one_line(text: str) -> str:
    return log_line(" ".join(text.split()))
