"""``statestores whose``: keys as they are on the wire -> the stores that they belong to."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from sphinx_statestores.cli.arguments import STANDARD_INPUT, add_limits, load_registry, report_errors
from sphinx_statestores.cli.columns import GAP, lined_up
from sphinx_statestores.cli.input import read_lines
from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_result
from sphinx_statestores.registry.key_index import KeyIndex
from sphinx_statestores.registry.layout import SEPARATORS
from sphinx_statestores.registry.quoting import escaped, log_line, shown
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from sphinx_statestores.registry.key_index import Match
    from sphinx_statestores.registry.model import Registry

#: What the text says of a key that no store owns. No store can be called so.
NOBODY = "nobody's"
_FORMATS = ("text", "json")
#: A key with its owners.
_Row: TypeAlias = "tuple[str, tuple[Match, ...]]"


def add(commands: Any, summary: str) -> None:
    """Add the command to those of the parser; *summary* is its line in the list of commands."""
    parser = commands.add_parser(
        "whose",
        usage="%(prog)s KEY ... [OPTION ...]",
        help=summary,
        description=(
            "Show which store a key belongs to: of all stores whose keys begin like it, the one with the longest "
            "beginning. The name of a table or of a search index is a key as well.\n\n"
            "Example: statestores whose auth:session:abc\n\n"
            "Example: redis-cli --scan | statestores whose -"
        ),
        epilog=(
            "Exit status: 0 each key belongs to a store; 1 a key belongs to nobody, or the registry has errors; 2 "
            "the command could not run."
        ),
    )
    parser.add_argument(
        "keys",
        nargs="+",
        metavar="KEY",
        help=f"a key, a table or an index; {STANDARD_INPUT} reads keys from standard input, one a line",
    )
    parser.add_argument(
        "--registry",
        action="append",
        default=[],
        dest="files",
        metavar="FILE",
        help="a registry file instead of the default ones; may be given several times",
    )
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        default="text",
        metavar="FORMAT",
        help="text, or json: an object on a line for each key (default: text)",
    )
    add_limits(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    given = [key for key in options.keys if key != STANDARD_INPUT]
    if len(options.keys) - len(given) + options.files.count(STANDARD_INPUT) > 1:
        raise UnusableError("standard input can be read once only")
    loaded = load_registry(options)
    has_errors = report_errors(options, loaded.problems)
    if has_errors and not loaded.registry.stores:
        return FAILED  # "nobody's" would be no answer
    registry, index = loaded.registry, KeyIndex(loaded.registry)
    is_json, is_complete = options.format == "json", not has_errors
    if given:
        rows = [(key, index.owners(key)) for key in given]
        is_complete &= all(matches for _, matches in rows)
        print_result(_json(index, rows) if is_json else _aligned(registry, index, rows))
        for key, matches in rows:
            if not matches:
                _suggest(index, key)
    if len(given) < len(options.keys):
        for lines in read_lines():
            rows = [(key, index.owners(key)) for key in lines if key]
            is_complete &= all(matches for _, matches in rows)
            print_result(_json(index, rows) if is_json else _plain(registry, index, rows))
    return OK if is_complete else FAILED


def _suggest(index: KeyIndex, key: str) -> None:
    """Report what is like a key that no store has: a pattern that begins as the key does, or nearly so."""
    starts = {start.rstrip(SEPARATORS): start for start in index.starts}
    begin = key[: max(map(key.rfind, SEPARATORS))] if any(mark in key for mark in SEPARATORS) else key
    found = starts.get(key) or starts.get(begin)
    if found:
        store, pattern = index.likely(found)
        owner = f"the store {escaped(store.name)} has the {pattern.what} {shown(pattern.text)}"
        complain(f"statestores: no store has the key {shown(key)}: {owner}")
    elif near := did_you_mean(begin, starts, 1):
        complain(f"statestores: no store has keys that begin as {shown(key)} does{near}")


def _aligned(registry: Registry, index: KeyIndex, rows: Iterable[_Row]) -> str:
    return "".join(f"{line}\n" for line in lined_up([*_rows(registry, index, rows)], None))


def _plain(registry: Registry, index: KeyIndex, rows: Iterable[_Row]) -> str:
    """Return lines without alignment: the widths of the keys to come are not known."""
    return "".join(f"{GAP.join(filter(None, row))}\n" for row in _rows(registry, index, rows))


def _rows(registry: Registry, index: KeyIndex, rows: Iterable[_Row]) -> Iterator[list[str]]:
    """Yield key, store, backend, service, pattern and purpose for each owner of each key."""
    for key, matches in rows:
        if not matches:
            yield [log_line(key), NOBODY, "", "", "", ""]
        for match in matches:
            store = match.store
            item = index.described(match, key)
            facts = ", ".join(filter(None, (item.type, item.ttl))) if item else ""
            purpose = (item.purpose if item else "") or store.purpose
            cells = (
                key,
                store.name if store.status == "active" else f"{store.name} ({store.status})",
                registry.backend_label(store.backend),
                store.service,
                match.pattern.text,
                " ".join(f"{purpose} ({facts})".split() if facts else purpose.split()),
            )
            yield [*map(log_line, cells)]


def _json(index: KeyIndex, rows: Iterable[_Row]) -> str:
    # Start-up: only this format needs it.
    export = import_module("sphinx_statestores.export.json_document")
    return "".join(f"{export.value(_data(index, key, matches, export))}\n" for key, matches in rows)


def _data(index: KeyIndex, key: str, matches: tuple[Match, ...], export: Any) -> dict[str, Any]:
    owners = {match.store.name for match in matches}
    found = []
    for match in matches:
        store, item = match.store, index.described(match, key)
        found.append(
            {
                "name": store.name,
                "backend": store.backend,
                "service": store.service,
                "status": store.status,
                "purpose": store.purpose,
                "pattern": match.pattern.text,
                "kind": match.pattern.what,
                "item": item and export.key_data((item.pattern, item.type, item.ttl, item.purpose)),
            }
        )
    around = [match.store.name for match in index.matches(key) if match.store.name not in owners]
    return {"key": key, "stores": found, "around": around}
