// Kafka as this product uses it. The only package that imports kafkajs.
export * from './admin.ts';
export type { KafkaLogger, KafkaSettings } from './connection.ts';
export * from './group.ts';
export { partitionFor } from './partitioner.ts';
export { createProducer, type LogProducer, type SendResult, UnknownOutcome } from './producer.ts';
export { readRange } from './range.ts';
export type { LogRecord, OutRecord } from './records.ts';
export * from './tail.ts';
