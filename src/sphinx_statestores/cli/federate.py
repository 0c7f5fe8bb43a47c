"""``statestores federate``: pins the registries of other sites in ``statestores.lock``, and compares them with it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.arguments import add_limits, read_settings, reported
from sphinx_statestores.cli.changes import changes_to_text
from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_result, print_styled
from sphinx_statestores.cli.terminal import COLOUR_CHOICES, is_terminal, terminal_width, wants_colour
from sphinx_statestores.export.files import write_if_different
from sphinx_statestores.registry.diff import compare
from sphinx_statestores.registry.fetch import FetchError, FetchOptions, fetch_registry
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.lock import LOCK_NAME, lock_text, read_lock
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.paths import is_file
from sphinx_statestores.registry.problems import Kind, Severity
from sphinx_statestores.registry.quoting import log_line, shown
from sphinx_statestores.registry.site_addresses import shown_url, site_address
from sphinx_statestores.registry.source import decode_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx_statestores.registry.problems import Problem

#: Where a lock is looked for, from the current folder: there, and where ``conf.py`` usually is.
_FOLDERS = (".", "docs", "doc", "docs/source", "doc/source", "source")
_SECONDS = 30.0


def add(commands: Any, summary: str) -> None:
    """Add the parser of the subcommand; *summary* is its line in the list of commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "federate",
        help=summary,
        description=(
            f"Fetch the registries of other sites, and show what changed since they were pinned in {LOCK_NAME}. "
            "With --update, pin them: until the next update, builds use the pinned registries and need no network."
        ),
        epilog=(
            "Exit status: 0 nothing changed, or the changes are pinned now; 1 something changed; 2 a site could "
            "not be fetched, or the command could not run."
        ),
    )
    parser.add_argument(
        "urls",
        nargs="*",
        default=[],
        metavar="URL",
        help=f"the URL of a site or of its statestores.json (default: all sites in {LOCK_NAME})",
    )
    parser.add_argument("--update", action="store_true", help=f"pin the sites in {LOCK_NAME}")
    parser.add_argument(
        "--lock",
        type=Path,
        metavar="FILE",
        help=f"the lock file (default: {LOCK_NAME} in the current folder or in the folder of conf.py)",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=_SECONDS,
        metavar="SECONDS",
        help="the timeout for each site (default: %(default)g)",
    )
    parser.add_argument(
        "--color", choices=COLOUR_CHOICES, default="auto", metavar="WHEN", help="auto, always, never (default: auto)"
    )
    add_limits(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    path: Path = options.lock or _default_lock()
    lock, problems = read_lock(path, options.size_limit, read_settings(options)[1])
    for problem in reported(options, problems):
        complain(str(problem))
    urls = [*(_urls(options) or lock.documents), *lock.damaged]
    if not urls:
        raise UnusableError(f"no site is given, and {path} pins none: write 'statestores federate URL --update'")
    fetched = _fetch(urls, FetchOptions(options.timeout, options.size_limit))
    is_changed = False
    for url, data in fetched.items():
        is_changed |= _print_changes(url, lock.get(url), data, options)
    if not options.update:
        return FAILED if is_changed else OK
    try:
        write_if_different(path, lock_text({**lock.documents, **fetched}))
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror or error}") from error
    return OK


def _default_lock() -> Path:
    for name in (LOCK_NAME, "conf.py"):
        for folder in _FOLDERS:
            if is_file(Path(folder, name)):
                return Path(folder, LOCK_NAME)
    return Path(LOCK_NAME)


def _urls(options: argparse.Namespace) -> list[str]:
    """Return the URLs of the documents that the command line names; else none.

    A settings file names no site: it may come from anybody, and a build would ask any address that it has.

    Raises UnusableError for one that cannot be used.
    """
    faults: list[str] = []
    sites = [site_address(url, Path(), faults.append) for url in options.urls]
    if faults:
        raise UnusableError(faults[0])
    files = [site.path for site in sites if site is not None and site.path is not None]
    if files:
        raise UnusableError(f"{shown(str(files[0]))} is not a URL: files are not pinned")
    return [site.url for site in sites if site is not None]


def _fetch(urls: list[str], options: FetchOptions) -> Mapping[str, bytes]:
    """Return URL -> document. Raises UnusableError, after a message about each site that cannot be fetched."""
    found, failed = {}, []
    for url in dict.fromkeys(urls):
        try:
            found[url] = fetch_registry(url, options)
        except FetchError as error:
            failed.append(f"{shown_url(url)} cannot be fetched: {error}")
    if failed:
        for message in failed[:-1]:
            complain(f"statestores: {message}")
        raise UnusableError(failed[-1])
    return found


def _print_changes(url: str, before: bytes | None, after: bytes, options: argparse.Namespace) -> bool:
    """Print what has changed in a site; return whether anything has."""
    name = log_line(shown_url(url))
    if before == after:
        print_result(f"{name}: no changes\n")
        return False
    old = Registry() if before is None else _load(url, before, options)
    changes = compare(old, _load(url, after, options, is_shown=True))
    print_result(f"{name}:{' new, not pinned yet' if before is None else ''}\n")
    if changes.is_empty:
        print_result(
            "no store has changed, but addresses, titles or labels have\n" if before is not None else "no stores\n"
        )
    else:
        width = terminal_width() if is_terminal() else None
        print_styled(changes_to_text(changes, colour=wants_colour(options.color), width=width))
    return True


def _load(url: str, data: bytes, options: argparse.Namespace, *, is_shown: bool = False) -> Registry:
    registry, problems = load_sources([decode_source(shown_url(url), data)])
    if is_shown and not registry.stores and any(problem.kind is Kind.NOT_YAML for problem in problems):
        raise UnusableError(f"{problems[0]}: nothing is pinned")
    errors: list[Problem] = [problem for problem in problems if problem.severity is Severity.ERROR]
    if is_shown:
        for problem in reported(options, errors):
            complain(str(problem))
    return registry


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if 0 < seconds < float("inf"):
        return seconds
    raise argparse.ArgumentTypeError(f"{shown(text)} must be a number of seconds above 0")
