// A catalogue that learns whose a code is: the longest prefix holds, and what was sold in the 48 hours before is judged again.
import { type CodeSale, ColdPart, type Drug, decodeLane, encodeLane, type LaneEvent } from '@yunjian/contracts';
import { ledgerRules } from '@yunjian/detectors';
import { describe, expect, test } from 'vitest';
import { MemoryHistory } from './history.ts';
import { LedgerPartition } from './judge.ts';
import { ReferenceBook } from './reference.ts';

const HOUR = 3_600_000;
const ARRIVAL = Date.parse('2026-11-01T10:00:00+08:00');
const CODE = '81234567890123456789';

let made = 0;
function base(arrival: number) {
  const n = made++;
  const origin = { feed: 'settlement' as const, partition: 0, offset: n, index: 0 };
  const own = { institution: 'P32110000001', document: `d${n}`, content: `c${n}` };
  return { arrival, origin, eventTime: ARRIVAL + n, ...own };
}
const sale = (item: string, arrival = ARRIVAL): CodeSale => ({
  ...base(arrival),
  cold: ColdPart.of({ eventId: 'e', source: 's' }),
  kind: 'codeSale',
  code: CODE,
  settlementId: 'S1',
  messageId: null,
  lines: [{ line: '1', item, count: 10_000, split: false }],
});
const drug = (item: string, prefixes: Drug['prefixes'], arrival = ARRIVAL): Drug => ({
  ...base(arrival),
  cold: ColdPart.of({ eventId: 'e', source: 's', name: 'd' }),
  kind: 'drug',
  item,
  prescriptionDrug: null,
  packSize: null,
  maxDays: null,
  prefixes,
});
const box = (prefix: string, level = 1) => [{ prefix, level }];

describe('whose code it is', () => {
  const book = new ReferenceBook();
  book.take(0, drug('A', box('812')));
  book.take(1, drug('B', box('8123456')));
  book.take(2, drug('C', box('8123456')));
  book.take(3, drug('B', box('9')));
  const owners = (position: number, code = CODE) => book.asOf(position).codeOwners(code);

  test.each<[number, string, string[]]>([
    [0, CODE, ['A']],
    [1, CODE, ['B']],
    [2, CODE, ['B', 'C']],
    [3, CODE, ['C']],
    [3, '9', ['B']],
    [3, '8123455', ['A']],
    [3, '81', []],
    [3, '7', []],
  ])('as of position %i, of %s: %j', (position, code, items) => {
    expect(owners(position, code)).toEqual(items.map((item) => ({ item, level: 1 })));
  });

  test('of one prefix they are told in the same order, whichever came first', () => {
    const other = new ReferenceBook();
    other.take(0, drug('C', box('8123456')));
    other.take(1, drug('B', box('8123456')));
    expect(other.asOf(1).codeOwners(CODE)).toEqual([
      { item: 'B', level: 1 },
      { item: 'C', level: 1 },
    ]);
  });
});

describe('a prefix that becomes known', () => {
  const rules = ledgerRules.filter(({ id }) => id === 'trace-product-mismatch');
  function ledger(history = new MemoryHistory()) {
    const partition = new LedgerPartition({ lane: 'code', partition: 0, history, rules });
    let position = 0;
    const read = async (...events: LaneEvent[]) => {
      const inputs = events.map((event) => ({ position: position++, event, value: encodeLane(event) }));
      return (await partition.process(inputs)).findings.map(({ action, cause }) => `${action} ${cause.offset}`);
    };
    return { history, read };
  }

  test('judges again what was sold in the 48 hours before, both ways', async () => {
    const { read } = ledger();
    expect(await read(sale('A'))).toEqual([]);
    expect(await read(drug('B', box('812'), ARRIVAL + 48 * HOUR))).toEqual(['raise 1']);
    expect(await read(drug('A', box('8123'), ARRIVAL + 48 * HOUR))).toEqual(['withdraw 2']);
    expect(await read(drug('B', box('812345'), ARRIVAL + 48 * HOUR))).toEqual(['raise 3']);
    expect(await read(drug('B', box('812345'), ARRIVAL + 48 * HOUR))).toEqual([]);
    expect(await read(drug('B', box('812345', 2), ARRIVAL + 48 * HOUR))).toEqual(['raise 5']);
  });

  test('leaves what is older as it was said until something touches it', async () => {
    const { read } = ledger();
    await read(sale('A'));
    expect(await read(drug('B', box('812'), ARRIVAL + 48 * HOUR + 1))).toEqual([]);
    expect(await read({ ...sale('A'), lines: [] })).toEqual(['raise 2']);
  });

  test('in one batch or many, or after a restart, every position says the same', async () => {
    const lane = [sale('A'), drug('B', box('812')), drug('C', box('7')), drug('A', box('8123')), sale('B')];
    const together = ledger();
    const all = await together.read(...lane);
    const apart = ledger();
    const found: string[] = [];
    for (const event of lane) found.push(...(await apart.read(event)));
    expect(found).toEqual(all);
    expect(all.length).toBeGreaterThan(2);
    const again = new LedgerPartition({ lane: 'code', partition: 0, history: together.history, rules });
    await again.open((value) => decodeLane(value) as LaneEvent);
    const inputs = lane.map((event, position) => ({ position, event, value: encodeLane(event) }));
    const said = (await again.process(inputs.slice(2))).findings.map(
      ({ action, cause }) => `${action} ${cause.offset}`,
    );
    expect(said).toEqual(all.filter((each) => Number(each.split(' ')[1]) >= 2));
  });
});
