"""The file of ``statestores observe``, or the ``schema.json`` of tbls -> what was seen, and problems of the file.

Anybody who can commit a file can write one: its numbers and texts are bounded. A file with an error is not used at
all, because a store that is left out would count as one that was not seen.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sphinx_statestores.registry.json_text import json_as_yaml
from sphinx_statestores.registry.messages import must_be, one_of
from sphinx_statestores.registry.observation import (
    VERSION,
    KeyGroup,
    Observation,
    ServerSeen,
    StoreSeen,
    TableSeen,
)
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.reader import Mapping as MappingNode
from sphinx_statestores.registry.reader import Scalar, read_document
from sphinx_statestores.registry.shapes import NAME, QUALIFIED_NAME, Entry, Inspector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.source import SourceText

#: The largest number, which a program in any language can hold.
LARGEST_NUMBER = 10**15
#: The maximum number of characters of a text.
LONGEST_TEXT = 1000
#: So much may belong to no store: nobody can look at more of it.
ITEMS_LIMIT = 10_000
#: Why not all of a server may have been seen.
STOPS = ("keys", "seconds", "interrupted", "refused")
ROLES = ("replica", "primary")

_PARTS = ("version", "servers", "stores", "unknown_keys", "unknown_tables")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")
_FRACTION = re.compile(r"(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,20})?(?:[eE][-+]?[0-9]{1,2})?")
_TIME = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}Z")
_VIEW = "VIEW"
#: The schema that a table of PostgreSQL is in when nothing is said.
_DEFAULT_SCHEMA = "public."

_Record = TypeVar("_Record", ServerSeen, StoreSeen, KeyGroup, TableSeen)


class ObservationFile(NamedTuple):
    """What was seen, and where the file says so."""

    observation: Observation
    #: The places of the records of :attr:`~.observation.Observation.stores`, in their order, and so on.
    stores: tuple[Location, ...] = ()
    unknown_keys: tuple[Location, ...] = ()
    unknown_tables: tuple[Location, ...] = ()


def read_observation(source: SourceText) -> tuple[ObservationFile | None, list[Problem]]:
    """Take the text of a file; return what was seen, or None for a file with errors, and all problems of the file."""
    inspector = Inspector(source.path)
    text = json_as_yaml(source.text) if source.text.lstrip().startswith("{") else source.text
    document, problems = read_document(text, source.path)
    if document is None:
        return None, problems
    root = document.root
    if root.size > document.size:
        inspector.report(Kind.NOT_YAML, "aliases are not allowed in this file: write the values themselves", root)
        return None, inspector.problems
    names = {key.text for key, _ in root.pairs if isinstance(key, Scalar)} if isinstance(root, MappingNode) else set()
    if not names & {"servers", "tables"}:
        message = "this is neither a file of 'statestores observe' nor a schema.json of tbls"
        inspector.report(Kind.WRONG_SHAPE, message, Location(source.path))
        return None, inspector.problems
    found = _Reader(inspector).observation(root) if "servers" in names else _from_tbls(inspector, root)
    return (None if inspector.errors else found), inspector.problems


class _Reader:
    """Reads the records of one file."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        #: The number of servers of the file.
        self._servers = 0
        #: Class of a record -> what reads each of its fields.
        self._fields: dict[type, dict[str, Callable[[Node, str], Any]]] = {
            ServerSeen: {
                "backends": self._backends,
                "product": self._text,
                "role": lambda node, what: self._word(node, what, ROLES),
                "started": self._time,
                "seconds": self._seconds,
                "most_keys": self._number,
                "most_seconds": self._seconds,
                "total": self._number,
                "seen": self._number,
                "stopped": lambda node, what: self._word(node, what, STOPS),
                "knows_indices": inspector.flag,
            },
            StoreSeen: {
                "name": self._name,
                "server": self._server,
                "groups": lambda node, what: tuple(self._list(node, what, self._group)),
                "table": lambda node, what: self._record(TableSeen, node, what),
                "has_index": inspector.flag,
            },
            KeyGroup: {
                "pattern": self._text,
                **dict.fromkeys(("keys", "expiring", "shortest_ttl", "longest_ttl"), self._number),
                **dict.fromkeys(("sampled", "sampled_bytes"), self._number),
                **dict.fromkeys(("types", "encodings"), self._counts),
            },
            TableSeen: {
                **dict.fromkeys(("name", "column", "value"), self._text),
                **dict.fromkeys(("rows", "bytes"), self._number),
                "is_exact": inspector.flag,
            },
        }

    def observation(self, root: Node) -> ObservationFile:
        """Return what a file says; what is wrong is reported."""
        inspector = self._inspector
        entries = inspector.entries(root, "the file") or {}
        if not self._is_known_version(entries, root):
            return ObservationFile(Observation())
        inspector.other_fields(entries, _PARTS, "the file")
        parts = {part: entries[part].value for part in _PARTS[1:] if part in entries}
        servers, stores, keys, tables = (
            inspector.items(parts[part], repr(part)) if part in parts else () for part in _PARTS[1:]
        )
        for what, nodes in (("unknown_keys", keys), ("unknown_tables", tables)):
            if len(nodes) > ITEMS_LIMIT:
                message = f"{what!r} has {len(nodes):,} items, more than {ITEMS_LIMIT:,}"
                inspector.report(Kind.INVALID_VALUE, message, parts[what])
                return ObservationFile(Observation())
        found_servers = [self._record(ServerSeen, node, "an item of 'servers'") for node in servers]
        self._servers = len(found_servers)
        found_stores = [self._record(StoreSeen, node, "an item of 'stores'") for node in stores]
        found_keys = [self._of_server(KeyGroup, node, "an item of 'unknown_keys'") for node in keys]
        found_tables = [self._of_server(TableSeen, node, "an item of 'unknown_tables'") for node in tables]
        if inspector.errors:
            return ObservationFile(Observation())
        observation = Observation(
            tuple(filter(None, found_servers)),
            tuple(filter(None, found_stores)),
            tuple((server, group) for server, group in found_keys if group),
            tuple((server, table) for server, table in found_tables if table),
        )
        return ObservationFile(observation, *(tuple(map(inspector.place, nodes)) for nodes in (stores, keys, tables)))

    def _is_known_version(self, entries: Mapping[str, Entry], root: Node) -> bool:
        if "version" not in entries:
            self._inspector.report_missing("version", "the file", root)
            return False
        node = entries["version"].value
        before = self._inspector.errors
        version = self._number(node, "'version'")
        if version != VERSION and self._inspector.errors == before:
            message = f"the file has the version {version}, and only {VERSION} is known: update sphinx-statestores"
            self._inspector.report(Kind.INVALID_VALUE, message, node)
        return version == VERSION

    # -- records ------------------------------------------------------------------------

    def _of_server(self, cls: type[_Record], node: Node, what: str) -> tuple[int, _Record | None]:
        """Return a record with the position of its server."""
        entries = self._inspector.entries(node, what)
        if entries is None:
            return 0, None
        if "server" not in entries:
            self._inspector.report_missing("server", what, node)
            return 0, None
        server = self._server(entries.pop("server").value, f"'server' of {what}")
        return server, self._made(cls, entries, node, what)

    def _record(self, cls: type[_Record], node: Node, what: str) -> _Record | None:
        entries = self._inspector.entries(node, what)
        return None if entries is None else self._made(cls, entries, node, what)

    def _made(self, cls: type[_Record], entries: dict[str, Entry], node: Node, what: str) -> _Record | None:
        inspector, fields = self._inspector, self._fields[cls]
        before = inspector.errors
        inspector.other_fields(entries, fields, what)
        values = {
            name: read(entries[name].value, f"{name!r} of {what}") for name, read in fields.items() if name in entries
        }
        for name in fields:
            if name not in values and name not in cls._field_defaults:
                inspector.report_missing(name, what, node)
        if inspector.errors > before:
            return None
        if cls is KeyGroup and values["keys"] < max(values.get("expiring", 0), values.get("sampled", 0)):
            message = f"{what} has {values['keys']} keys, and more of them that expire or were sampled"
            inspector.report(Kind.INVALID_VALUE, message, node)
        return cls(**values)

    def _group(self, node: Node, what: str) -> KeyGroup | None:
        return self._record(KeyGroup, node, what)

    # -- values -------------------------------------------------------------------------

    def _list(self, node: Node, what: str, read: Callable[[Node, str], Any]) -> list[Any]:
        return [read(item, f"an item of {what}") for item in self._inspector.items(node, what)]

    def _wrong(self, node: Node, what: str, wanted: str) -> None:
        found = shown(node.text) if isinstance(node, Scalar) else self._inspector.describe(node)
        self._inspector.report(Kind.INVALID_VALUE, must_be(what, wanted, found), node)

    def _number(self, node: Node, what: str) -> int:
        if isinstance(node, Scalar) and _WHOLE.fullmatch(node.text) and int(node.text) <= LARGEST_NUMBER:
            return int(node.text)
        self._wrong(node, what, f"a whole number from 0 to {LARGEST_NUMBER:,}")
        return 0

    def _seconds(self, node: Node, what: str) -> float:
        if isinstance(node, Scalar) and _FRACTION.fullmatch(node.text) and float(node.text) <= LARGEST_NUMBER:
            return float(node.text)
        self._wrong(node, what, f"a number of seconds from 0 to {LARGEST_NUMBER:,}")
        return 0

    def _counts(self, node: Node, what: str) -> Mapping[str, int]:
        entries = self._inspector.entries(node, what) or {}
        for name, entry in entries.items():
            self._check_length(name, entry.key, f"a name in {what}")
        found = {name: self._number(entry.value, f"{shown(name)} in {what}") for name, entry in entries.items()}
        return MappingProxyType(found)

    def _text(self, node: Node, what: str) -> str:
        text = self._inspector.line(node, what, is_name=True)
        self._check_length(text, node, what)
        return text

    def _check_length(self, text: str, node: Node, what: str) -> None:
        if len(text) > LONGEST_TEXT:
            message = f"{what} has {len(text):,} characters, more than {LONGEST_TEXT:,}"
            self._inspector.report(Kind.INVALID_VALUE, message, node)

    def _word(self, node: Node, what: str, words: tuple[str, ...]) -> str:
        text = self._inspector.line(node, what, is_name=True)
        if text and text not in words:
            self._inspector.report(Kind.INVALID_VALUE, one_of(what, words, shown(text)), node)
        return text

    def _time(self, node: Node, what: str) -> str:
        text = self._inspector.line(node, what, is_name=True)
        if text and not _TIME.fullmatch(text):
            self._wrong(node, what, "a time such as '2026-01-31T09:30:00Z'")
        return text

    def _name(self, node: Node, what: str) -> str:
        text = self._inspector.line(node, what, is_name=True)
        if not QUALIFIED_NAME.fullmatch(text):
            self._wrong(node, what, "the name of a store")
        return text

    def _backends(self, node: Node, what: str) -> tuple[str, ...]:
        names = self._inspector.texts(node, what)
        if not all(map(NAME.fullmatch, names)):
            self._wrong(node, what, "a list of keys of backends")
        return names

    def _server(self, node: Node, what: str) -> int:
        number = self._number(node, what)
        if number >= self._servers:
            self._wrong(node, what, f"the position of a server, of which there are {self._servers}")
        return number


