// What others may use of quarterly-spend: its arithmetic and the measures that it prescribes.
export {
  allowedByRatio,
  elapsed,
  measures,
  type Plan,
  scheduledShare,
  scheduledSpend,
} from './quarterly-spend/schedule.ts';
export { PRESCRIBED } from './quarterly-spend/texts.ts';
