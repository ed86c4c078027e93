// ClickHouse as this product uses it. The only package that imports @clickhouse/client.
export * from './binary-table.ts';
export * from './client.ts';
export * from './faults.ts';
export { RowBinary } from './row-binary.ts';
