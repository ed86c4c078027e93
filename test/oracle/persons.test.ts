// The rules about persons through the ledger: whatever the order of arrival, the batch borders and restarts, what stands at the end is what
// a reading of the whole life says that looks at every pair of documents.
import {
  ColdPart,
  decodeLane,
  encodeLane,
  type Finding,
  type Institution,
  type LaneEvent,
  type Settlement,
} from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import { LedgerPartition, MemoryHistory } from '@yunjian/service-ledger';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPerson } from './person.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = Date.parse('2026-05-01T08:00:00+08:00');
const PERSON = 'p'.repeat(22);
const PLACES = ['H32110000001', 'H32110000002', 'P32110000001'];
const RULES: readonly LedgerRule[] = (ledgerRules as readonly LedgerRule[]).filter(({ lane }) => lane === 'person');

const KM_OF_A_DEGREE = (6371 * Math.PI) / 180;
/** Where the places lie on one meridian, km. */
const KILOMETRE = [0, 100, 300];
const distance = (a: string, b: string) =>
  Math.abs((KILOMETRE[PLACES.indexOf(a)] as number) - (KILOMETRE[PLACES.indexOf(b)] as number));
const HOMES = PLACES.map(
  (institution, n): Institution => ({
    arrival: START,
    origin: { feed: 'reference', partition: 0, offset: n, index: 0 },
    eventTime: START - DAY,
    institution,
    document: `home-${n}`,
    content: 'contentxxxx',
    kind: 'institution',
    category: 'hospital',
    level: null,
    grid: [],
    longitude: 119.4,
    latitude: 30 + (KILOMETRE[n] as number) / KM_OF_A_DEGREE,
    counters: [],
    cold: ColdPart.of({ eventId: `home-${n}`, source: 's', name: institution, admdvs: null, openHours: null }),
  }),
);

/** What happens to a person: hours from the start; a visit or a stay, perhaps reversed later, or word of a death. */
const visit = fc.record({
  type: fc.constant('visit' as const),
  hour: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 100, max: 101 })),
  place: fc.nat(PLACES.length - 1),
  days: fc.constantFrom(null, 3, 7, 8, 20),
  agent: fc.boolean(),
  reversedAfter: fc.constantFrom(null, null, null, 0, 1, 30),
});
const stay = fc.record({
  type: fc.constant('stay' as const),
  hour: fc.integer({ min: 0, max: 400 }),
  place: fc.nat(1),
  nights: fc.integer({ min: 0, max: 9 }),
  diagnosis: fc.constantFrom('K80.200', 'K80.200', 'Z51.100', null),
  reversedAfter: fc.constantFrom(null, null, null, 0, 30),
});
const death = fc.record({
  type: fc.constant('death' as const),
  hour: fc.integer({ min: 0, max: 500 }),
  told: fc.integer({ min: 0, max: 3 }),
  alive: fc.boolean(),
});
type Happened = { type: 'visit' | 'stay' | 'death'; hour: number };
const life = fc.array(fc.oneof({ weight: 6, arbitrary: visit }, { weight: 3, arbitrary: stay }, death), {
  minLength: 2,
  maxLength: 14,
});

