// What alerting decides by. Constants, not environment: two deciders that differ in one of them would write different records.
import type { Level } from '@yunjian/contracts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface AlertingSettings {
  /** How long a raised alert of that level may wait for an acknowledgement before it is escalated, ms; absent: never. */
  escalateAfter: Partial<Record<Level, number>>;
  /** How long the outcome of a command is remembered under its idem, ms of alerting's clock. */
  rememberOutcomes: number;
  /** How long an alert is shelved by a command that names no end, ms. */
  usualShelf: number;
  /** Longest time an alert may be shelved, ms. */
  longestShelf: number;
  /** Most alerts that one tick moves; the rest follow with the next. */
  movedPerTick: number;
}

/**
 * Operators' defaults, not from a regulation: red within a quarter of an hour, orange within the hour; yellow and blue are worked off
 * within the shift. Shelving is limited in time, as ANSI/ISA-18.2 asks of any alarm that is taken out of sight: one shift, unless
 * the operator says otherwise.
 */
export const DEFAULT_SETTINGS: AlertingSettings = {
  escalateAfter: { 1: 15 * MINUTE_MS, 2: 60 * MINUTE_MS },
  rememberOutcomes: 24 * HOUR_MS,
  usualShelf: 8 * HOUR_MS,
  longestShelf: 7 * 24 * HOUR_MS,
  movedPerTick: 1000,
};
