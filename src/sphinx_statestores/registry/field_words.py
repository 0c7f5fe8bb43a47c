"""A word that is no field of a store -> the field that it may be a word for."""

from __future__ import annotations

import re
from functools import cache

#: Field of a registry file -> other words for it, the surest first. Their case and what divides them do not matter.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "name": ("component name", "store name", "state store", "statestore", "store", "component", "data store",
             "datastore", "key space", "keyspace", "dataset", "id", "identifier", "title"),
    "backend": ("backing store", "store type", "storage", "database type", "database", "db", "engine", "technology",
                "type", "kind", "provider", "driver"),
    "prefix": ("key prefix", "redis prefix", "redis key prefix", "key space prefix"),
    "table": ("table name", "mysql table", "db table", "collection", "collection name"),
    "service": ("owning service", "service name", "owner service", "owned by", "owner", "microservice", "app",
                "application", "team", "owning team"),
    "purpose": ("description", "summary", "desc", "usage", "used for", "contents", "comment", "comments", "notes"),
    "enableSearch": ("search", "search enabled", "full text search", "searchable"),
    "status": ("state", "lifecycle", "life cycle", "deprecated", "is deprecated"),
    "replacedBy": ("replacement", "superseded by", "successor"),
    "since": ("added in", "introduced", "introduced in", "added"),
    "readers": ("read by", "consumers", "used by"),
    "writers": ("written by", "producers"),
    "tags": ("labels", "keywords"),
    "physical": (),
    "classification": ("data classification",),
    "retention": ("retention period", "data retention"),
    "rebuildable": ("can be rebuilt", "flushable"),
    "sensitive": ("sensitive data",),
    "keys": ("key patterns", "patterns"),
}  # fmt: skip
#: Of the words for the status, those with a truth value: whether it is "deprecated"; squashed.
DEPRECATED = frozenset({"deprecated", "isdeprecated"})
_SEPARATORS = re.compile(r"[\W_]+")


def squashed(words: str) -> str:
    """Return words without case and without what divides them: ``Key-Prefix`` and ``keyPrefix`` are equal."""
    return _SEPARATORS.sub("", words).lower()


def meant_field(word: str) -> str:
    """Return the field that *word* is a synonym of; empty for another word."""
    return _fields_by_word().get(squashed(word), "")


@cache
def _fields_by_word() -> dict[str, str]:
    return {squashed(word): field for field, words in SYNONYMS.items() if field != "name" for word in words}
