// When an event arrives, and how often: delays, late uploads, repeats, contradictions. Decided by the event's own id.
import type { Feed } from '@yunjian/contracts';
import { concern, mixText, Random } from '../city/random.ts';
import { HOUR_MS, MINUTE_MS } from './time.ts';

export interface NoiseRates {
  /** Share of events that arrive minutes late, and hours late. */
  late: number;
  veryLate: number;
  /** Share sent twice under the same event_id, and again under another one. */
  repeated: number;
  repeatedAnew: number;
  /** Share of settlements followed by one of the same setl_id and another content. */
  contradicted: number;
  /** Events an hour that no contract knows. */
  malformed: number;
}

export const NOISE_RATES: NoiseRates = {
  late: 0.004,
  veryLate: 0.0006,
  repeated: 0.004,
  repeatedAnew: 0.002,
  contradicted: 0.0002,
  malformed: 40,
};

/** Nothing arrives later than this behind its event time, ms; what is built upon may rely on it. */
export const LATEST_MS = 4.5 * HOUR_MS;

export type RawObject = Record<string, unknown> & { event_id: string };

export interface Delivery {
  arrivalMs: number;
  event: RawObject;
}

const NOISE = concern('noise');
/** Usual way of an event, ms: a till talks at once, stock systems upload in batches. */
const USUAL: Record<Feed, [number, number]> = {
  settlement: [200, 2_000],
  surveillance: [200, 1_500],
  trace: [500, 20_000],
  reference: [100, 1_000],
};

/** Checks come late so many times more rarely than what tills and stock systems send. */
const CAMERAS_KEEP_TIME = 5;

/** @param prompt no lateness: for what must not arrive into a camera's silence */
export function deliveries(
  seed: number,
  feed: Feed,
  event: RawObject,
  at: number,
  rates: NoiseRates,
  prompt: boolean,
): Delivery[] {
  const random = new Random(mixText(seed ^ NOISE, event.event_id));
  const [least, most] = USUAL[feed];
  const roll = random.next() * (feed === 'surveillance' ? CAMERAS_KEEP_TIME : 1);
  const delay =
    prompt || roll >= rates.late + rates.veryLate
      ? random.between(least, most)
      : roll < rates.veryLate
        ? random.between(HOUR_MS, 4 * HOUR_MS)
        : random.between(MINUTE_MS, 15 * MINUTE_MS);
  const arrivalMs = Math.round(at + delay);
  const list: Delivery[] = [{ arrivalMs, event }];
  const again = random.next();
  if (again >= rates.repeated + rates.repeatedAnew + rates.contradicted) return list;
  const soon = arrivalMs + Math.round(random.between(500, 20_000));
  if (again < rates.repeated) list.push({ arrivalMs: soon, event });
  else if (again < rates.repeated + rates.repeatedAnew) {
    if (isSafeAnew(event)) list.push({ arrivalMs: soon, event: { ...event, event_id: `${event.event_id}-r` } });
  } else if (event.event_type === 'settlement')
    list.push({
      arrivalMs: soon,
      event: { ...event, event_id: `${event.event_id}-x`, medfee_sumamt: '9999.99' },
    });
  return list;
}

/** A check that names nobody covers one settlement: under another id it would be another check. */
function isSafeAnew(event: RawObject): boolean {
  return event.event_type !== 'identity_check' || typeof event.psn_no === 'string';
}
