"""A connection to a server that speaks the protocol of Redis -> what is seen of its keys, and of no value.

All commands only read, and none takes long: ``SCAN`` in steps, never ``KEYS``. None counts as a use of a key, so it
makes no difference to what the server evicts.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sphinx_statestores.live.budget import INTERRUPTED, KEYS, REFUSED, Meter
from sphinx_statestores.live.faults import RefusedError, ServerError
from sphinx_statestores.live.masking import UnknownKeys, registry_words
from sphinx_statestores.live.reading import Reading
from sphinx_statestores.live.tally import Sample, Tally
from sphinx_statestores.registry.key_index import KeyIndex
from sphinx_statestores.registry.observation import ServerSeen, StoreSeen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_statestores.live.budget import Budget
    from sphinx_statestores.live.reading import Progress
    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.observation import KeyGroup

#: The number of keys that one ``SCAN`` looks at, about a millisecond of the server's time.
_STEP = 1_000
#: What ``TYPE`` and ``PTTL`` say of a key that is gone.
_NO_TYPE, _GONE = b"none", -2
_END = b"0"
_VERSION = re.compile(r"(?:df-)?v?(\d[\w.-]{0,31})")
#: Field of ``INFO`` -> the product whose version it is, in the order in which they count: all pretend to be Redis.
_PRODUCTS = {
    "dragonfly_version": "Dragonfly",
    "valkey_version": "Valkey",
    "garnet_version": "Garnet",
    "redis_version": "Redis",
}
_ROLES = {"master": "primary", "slave": "replica", "replica": "replica"}


class Facts(NamedTuple):
    """What a server says of itself; empty for what it does not say."""

    product: str = ""
    #: ``primary`` or ``replica``.
    role: str = ""
    #: ``standalone``, ``cluster`` or ``sentinel``.
    mode: str = ""


def facts_in(info: str) -> Facts:
    """Take the text of ``INFO``; return what it says. Anything unusual in it is left out."""
    fields = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    name = next((field for field in _PRODUCTS if field in fields), "")
    version = _VERSION.match(fields.get(name, ""))
    is_node = fields.get("cluster_enabled") == "1"
    return Facts(
        f"{_PRODUCTS[name]} {version[1]}" if version else "",
        _ROLES.get(fields.get("role", ""), ""),
        "cluster" if is_node else fields.get("redis_mode", ""),
    )


class Conversation(Protocol):
    """A connection to a server, as :class:`~.redis_server.RedisServer` is."""

    @property
    def facts(self) -> Facts:
        """What the server says of itself."""

    def ask(self, *command: bytes) -> Any:
        """Return the reply to a command."""

    def ask_all(self, commands: Sequence[tuple[bytes, ...]]) -> list[Any]:
        """Return the replies to commands."""


def read_redis(
    server: Conversation, registry: Registry, backends: tuple[str, ...], budget: Budget, tell: Progress
) -> Reading:
    """Read a server that may have the stores of *backends*; *tell* is called after each step.

    When the connection is lost or the server refuses what is needed, and for a KeyboardInterrupt, returns what was
    seen until then.
    """
    return _KeyReader(server, registry, backends, Meter(budget)).read(tell)


class _KeyReader:
    """What is seen so far."""

    def __init__(self, server: Conversation, registry: Registry, backends: tuple[str, ...], meter: Meter) -> None:
        self._server = server
        self._backends = backends
        self._meter = meter
        self._started = datetime.now(UTC)
        self._stores = tuple(store for store in registry.stores if store.backend in backends)
        self._index = KeyIndex(registry._replace(stores=self._stores))
        patterns = (pattern for store in self._stores for pattern in self._index.place(store).patterns)
        #: Store and pattern -> what is counted.
        self._known: dict[tuple[str, str], Tally] = {}
        self._unknown = UnknownKeys(registry_words(registry, patterns))
        #: The hashes of all keys that were asked for: ``SCAN`` may return a key again. They have 64 bits, so that two
        #: keys with the same hash are not to be expected, and take less memory than the keys.
        self._hashes: set[int] = set()
        self._sample = meter.budget.sample
        self._total = self._seen = self._refused = 0
        self._refusal = ""
        self._indices: frozenset[str] | None = None
        #: Not what is seen, but what cannot be. Each once.
        self._notes: dict[str, None] = {}

    def read(self, tell: Progress) -> Reading:
        stopped = fault = ""
        try:
            self._ask_about_server()
            stopped = self._scan(tell)
        except KeyboardInterrupt:
            stopped = INTERRUPTED
        except ServerError as error:
            stopped, fault = INTERRUPTED, str(error)
        if self._refused:
            self._notes[f"{self._refused:,} keys are not seen: {self._refusal}"] = None
            stopped = stopped or REFUSED
        return self._reading(stopped, fault)

    def _ask_about_server(self) -> None:
        """Ask for what is not about single keys. None of it is needed."""
        if not any(self._server.facts):
            self._notes["version and role of the server are not known: INFO is not allowed"] = None
        if self._server.facts.mode == "cluster":
            self._server.ask(b"READONLY")
            self._notes["this node of a cluster has a part of the keys: name each node with an option of its own"] = (
                None
            )
        self._server.ask(b"CLIENT", b"NO-TOUCH", b"ON")
        total, indices = self._server.ask_all([(b"DBSIZE",), (b"FT._LIST",)])
        self._total = total if isinstance(total, int) else 0
        if isinstance(indices, list):
            self._indices = frozenset(_text(name) for name in indices)

    def _scan(self, tell: Progress) -> str:
        """Read the keys; return what of the budget is used up."""
        cursor = _END
        while not (stopped := self._meter.used_up):
            left = self._meter.keys_left
            reply = self._server.ask(b"SCAN", cursor, b"COUNT", b"%d" % min(_STEP, left))
            if isinstance(reply, RefusedError):
                raise ServerError(f"SCAN: {reply}")
            cursor, keys = reply
            fresh = list(self._fresh(keys))
            self._meter.asked += len(fresh[:left])
            self._count(fresh[:left])
            tell(self._seen, self._total)
            if cursor == _END:
                return KEYS if len(fresh) > left else ""
        return stopped

    def _fresh(self, keys: list[bytes]) -> Iterator[bytes]:
        """Yield the keys that were not asked for yet."""
        for key in keys:
            number = hash(key)
            if number not in self._hashes:
                self._hashes.add(number)
                yield key

    def _count(self, keys: list[bytes]) -> None:
        """Ask for type and lifetime of keys, and count them."""
        if not keys:
            return
        replies = self._server.ask_all([question for key in keys for question in ((b"TYPE", key), (b"PTTL", key))])
        chosen: list[tuple[bytes, Tally]] = []
        for key, kind, lifetime in zip(keys, replies[::2], replies[1::2], strict=True):
            refused = next((reply for reply in (kind, lifetime) if isinstance(reply, RefusedError)), None)
            if refused is not None:
                self._refused += 1
                self._refusal = str(refused)
            elif kind != _NO_TYPE and lifetime != _GONE:
                self._seen += 1
                for tally in self._tallies_of(key):
                    tally.add_key(_text(kind), lifetime)
                    if tally.takes_samples and tally.asked < self._sample:
                        tally.asked += 1
                        chosen.append((key, tally))
        if self._refused == len(keys) and not self._seen:
            raise ServerError(f"TYPE and PTTL: {self._refusal}")
        self._add_samples(chosen)

    def _tallies_of(self, key: bytes) -> list[Tally]:
        """Return what a key is counted in: a group of each of its owners, or one of those without owner."""
        text = _text(key)
        owners = self._index.owners(text)
        if not owners:
            return [self._unknown.group_of(text)]
        found = []
        for match in owners:
            group = match.store.name, (self._index.described_by(match, text) or match.pattern).text
            tally = self._known.get(group)
            if tally is None:
                tally = self._known[group] = Tally()
            found.append(tally)
        return found

    def _add_samples(self, chosen: list[tuple[bytes, Tally]]) -> None:
        """Ask for encoding and memory of keys."""
        if not chosen:
            return
        replies = self._server.ask_all(
            [
                question
                for key, _ in chosen
                for question in ((b"OBJECT", b"ENCODING", key), (b"MEMORY", b"USAGE", key))
            ]
        )
        for (_, tally), encoding, size in zip(chosen, replies[::2], replies[1::2], strict=True):
            refused = next((reply for reply in (encoding, size) if isinstance(reply, RefusedError)), None)
            if refused is not None:
                self._sample = 0
                self._notes[f"memory and encodings are not known: OBJECT and MEMORY: {refused}"] = None
            elif isinstance(encoding, bytes) and isinstance(size, int):
                tally.add_sample(Sample(size, _text(encoding)))

    def _reading(self, stopped: str, fault: str) -> Reading:
        """Return what was seen."""
        sample, budget = self._meter.budget.sample, self._meter.budget
        groups: dict[str, list[KeyGroup]] = {}
        for (name, pattern), tally in sorted(self._known.items(), key=itemgetter(0)):
            groups.setdefault(name, []).append(tally.group(pattern, sample))
        stores = []
        for store in self._stores:
            search = self._index.place(store).search
            has_index = search in self._indices if search and self._indices is not None else None
            if store.name in groups or has_index:
                stores.append(StoreSeen(store.name, 0, tuple(groups.get(store.name, ())), None, has_index))
        facts = self._server.facts
        return Reading(
            ServerSeen(
                self._backends,
                facts.product,
                facts.role,
                self._started.strftime("%Y-%m-%dT%H:%M:%SZ"),
                round(self._meter.seconds, 1),
                budget.keys,
                budget.seconds,
                max(self._total, self._seen),
                self._seen,
                stopped,
                self._indices is not None,
            ),
            tuple(stores),
            tuple(tally.group(pattern, sample) for pattern, tally in self._unknown.groups().items()),
            notes=tuple(self._notes),
            fault=fault,
        )


def _text(value: bytes) -> str:
    # Bytes that are no UTF-8 are part of no text of a registry.
    return value.decode("utf-8", "surrogateescape")
