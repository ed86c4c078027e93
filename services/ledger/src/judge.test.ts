// What a ledger partition promises beyond its rules: poison set aside, endless subjects left, packs that become known, reversals told.
import {
  type CodeReversal,
  type CodeSale,
  type CodeSettlement,
  ColdPart,
  type Drug,
  decodeLane,
  encodeLane,
  type LaneEvent,
  type LaneRecord,
} from '@yunjian/contracts';
import { defineLedgerRule, type LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MAX_ROWS, MemoryHistory } from './history.ts';
import { LedgerPartition } from './judge.ts';

const SHOP = 'P32110000001';
const HOUR = 3_600_000;
const ARRIVAL = Date.parse('2026-11-01T10:00:00+08:00');

let made = 0;
function base(arrival = ARRIVAL) {
  const n = made++;
  return {
    arrival,
    origin: { feed: 'settlement' as const, partition: 0, offset: n, index: 0 },
    eventTime: ARRIVAL + n,
    institution: SHOP,
    document: `d${n}`,
    content: `c${n}`,
  };
}
const cold = ColdPart.of({ eventId: 'e', source: 's' });
const sale = (code: string, arrival?: number, split = false, count = 10_000): CodeSale => {
  const own = base(arrival);
  const lines = [{ line: '1', item: 'DRUG', count, split }];
  return { ...own, cold, kind: 'codeSale', code, settlementId: own.document, messageId: null, lines };
};
const drug = (packSize: number, arrival: number): Drug => {
  const about = { item: 'DRUG', prescriptionDrug: null, packSize, maxDays: null, prefixes: [] };
  return { ...base(arrival), cold: ColdPart.of({ eventId: 'e', source: 's', name: 'd' }), kind: 'drug', ...about };
};

/** A lane read from position 0 on, in one batch or several. */
function ledger(rules: readonly LedgerRule[] = ledgerRules, history = new MemoryHistory(), from = 0) {
  const partition = new LedgerPartition({ lane: 'code', partition: 0, history, rules });
  let position = from;
  return {
    partition,
    read: (...events: LaneRecord[]) =>
      partition.process(events.map((event) => ({ position: position++, event, value: encodeLane(event) }))),
  };
}

describe('a rule that fails', () => {
  const fails = defineLedgerRule({
    ...(ledgerRules.find(({ id }) => id === 'trace-repeated') as LedgerRule),
    params: z.object({}),
    claims: (documents) => {
      const [{ code }] = documents as [CodeSale];
      if (code === 'poison') throw new Error('no such case');
      return [];
    },
  });

  test('poisons its own subject’s records, and the others are judged', async () => {
    const { read } = ledger([fails, ...ledgerRules]);
    const { findings, poisoned } = await read(sale('good'), sale('poison'), sale('good'));
    expect(poisoned).toEqual([{ position: 1, error: expect.objectContaining({ message: 'no such case' }) }]);
    expect(findings).toMatchObject([{ action: 'raise', detector: 'trace-repeated', cause: { offset: 2, index: 0 } }]);
  });
});

test('judging one subject at many positions leaves the loop to others between them', async () => {
  const slow = defineLedgerRule({
    ...(ledgerRules.find(({ id }) => id === 'trace-repeated') as LedgerRule),
    params: z.object({}),
    claims: () => {
      for (const until = performance.now() + 30; performance.now() < until; );
      return [];
    },
  });
  let turns = 0;
  let counting = true;
  const other = () => {
    turns++;
    if (counting) setImmediate(other);
  };
  setImmediate(other);
  const sales = Array.from({ length: 6 }, () => sale('box'));
  await ledger([slow]).read(...sales);
  counting = false;
  expect(turns).toBeGreaterThanOrEqual(sales.length - 1);
});

