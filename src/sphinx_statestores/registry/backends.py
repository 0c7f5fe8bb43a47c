"""The backends that are known from the start, and how each is called."""

from __future__ import annotations

from typing import NamedTuple

from sphinx_statestores.registry.places import NOWHERE, Places


class Backend(NamedTuple):
    """A kind of database or cache."""

    #: What a registry says, such as ``mysql``.
    key: str
    #: What a reader sees, such as ``MySQL``.
    label: str
    #: Whether a store in it has a table (or collection) of its own; else a key prefix.
    has_tables: bool
    places: Places = NOWHERE


#: In the order in which totals name them.
KNOWN_BACKENDS: dict[str, Backend] = {
    backend.key: backend
    for backend in (
        Backend("redis", "Redis", has_tables=False),
        Backend("mysql", "MySQL", has_tables=True),
        Backend("memory", "Memory", has_tables=False),
        Backend("postgresql", "PostgreSQL", has_tables=True),
        Backend("postgres", "PostgreSQL", has_tables=True),
        Backend("sqlite", "SQLite", has_tables=True),
        Backend("mariadb", "MariaDB", has_tables=True),
        Backend("sqlserver", "SQL Server", has_tables=True),
        Backend("oracle", "Oracle", has_tables=True),
        Backend("cockroachdb", "CockroachDB", has_tables=True),
        Backend("mongodb", "MongoDB", has_tables=True),
        Backend("dynamodb", "DynamoDB", has_tables=True),
        Backend("cosmosdb", "Cosmos DB", has_tables=True),
        Backend("cassandra", "Cassandra", has_tables=True),
        Backend("scylladb", "ScyllaDB", has_tables=True),
        Backend("clickhouse", "ClickHouse", has_tables=True),
        Backend("neo4j", "Neo4j", has_tables=False),
        Backend("elasticsearch", "Elasticsearch", has_tables=True),
        Backend("opensearch", "OpenSearch", has_tables=True),
        Backend("valkey", "Valkey", has_tables=False),
        Backend("keydb", "KeyDB", has_tables=False),
        Backend("dragonfly", "Dragonfly", has_tables=False),
        Backend("memcached", "Memcached", has_tables=False),
        Backend("etcd", "etcd", has_tables=False),
        Backend("consul", "Consul", has_tables=False),
        Backend("s3", "S3", has_tables=False),
    )
}
