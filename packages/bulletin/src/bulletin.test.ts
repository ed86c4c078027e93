// A quarter's figures and what they are made into: whom they name, when they judge, and what a revision says of the one before.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cellsOf } from './cells.ts';
import { type Excuse, type Figures, figuresOf, type InstitutionQuarters } from './figures.ts';
import { changesBetween } from './issue.ts';
import { lettersOf } from './letters.ts';
import { pageOf } from './page.ts';
import { csvOf, xlsxOf } from './sheets.ts';
import { COLUMNS } from './words.ts';

const Q4 = { year: 2026, quarter: 4 } as const;
const Q3 = { year: 2026, quarter: 3 } as const;
const OVER = Date.parse('2027-01-05T09:00:00+08:00');

interface Said extends Partial<Omit<InstitutionQuarters, 'current'>> {
  /** fen */
  budget?: number;
  spend?: number;
}

function institution({ budget = 92_000_00, spend = 92_000_00, ...more }: Said = {}): InstitutionQuarters {
  return {
    code: 'H32110000001',
    name: '第一医院',
    grid: ['镇江市'],
    params: { minimumElapsed: 0.1, measure: 'ratio' },
    current: { quarter: Q4, plan: { amount: budget, weights: null }, spend },
    excuse: null,
    before: [],
    ...more,
  };
}

const drawn = (said: Said = {}, now = OVER): Figures => figuresOf(Q4, [institution(said)], now);
const tier = (said: Said, now = OVER) => drawn(said, now).rows[0]?.tier;
const cell = ({ rows: [row] }: Figures, key: string) =>
  cellsOf(row as Figures['rows'][0])[COLUMNS.findIndex((column) => column.key === key)];
const template = (name: string) => readFileSync(new URL(`../templates/${name}.md`, import.meta.url), 'utf8');
const letters = (figures: Figures) =>
  lettersOf(figures, { 10: template('reminder'), 20: template('summons') }, '2027-01-05').map(({ text }) => text);
const asIssued = (figures: Figures) => ({ figures, revision: 1, issuedAt: '2027-01-05', changes: [], fresh: true });
const stored = (figures: Figures) => JSON.parse(JSON.stringify(figures)) as Figures;

describe('a quarter’s first days', () => {
  test.each([
    ['the ninth of 92 days', '2026-10-09T23:59:00+08:00', 0.1, 0],
    ['the tenth', '2026-10-10T00:00:00+08:00', 0.1, 20],
    ['a day before exactly a quarter', '2026-10-22T12:00:00+08:00', 0.25, 0],
    ['exactly a quarter', '2026-10-23T12:00:00+08:00', 0.25, 20],
  ])(
    '%s: nobody is ahead before the least share of days has elapsed, and exactly it speaks',
    (_, at, minimumElapsed, expected) => {
      const figures = drawn({ params: { minimumElapsed, measure: 'ratio' } }, Date.parse(at));
      expect(figures.rows[0]?.tier).toBe(expected);
      expect(letters(figures)).toHaveLength(expected === 0 ? 0 : 1);
      expect(pageOf(asIssued(figures)).includes('尚不判断档位')).toBe(expected === 0);
    },
  );
});

describe('the measure', () => {
  // 46 of 92 days: ¥46,000 are scheduled; ¥55,200.01 are more than 20 % ahead of them, and more than 10 points of the budget.
  const HALF = Date.parse('2026-11-15T12:00:00+08:00');
  test.each([
    ['ratio', 55_200_00, 10],
    ['ratio', 55_200_01, 20],
    ['points', 55_200_00, 0],
    ['points', 55_200_01, 10],
    ['points', 64_400_01, 20],
  ] as const)('by %s %i fen are in tier %i', (measure, spend, expected) => {
    expect(tier({ spend, params: { minimumElapsed: 0.1, measure } }, HALF)).toBe(expected);
  });

  test('points are no per cent, in the table as in the letter', () => {
    const figures = drawn({ spend: 55_200_01 }, HALF);
    expect(cell(figures, 'ratio')).toBe('+20.00%');
    expect(cell(figures, 'points')).toBe('+10.00');
    const [letter] = letters(figures);
    expect(letter).toContain('超序时进度 20.00%(10.00 个百分点),');
    expect(letter).toContain('20.00% ahead of schedule (10.00 percentage points)');
    expect(letter).toContain('special inspection, suspension of payment, rectification within a time limit');
  });
});

