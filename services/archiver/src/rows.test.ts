// Rows of the archive: the first document has the greatest precedence, and personal data in what was refused is hidden.
import {
  compareDocuments,
  createPseudonymiser,
  FEEDS,
  parseRawEvent,
  type RejectedRecord,
  toModel,
  topicNames,
} from '@yunjian/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventRow } from './event-rows.ts';
import { rejectedRow } from './rejected-row.ts';
import { rowsOf } from './rows-of.ts';
import { precedence, type TableRow } from './table-row.ts';
import { HEARTBEATS } from './tables.ts';

const pseudonymiser = createPseudonymiser('test');
const ARRIVAL = Date.parse('2026-11-01T10:00:00+08:00');
const column = (row: TableRow, name: string) => row.values[row.table.columns.indexOf(name)];

test('the lower a document in the order of documents, the greater its precedence', () => {
  const place = fc.record({
    arrival: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2 ** 47 })),
    origin: fc.record({
      feed: fc.constantFrom(...FEEDS),
      partition: fc.nat({ max: 4_000 }),
      offset: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2 ** 47 })),
      index: fc.nat({ max: 20_000 }),
    }),
  });
  const of = ({ arrival, origin }: Parameters<typeof compareDocuments>[0]) =>
    precedence(arrival, FEEDS.indexOf(origin.feed as 'trace'), origin.partition, origin.offset, origin.index);
  fc.assert(
    fc.property(place, place, (a, b) => {
      expect(Math.sign(compareDocuments(a, b))).toBe(of(a) > of(b) ? -1 : of(a) < of(b) ? 1 : 0);
      expect(of(a)).toBeLessThan(2n ** 128n);
    }),
  );
});

test('columns and values of every kind of event stand side by side, with unknown fields in detail', () => {
  const base = { source: 's', event_time: '2026-11-01 10:00:00', fixmedins_code: 'P32110000001', novel: { a: 1 } };
  const device_id = '3'.repeat(20);
  const events = [
    {
      event_type: 'settlement',
      setl_id: 'S1',
      psn_no: 'p',
      mdtrt_cert_type: '02',
      med_type: '41',
      medfee_sumamt: 5,
      fund_pay_sumamt: '3.10',
    },
    {
      event_type: 'settlement_reversal',
      setl_id: 'R1',
      orig_setl_id: 'S1',
      psn_no: 'p',
      medfee_sumamt: -5,
      fund_pay_sumamt: -3.1,
    },
    { event_type: 'identity_check', device_id, result: 'passed', method: 'face', psn_no: 'p', similarity: 0.9 },
    { event_type: 'presence', device_id, persons: 2 },
    { event_type: 'staff_presence', role: 'pharmacist', present: true },
    { event_type: 'camera_status', device_id, status: 'offline' },
    { event_type: 'heartbeat', device_id },
    { event_type: 'trace', action: 'purchase', med_list_codg: 'X', cnt: 2, fixmedins_bchno: 'B' },
    { event_type: 'institution', name: '药店', kind: 'pharmacy', counters: [{ dev_no: '1', device_id }] },
    { event_type: 'budget', year: 2026, quarter: 4, amount: 1000 },
    { event_type: 'justification', year: 2026, quarter: 4, reason: 'r', approved_by: 'a' },
    { event_type: 'person_status', psn_no: 'p', status: 'deceased', effective_at: '2026-10-01 00:00:00' },
    { event_type: 'drug', med_list_codg: 'X', name: 'd' },
  ];
  const rows = events.map((event, n) => {
    const parsed = parseRawEvent(Buffer.from(JSON.stringify({ ...base, ...event, event_id: `e${n}` })), {
      arrival: ARRIVAL,
      replay: false,
      feed: null,
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const origin = { feed: parsed.feed, partition: 0, offset: n, index: 0 };
    return eventRow(toModel(parsed.event, { arrival: ARRIVAL, origin }, pseudonymiser));
  });
  for (const row of rows) expect(row.values).toHaveLength(row.table.columns.length);
  expect(rows.map(({ table }) => table.name)).toEqual([
    ...Array(2).fill('settlements'),
    ...Array(4).fill('surveillance'),
    'heartbeats',
    'trace_events',
    ...Array(5).fill('reference'),
  ]);
  expect(column(rows[0] as TableRow, 'person')).toBe(pseudonymiser.person('p'));
  expect(column(rows[0] as TableRow, 'fund_fen')).toBe(310);
  for (const row of rows.filter(({ table }) => table !== HEARTBEATS))
    expect(JSON.parse(column(row, 'detail') as string)).toMatchObject({ extra: { novel: { a: 1 } } });
  expect(JSON.parse(column(rows[6] as TableRow, 'detail') as string)).toEqual({
    eventId: 'e6',
    source: base.source,
    extra: { novel: { a: 1 } },
  });
  expect(JSON.parse(column(rows[8] as TableRow, 'detail') as string)).toMatchObject({
    name: '药店',
    category: 'pharmacy',
  });
});

describe('what was refused', () => {
  const refused = (text: string): RejectedRecord => ({
    origin: null,
    reason: 'invalid',
    issues: [],
    bytes: Buffer.from(text).toString('base64'),
    arrived_at: '2026-11-01T10:00:00+08:00',
  });

  test('is kept with personal fields hashed or masked, at any depth', () => {
    const clear = { setl_id: 'S1', psn_no: '32110019700101', a: [{ psn_name: '张三', certno: '321100197001011234' }] };
    const row = rejectedRow(refused(JSON.stringify(clear)), 7, pseudonymiser);
    expect(JSON.parse(column(row, 'event') as string)).toEqual({
      setl_id: 'S1',
      psn_no: pseudonymiser.person('32110019700101'),
      a: [{ psn_name: '张**', certno: pseudonymiser.person('321100197001011234') }],
    });
    expect(JSON.stringify(row.values)).not.toMatch(/32110019700101|张三/);
  });

  test.each(['{"psn_no": "32110019700101"', '[{"psn_no":"1"}]', '"张三"', '\u0000\u00ff', ''])(
    'and is no JSON object leaves its length and hash alone: %j',
    (text) => {
      const row = rejectedRow(refused(text), 7, pseudonymiser);
      expect(column(row, 'event')).toBe('');
      expect(column(row, 'size')).toBe(Buffer.byteLength(text));
      expect(column(row, 'sha256')).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});

test('marks, and values that are none, make no row; what cannot be read is an error', () => {
  const names = topicNames('yj');
  const lane = (text: string | null) =>
    rowsOf(
      { topic: names.lane('institution'), offset: 0, value: text === null ? null : Buffer.from(text) },
      names,
      pseudonymiser,
    );
  expect(lane(null)).toEqual([]);
  expect(lane('["m",[],[4,4,4,4]]')).toEqual([]);
  expect(() => lane('[99]')).toThrow(/tag must be/);
  expect(() => lane('{')).toThrow();
});