function documentsOf(happened: readonly unknown[]): LaneEvent[] {
  return (happened as Happened[]).flatMap((each, n): LaneEvent[] => {
    const { type, hour } = each as Happened;
    const eventTime = START + hour * HOUR;
    const base = (index: number, when: number, institution: string) => ({
      arrival: when + 1_000,
      origin: { feed: 'settlement' as const, partition: 0, offset: n * 2 + index, index: 0 },
      eventTime: when,
      institution,
      document: `document-${String(n * 2 + index).padStart(13, '0')}`,
      content: 'contentxxxx',
    });
    if (type === 'death') {
      const { told, alive } = each as unknown as { told: number; alive: boolean };
      return [
        {
          ...base(0, START + told * 100 * HOUR + n, '321100'),
          kind: 'personStatus',
          person: PERSON,
          status: alive ? 'active' : 'deceased',
          effectiveAt: eventTime,
          cold: ColdPart.of({ eventId: `e${n}`, source: 'civil' }),
        },
      ];
    }
    const { place, reversedAfter, days, agent, nights, diagnosis } = each as unknown as {
      place: number;
      reversedAfter: number | null;
      days?: number | null;
      agent?: boolean;
      nights?: number;
      diagnosis?: string | null;
    };
    const institution = PLACES[place] as string;
    const inBed = type === 'stay';
    const when = inBed ? eventTime + (nights as number) * DAY : eventTime;
    const settlement: Settlement = {
      ...base(0, when, institution),
      kind: 'settlement',
      settlementId: `S${n}`,
      person: PERSON,
      certificate: '02',
      medicalType: inBed ? '21' : '11',
      total: 1_000,
      fund: 900,
      terminal: 'D1',
      byAgent: agent ?? false,
      messageId: null,
      prescription: null,
      begin: inBed ? eventTime : null,
      end: inBed ? when : null,
      diagnosis: diagnosis ?? null,
      cold: ColdPart.of({
        eventId: `e${n}`,
        source: 's',
        lines: [
          {
            line: '1',
            item: 'DRUG',
            name: null,
            count: 10_000,
            unitPrice: 10,
            amount: 1_000,
            prescriptionDrug: null,
            days: days ?? null,
            occurredAt: inBed ? when : null,
            split: false,
            codes: [],
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
    };
    if (reversedAfter === null) return [settlement];
    return [
      settlement,
      {
        ...base(1, when + reversedAfter * HOUR, institution),
        kind: 'reversal',
        settlementId: `R${n}`,
        originalId: `S${n}`,
        originalMessageId: null,
        person: PERSON,
        total: -1_000,
        fund: -900,
        cold: ColdPart.of({ eventId: `r${n}`, source: 's' }),
      },
    ];
  });
}

async function standing(
  documents: readonly LaneEvent[],
  borders: readonly number[],
  restarts: boolean,
): Promise<string[]> {
  const lane = [...HOMES, ...documents];
  const history = new MemoryHistory();
  const open = () => new LedgerPartition({ lane: 'person', partition: 0, history, rules: RULES });
  let partition = open();
  const findings: Finding[] = [];
  for (let from = 0, n = 0; from < lane.length; n++) {
    const to = Math.min(lane.length, from + (borders[n % borders.length] as number));
    if (restarts) {
      partition = open();
      await partition.open((value) => decodeLane(value) as LaneEvent);
    }
    const inputs = lane.slice(from, to).map((event, i) => {
      const value = encodeLane(event);
      return { position: from + i, event: decodeLane(value), value };
    });
    const output = await partition.process(inputs);
    for (const { error } of output.poisoned) throw error;
    findings.push(...output.findings);
    from = to;
  }
  const last = new Map(findings.map((finding) => [finding.alert_id, finding]));
  return [...last.values()]
    .filter(({ action }) => action === 'raise')
    .map(({ detector, facts }) => `${detector} ${facts.settlement}`)
    .sort();
}

const READ = [
  'settled-after-death',
  'duplicate-charge',
  'visit-during-stay',
  'overlapping-stay',
  'readmission',
  'impossible-travel',
  'excess-supply',
  'frequent-purchase',
];
const borders = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });

describe('rules about persons', () => {
  test('what stands at the end is what a reading of every pair says', async () => {
    const stood = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(life, borders, async (happened, sizes) => {
        const documents = documentsOf(happened);
        const claims = await standing(documents, sizes, false);
        for (const claim of claims) {
          const [rule = ''] = claim.split(' ');
          stood.set(rule, (stood.get(rule) ?? 0) + 1);
        }
        const read = claims.filter((claim) => READ.includes(claim.split(' ')[0] as string));
        expect([...new Set(read)]).toEqual(readPerson(documents, distance));
      }),
      { numRuns: 300 },
    );
    for (const rule of READ) expect(stood.get(rule), rule).toBeGreaterThan(5);
  });

  test('neither the order of arrival nor batch borders nor restarts change it', async () => {
    await fc.assert(
      fc.asyncProperty(
        life.chain((happened) => {
          const documents = documentsOf(happened);
          return fc.tuple(
            fc.constant(documents),
            fc.shuffledSubarray(documents, { minLength: documents.length, maxLength: documents.length }),
          );
        }),
        borders,
        borders,
        async ([documents, shuffled], sizes, others) => {
          expect(await standing(shuffled, others, true)).toEqual(await standing(documents, sizes, false));
        },
      ),
      { numRuns: 200 },
    );
  });
});
