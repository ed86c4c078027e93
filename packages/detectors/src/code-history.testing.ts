// For tests of code rules: documents of a code's history, days counted from a fixed start.
import { type CodeReversed, type CodeSale, ColdPart, type LaneEvent, type Trace } from '@yunjian/contracts';

export const CODE = '81234567890123456789';
export const DRUG = 'XR05CBA198A001010100863';
export const OTHER = 'XN02BEA001A001010100001';
const DAY = 86_400_000;
export const START = Date.parse('2026-11-01T10:00:00+08:00');
export const [A, B] = ['P32110000001', 'P32110000002'] as const;

let made = 0;
function base(institution: string, day: number) {
  const n = made++;
  return {
    arrival: START + day * DAY,
    origin: { feed: 'trace' as const, partition: 0, offset: n, index: 0 },
    eventTime: START + day * DAY,
    institution,
    document: `d${n}`,
    content: `c${n}`,
    cold: ColdPart.of({ eventId: `e${n}`, source: 's' }),
  };
}

export const billed = (
  institution: string,
  settlementId: string,
  day: number,
  lines: Partial<CodeSale['lines'][0]>[] = [{}],
) =>
  ({
    ...base(institution, day),
    kind: 'codeSale',
    code: CODE,
    settlementId,
    messageId: null,
    lines: lines.map((line, i) => ({ line: String(i), item: DRUG, count: 10_000, split: false, ...line })),
  }) satisfies CodeSale;

export const uploaded = (action: Trace['action'], institution: string, day: number, rest: Partial<Trace> = {}) =>
  ({
    ...base(institution, day),
    kind: 'trace',
    action,
    item: DRUG,
    count: 10_000,
    code: CODE,
    batch: 'B1',
    settlementId: null,
    insured: null,
    split: false,
    prescriptionDrug: null,
    ...rest,
  }) satisfies Trace;

export const reversed = (institution: string, settlementId: string, day: number, reversalId = `r-${settlementId}`) =>
  ({
    ...base(institution, day),
    kind: 'codeReversed',
    code: CODE,
    settlementId,
    reversalId,
    voided: null,
  }) satisfies CodeReversed;

/** The same documents in every order in which they can be told apart by a rule: as they are, backwards, and rotated by one. */
export function orders(documents: readonly LaneEvent[]): LaneEvent[][] {
  return [[...documents], documents.toReversed(), [...documents.slice(1), ...documents.slice(0, 1)]];
}
