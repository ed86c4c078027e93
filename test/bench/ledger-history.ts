// What a ledger holds before a benchmark begins, made by the engine itself from one record each.
import type { ClickHouse } from '@yunjian/clickhouse';
import { ColdPart, digest, encodeLane, type Settlement } from '@yunjian/contracts';
import { base, codeSale, START } from './lane-records.ts';

export type FillHistory = (clickhouse: ClickHouse, of: { rows: number; partitions: number }) => Promise<void>;

/** Rows of one insert: a part of the table each. */
const PORTION = 1_000_000;
/** A person's history lies at positions below these; until there a lane holds marks. */
export const FIRST_POSITION = 200;
const DAY_MS = 86_400_000;
/** A visit every four days is below what any rule calls frequent. */
const BETWEEN_VISITS_MS = 4 * DAY_MS;
const DRUGS = 40;

/** Sales of other boxes, spread over all codes. */
export const fillCodes: FillHistory = async (clickhouse, { rows, partitions }) => {
  const template = codeSale(0, 0).toString('utf8');
  const code = `8${'0'.repeat(19)}`;
  for (let from = 0; from < rows; from += PORTION)
    await clickhouse.command(
      `INSERT INTO ledger_code (subject, partition, position, items, arrival, record)
       SELECT concat('8', leftPad(toString(cityHash64(number) % 9000000000000000000 + 1000000000000000000), 19, '0')) AS box,
         number % {partitions: UInt16}, number, [], fromUnixTimestamp64Milli(toInt64(1700000000000 + number)),
         replaceAll({template: String}, {code: String}, box)
       FROM numbers({from: UInt64}, {count: UInt64})`,
      { partitions, template, code, from, count: Math.min(PORTION, rows - from) },
    );
};

/** As many settlements of each person at distinct positions, one every four days until the lane begins. */
export const fillPersons =
  (persons: number): FillHistory =>
  async (clickhouse, { rows, partitions }) => {
    const each = Math.min(Math.floor(rows / persons), FIRST_POSITION);
    const template = visit('PERSON', { at: 1111111111111, id: 'SETTLEMENT', institution: 'INSTITUTION', drug: 'DRUG' });
    const portion = Math.max(1, Math.floor(PORTION / each));
    for (let from = 0; from < persons; from += portion)
      await clickhouse.command(
        `INSERT INTO ledger_person (subject, partition, position, arrival, record)
         SELECT concat('person-', leftPad(toString(p), 15, '0')) AS subject, p % {partitions: UInt16}, i AS position,
           fromUnixTimestamp64Milli(toInt64({start: Int64} - ({each: UInt32} - i) * {between: Int64})) AS arrival,
           replaceAll(replaceAll(replaceAll(replaceAll(replaceAll({template: String}, 'PERSON', subject),
             '1111111111111', toString(toUnixTimestamp64Milli(arrival))), 'SETTLEMENT', concat(toString(p), '-', toString(i))),
             'INSTITUTION', concat('P3211', leftPad(toString(cityHash64(p, i % 3) % 567), 7, '0'))),
             'DRUG', concat('X', toString(cityHash64(p, i) % {drugs: UInt32})))
         FROM (SELECT intDiv(number, {each: UInt32}) + {from: UInt64} AS p, number % {each: UInt32} AS i
               FROM numbers({count: UInt64}))`,
        {
          partitions,
          start: START,
          each,
          between: BETWEEN_VISITS_MS,
          template: template.toString('utf8'),
          drugs: DRUGS,
          from,
          count: Math.min(portion, persons - from) * each,
        },
      );
  };

/** The visit behind the history of that person; the n-th of the benchmark. */
export function personSettlement(person: number, n: number): Buffer {
  const { institution } = base(n);
  const name = `person-${String(person).padStart(15, '0')}`;
  return visit(name, { at: START + n, id: `S${n}`, institution, drug: `X${n % DRUGS}` });
}

function visit(person: string, of: { at: number; id: string; institution: string; drug: string }): Buffer {
  const { at, id, institution, drug } = of;
  const line = (i: number) => ({
    line: `${id}-${i}`,
    item: `${drug}${i}`,
    name: '盐酸氨溴索口服溶液',
    count: 10_000,
    unitPrice: 23.5,
    amount: 2_350,
    prescriptionDrug: false,
    days: 3,
    occurredAt: at,
    split: false,
    codes: [],
  });
  const event: Settlement = {
    kind: 'settlement',
    arrival: at,
    origin: { feed: 'settlement', partition: 0, offset: at, index: 0 },
    eventTime: at,
    institution,
    // Documents of a person are told apart by these.
    document: `document-${id}`,
    content: digest('content', 11),
    settlementId: id,
    person,
    certificate: '02',
    medicalType: '41',
    total: 4_700,
    fund: 3_000,
    terminal: '1',
    byAgent: false,
    messageId: `M${id}`,
    prescription: null,
    begin: null,
    end: null,
    diagnosis: 'J20.900',
    cold: ColdPart.of({
      eventId: `event-${id}`,
      source: 'pos',
      lines: [line(0), line(1)],
      operator: 'O1',
      insurance: '310',
      accountPaid: 1_700,
      cashPaid: 0,
      visit: `V${id}`,
      area: '321100',
      insuredArea: '321100',
      pharmacist: null,
    }),
  };
  return encodeLane(event);
}
