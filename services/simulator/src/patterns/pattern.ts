// A pattern: something that inspectors look for, or that only looks like it. One file each; acts are atomic and lie within one local day.
import type { DayPlan } from '../life/day.ts';
import type { Stage } from '../life/stage.ts';
import type { Site } from './site.ts';

/** A planned deed. It happens whole or, where its span is not within the simulated window, not at all. */
export interface Act {
  /** Earliest and latest event time of what it sends, ms. */
  start: number;
  end: number;
  emit(stage: Stage, plan: DayPlan): void;
}

export interface Pattern {
  /** The detector that it is for, or what the look-alike is. */
  name: string;
  /** Acts an hour in the default city. */
  perHour: number;
  /** Least acts in any half hour, night included. */
  floor: number;
  /** Persons that an act needs. */
  persons: number;
  /** Plans one act in the site's half hour; null where nothing suits. */
  plan(site: Site): Act | null;
}
