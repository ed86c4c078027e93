// For tests of lane.institution: its records, minutes counted from a fixed start.
import { ColdPart, type LaneEvent, type Mark, type Trace } from '@yunjian/contracts';

export const SHOP = 'P32110000001';
const DRUG = 'XR05CBA198A001010100863';
const MINUTE = 60_000;
const START = Date.parse('2026-11-05T10:00:00+08:00');

let made = 0;
/** @param at event time, and unless told otherwise arrival, in minutes */
function base(at: number, arrival = at) {
  const n = made++;
  const origin = { feed: 'trace' as const, partition: 0, offset: n, index: 0 };
  const own = { institution: SHOP, document: `d${n}`, content: `c${n}` };
  return { arrival: START + arrival * MINUTE, origin, eventTime: START + at * MINUTE, ...own };
}
const cold = ColdPart.of({ eventId: 'e', source: 's' });
export const trace = (
  action: Trace['action'],
  at: number,
  packs: number,
  rest: Partial<Trace> = {},
  arrival = at,
): Trace => ({
  ...base(at, arrival),
  cold,
  kind: 'trace',
  action,
  item: DRUG,
  count: packs * 10_000,
  code: null,
  batch: 'B',
  settlementId: null,
  insured: null,
  split: false,
  prescriptionDrug: null,
  ...rest,
});
export const settlement = (
  settlementId: string,
  at: number,
  packs: number,
  codes = ['8'],
  split = false,
): LaneEvent => ({
  ...base(at),
  kind: 'settlement',
  settlementId,
  person: 'p',
  certificate: '03',
  medicalType: '41',
  total: packs * 5_000,
  fund: packs * 3_000,
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
    lines: [
      {
        line: '1',
        item: DRUG,
        name: null,
        count: packs * 10_000,
        unitPrice: 50,
        amount: packs * 5_000,
        prescriptionDrug: null,
        days: null,
        occurredAt: null,
        split,
        codes,
      },
    ],
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
export const reversal = (originalId: string, at: number, byMessage = false): LaneEvent => ({
  ...base(at),
  cold,
  kind: 'reversal',
  settlementId: `R${originalId}`,
  originalId: byMessage ? null : originalId,
  originalMessageId: byMessage ? `M${originalId}` : null,
  person: 'p',
  total: -1,
  fund: -1,
});
export const drug = (packSize: number, at: number): LaneEvent => ({
  ...base(at),
  cold: ColdPart.of({ eventId: 'e', source: 's', name: 'd' }),
  kind: 'drug',
  item: DRUG,
  prescriptionDrug: null,
  packSize,
  maxDays: null,
  prefixes: [],
});
/** Both feeds read up to there, minutes. */
export const mark = (at: number): Mark => ({
  kind: 'mark',
  entries: (['settlement', 'trace'] as const).map((feed) => ({
    feed,
    partition: 0,
    next: 0,
    arrival: START + at * MINUTE,
    lastEvent: null,
  })),
  partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
});