describe('a subject without end', () => {
  test.each([MAX_ROWS + 5, 977])('is told once and judged up to the limit, in batches of %i', async (size) => {
    const counting = defineLedgerRule({
      ...(ledgerRules.find(({ id }) => id === 'trace-repeated') as LedgerRule),
      params: z.object({}),
      claims: (documents) => (documents.length < MAX_ROWS ? [] : [{ ...claim, facts: { rows: documents.length } }]),
    });
    const claim = {
      subject: { kind: 'code' as const, ref: 'dummy' },
      institution: null,
      anchor: null,
      window: { start: 0, end: 0 },
      eventTime: 0,
      amount: null,
      evidence: [],
      reason: 'r',
    };
    const { read } = ledger([counting]);
    const sales = Array.from({ length: MAX_ROWS + 5 }, () => sale('dummy'));
    const findings = [];
    for (let from = 0; from < sales.length; from += size)
      findings.push(...(await read(...sales.slice(from, from + size))).findings);
    expect(findings).toMatchObject([
      { detector: 'trace-repeated', cause: { offset: MAX_ROWS - 1 }, facts: { rows: MAX_ROWS } },
      { detector: 'ledger-overflow', level: 4, cause: { offset: MAX_ROWS }, subject: { kind: 'code', ref: 'dummy' } },
    ]);
  });
});

describe('a pack whose size becomes known', () => {
  const parts = (arrival?: number) => [sale('box', arrival, true, 60_000), sale('box', arrival, true, 40_000)];

  test('judges again what was sold in the 48 hours before', async () => {
    const { read } = ledger();
    expect((await read(...parts())).findings.at(-1)).toMatchObject({ action: 'raise', facts: { times_sold: 10 } });
    expect((await read(drug(10, ARRIVAL + 48 * HOUR))).findings).toMatchObject([{ action: 'withdraw' }]);
    expect((await read(drug(10, ARRIVAL + 48 * HOUR))).findings).toEqual([]);
    expect((await read(drug(5, ARRIVAL + 48 * HOUR))).findings).toMatchObject([
      { action: 'raise', facts: { times_sold: 2 } },
    ]);
  });

  test('leaves what is older as it was said until something touches it', async () => {
    const { read } = ledger();
    await read(...parts());
    expect((await read(drug(10, ARRIVAL + 48 * HOUR + 1))).findings).toEqual([]);
    expect((await read(sale('other'))).findings).toEqual([]);
    const touched = await read({ ...sale('box', ARRIVAL + 49 * HOUR, true, 100), lines: [] });
    expect(touched.findings).toMatchObject([{ action: 'withdraw' }]);
  });

  test('is known again after a restart', async () => {
    const history = new MemoryHistory();
    const open = async () => {
      const partition = new LedgerPartition({ lane: 'code', partition: 0, history, rules: ledgerRules });
      await partition.open((value) => decodeLane(value) as LaneEvent);
      return (position: number, event: LaneEvent) => partition.process([{ position, event, value: encodeLane(event) }]);
    };
    await (await open())(0, drug(10, ARRIVAL));
    const read = await open();
    const [first, second] = parts() as [CodeSale, CodeSale];
    await read(1, first);
    expect((await read(2, second)).findings).toEqual([]);
  });
});

describe('a reversal', () => {
  const settled = (codes: string[]): CodeSettlement => ({
    ...base(),
    cold,
    kind: 'codeSettlement',
    by: 'settlement',
    ref: 'S1',
    settlementId: 'S1',
    codes,
  });
  const reversal = (): CodeReversal => ({
    ...base(),
    cold,
    kind: 'codeReversal',
    by: 'settlement',
    ref: 'S1',
    reversalId: 'R1',
  });

  test.each([
    ['after its settlement', [settled(['a', 'b']), reversal()]],
    ['before its settlement', [reversal(), settled(['a', 'b'])]],
  ])('read %s tells each code once', async (_, events) => {
    const { read } = ledger();
    const first = await read(events[0] as LaneEvent);
    const second = await read(events[1] as LaneEvent);
    expect(first.reversed).toEqual([]);
    expect(second.reversed.map(({ key }) => key)).toEqual(['a', 'b']);
    expect((await read(events[1] as LaneEvent)).reversed).toEqual([]);
  });

  test('and another one of the same settlement are two: the earlier by event time excuses', async () => {
    const { read } = ledger();
    const [later, earlier] = [reversal(), { ...reversal(), reversalId: 'R0', eventTime: ARRIVAL - 1 }];
    await read(settled(['a']), later);
    const { reversed } = await read(earlier);
    expect(reversed.map(({ value }) => decodeLane(value))).toMatchObject([
      { kind: 'codeReversed', code: 'a', reversalId: 'R0', eventTime: ARRIVAL - 1 },
    ]);
  });

  test('a settlement that comes to light as the first under its identity takes back the codes of the other', async () => {
    const { read } = ledger();
    const later = settled(['a', 'b']);
    const first = { ...settled(['b']), document: later.document, arrival: later.arrival - 1 };
    await read(later);
    const { reversed } = await read(first);
    expect(reversed.map(({ value }) => decodeLane(value))).toMatchObject([
      { kind: 'codeReversed', code: 'a', voided: first.content, arrival: first.arrival },
    ]);
  });
});

