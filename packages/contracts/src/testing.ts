// Raw events for this package's own tests.

import { type Parsed, parseRawEvent } from './parse.ts';
import { FEED_OF, type RawEventType } from './raw/index.ts';
import type { Feed } from './topics.ts';

/** 2026-11-23 10:00:00 in Shanghai. */
export const NOW = Date.UTC(2026, 10, 23, 2);

const ENVELOPE = { event_id: 'e1', event_time: '2026-11-23 10:00:00', source: 'pos', fixmedins_code: 'P32110000001' };
const DEVICE = { device_id: '34020000001320000001' };

/** The smallest valid event of each type. */
export const SMALLEST: { [K in RawEventType]: Record<string, unknown> } = {
  settlement: {
    setl_id: 'S1',
    psn_no: 'P-CLEAR',
    mdtrt_cert_type: '02',
    med_type: '41',
    medfee_sumamt: '35.50',
    fund_pay_sumamt: 30,
  },
  settlement_reversal: {
    setl_id: 'S2',
    orig_setl_id: 'S1',
    psn_no: 'P-CLEAR',
    medfee_sumamt: -35.5,
    fund_pay_sumamt: '-30',
  },
  identity_check: { ...DEVICE, result: 'passed', method: 'face' },
  presence: { ...DEVICE, persons: 2 },
  staff_presence: { role: 'pharmacist', present: true },
  camera_status: { ...DEVICE, status: 'online' },
  heartbeat: { ...DEVICE },
  trace: { action: 'purchase', med_list_codg: 'X1', cnt: 10 },
  institution: { name: 'Pharmacy', kind: 'pharmacy' },
  budget: { year: 2026, quarter: 4, amount: '1000000' },
  justification: { year: 2026, quarter: 4, reason: 'epidemic', approved_by: 'office' },
  person_status: { psn_no: 'P-CLEAR', status: 'deceased', effective_at: '2026-11-01' },
  drug: { med_list_codg: 'X1', name: 'Drug' },
};

export const TYPES = Object.keys(SMALLEST) as RawEventType[];

/** Fields replaced; `undefined` leaves one out. */
export function rawEvent(type: RawEventType, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...ENVELOPE, event_type: type, ...SMALLEST[type], ...fields };
}

export function parse(value: unknown, { arrival = NOW, replay = false, feed = null as Feed | null } = {}): Parsed {
  const bytes =
    value instanceof Uint8Array ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return parseRawEvent(bytes, { arrival, replay, feed });
}

/** Paths of the issues, or `ok`. */
export function outcome(type: RawEventType, fields: Record<string, unknown>): string[] | 'ok' {
  const parsed = parse(rawEvent(type, fields), { feed: FEED_OF[type] });
  return parsed.ok ? 'ok' : parsed.issues.map(({ path }) => path);
}
