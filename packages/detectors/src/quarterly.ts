// What others may use of quarterly-spend: its arithmetic, its parameters in force and the measures that it prescribes.
export { holds } from './quarterly-spend/claims.ts';
export { paramsInForce } from './quarterly-spend/in-force.ts';
export type { QuarterlyParams } from './quarterly-spend/params.ts';
export {
  allowed,
  elapsed,
  type Measures,
  measures,
  type Plan,
  scheduledShare,
  scheduledSpend,
  TIERS,
  type Tier,
} from './quarterly-spend/schedule.ts';
export { PRESCRIBED } from './quarterly-spend/texts.ts';