describe('rules that change', () => {
  const counting = defineLedgerRule({
    ...(ledgerRules.find(({ id }) => id === 'trace-repeated') as LedgerRule),
    params: z.object({ most: z.number().default(1).describe('Sales allowed.') }),
    claims: (documents, _reference, { most }) => {
      const [first] = documents as [CodeSale];
      const claim = {
        subject: { kind: 'code' as const, ref: first.code },
        institution: null,
        anchor: null,
        window: { start: 0, end: 1 },
        eventTime: 1,
        amount: null,
        facts: {},
        evidence: [],
        reason: 'too many',
      };
      return documents.length > most ? [claim] : [];
    },
  }) as unknown as LedgerRule;
  const rules = (rule: unknown): LaneRecord => ({
    kind: 'ruleChange',
    ruleVersion: 'v',
    rules: { detectors: { 'trace-repeated': rule, 'large-amount': { enabled: false } } },
  });
  const most = (n: number) => rules({ params: { most: n } });
  const said = (findings: readonly { action: string; cause: { offset: number } }[]) =>
    findings.map(({ action, cause }) => `${action} ${cause.offset}`);

  test.each([1, 7])('are in force from their position on, in batches of %i', async (size) => {
    const events = [most(2), sale('a'), sale('a'), sale('a'), most(9), sale('a'), sale('b'), sale('b')];
    const { read } = ledger([counting]);
    const findings = [];
    for (let i = 0; i < events.length; i += size) findings.push(...(await read(...events.slice(i, i + size))).findings);
    expect(said(findings)).toEqual(['raise 3', 'withdraw 5']);
    expect(new Set(findings.map(({ rule_version }) => rule_version)).size).toBe(2);
  });

  test('are known to whoever judges next', async () => {
    const history = new MemoryHistory();
    await (await ledger([counting], history).read(most(2), sale('a'), sale('a'))).stored;
    const next = ledger([counting], history, 3);
    await next.partition.open(decodeLane);
    expect(said((await next.read(sale('b'), sale('b'), sale('b'))).findings)).toEqual(['raise 5']);
  });

  test('may switch a rule off: it raises nothing, and withdraws what it raised', async () => {
    const { read } = ledger([counting]);
    const off = rules({ enabled: false, params: { most: 2 } });
    const { findings } = await read(sale('a'), sale('a'), off, sale('b'), sale('b'), sale('b'), sale('b'));
    expect(said(findings)).toEqual(['raise 1']);
    const excused = await read(rules({ enabled: false, params: { most: 9 } }), sale('a'));
    expect(said(excused.findings)).toEqual(['withdraw 8']);
  });

  test('that do not fit are set aside, and those before them stay', async () => {
    const { read } = ledger([counting]);
    const { findings, poisoned } = await read(most(2), rules({ params: { most: 'x' } }), sale('a'), sale('a'));
    expect(poisoned).toEqual([
      { position: 1, error: expect.objectContaining({ message: expect.stringMatching(/trace-repeated.*most.*"x"/) }) },
    ]);
    expect(findings).toEqual([]);
  });
});
