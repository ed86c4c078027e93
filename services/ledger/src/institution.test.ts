// lane.institution in the ledger: settlements without codes, stock declared later, reversals by settlement and by message.
import {
  ColdPart,
  decodeLane,
  encodeLane,
  type LaneEvent,
  type Reversal,
  type Settlement,
  type Trace,
} from '@yunjian/contracts';
import { ledgerRules } from '@yunjian/detectors';
import { describe, expect, test } from 'vitest';
import { MemoryHistory } from './history.ts';
import { LedgerPartition } from './judge.ts';

const SHOP = 'P32110000001';
const AT = Date.parse('2026-11-01T10:00:00+08:00');
const DRUG = 'XR05CBA198A001010100863';

let made = 0;
function base(eventTime: number) {
  const n = made++;
  const origin = { feed: 'settlement' as const, partition: 0, offset: n, index: 0 };
  return { arrival: AT + n, origin, eventTime, institution: SHOP, document: `d${n}`, content: `c${n}` };
}
const line = (codes: string[]) => ({
  line: '1',
  item: DRUG,
  name: null,
  count: 10_000,
  unitPrice: 1,
  amount: 100,
  prescriptionDrug: null,
  days: null,
  occurredAt: null,
  split: false,
  codes,
});
const settlement = (settlementId: string, codes: string[] = [], at = AT): Settlement => ({
  ...base(at),
  kind: 'settlement',
  settlementId,
  person: 'p',
  certificate: '03',
  medicalType: '41',
  total: 100,
  fund: 70,
  terminal: null,
  byAgent: false,
  messageId: `M${settlementId}`,
  prescription: null,
  begin: null,
  end: null,
  diagnosis: null,
  cold: ColdPart.of({
    eventId: 'e',
    source: 's',
    lines: [line(codes)],
    operator: null,
    insurance: null,
    accountPaid: null,
    cashPaid: null,
    visit: null,
    area: null,
    insuredArea: null,
    pharmacist: null,
  }),
});
const reversal = (of: { originalId: string } | { originalMessageId: string }, at = AT): Reversal => ({
  ...base(at),
  cold: ColdPart.of({ eventId: 'e', source: 's' }),
  kind: 'reversal',
  settlementId: 'R1',
  originalId: null,
  originalMessageId: null,
  person: 'p',
  total: -100,
  fund: -70,
  ...of,
});
const stocktake = (at: number, code: string | null = null): Trace => ({
  ...base(at),
  cold: ColdPart.of({ eventId: 'e', source: 's' }),
  kind: 'trace',
  action: 'stocktake',
  item: DRUG,
  count: 50_000,
  code,
  batch: 'B',
  settlementId: null,
  insured: null,
  split: false,
  prescriptionDrug: null,
});

const rules = ledgerRules.filter(({ id }) => id === 'trace-missing');

async function judged(lane: readonly LaneEvent[], size: number, history = new MemoryHistory(), from = 0) {
  const partition = new LedgerPartition({ lane: 'institution', partition: 0, history, rules });
  await partition.open((value) => decodeLane(value) as LaneEvent);
  const found: string[] = [];
  for (let n = from; n < lane.length; n += size) {
    const inputs = lane.slice(n, n + size).map((event, i) => ({ position: n + i, event, value: encodeLane(event) }));
    const { findings, poisoned } = await partition.process(inputs);
    expect(poisoned).toEqual([]);
    found.push(...findings.map(({ action, subject, cause }) => `${action} ${subject.ref} ${cause.offset}`));
  }
  return found;
}

const LANES: [string, LaneEvent[], string[]][] = [
  ['a settlement without a code', [settlement('S1'), settlement('S2', ['8'])], ['raise S1 0']],
  ['reversed as it was made', [settlement('S1'), reversal({ originalId: 'S1' })], ['raise S1 0', 'withdraw S1 1']],
  ['its reversal before it', [reversal({ originalId: 'S1' }), settlement('S1')], []],
  [
    'reversed by message',
    [settlement('S1'), settlement('S2'), reversal({ originalMessageId: 'MS1' })],
    ['raise S1 0', 'raise S2 1', 'withdraw S1 2'],
  ],
  ['its reversal by message before it', [reversal({ originalMessageId: 'MS1' }), settlement('S1')], []],
  [
    'reversed later: the alert stands and says so',
    [settlement('S1'), reversal({ originalMessageId: 'MS1' }, AT + 1)],
    ['raise S1 0', 'raise S1 1'],
  ],
  ['stock declared before it', [stocktake(AT), settlement('S1')], []],
  ['stock declared later under an earlier date', [settlement('S1'), stocktake(AT)], ['raise S1 0', 'withdraw S1 1']],
  [
    'stock declared, then under a still earlier date',
    [settlement('S1'), stocktake(AT + 1), settlement('S2', [], AT + 2), stocktake(AT)],
    ['raise S1 0', 'withdraw S1 3'],
  ],
  ['a stocktake of boxes with codes declares nothing', [stocktake(AT, '8'), settlement('S1')], ['raise S1 1']],
];

describe('trace-missing on lane.institution', () => {
  test.each(LANES)('%s', async (_, lane, expected) => {
    expect(await judged(lane, lane.length)).toEqual(expected);
    expect(await judged(lane, 1)).toEqual(expected);
  });

  test.each(LANES)('after a restart: %s', async (_, lane, expected) => {
    const history = new MemoryHistory();
    await judged(lane, 2, history);
    for (let from = 0; from < lane.length; from++)
      expect(await judged(lane, 2, history, from)).toEqual(
        expected.filter((each) => Number(each.split(' ')[2]) >= from),
      );
  });
});
