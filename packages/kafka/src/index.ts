// Kafka as this product uses it. The only package that imports kafkajs.
export * from './admin.ts';
export type { KafkaLogger, KafkaSettings } from './connection.ts';
export * from './group.ts';
export { kafkaDependency } from './health.ts';
export { groupsDependency } from './joined.ts';
export { partitionFor } from './partitioner.ts';
export type { SendResult } from './portions.ts';
export { RecordsMissing } from './positions.ts';
export { createProducer, type LogProducer, UnknownOutcome } from './producer.ts';
export { readRange } from './range.ts';
export type { LogRecord, OutRecord } from './records.ts';
export { NotOwner } from './session.ts';
export * from './tail.ts';
