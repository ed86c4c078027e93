// The common work of the comparison with other stream processors: 2,000 institutions with one terminal each, an event every 5 ms of event
// time, a visit's identity check and 3,000 visits later (about 30 s) its settlement; every 33rd visit has no check.
import { encodeLane, FEEDS, type Mark } from '@yunjian/contracts';
import type { RawEvent } from './city.ts';

const LAG_VISITS = 3_000;
const INSTITUTIONS = 2_000;
const STEP_MS = 5;
const UNCHECKED = 33;
const BASE = Date.parse('2026-11-20T08:00:00+08:00');

const codeOf = (n: number) => `P${32_110_000_000 + n}`;
const deviceOf = (n: number) => `32110000001320${100_000 + n}`;

export interface TimedEvent {
  at: number;
  event: RawEvent;
}

/** @returns the institutions with the camera of their terminal: the judgement of an absence needs to know it. */
export function registrations(): TimedEvent[] {
  return Array.from({ length: INSTITUTIONS }, (_, n) => ({
    at: BASE,
    event: {
      event_id: `i${n}`,
      event_type: 'institution',
      event_time: new Date(BASE).toISOString(),
      source: 'registry',
      fixmedins_code: codeOf(n),
      name: codeOf(n),
      kind: 'pharmacy',
      counters: [{ dev_no: 'D1', device_id: deviceOf(n) }],
    },
  }));
}

/** When the last of so many events is, ms. */
export const endOf = (count: number) => BASE + count * STEP_MS;

/** `count` events in the order of their times. */
export function* visits(count: number): Generator<TimedEvent> {
  let made = 0;
  const timed = (fields: (event_time: string) => RawEvent): TimedEvent => {
    const at = BASE + ++made * STEP_MS;
    return { at, event: fields(new Date(at).toISOString()) };
  };
  for (let visit = 0; made < count; visit++) {
    if (visit % UNCHECKED !== 0) yield timed((time) => check(visit, time));
    if (visit >= LAG_VISITS && made < count) yield timed((time) => settlement(visit - LAG_VISITS, time));
  }
}

function check(visit: number, event_time: string): RawEvent {
  return {
    event_id: `v${visit}`,
    event_type: 'identity_check',
    source: 'cam-zj',
    event_time,
    fixmedins_code: codeOf(visit % INSTITUTIONS),
    psn_no: `p${visit}`,
    dev_no: 'D1',
    device_id: deviceOf(visit % INSTITUTIONS),
    result: 'passed',
    method: 'face',
    similarity: 0.97,
    evidence: {
      uri: `s3://evidence/x/${visit}`,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  };
}

function settlement(visit: number, event_time: string): RawEvent {
  return {
    event_id: `s${visit}`,
    event_type: 'settlement',
    source: 'hsa-zj',
    event_time,
    fixmedins_code: codeOf(visit % INSTITUTIONS),
    psn_no: `p${visit}`,
    dev_no: 'D1',
    setl_id: `S${visit}`,
    mdtrt_cert_type: '02',
    med_type: '41',
    medfee_sumamt: 123.45,
    fund_pay_sumamt: 100.05,
    opter: 'o1',
    feedetl: [
      { feedetl_sn: '1', med_list_codg: 'XA02BCA049A001010100483', cnt: 2, pric: 12.3, det_item_fee_sumamt: 24.6 },
    ],
  };
}

/** The mark that says: everything that arrived by `at` is in the lane. One raw partition a feed. */
export function markAt(at: number, next: number): Buffer {
  const entries = FEEDS.map((feed) => ({ feed, partition: 0, next, arrival: at, lastEvent: at }));
  const partitions = Object.fromEntries(FEEDS.map((feed) => [feed, 1])) as Mark['partitions'];
  return encodeLane({ kind: 'mark', entries, partitions });
}
