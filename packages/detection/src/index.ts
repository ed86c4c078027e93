// Pure building blocks of detectors: state, clocks, timers, ids, definitions, evidence of life, and a timeline language for tests.
export * from './catalogue.ts';
export * from './clocks.ts';
export * from './define.ts';
export * from './devices.ts';
export * from './documents.ts';
export type { Conflict, Effects, Poison } from './effects.ts';
export * from './ids.ts';
export * from './lane.ts';
export * from './ledger.ts';
export * from './object-rows.ts';
export { poisonFinding } from './poison.ts';
export * from './registry.ts';
export * from './reversals.ts';
export * from './rules.ts';
export * from './state.ts';
export * from './timeline.ts';
export * from './timers.ts';
