// The two types that generated definitions need. Keep the backends that you have.
#nullable enable

namespace StateStores
{
    public enum StateBackend
    {
        Redis,
        MySql,
        Memory,
        PostgreSql,
        Sqlite,
        MariaDb,
        SqlServer,
        Oracle,
        CockroachDb,
        MongoDb,
        DynamoDb,
        CosmosDb,
        Cassandra,
        ScyllaDb,
        ClickHouse,
        Neo4j,
        Elasticsearch,
        OpenSearch,
        Valkey,
        KeyDb,
        Dragonfly,
        Memcached,
        Etcd,
        Consul,
        S3,
    }

    public sealed class StoreConfiguration
    {
        public StateBackend Backend { get; set; }

        public string? KeyPrefix { get; set; }

        public string? TableName { get; set; }

        public bool EnableSearch { get; set; }
    }
}
