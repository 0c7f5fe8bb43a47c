"""A registry of any size, like a real one, the same every time.

Real registries have some two hundred bytes a store; two stores in three are on Redis; services own one to ten
stores, many of them a single one; a purpose is a line of six words, a third of them with a remark in brackets.
"""

from __future__ import annotations

import random
import re
from typing import NamedTuple

_SUBJECTS = (
    "Account Achievement Alliance Arena Auction Badge Bank Battle Biome Bounty Calendar Campaign Caravan Cargo "
    "Character Clan Companion Contract Craft Crew Currency Dialogue Dungeon Economy Emblem Encounter Expedition "
    "Faction Farm Festival Fleet Forge Friend Garden Guild Harbor Harvest Housing Hunt Instance Item Kingdom "
    "Landmark Library Location Market Merchant Mission Mount Party Pet Pilgrim Player Quest Realm Recipe Region "
    "Relic Reputation Ritual Season Settlement Ship Skill Spell Stable Tavern Title Tournament Treasure Vehicle "
    "Village Voyage Weather Workshop"
).split()
_PARTS = (
    "Admission Allocation Appraisal Balance Billing Booking Census Council Courier Dispatch Discovery Escalation "
    "Forecast Gateway Import Intake Lookup Mediation Notice Outbox Payout Planner Presence Pricing Ranking Recovery "
    "Renewal Replay Review Roster Routing Rules Sampling Scoring Sharing Supply Tally Telemetry Tracking Transfer"
).split()
_FEATURES = (
    "archive audit backlog bucket cache catalogue claim cooldown counter cursor draft event expiry grant history "
    "index journal lease ledger limit lock mapping marker member note owner pointer profile progress quota receipt "
    "record revision schedule score session settings snapshot status summary template ticket token transition wallet"
).split()
_KINDS = "batches data entries index keys list locks pages queue set table totals versions view".split()
_QUALITIES = (
    "Active Aggregated Append-only Archived Cached Compressed Current Delayed Distributed Durable Expired Global "
    "Hashed Immutable Indexed Merged Monthly Nightly Ordered Pending Persistent Precomputed Queued Recent "
    "Replicated Searchable Sharded Shared Signed Temporary Unconfirmed Versioned Weekly"
).split()
_THINGS = (
    "assignments balances bans batches bids bookmarks boundaries caches callbacks cells claims conditions counters "
    "coordinates credentials deadlines decisions definitions discounts drafts effects entries estimates events "
    "exceptions fees filters flags goals grants groups hints histories identities invitations invoices keys labels "
    "layouts leases limits listings locks mappings measures members messages milestones moves notes observations "
    "offers orders outcomes owners payments permissions plans points positions preferences prices profiles promises "
    "quotas rates receipts recipes regions relations reminders reports requests reservations results revisions "
    "rewards roles routes samples schedules scores seasons sessions settings shares signals slots snapshots stages "
    "statistics steps subscriptions summaries tags targets tasks templates tickets timers tokens totals trades "
    "transfers transitions upgrades visits votes warnings weights windows"
).split()
_MOMENTS = (
    "after a restart,before an upgrade,between two seasons,during a transfer,during creation,on every node,"
    "per player and day,until they are confirmed,while a realm is closed,within one session"
).split(",")
_REMARKS = (
    "ephemeral,durable,expires by itself,hot copy,one hash for each owner,sorted by time,read through a cache,"
    "write-behind,kept for thirty days,source of truth,rebuilt at night,no personal data"
).split(",")


class Store(NamedTuple):
    """One store."""

    name: str
    #: ``redis`` or ``mysql``.
    backend: str
    service: str
    purpose: str
    #: Of its keys, on Redis.
    prefix: str = ""
    searchable: bool = False

    @property
    def row(self) -> tuple[str, str, str, str]:
        """What a table shows of it."""
        return (self.name, {"redis": "Redis", "mysql": "MySQL"}[self.backend], self.service, self.purpose)


class Size(NamedTuple):
    """How much there is to document."""

    stores: int
    services: int

    def __str__(self) -> str:
        return f"{self.stores}x{self.services}"


def kebab(name: str) -> str:
    """Return a service's name in lower case, with hyphens."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def make_stores(size: Size) -> tuple[Store, ...]:
    """Return the stores of a registry, service by service.

    Raises :exc:`ValueError` when there are not enough names for so many.
    """
    names = [*_SUBJECTS, *(subject + part for subject in _SUBJECTS for part in _PARTS)]
    if not 0 < size.services <= min(len(names), size.stores):
        raise ValueError(f"there can be 1 to {len(names)} services, each with a store, and not {size}")
    dice = random.Random(str(size))
    services = sorted(dice.sample(names, size.services))
    counts = dict.fromkeys(services, 1)
    weights = [dice.expovariate(1) for _ in services]
    for service in dice.choices(services, weights, k=size.stores - size.services):
        counts[service] += 1
    taken: set[str] = set()
    return tuple(store for service in services for store in _stores_of(service, counts[service], taken, dice))


def to_yaml(stores: tuple[Store, ...]) -> str:
    """Return the registry as a file, with comments as people write them."""
    lines = [
        "# The state stores of a made-up game.",
        "#",
        "#   backend   redis or mysql",
        "#   prefix    what the store's keys begin with (redis)",
        "#   service   who owns it",
        "#   purpose   what it is for",
        "",
        "openapi: 3.1.0",
        "info:",
        "  title: State stores",
        "  version: 1.0.0",
        "",
        "x-lint: {nested_prefix: off}",
        "",
        "x-state-stores:",
    ]
    service = ""
    for store in stores:
        if store.service != service:
            service = store.service
            lines += [f"  # {service}", ""]
        lines += [f"  {store.name}:", f"    backend: {store.backend}"]
        if store.prefix:
            lines.append(f"    prefix: {store.prefix}")
        lines += [f"    service: {store.service}", f"    purpose: {store.purpose}"]
        if store.searchable:
            lines.append("    enableSearch: true")
        lines.append("")
    return "\n".join(lines)


def _stores_of(service: str, count: int, taken: set[str], dice: random.Random) -> list[Store]:
    features = [*_FEATURES, *(f"{feature}-{kind}" for feature in _FEATURES for kind in _KINDS)]
    dice.shuffle(features)
    # Most services call their first store so.
    waiting = ["statestore", *features] if dice.random() < 0.7 else features
    stores: list[Store] = []
    for feature in waiting:
        if len(stores) == count:
            return stores
        name = f"{kebab(service)}-{feature}"
        if name in taken:
            continue
        taken.add(name)
        on_redis = dice.random() < 0.62
        prefix = kebab(service) if feature == "statestore" else f"{kebab(service)}:{feature}"
        stores.append(
            Store(
                name,
                "redis" if on_redis else "mysql",
                service,
                _purpose(dice),
                prefix if on_redis else "",
                searchable=on_redis and dice.random() < 0.02,
            )
        )
    raise ValueError(f"no service can have {count} stores")


def _purpose(dice: random.Random) -> str:
    words = [dice.choice(_QUALITIES)] if dice.random() < 0.6 else []
    words.append(dice.choice(_THINGS))
    if dice.random() < 0.7:
        words += [dice.choice(("and", "of", "for", "by")), dice.choice(_THINGS)]
    if dice.random() < 0.4:
        words.append(dice.choice(_MOMENTS))
    if dice.random() < 0.33:
        words.append(f"({dice.choice(_REMARKS)})")
    text = " ".join(words)
    return text[0].upper() + text[1:]
