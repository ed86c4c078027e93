// What a ledger holds before a benchmark begins, made by the engine itself from one record each.
import type { ClickHouse } from '@yunjian/clickhouse';
import { ColdPart, digest, encodeLane, type Settlement } from '@yunjian/contracts';
import { outlineRow } from '@yunjian/service-ledger';
import { base, codeSale, START } from './lane-records.ts';

export type FillHistory = (clickhouse: ClickHouse, of: { rows: number; partitions: number }) => Promise<void>;

/** Rows of one insert: a part of the table each, as large as rests on its own. */
const CODES_AT_ONCE = 4_000_000;
const PERSONS_ROWS_AT_ONCE = 1_500_000;
/** Inserts side by side. */
const AT_ONCE = 2;
/** History lies at positions below these; until there each partition of a lane holds marks. */
export const FIRST_POSITION = 200;
const DAY_MS = 86_400_000;
/** A visit every four days is below what any rule calls frequent. */
const BETWEEN_VISITS_MS = 4 * DAY_MS;
const DRUGS = 40;
/**
 * What the merges of months leave: most in what has grown large, and over the same keys less and less in what came later. Shares of all rows,
 * the last ends at 1.
 */
const LAYERS = [0.8, 0.95, 0.99, 1];
/** Numbers of boxes lie this far apart in the order of the key; what is new lies in the upper half between two. */
const APART = 80_000_000_000n;
const SCATTER = 2_654_435_761n;
/** Of what was filled no part is merged again: that took place in the months before. */
const AT_REST = 16 * 2 ** 20;

/** The box of that number in the history, or a new one behind it. */
export function boxOf(number: number, isNew = false): string {
  const n = BigInt(number);
  const within = ((n * SCATTER) % (APART / 2n)) + (isNew ? APART / 2n : 0n);
  return `8${String(n * APART + within).padStart(19, '0')}`;
}

const BOX = `concat('8', leftPad(toString(n * ${APART} + (n * ${SCATTER}) % ${APART / 2n}), 19, '0'))`;

/** Sales of other boxes, spread over all codes. */
export const fillCodes: FillHistory = async (clickhouse, { rows, partitions }) => {
  const code = boxOf(0);
  const record = pieces(codeSale(code, 0).toString('utf8'), { [code]: 'subject' });
  await fill(clickhouse, 'ledger_code', CODES_AT_ONCE, LAYERS.length, (layer) => {
    // Every hundredth number of the history is of the same layer.
    const [from, to] = [Math.round((LAYERS[layer - 1] ?? 0) * 100), Math.round((LAYERS[layer] as number) * 100)];
    return {
      rows: Math.ceil((rows * (to - from)) / 100),
      insert: (first, count) => `
        INSERT INTO ledger_code (subject, partition, position, items, arrival, record)
        SELECT subject, n % ${partitions}, intDiv(n, ${partitions}) % ${FIRST_POSITION}, [], fromUnixTimestamp64Milli(toInt64(1700000000000 + n)), ${record}
        FROM (
          SELECT toUInt64(intDiv(number, ${to - from}) * 100 + ${from} + number % ${to - from}) AS n, ${BOX} AS subject
          FROM numbers(${first}, ${count})
          WHERE n < ${rows}
        )`,
    };
  });
};

/** As many settlements of each person at distinct positions, one every four days until the lane begins. */
export const fillPersons =
  (persons: number): FillHistory =>
  async (clickhouse, { rows, partitions }) => {
    const each = Math.min(Math.floor(rows / persons), FIRST_POSITION);
    const settlement = visit('PERSON', {
      at: 1111111111111,
      id: 'SETTLEMENT',
      institution: 'INSTITUTION',
      drug: 'DRUG',
    });
    const words = {
      PERSON: 'subject',
      '1111111111111': 'toString(at)',
      SETTLEMENT: "concat(toString(p), '-', toString(i))",
      INSTITUTION: `concat('P3211', leftPad(toString(cityHash64(p, i % 3) % 567), 7, '0'))`,
      DRUG: `concat('X', toString(cityHash64(p, i) % ${DRUGS}))`,
    };
    const record = pieces(encodeLane(settlement).toString('utf8'), words);
    const row = JSON.stringify(outlineRow(777_777, { position: 888_888, event: settlement }));
    const outline = pieces(row, { ...words, '777777': 'toString(partition)', '888888': 'toString(position)' });
    await fill(clickhouse, 'ledger_person', PERSONS_ROWS_AT_ONCE, LAYERS.length, (layer) => {
      const [from, to] = [Math.round((LAYERS[layer - 1] ?? 0) * each), Math.round((LAYERS[layer] as number) * each)];
      return {
        rows: persons * (to - from),
        insert: (first, count) => `
          INSERT INTO ledger_person (subject, partition, position, items, outline, arrival, record)
          SELECT subject, partition, position, [], ${outline}, fromUnixTimestamp64Milli(at), ${record}
          FROM (
            SELECT intDiv(number, ${to - from}) AS p, ${from} + number % ${to - from} AS i,
              concat('person-', leftPad(toString(p), 15, '0')) AS subject, toUInt16(p % ${partitions}) AS partition, i AS position,
              toInt64(${START} - (${each} - i) * ${BETWEEN_VISITS_MS}) AS at
            FROM numbers(${first}, ${count})
          )`,
      };
    });
  };

type Layer = { rows: number; insert(first: number, count: number): string };

async function fill(
  clickhouse: ClickHouse,
  table: string,
  atOnce: number,
  layers: number,
  layerOf: (layer: number) => Layer,
): Promise<void> {
  await clickhouse.command(`ALTER TABLE ${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = ${AT_REST}`);
  const inserts: string[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const { rows, insert } = layerOf(layer);
    for (let first = 0; first < rows; first += atOnce) inserts.push(insert(first, Math.min(atOnce, rows - first)));
  }
  const worker = async () => {
    for (let insert = inserts.shift(); insert !== undefined; insert = inserts.shift())
      await clickhouse.command(
        `${insert} SETTINGS max_threads = 1, max_insert_threads = 1, max_block_size = 65536,
           min_insert_block_size_rows = ${atOnce}, min_insert_block_size_bytes = 0`,
      );
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** A text as the engine puts it together: what stands for something is replaced by an expression. */
function pieces(text: string, expressions: Record<string, string>): string {
  const words = new RegExp(Object.keys(expressions).join('|'), 'g');
  const parts: string[] = [];
  let from = 0;
  for (const { 0: word, index } of text.matchAll(words)) {
    parts.push(quoted(text.slice(from, index)), expressions[word] as string);
    from = index + word.length;
  }
  return `concat(${[...parts, quoted(text.slice(from))].filter((part) => part !== "''").join(', ')})`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
}

/** The visit behind the history of that person; the n-th of the benchmark. */
export function personSettlement(person: number, n: number): Buffer {
  const { institution } = base(n);
  const name = `person-${String(person).padStart(15, '0')}`;
  return encodeLane(visit(name, { at: START + n, id: `S${n}`, institution, drug: `X${n % DRUGS}` }));
}

function visit(person: string, of: { at: number; id: string; institution: string; drug: string }): Settlement {
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
  return event;
}
