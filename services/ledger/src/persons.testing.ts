// For tests of lane.person: what is settled for one person at institutions that are registered, hours counted from a fixed start.
import { ColdPart, type Drug, type Institution, type LaneRecord, type Settlement } from '@yunjian/contracts';

export const [SHOP, HOSPITAL] = ['P32110000001', 'H32110000001'];
export const DRUG = 'XR05CBA198A001010100863';
const HOUR = 3_600_000;
const START = Date.parse('2026-11-02T08:00:00+08:00');

let made = 0;
/** @param at event time and arrival, h */
function base(institution: string, at: number) {
  const n = made++;
  const origin = { feed: 'settlement' as const, partition: 0, offset: n, index: 0 };
  const [arrival, eventTime] = [START + at * HOUR, START + at * HOUR];
  return { arrival, eventTime, origin, institution, document: `d${n}`, content: `c${n}` };
}

/** @param days for which the drug was handed out */
export function settled(id: string, at: number, institution: string, days: number | null, person = 'p'): Settlement {
  const line = { line: '1', item: DRUG, name: null, count: 10_000, unitPrice: 10, amount: 1_000, days, codes: [] };
  return {
    ...base(institution, at),
    kind: 'settlement',
    settlementId: id,
    person,
    certificate: '02',
    medicalType: '41',
    total: 1_000,
    fund: 700,
    terminal: 'D1',
    byAgent: false,
    messageId: null,
    prescription: null,
    begin: null,
    end: null,
    diagnosis: null,
    cold: ColdPart.of({
      eventId: id,
      source: 's',
      lines: [{ ...line, prescriptionDrug: null, occurredAt: null, split: false }],
      operator: null,
      insurance: null,
      accountPaid: null,
      cashPaid: null,
      visit: null,
      area: null,
      insuredArea: null,
      pharmacist: null,
    }),
  };
}

export function registered(
  institution: string,
  at: number,
  fields: Partial<Pick<Institution, 'category' | 'level' | 'grid' | 'longitude' | 'latitude'>> = {},
): Institution {
  return {
    ...base(institution, at),
    kind: 'institution',
    category: institution.startsWith('P') ? 'pharmacy' : 'hospital',
    level: null,
    grid: [],
    longitude: null,
    latitude: null,
    counters: [],
    cold: ColdPart.of({ eventId: 'i', source: 's', name: institution, admdvs: null, openHours: null }),
    ...fields,
  };
}

/** @param maxDays the drug's own limit */
export function drug(at: number, maxDays: number | null, fields: Partial<Drug> = {}): Drug {
  const cold = ColdPart.of({ eventId: 'd', source: 's', name: 'd' });
  const facts = { item: DRUG, prescriptionDrug: null, packSize: null, maxDays, prefixes: [] };
  return { ...base('321100', at), kind: 'drug', cold, ...facts, ...fields };
}

export function rules(detectors: Record<string, unknown>): LaneRecord {
  return { kind: 'ruleChange', ruleVersion: 'v', rules: { detectors } };
}
