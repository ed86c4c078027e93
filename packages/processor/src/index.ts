// The lane host: a partition's records through the pure core, effects out, checkpoints that a zombie cannot spoil.
export * from './format.ts';
export { MemoryCheckpointLog } from './memory-log.ts';
export * from './partition.ts';
export * from './ports.ts';
export * from './restore.ts';
export * from './writer.ts';
