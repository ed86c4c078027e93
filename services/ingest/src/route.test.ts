// Which lanes an event enters, under which keys, with which origins.
import { createPseudonymiser, decodeLane, FEED_OF, type LaneEvent, type RawEventType } from '@yunjian/contracts';
import { partitionFor } from '@yunjian/kafka';
import { describe, expect, it } from 'vitest';
import { type LaneOutput, type Routed, route, routeSafely } from './route.ts';

const PARTITIONS = 4;
const pseudonymiser = createPseudonymiser('test key');
const options = { pseudonymiser, lanePartitions: PARTITIONS, replay: false };
const ARRIVAL = Date.UTC(2026, 10, 23, 2);
const ENVELOPE = { event_id: 'e1', event_time: '2026-11-23 10:00:00', source: 's', fixmedins_code: 'P32110000001' };
const SETTLEMENT = {
  setl_id: 'S1',
  psn_no: 'clear',
  mdtrt_cert_type: '02',
  med_type: '41',
  medfee_sumamt: 10,
  fund_pay_sumamt: 10,
};
const CODES = ['81234567890123456789', 'own-code-2'];

function routed(type: RawEventType, fields: object): LaneOutput[] {
  const value = Buffer.from(JSON.stringify({ ...ENVELOPE, event_type: type, ...fields }));
  const result: Routed = route({ feed: FEED_OF[type], partition: 3, offset: 7, arrival: ARRIVAL, value }, options);
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.outputs;
}

const placed = (outputs: LaneOutput[]) =>
  outputs.map(({ lane, key, value }) => `${lane} ${decodeLane(value).kind} ${key}`);
const line = (sn: string, codes: string[], more: object = {}) => ({
  feedetl_sn: sn,
  med_list_codg: 'X1',
  cnt: 1,
  pric: 1,
  det_item_fee_sumamt: 1,
  drug_trac_info: codes.map((drug_trac_codg) => ({ drug_trac_codg })),
  ...more,
});
const everywhere = (text: string) => Array.from({ length: PARTITIONS }, () => text);

