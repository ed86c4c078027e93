// ClickHouse as this product uses it. The only package that imports @clickhouse/client.
export * from './client.ts';
export * from './faults.ts';
