"""``statestores observe``: running servers -> what is seen on them, as JSON."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import ExitStack, closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.cli.arguments import add_files, add_limits, load_registry, report_errors
from sphinx_statestores.cli.outcome import FAILED, INTERRUPTED, OK, UNUSABLE, UnusableError
from sphinx_statestores.cli.output import STANDARD_OUTPUT, complain, print_result
from sphinx_statestores.cli.progress import ProgressLine
from sphinx_statestores.export.files import write_if_different
from sphinx_statestores.live.addresses import FORMS, read_address
from sphinx_statestores.live.budget import Budget
from sphinx_statestores.live.credentials import credentials_for, read_credentials
from sphinx_statestores.live.faults import ServerError
from sphinx_statestores.live.reading import observation_of
from sphinx_statestores.registry.numbers import whole_number
from sphinx_statestores.registry.observation import observation_data
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sphinx_statestores.live.addresses import Address
    from sphinx_statestores.live.credentials import Credentials
    from sphinx_statestores.live.reading import Reading
    from sphinx_statestores.registry.model import Registry


class _Kind(NamedTuple):
    """A kind of server."""

    #: The module of ``live/`` that reads it, and its class.
    module: str
    name: str
    #: What is counted.
    unit: str


#: Protocol -> the kind of its servers.
_KINDS = {
    "redis": _Kind("redis_server", "RedisServer", "keys"),
    "mysql": _Kind("mysql_server", "MysqlServer", "tables"),
}
#: The packages of the extra.
_PACKAGES = frozenset({"redis", "pymysql"})
#: A day.
_MOST_SECONDS = 86_400


def add(commands: Any, summary: str) -> None:
    """Add the command to those of the parser; *summary* is its line in the list of commands."""
    parser = commands.add_parser(
        "observe",
        usage="%(prog)s [FILE ...] [--redis URL] [--mysql URL] [-o OUT] [OPTION ...]",
        help=summary,
        description=(
            "Look at running servers, and write what they have of each store: how many keys or rows, of which types, "
            "how large, and what belongs to no store. Nothing on a server is changed, and no value is read. The "
            "result has no key: only patterns with '*' for what differs.\n\n"
            "User and password come from STATESTORES_REDIS_USERNAME, STATESTORES_REDIS_PASSWORD, "
            "STATESTORES_MYSQL_USERNAME and STATESTORES_MYSQL_PASSWORD, or from a file.\n\n"
            "Example: statestores observe --redis redis://localhost --mysql mysql://localhost/app -o observed.json"
        ),
        epilog=(
            "Exit status: 0 success, also when a budget is used up; 1 the registry has errors, or the reading of a "
            "server broke off; 2 the command could not run; 130 interrupted by Ctrl-C. What was seen until then is "
            "written."
        ),
    )
    add_files(parser)
    for protocol in _KINDS:
        parser.add_argument(
            f"--{protocol}",
            action="append",
            default=[],
            metavar="URL",
            help=(
                f"a server: {FORMS[protocol]}; BACKEND=URL if its stores have another backend than '{protocol}'; may "
                "be given several times"
            ),
        )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help=f"write to OUT (default: {STANDARD_OUTPUT[0]}, which is standard output)",
    )
    parser.add_argument(
        "--keys",
        type=_whole(least=1),
        default=Budget().keys,
        metavar="N",
        help="the maximum number of keys, or of tables, of each server (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=Budget().seconds,
        metavar="N",
        help="the maximum time for each server (default: %(default)g)",
    )
    parser.add_argument(
        "--sample",
        type=_whole(least=0),
        default=Budget().sample,
        metavar="N",
        help="how many keys of each group are asked for memory and encoding (default: %(default)s)",
    )
    parser.add_argument("--replica", action="store_true", help="read no server that is not a replica")
    parser.add_argument(
        "--credentials",
        type=Path,
        metavar="TOML",
        help="a file with sections such as [redis], each with username and password, that only you may read",
    )
    add_limits(parser)
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(options: argparse.Namespace) -> int:
    addresses = _addresses(options)
    sections = _sections(options.credentials)
    loaded = load_registry(options)
    if report_errors(options, loaded.problems):
        # The keys of stores with errors would belong to nobody.
        complain("statestores: the registry has errors, no server is read")
        return FAILED
    addresses = [_with_backends(address, loaded.registry) for address in addresses]
    limits = Budget(options.keys, options.seconds, options.sample)
    readings: list[Reading] = []
    try:
        _read(addresses, sections, loaded.registry, limits, readings, needs_replica=options.replica)
        is_interrupted = any(reading.is_interrupted for reading in readings)
    except KeyboardInterrupt:
        is_interrupted = True
    if readings and all(reading.is_empty for reading in readings):
        return UNUSABLE
    if readings:
        _write(options.output, readings)
    if is_interrupted:
        complain(f"statestores: interrupted{', what was seen until then is written' if readings else ''}")
        return INTERRUPTED
    return FAILED if any(reading.fault for reading in readings) else OK


def _read(
    addresses: Sequence[Address],
    sections: Mapping[str, Credentials],
    registry: Registry,
    limits: Budget,
    readings: list[Reading],
    *,
    needs_replica: bool,
) -> None:
    """Read servers until one is interrupted, and add what is read to *readings*.

    Raises UnusableError when one of them cannot be reached: none is read then.
    """
    with ExitStack() as stack:
        servers = []
        for address in addresses:
            connect = _kind_of(address)
            try:
                server = connect(
                    address, credentials_for(address, sections, os.environ), limits, needs_replica=needs_replica
                )
            except ServerError as error:
                raise UnusableError(f"{address.text}: {error}") from None
            servers.append(stack.enter_context(closing(server)))
        for address, server in zip(addresses, servers, strict=True):
            progress = ProgressLine(address.text, _KINDS[address.protocol].unit)
            try:
                reading = server.read(registry, address.backends, progress.tell)
            finally:
                progress.end()
            readings.append(reading)
            for message in (*reading.notes, reading.fault):
                if message:
                    complain(f"statestores: {address.text}: {message}")
            if reading.is_interrupted:
                return


def _kind_of(address: Address) -> Any:
    """Return the class for a server. Raises UnusableError when its package is not installed."""
    kind = _KINDS[address.protocol]
    try:
        # Start-up, and the packages may be missing.
        return getattr(import_module(f"sphinx_statestores.live.{kind.module}"), kind.name)
    except ModuleNotFoundError as error:
        if error.name not in _PACKAGES:
            raise
        raise UnusableError(
            f"--{address.protocol} needs the package {error.name}: python -m pip install 'sphinx-statestores[live]'"
        ) from None


def _addresses(options: argparse.Namespace) -> list[Address]:
    """Return the servers that the command line names. Raises UnusableError, without what may have a password."""
    if any("://" in name for name in options.files):
        options.usage_error("the address of a server needs --redis or --mysql in front of it")
    found = []
    for protocol in _KINDS:
        for text in getattr(options, protocol):
            try:
                found.append(read_address(text, protocol))
            except ServerError as error:
                raise UnusableError(f"--{protocol}: {error}") from None
    if not found:
        options.usage_error("name a server with --redis or --mysql")
    return found


def _sections(path: Path | None) -> Mapping[str, Credentials]:
    try:
        return {} if path is None else read_credentials(path)
    except ServerError as error:
        raise UnusableError(f"--credentials: {error}") from None


def _with_backends(address: Address, registry: Registry) -> Address:
    """Return an address with the backends of its stores, which the registry must have. Raises UnusableError."""
    names = address.backends or (address.protocol,)
    for name in names:
        backend = registry.backends.get(name)
        if backend is None:
            near = did_you_mean(name, registry.backends, 1)
            raise UnusableError(f"--{address.protocol}: unknown backend {shown(name)}{near}")
        if backend.has_tables != (address.protocol == "mysql"):
            wants = "tables" if address.protocol == "mysql" else "keys"
            raise UnusableError(f"--{address.protocol}: the stores of the backend {shown(name)} have no {wants}")
    if not any(registry.by_backend.get(name) for name in names):
        hint = f"name the backend of its stores, as in --{address.protocol} BACKEND=URL"
        complain(f"statestores: {address.text}: no store has the backend {shown(names[0])}: {hint}")
    return address._replace(backends=names)


def _write(output: str | None, readings: Sequence[Reading]) -> None:
    """Write what was seen to a file, or print it. Raises UnusableError."""
    data = observation_data(observation_of(readings))
    text = document(data)
    if output is None or output in STANDARD_OUTPUT:
        print_result(text)
        return
    try:
        write_if_different(Path(output), text)
    except OSError as error:
        raise UnusableError(f"{output}: {error.strerror or error}") from error
    complain(f"statestores: wrote {output}")


def document(data: Mapping[str, Any]) -> str:
    """Return JSON with each record on a line of its own: a changed number is a changed line."""
    parts = []
    for name, value in data.items():
        if isinstance(value, list) and value:
            records = ",\n".join(f"    {json.dumps(record, ensure_ascii=False)}" for record in value)
            parts.append(f"  {json.dumps(name)}: [\n{records}\n  ]")
        else:
            parts.append(f"  {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _whole(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        found = whole_number(text)
        # Never with what was given: it may be an address with a password, which an option took for its value.
        if found is None or found < least:
            raise argparse.ArgumentTypeError(f"must be a whole number, at least {least}")
        return found

    return number


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if 0 < seconds <= _MOST_SECONDS:
        return seconds
    raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, at most {_MOST_SECONDS}")
