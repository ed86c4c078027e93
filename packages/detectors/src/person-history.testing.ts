// Histories of one person for the fixtures of the rules about persons: documents in the order in which they are given.
import {
  ColdPart,
  type FeeLine,
  type LaneEvent,
  type PersonStatus,
  type Reversal,
  type Settlement,
} from '@yunjian/contracts';
import { type InstitutionFacts, type LedgerReference, type LedgerRule, ledgerReference } from '@yunjian/detection';

export const PERSON = 'p'.repeat(22);
export const [HOSPITAL, OTHER_HOSPITAL, SHOP, OTHER_SHOP] = [
  'H32110000001',
  'H32110000002',
  'P32110000001',
  'P32110000002',
];
export const DRUG = 'XR05CBA198A001010100863';

/** `yyyy-MM-dd HH:mm` of Asia/Shanghai, ms. */
export function at(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}:00+08:00`);
}

let made = 0;
function base(eventTime: number, institution: string) {
  const n = made++;
  return {
    arrival: eventTime + 1_000,
    origin: { feed: 'settlement' as const, partition: 0, offset: n, index: 0 },
    eventTime,
    institution,
    document: `d${n}`,
    content: `c${n}`,
  };
}

export function line(fields: Partial<FeeLine> = {}): FeeLine {
  return {
    line: '1',
    item: DRUG,
    name: '药品',
    count: 10_000,
    unitPrice: 10,
    amount: 1_000,
    prescriptionDrug: null,
    days: null,
    occurredAt: null,
    split: false,
    codes: [],
    ...fields,
  };
}

export function settled(
  id: string,
  when: string,
  fields: Partial<Omit<Settlement, 'cold' | 'kind'>> & { lines?: FeeLine[]; visit?: string } = {},
): Settlement {
  const { lines = [line()], visit = null, ...rest } = fields;
  return {
    ...base(at(when), rest.institution ?? SHOP),
    kind: 'settlement',
    settlementId: id,
    person: PERSON,
    certificate: '02',
    medicalType: '41',
    total: 2_000,
    fund: 1_500,
    terminal: 'D1',
    byAgent: false,
    messageId: null,
    prescription: null,
    begin: null,
    end: null,
    diagnosis: null,
    cold: ColdPart.of({ eventId: id, source: 's', lines, visit } as never),
    ...rest,
  };
}

/** A bill of a stay, sent at its discharge unless it is told otherwise. */
export function stay(
  id: string,
  begin: string,
  end: string,
  fields: Parameters<typeof settled>[2] & { billed?: string } = {},
): Settlement {
  const { billed = end, ...rest } = fields;
  return settled(id, billed, {
    institution: HOSPITAL,
    medicalType: '21',
    begin: at(begin),
    end: at(end),
    diagnosis: 'K80.200',
    terminal: null,
    ...rest,
  });
}

export function reversed(originalId: string, when: string, institution = SHOP): Reversal {
  return {
    ...base(at(when), institution),
    kind: 'reversal',
    settlementId: `R-${originalId}`,
    originalId,
    originalMessageId: null,
    person: PERSON,
    total: -2_000,
    fund: -1_500,
    cold: ColdPart.of({ eventId: 'r', source: 's' }),
  };
}

export function status(word: PersonStatus['status'], effective: string, told: string): PersonStatus {
  return {
    ...base(at(told), '321100'),
    kind: 'personStatus',
    person: PERSON,
    status: word,
    effectiveAt: at(effective),
    cold: ColdPart.of({ eventId: 'e', source: 'civil-affairs' }),
  };
}

/** Anchored settlements, or months, of what is claimed, as texts in order. */
export function claimed(
  rule: LedgerRule,
  documents: readonly LaneEvent[],
  reference: Partial<LedgerReference> = {},
  params: Record<string, unknown> = {},
): string[] {
  return claimsOf(rule, documents, reference, params)
    .map(({ anchor }) => (anchor as string).split('|').at(-1) as string)
    .sort();
}

export function claimsOf(
  rule: LedgerRule,
  documents: readonly LaneEvent[],
  reference: Partial<LedgerReference> = {},
  params: Record<string, unknown> = {},
) {
  return rule.claims(documents, ledgerReference(reference), rule.params.parse(params));
}

/** Institutions at these coordinates: [longitude, latitude]. */
export function placed(places: Record<string, [number, number]>): Pick<LedgerReference, 'institution'> {
  return {
    institution: (code): InstitutionFacts | null => {
      const place = places[code];
      if (place === undefined) return null;
      return { category: 'pharmacy', level: null, grid: [], longitude: place[0], latitude: place[1] };
    },
  };
}
