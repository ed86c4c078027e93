// The simulated city: its pure core, for the service, the evaluation and the benches.
export * from './city/city.ts';
export { type Person, personOf, psnNo } from './city/persons.ts';
export {
  type Simulated,
  type SimulatedEvent,
  type SimulatedTruth,
  type SimulateOptions,
  simulate,
} from './life/simulate.ts';
export { TRUTH_AFTER_MS } from './life/stage.ts';
export type { Truth } from './life/truth.ts';
export { PATTERNS } from './patterns/index.ts';
