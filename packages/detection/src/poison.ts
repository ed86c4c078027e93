// What follows when our own code throws on a record: an operational alert, and when the lane begins again from its tables.
import { type Cause, type Finding, isoShanghai, localDate, localDay } from '@yunjian/contracts';
import type { FeedClocks } from './clocks.ts';
import { alertId } from './ids.ts';
import type { Table } from './state.ts';

/** Id of the operational alert, beside the detectors' own. */
const RECORD_POISONED = 'record-poisoned';

const LEVEL = 3;
const ERROR_SHOWN = 200;
/** A lane that met poison begins again at the first mark behind so many records, or so much of the observed clock, ms. */
const SHAKEN_RECORDS = 100_000;
const SHAKEN_MS = 60_000;

/**
 * Code that threw half-way may have left what it keeps beside its tables (indexes, timers, a row changed in place) at odds with them,
 * which a restore from a checkpoint would not give back. Until the lane has begun again no checkpoint may be taken: a replay then meets
 * the poison too and goes the same way. Where it begins again is read off the lane alone, for the same reason.
 */
export class Shaken {
  readonly #clocks: FeedClocks;
  #stretch: string | null = null;

  constructor(clocks: FeedClocks) {
    this.#clocks = clocks;
  }

  get yes(): boolean {
    return this.#stretch !== null;
  }

  poisoned(offset: number): void {
    this.#stretch ??= this.#at(offset);
  }

  /** Asked behind a mark at that offset. */
  settles(offset: number): boolean {
    return this.#stretch !== null && this.#stretch !== this.#at(offset);
  }

  #at(offset: number): string {
    return `${Math.floor(offset / SHAKEN_RECORDS)}/${Math.floor(this.#clocks.at('observed') / SHAKEN_MS)}`;
  }
}

/** One alert a day for each detector and partition that throws. `told`: days by detector, so that it is said once. */
export function poisonAlert(
  of: { cause: () => Cause; detector: string | null; error: unknown; at: number },
  told: Table<number>,
): Finding | null {
  const source = of.detector ?? 'lane';
  const day = localDay(of.at);
  if (told.get(source) === day) return null;
  told.set(source, day);
  const cause = of.cause();
  const facts = { detector: of.detector, offset: cause.offset, error: String(of.error).slice(0, ERROR_SHOWN) };
  return poisonFinding({ cause, source, at: of.at, facts });
}

/**
 * The operational alert for a partition of a lane and a day.
 * @param of `source`: what threw; `at`: the record's own time, ms
 */
export function poisonFinding(of: {
  cause: Cause;
  source: string;
  at: number;
  facts: Record<string, unknown>;
}): Finding {
  const { cause, source, facts } = of;
  const subject = { kind: 'partition', ref: `${cause.lane}/${cause.partition}` } as const;
  const anchor = `${source}/${localDate(localDay(of.at))}`;
  const at = isoShanghai(of.at);
  return {
    type: 'finding',
    cause,
    action: 'raise',
    alert_id: alertId({ detector: RECORD_POISONED, subject, institution: null, anchor }),
    detector: RECORD_POISONED,
    rule_version: 'operational',
    level: LEVEL,
    fixmedins_code: null,
    grid: [],
    subject,
    window: { start: at, end: at },
    event_time: at,
    amount: null,
    title: { zh: '程序处理记录出错,记录已搁置', en: 'Our own code failed on a record, which is set aside' },
    facts,
    evidence: [],
    reason: 'the first of the day; the others are in the rejected topic with their stacks',
  };
}