describe('a justification', () => {
  const until = (validUntil: number | null): Excuse => ({ reason: '新院区启用', approvedBy: '张局', validUntil });
  test.each([
    ['without end', null, 0],
    ['that ended an hour before', OVER - 3_600_000, 20],
    ['that ends at this instant', OVER, 0],
    ['that ends with the day', Date.parse('2027-01-05T23:59:59.999+08:00'), 0],
  ])('%s', (_, validUntil, expected) => {
    expect(tier({ spend: 120_000_00, excuse: until(validUntil) })).toBe(expected);
  });
});

describe('a budget of 0', () => {
  const spending = { budget: 0, spend: 5_00, before: [{ quarter: Q3, plan: { amount: 0, weights: null }, spend: 1 }] };

  test('with spending is told as spending without a budget, once issued as before, and asks for no measures', async () => {
    const figures = drawn(spending);
    expect(cell(figures, 'ratio')).toBe('无预算支出 no budget');
    expect(cell(figures, 'points')).toBe('–');
    expect(cell(figures, 'trend')).toBe('2026Q3 –');
    expect(csvOf(stored(figures))).toBe(csvOf(figures));
    expect(csvOf(figures)).not.toMatch(/Infinity|NaN/);
    expect((await xlsxOf(stored(figures))).subarray(0, 2).toString()).toBe('PK');
    expect(letters(figures)).toEqual([]);
    expect(pageOf(asIssued(figures))).toContain('Spending without a budget: 1');
  });

  test('without spending is one of the others', () => {
    const figures = drawn({ budget: 0, spend: 0 });
    expect(cell(figures, 'ratio')).toBe('–');
    expect(pageOf(asIssued(figures))).toContain('The others: 1');
  });

  test('stands above whoever is ahead of a budget, and without spending below everybody', () => {
    const of = (code: string, budget: number, spend: number) => institution({ code, budget, spend });
    const figures = figuresOf(Q4, [of('H1', 100, 500), of('H2', 0, 1), of('H3', 0, 0), of('H4', 100, 1)], OVER);
    expect(figures.rows.map(({ code }) => code)).toEqual(['H2', 'H1', 'H4', 'H3']);
  });
});

describe('what a revision says of the one before', () => {
  const before = (spend: number) => [{ quarter: Q3, plan: { amount: 100_00, weights: null }, spend }];
  test.each<[string, Said, Said, string]>([
    ['a name', {}, { name: '新第一医院' }, '新第一医院:机构名称 第一医院 → 新第一医院 (name)'],
    [
      'the quarters before',
      { before: before(100_00) },
      { before: before(150_00) },
      '第一医院:前几季度 2026Q3 0.00% → 2026Q3 +50.00% (quarters before)',
    ],
    [
      'who approved',
      { excuse: { reason: '急救', approvedBy: '甲', validUntil: null } },
      { excuse: { reason: '急救', approvedBy: '乙', validUntil: null } },
      '第一医院:正当理由 急救 (甲) → 急救 (乙) (justification)',
    ],
  ])('%s', (_, was, is, said) => {
    expect(changesBetween(stored(drawn(was)), drawn(is))).toEqual([said]);
  });

  test('monthly weights', () => {
    const weighted = institution();
    weighted.current.plan = { amount: 92_000_00, weights: [500_000_000, 300_000_000, 200_000_000] };
    const now = Date.parse('2026-10-31T12:00:00+08:00');
    expect(
      changesBetween(
        drawn({ spend: 0 }, now),
        figuresOf(Q4, [{ ...weighted, current: { ...weighted.current, spend: 0 } }], now),
      ),
    ).toEqual(['第一医院:序时应支出 31,000.00 → 46,000.00 (scheduled)']);
  });

  test('the last day’s is not yet the final one', () => {
    const evening = drawn({}, Date.parse('2026-12-31T20:00:00+08:00'));
    expect(evening.asOf).toBe(drawn().asOf);
    expect(changesBetween(evening, drawn())).toEqual(['季度已结束 (the quarter is over)']);
  });

  test('nothing where a reader sees nothing else, as of a revision that says less', () => {
    const { rows, ...figures } = drawn({ spend: 120_000_00 });
    const older = rows.map(({ measure: _, early: __, ...row }) => ({
      ...row,
      grid: ['elsewhere'],
      prescribed: { zh: '从前', en: 'once' },
    }));
    expect(changesBetween({ ...figures, rows: older }, { ...figures, rows })).toEqual([]);
  });
});