def _from_tbls(inspector: Inspector, root: Node) -> ObservationFile:
    """Return the tables of a ``schema.json``; each belongs to no store yet. Its views are left out."""
    entries = inspector.entries(root, "the file") or {}
    driver = _inner(inspector, entries, "driver")
    name = _line(inspector, driver, "name")
    product = " ".join(filter(None, (name, _line(inspector, driver, "database_version"))))
    tables: list[tuple[int, TableSeen]] = []
    places: list[Location] = []
    for node in inspector.items(entries["tables"].value, "'tables'"):
        table = inspector.entries(node, "an item of 'tables'") or {}
        if "name" not in table:
            inspector.report_missing("name", "an item of 'tables'", node)
        elif _VIEW not in _line(inspector, table, "type").upper():
            tables.append((0, TableSeen(_line(inspector, table, "name").removeprefix(_DEFAULT_SCHEMA))))
            places.append(inspector.place(node))
    number = len(tables)
    backends = (name,) if NAME.fullmatch(name) else ()
    server = ServerSeen(backends, product, "", "", 0, 0, 0, number, number)
    return ObservationFile(Observation((server,), unknown_tables=tuple(tables)), unknown_tables=tuple(places))


def _inner(inspector: Inspector, entries: dict[str, Entry], name: str) -> dict[str, Entry]:
    entry = entries.get(name)
    return (inspector.entries(entry.value, repr(name)) or {}) if entry else {}


def _line(inspector: Inspector, entries: dict[str, Entry], name: str) -> str:
    return inspector.line(entries[name].value, repr(name), loose=True, is_name=True) if name in entries else ""