describe('route', () => {
  const person = pseudonymiser.person('clear');

  it('a settlement: institution, person, each code once, and its settlement and message with all codes', () => {
    const feedetl = [line('1', [CODES[0]!, CODES[1]!]), line('2', [CODES[0]!], { trdn_flag: 1, cnt: '0.5' })];
    const outputs = routed('settlement', { ...SETTLEMENT, msgid: 'M1', feedetl });
    expect(placed(outputs)).toEqual([
      'institution settlement P32110000001',
      `person settlement ${person}`,
      `code codeSale ${CODES[0]}`,
      `code codeSale ${CODES[1]}`,
      'code codeSettlement P32110000001|s|S1',
      'code codeSettlement P32110000001|m|M1',
    ]);
    const events = outputs.map(({ value }) => decodeLane(value) as LaneEvent);
    expect(events[2]).toMatchObject({
      code: CODES[0],
      settlementId: 'S1',
      messageId: 'M1',
      lines: [
        { line: '1', count: 10_000, split: false },
        { line: '2', count: 5_000, split: true },
      ],
    });
    expect(events[4]).toMatchObject({ by: 'settlement', ref: 'S1', codes: CODES });
    expect(events[5]).toMatchObject({ by: 'message', ref: 'M1', codes: CODES });
  });

  it('a settlement without codes stands under its own key and its message, for what was uploaded apart and for contradictions', () => {
    const lanes = [
      'institution settlement P32110000001',
      `person settlement ${person}`,
      'code codeSettlement P32110000001|s|S1',
    ];
    const without = { ...SETTLEMENT, feedetl: [line('1', [])] };
    expect(placed(routed('settlement', without))).toEqual(lanes);
    expect(placed(routed('settlement', { ...without, msgid: 'M1' }))).toEqual([
      ...lanes,
      'code codeSettlement P32110000001|m|M1',
    ]);
  });

  it('a sale uploaded for a settlement stands under that settlement too', () => {
    const sale = { action: 'sale', med_list_codg: 'X1', cnt: 1, drug_trac_codg: CODES[0], setl_id: 'S1' };
    expect(placed(routed('trace', sale))).toEqual([
      'institution trace P32110000001',
      `code trace ${CODES[0]}`,
      'code codeSettlement P32110000001|s|S1',
    ]);
  });

  it('a reversal meets what it names: the settlement rather than the message', () => {
    const reversal = { setl_id: 'S2', psn_no: 'clear', medfee_sumamt: -10, fund_pay_sumamt: -10 };
    const last = (fields: object) => placed(routed('settlement_reversal', { ...reversal, ...fields })).at(-1);
    expect(last({ orig_setl_id: 'S1', omsgid: 'M1' })).toBe('code codeReversal P32110000001|s|S1');
    expect(last({ omsgid: 'M1' })).toBe('code codeReversal P32110000001|m|M1');
  });

  it.each<[RawEventType, object, string[]]>([
    ['heartbeat', { device_id: '34020000001320000001' }, ['institution heartbeat P32110000001']],
    ['trace', { action: 'sale', med_list_codg: 'X1', cnt: 1 }, ['institution trace P32110000001']],
    [
      'trace',
      { action: 'sale', med_list_codg: 'X1', cnt: 1, drug_trac_codg: CODES[0] },
      ['institution trace P32110000001', `code trace ${CODES[0]}`],
    ],
    ['budget', { year: 2026, quarter: 4, amount: 1 }, ['institution budget P32110000001']],
    [
      'justification',
      { year: 2026, quarter: 4, reason: 'r', approved_by: 'a' },
      ['institution justification P32110000001'],
    ],
    [
      'institution',
      { name: 'n', kind: 'pharmacy' },
      [
        'institution institution P32110000001',
        ...everywhere('person institution P32110000001'),
        ...everywhere('code institution P32110000001'),
      ],
    ],
    [
      'person_status',
      { fixmedins_code: '321100', psn_no: 'clear', status: 'deceased', effective_at: '2026-11-01' },
      [...everywhere('institution personStatus 321100'), `person personStatus ${person}`],
    ],
    [
      'drug',
      { fixmedins_code: '321100', med_list_codg: 'X1', name: 'n' },
      [
        ...everywhere('institution drug 321100'),
        ...everywhere('person drug 321100'),
        ...everywhere('code drug 321100'),
      ],
    ],
  ])('%s %j', (type, fields, expected) => {
    expect(placed(routed(type, fields))).toEqual(expected);
  });

  it('origins ascend from 0, partitions follow the key or are all of them, arrival is the broker’s', () => {
    for (const outputs of [
      routed('settlement', { ...SETTLEMENT, msgid: 'M1', feedetl: [line('1', CODES)] }),
      routed('institution', { name: 'n', kind: 'pharmacy' }),
    ]) {
      outputs.forEach(({ lane, partition, key, value }, index) => {
        const event = decodeLane(value) as LaneEvent;
        expect(event.origin).toEqual({ feed: event.origin.feed, partition: 3, offset: 7, index });
        expect(event.arrival).toBe(ARRIVAL);
        const others = outputs.filter((other) => other.lane === lane && other.key === key);
        if (others.length === 1) expect(partition).toBe(partitionFor(key, PARTITIONS));
        else expect(others.map((other) => other.partition)).toEqual([0, 1, 2, 3]);
      });
    }
  });

  it('the same record gives the same bytes', () => {
    const fields = { ...SETTLEMENT, feedetl: [line('1', CODES)], unknown: { b: 1, a: 2 } };
    expect(routed('settlement', fields)).toEqual(routed('settlement', fields));
  });

  it('judges time by the arrival, not by a clock', () => {
    const value = Buffer.from(
      JSON.stringify({ ...ENVELOPE, event_type: 'heartbeat', device_id: '34020000001320000001' }),
    );
    const arrived = (arrival: number) =>
      route({ feed: 'surveillance', partition: 0, offset: 0, arrival, value }, options);
    expect(arrived(ARRIVAL - 300_000).ok).toBe(true);
    expect(arrived(ARRIVAL - 300_001)).toMatchObject({ ok: false, reason: 'future' });
  });

  it('sets a record aside that meets a defect of ours', () => {
    const broken = {
      ...pseudonymiser,
      person: () => {
        throw new RangeError('a defect');
      },
    };
    const value = Buffer.from(JSON.stringify({ ...ENVELOPE, event_type: 'settlement', ...SETTLEMENT }));
    const record = { feed: 'settlement' as const, partition: 0, offset: 0, arrival: ARRIVAL, value };
    expect(() => route(record, { ...options, pseudonymiser: broken })).toThrow('a defect');
    const result = routeSafely(record, { ...options, pseudonymiser: broken });
    expect(result).toMatchObject({ ok: false, reason: 'poison', issues: [{ path: '' }] });
    expect(JSON.stringify(result)).toMatch(/RangeError: a defect.*route/);
    expect(routeSafely(record, options)).toEqual(route(record, options));
  });

  it('refuses a tick that is no tick of ours', () => {
    const record = { feed: 'trace' as const, partition: 0, offset: 0, arrival: ARRIVAL };
    expect(route({ ...record, value: Buffer.from('{"event_type":"tick"}') }, options)).toMatchObject({
      reason: 'invalid',
    });
    expect(route({ ...record, value: null }, options)).toMatchObject({ reason: 'not_json' });
  });
});
