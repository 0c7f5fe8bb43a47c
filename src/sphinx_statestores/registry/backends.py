"""The built-in backends and their properties."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.places import NOWHERE, Places

if TYPE_CHECKING:
    from collections.abc import Mapping


class Backend(NamedTuple):
    """A kind of database or cache."""

    #: The key in a registry, such as ``mysql``.
    key: str
    #: The displayed name, such as ``MySQL``.
    label: str
    #: Whether each store has its own table (or collection); otherwise, it has a key prefix.
    has_tables: bool
    places: Places = NOWHERE
    #: The fields of a store that have no meaning in this backend.
    foreign_fields: frozenset[str] = frozenset()
    #: Whether all stores share one key space, so that each needs a prefix.
    shares_keys: bool = False

    @property
    def has_prefixes(self) -> bool:
        """Whether its stores are, or may be, distinguished by key prefixes."""
        return not self.has_tables and "prefix" not in self.foreign_fields


# Nothing is known of a backend without an entry here: every field may have a meaning in it.
_RELATIONAL = frozenset({"prefix", "enableSearch"})
_KEYS_ALONE = frozenset({"table", "enableSearch"})
_REDIS = frozenset({"table"})


#: In the order of totals.
KNOWN_BACKENDS: Mapping[str, Backend] = MappingProxyType(
    {
        backend.key: backend
        for backend in (
            Backend("redis", "Redis", has_tables=False, foreign_fields=_REDIS, shares_keys=True),
            Backend("mysql", "MySQL", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("memory", "Memory", has_tables=False),
            Backend("postgresql", "PostgreSQL", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("postgres", "PostgreSQL", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("sqlite", "SQLite", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("mariadb", "MariaDB", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("sqlserver", "SQL Server", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("oracle", "Oracle", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("cockroachdb", "CockroachDB", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("mongodb", "MongoDB", has_tables=True),
            Backend("dynamodb", "DynamoDB", has_tables=True),
            Backend("cosmosdb", "Cosmos DB", has_tables=True),
            Backend("cassandra", "Cassandra", has_tables=True),
            Backend("scylladb", "ScyllaDB", has_tables=True),
            Backend("clickhouse", "ClickHouse", has_tables=True),
            Backend("neo4j", "Neo4j", has_tables=False),
            Backend("elasticsearch", "Elasticsearch", has_tables=True),
            Backend("opensearch", "OpenSearch", has_tables=True),
            Backend("valkey", "Valkey", has_tables=False, foreign_fields=_REDIS, shares_keys=True),
            Backend("keydb", "KeyDB", has_tables=False, foreign_fields=_REDIS, shares_keys=True),
            Backend("dragonfly", "Dragonfly", has_tables=False, foreign_fields=_REDIS, shares_keys=True),
            Backend("memcached", "Memcached", has_tables=False, foreign_fields=_KEYS_ALONE),
            Backend("etcd", "etcd", has_tables=False, foreign_fields=_KEYS_ALONE),
            Backend("consul", "Consul", has_tables=False, foreign_fields=_KEYS_ALONE),
            Backend("s3", "S3", has_tables=False, foreign_fields=_KEYS_ALONE),
        )
    }
)
