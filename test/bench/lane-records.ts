// Lane records of the shape and size that a city sends, numbered.
import { type CodeSale, ColdPart, digest, encodeLane, type Settlement, type Trace } from '@yunjian/contracts';

export const START = Date.parse('2026-11-01T08:00:00+08:00');
const INSTITUTIONS = 567;

export function base(n: number) {
  return {
    arrival: START + n,
    origin: { feed: 'settlement' as const, partition: n % 4, offset: n, index: 0 },
    eventTime: START + n,
    institution: `P3211${String(n % INSTITUTIONS).padStart(7, '0')}`,
    document: digest(`document ${n}`),
    content: digest(`content ${n}`, 11),
  };
}

/** @param code of the box, @param n which sale */
export function codeSale(code: string, n: number): Buffer {
  const sale: CodeSale = {
    ...base(n),
    kind: 'codeSale',
    code,
    settlementId: `S${n}`,
    messageId: null,
    lines: [{ line: '1', item: 'XR05CBA198A001010100863', count: 10_000, split: false }],
    cold: ColdPart.of({ eventId: `event-${n}`, source: 'pos' }),
  };
  return encodeLane(sale);
}

/** A settlement of three fee lines with a code each. */
export function settlement(n: number): Buffer {
  const line = (i: number) => ({
    line: `${n}-${i}`,
    item: 'XR05CBA198A001010100863',
    name: '盐酸氨溴索口服溶液',
    count: 10_000,
    unitPrice: 23.5,
    amount: 2_350,
    prescriptionDrug: false,
    days: 3,
    occurredAt: START + n,
    split: false,
    codes: [`8${String(n * 3 + i).padStart(19, '0')}`],
  });
  const event: Settlement = {
    ...base(n),
    kind: 'settlement',
    settlementId: `S${n}`,
    person: digest(`person ${n % 300_000}`),
    certificate: '02',
    medicalType: '41',
    total: 7_050,
    fund: 5_000,
    terminal: `${n % 3}`,
    byAgent: false,
    messageId: `M${n}`,
    prescription: null,
    begin: null,
    end: null,
    diagnosis: null,
    cold: ColdPart.of({
      eventId: `event-${n}`,
      source: 'pos',
      lines: [line(0), line(1), line(2)],
      operator: 'O1',
      insurance: '310',
      accountPaid: 2_050,
      cashPaid: 0,
      visit: `V${n}`,
      area: '321100',
      insuredArea: '321100',
      pharmacist: null,
    }),
  };
  return encodeLane(event);
}

/** What a ledger reads of lane.institution: settlements, every third record a delivery of the drug, marks a thousand records apart. */
export function stockRecord(n: number): Buffer {
  if (n % 1_000 < 4) return mark(n);
  if (n % 3 !== 0) return settlement(n);
  const purchase: Trace = {
    ...base(n),
    kind: 'trace',
    action: 'purchase',
    item: 'XR05CBA198A001010100863',
    count: 60_000,
    code: null,
    batch: `B${n}`,
    settlementId: null,
    insured: null,
    split: false,
    prescriptionDrug: null,
    cold: ColdPart.of({ eventId: `event-${n}`, source: 'stock' }),
  };
  return encodeLane(purchase);
}

/** The feeds have been read up to where that record is. */
export function mark(n: number): Buffer {
  const arrival = START + n;
  const entries = (['settlement', 'trace'] as const).map((feed) => {
    return { feed, partition: 0, next: 0, arrival, lastEvent: null };
  });
  return encodeLane({ kind: 'mark', entries, partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 } });
}
