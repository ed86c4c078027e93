// The contract of contract.md as code: raw schemas, the English model, lanes, alerts, topics.
export * from './alert.ts';
export { digest } from './digest.ts';
export * from './ingest.ts';
export * from './instants.ts';
export * from './lane/codec.ts';
export { ColdPart } from './lane/cold.ts';
export * from './lives.ts';
export * from './map.ts';
export * from './model.ts';
export * from './parse.ts';
export * from './pseudonym.ts';
export * from './raw/index.ts';
export * from './rejected.ts';
export * from './review.ts';
export { parseDecimal, parseInstant, parseLocalDate } from './scalars.ts';
export * from './topics.ts';
export * from './wall.ts';
