"""The built-in backends and their properties."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.layout import LAYOUT_NAMES, CommandTemplate, Layout
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
    #: What is between the prefix of a store and the rest of a key.
    separator: str = ":"
    #: Where its stores lie: the registry's own templates.
    layout: Layout = Layout()
    #: Commands that show data of a store.
    commands: tuple[CommandTemplate, ...] = ()

    @property
    def has_prefixes(self) -> bool:
        """Whether its stores are, or may be, distinguished by key prefixes."""
        return not self.has_tables and "prefix" not in self.foreign_fields

    @property
    def foreign_parts(self) -> frozenset[str]:
        """The parts of a layout that have no meaning in this backend."""
        return frozenset(part for part, field in _FIELD_OF_PART.items() if field in self.foreign_fields)


#: Part of a layout -> the field of a store without which it has no meaning.
_FIELD_OF_PART = dict(zip(LAYOUT_NAMES, ("prefix", "prefix", "enableSearch", "table", "table", "table"), strict=True))
# Nothing is known of a backend without an entry here: every field may have a meaning in it.
_RELATIONAL = frozenset({"prefix", "enableSearch"})
_KEYS_ALONE = frozenset({"table", "enableSearch"})
_REDIS = frozenset({"table"})


def _scan(program: str) -> tuple[CommandTemplate, ...]:
    # Never `KEYS`, which blocks the server: https://redis.io/docs/latest/commands/keys/
    return (
        CommandTemplate("shell", f"{program} --scan --pattern {{pattern}} | head -n 20"),
        CommandTemplate("shell", f"{program} FT.INFO {{index}}"),
    )


def _select(language: str) -> tuple[CommandTemplate, ...]:
    return (CommandTemplate(language, "SELECT * FROM {table}{where} LIMIT 10;"),)


_MONGODB = (CommandTemplate("mongosh", "db.getCollection({table}).find({where}).limit(10)"),)
_DYNAMODB = (CommandTemplate("shell", "aws dynamodb scan --table-name={table} --max-items 10"),)
_S3 = (CommandTemplate("shell", 'aws s3api list-objects-v2 --bucket "$BUCKET" --prefix={start} --max-items 20'),)

#: In the order of totals.
KNOWN_BACKENDS: Mapping[str, Backend] = MappingProxyType(
    {
        backend.key: backend
        for backend in (
            Backend(
                "redis",
                "Redis",
                has_tables=False,
                foreign_fields=_REDIS,
                shares_keys=True,
                commands=_scan("redis-cli"),
            ),
            Backend("mysql", "MySQL", has_tables=True, foreign_fields=_RELATIONAL, commands=_select("mysql")),
            Backend("memory", "Memory", has_tables=False),
            Backend("postgresql", "PostgreSQL", has_tables=True, foreign_fields=_RELATIONAL, commands=_select("sql")),
            Backend("postgres", "PostgreSQL", has_tables=True, foreign_fields=_RELATIONAL, commands=_select("sql")),
            Backend("sqlite", "SQLite", has_tables=True, foreign_fields=_RELATIONAL, commands=_select("sql")),
            Backend("mariadb", "MariaDB", has_tables=True, foreign_fields=_RELATIONAL, commands=_select("mysql")),
            Backend("sqlserver", "SQL Server", has_tables=True, foreign_fields=_RELATIONAL),
            Backend("oracle", "Oracle", has_tables=True, foreign_fields=_RELATIONAL),
            Backend(
                "cockroachdb", "CockroachDB", has_tables=True, foreign_fields=_RELATIONAL, commands=_select("sql")
            ),
            Backend("mongodb", "MongoDB", has_tables=True, commands=_MONGODB),
            Backend("dynamodb", "DynamoDB", has_tables=True, commands=_DYNAMODB),
            Backend("cosmosdb", "Cosmos DB", has_tables=True),
            Backend("cassandra", "Cassandra", has_tables=True, commands=_select("sql")),
            Backend("scylladb", "ScyllaDB", has_tables=True, commands=_select("sql")),
            Backend("clickhouse", "ClickHouse", has_tables=True),
            Backend("neo4j", "Neo4j", has_tables=False),
            Backend("elasticsearch", "Elasticsearch", has_tables=True),
            Backend("opensearch", "OpenSearch", has_tables=True),
            Backend(
                "valkey",
                "Valkey",
                has_tables=False,
                foreign_fields=_REDIS,
                shares_keys=True,
                commands=_scan("valkey-cli"),
            ),
            Backend(
                "keydb",
                "KeyDB",
                has_tables=False,
                foreign_fields=_REDIS,
                shares_keys=True,
                commands=_scan("keydb-cli"),
            ),
            Backend(
                "dragonfly",
                "Dragonfly",
                has_tables=False,
                foreign_fields=_REDIS,
                shares_keys=True,
                commands=_scan("redis-cli"),
            ),
            Backend("memcached", "Memcached", has_tables=False, foreign_fields=_KEYS_ALONE),
            Backend("etcd", "etcd", has_tables=False, foreign_fields=_KEYS_ALONE, separator="/"),
            Backend("consul", "Consul", has_tables=False, foreign_fields=_KEYS_ALONE, separator="/"),
            Backend("s3", "S3", has_tables=False, foreign_fields=_KEYS_ALONE, separator="/", commands=_S3),
        )
    }
)
