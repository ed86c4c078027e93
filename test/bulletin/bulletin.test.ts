// The quarterly bulletin on the real engine: figures, files, letters, and corrections as revisions.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ClickHouse, createClickHouse } from '@yunjian/clickhouse';
import { encodeLane, localDate, localDay, quarterOf, type RuleChange } from '@yunjian/contracts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueBulletin } from '../../packages/bulletin/src/index.ts';
import { createBulletins } from '../../services/wall/src/http/bulletins.ts';
import type { LocalServer } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';

const MAIN = join(import.meta.dirname, '../../infra/bulletin/main.ts');
const [AHEAD_20, AHEAD_10, EVEN, EXCUSED] = ['H32110000001', 'H32110000002', 'H32110000003', 'H32110000004'];
const SHOP = 'P32110000001';
const directory = mkdtempSync(join(tmpdir(), 'yunjian-bulletin-'));
const out = join(directory, 'out');
let server: LocalServer;
let clickhouse: ClickHouse;

beforeAll(async () => {
  server = await startClickhouse(directory);
  await migrate({ url: server.address, database: 'yj' });
  clickhouse = createClickHouse({ url: server.address, database: 'yj' });
  for (const [code, name] of Object.entries({
    [AHEAD_20]: '第一医院',
    [AHEAD_10]: '第二医院',
    [EVEN]: '第三医院',
    [EXCUSED]: '第四医院',
  })) {
    const level = code === AHEAD_20 ? '三级' : '二级';
    await reference('institution', code, code, { name, category: 'hospital', level, grid: ['镇江市', '京口区'] });
    for (const [year, quarter] of [
      [2026, 2],
      [2026, 3],
    ])
      await reference('budget', code, `${code}/${year}Q${quarter}`, {
        year,
        quarter,
        amount: 100_000_00,
        weights: null,
      });
  }
  // Budgets of pharmacies are no matter of the schedule.
  await reference('budget', SHOP, `${SHOP}/2026Q3`, { year: 2026, quarter: 3, amount: 100_000_00, weights: null });
  const excuse = { year: 2026, quarter: 3, reason: '新院区启用', approvedBy: '张局', validUntil: null };
  await reference('justification', EXCUSED, `${EXCUSED}/2026Q3`, excuse);
  await settle(AHEAD_20, 'A', '2026-07-10', 130_000_00);
  await settle(AHEAD_20, 'A-back', '2026-08-10', -9_999_99);
  // The quarter before does not count here.
  await settle(AHEAD_20, 'B', '2026-06-30', 90_000_00);
  await settle(AHEAD_10, 'C', '2026-09-30', 110_000_01);
  await settle(EVEN, 'D', '2026-07-01', 110_000_00);
  await settle(EXCUSED, 'E', '2026-07-01', 150_000_00);
}, 60_000);

afterAll(async () => {
  await clickhouse.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

let made = 0;
const document = () => {
  const n = made++;
  return [
    `e${n}`,
    's',
    String(n).padStart(22, 'd'),
    String(n).padStart(11, 'c'),
    1_780_000_000_000 + n,
    n,
    String(10n ** 20n - BigInt(n)),
  ];
};

async function reference(kind: string, authority: string, subject: string, detail: object): Promise<void> {
  const [event, source, id, content, arrival, offset, precedence] = document();
  await clickhouse.insert(
    'reference',
    [
      'kind',
      'authority',
      'subject',
      'event_time',
      'event_id',
      'source',
      'detail',
      'document',
      'content',
      'arrival',
      'origin_offset',
      'precedence',
    ],
    [
      [
        kind,
        authority,
        subject,
        1_780_000_000_000,
        event,
        source,
        JSON.stringify(detail),
        id,
        content,
        arrival,
        offset,
        precedence,
      ],
    ],
  );
}

async function settle(institution: string, id: string, day: string, fund: number): Promise<void> {
  const [event, source, identity, content, arrival, offset, precedence] = document();
  const at = Date.parse(`${day}T23:30:00+08:00`);
  await clickhouse.insert(
    'settlements',
    [
      'institution',
      'settlement_id',
      'event_time',
      'fund_fen',
      'reversal',
      'event_id',
      'source',
      'document',
      'content',
      'arrival',
      'origin_offset',
      'precedence',
    ],
    [[institution, id, at, fund, fund < 0, event, source, identity, content, arrival, offset, precedence]],
  );
}

const issue = async (...args: string[]) => {
  const options = ['--clickhouse', server.address, '--namespace', 'yj', '--out', out, ...args];
  return (await promisify(execFile)(process.execPath, [MAIN, '--year', '2026', '--quarter', '3', ...options])).stdout;
};
const read = (name: string) => readFileSync(join(out, name), 'utf8');

test('a quarter’s figures as page, tables and letters, strictly above the tiers, reversals netted', async () => {
  const said = await issue();
  expect(said).toContain('2026Q3, revision 1, issued now');
  expect(said).toContain('4 institutions, 1 in tier 10, 1 in tier 20, 2 letters');
  const rows = read('bulletin.csv').trim().split('\r\n').slice(1);
  expect(rows.map((row) => row.split(',').slice(0, 3).join(' '))).toEqual([
    `– ${EXCUSED} 第四医院`,
    `20% ${AHEAD_20} 第一医院`,
    `10% ${AHEAD_10} 第二医院`,
    `– ${EVEN} 第三医院`,
  ]);
  expect(rows[1]).toContain('"120,000.01"');
  expect(rows[1]).toContain('2026Q2 -10.00%');
  expect(rows[1]).toContain('专项检查、暂停拨付、限期整改');
  expect(rows[0]).toContain('新院区启用 (张局)');
  expect(readFileSync(join(out, 'bulletin.xlsx')).subarray(0, 2).toString()).toBe('PK');
  expect(read('bulletin.html')).toContain('2026 年第 3 季度');
  expect(readdirSync(join(out, 'letters')).sort()).toEqual([`10-${AHEAD_10}.md`, `20-${AHEAD_20}.md`]);
  expect(read(`letters/20-${AHEAD_20}.md`)).toMatch(/约谈通知[\s\S]*第一医院[\s\S]*120,000\.01 元[\s\S]* 20\.00%/);
});

test('the same again issues nothing, a corrected figure is the next revision and says what changed', async () => {
  expect(await issue()).toContain('revision 1, as issued');
  await settle(EVEN, 'late', '2026-09-29', 1);
  const said = await issue();
  expect(said).toContain('revision 2, issued now');
  expect(said).toContain('第三医院:已支出 110,000.00 → 110,000.01 (spent)');
  expect(said).toContain('第三医院:档位 0 → 10 (tier)');
  expect(read('bulletin.html')).toContain('本版更正');
  const kept = await clickhouse.query<{ revision: number }>('SELECT revision FROM bulletins ORDER BY revision');
  expect(kept.map(({ revision }) => revision)).toEqual([1, 2]);
});

test('every revision is on the wall’s list, and comes as page, CSV and XLSX as it was issued', async () => {
  const bulletins = createBulletins(clickhouse, (error) => {
    throw error;
  });
  const { bulletins: list } = JSON.parse(await bulletins.list()) as { bulletins: Record<string, unknown>[] };
  expect(list.map(({ revision, institutions, ahead }) => [revision, institutions, ahead])).toEqual([
    [2, 4, 3],
    [1, 4, 2],
  ]);
  const file = (quarter: string, query = '') => bulletins.file(quarter, new URLSearchParams(query));
  expect(await file('2026Q3')).toMatchObject({ name: 'bulletin-2026Q3-r2.html', body: read('bulletin.html') });
  expect(await file('2026Q3', 'format=csv')).toMatchObject({ body: read('bulletin.csv') });
  const first = await file('2026Q3', 'format=csv&revision=1');
  expect(first.body).not.toEqual(read('bulletin.csv'));
  const { body } = await file('2026Q3', 'format=xlsx');
  expect(Buffer.from(body).subarray(0, 2).toString()).toBe('PK');
  await expect(file('2026Q3', 'revision=3')).rejects.toThrow('no such bulletin');
  await expect(file('2025Q1')).rejects.toThrow('no such bulletin of 2025Q1');
  await expect(file('autumn')).rejects.toThrow('expected a quarter such as 2026Q3');
  await expect(file('2026Q3', 'format=pdf')).rejects.toThrow('format');
});

test('the bureau’s own templates are used, and a placeholder that is not known is named', async () => {
  const templates = mkdtempSync(join(directory, 'templates-'));
  writeFileSync(join(templates, 'reminder.md'), '{{institution}} {{ ratioAhead }}');
  writeFileSync(join(templates, 'summons.md'), '{{institute}}');
  await expect(issue('--templates', templates)).rejects.toThrow(/\{\{institute\}\}, expected one of year, quarter/);
  writeFileSync(join(templates, 'summons.md'), '{{code}}');
  await issue('--templates', templates);
  expect(read(`letters/10-${AHEAD_10}.md`)).toBe('第二医院 10.00%');
});

test('whom it names and by what are the rules in force, by institution', async () => {
  const spring = { year: 2025, quarter: 2 } as const;
  for (const code of [AHEAD_20, EVEN]) {
    await reference('budget', code, `${code}/2025Q2`, { ...spring, amount: 91_000_00, weights: null });
    await settle(code, `${code}-spring`, '2025-04-01', 9_000_00);
  }
  const second = Date.parse('2025-04-02T10:00:00+08:00');
  const tiers = async () => {
    const { rows } = (await issueBulletin(clickhouse, spring, second)).figures;
    return rows.map(({ code, tier }) => [code, tier]);
  };
  expect(await tiers()).toEqual([
    [AHEAD_20, 0],
    [EVEN, 0],
  ]);
  const when = [{ level: '三级', params: { minimumElapsed: 0 } }];
  const rules: RuleChange = {
    kind: 'ruleChange',
    ruleVersion: 'v',
    rules: { detectors: { 'quarterly-spend': { when } } },
  };
  await clickhouse.insert(
    'ledger_reference',
    ['lane', 'partition', 'position', 'record'],
    [['institution', 0, 7, encodeLane(rules).toString()]],
  );
  expect(await tiers()).toEqual([
    [AHEAD_20, 20],
    [EVEN, 0],
  ]);
});

test('a quarter under way is drawn as such, one that has not begun is refused', async () => {
  const now = Date.now();
  const { year, quarter } = quarterOf(now);
  await reference('budget', EVEN, `${EVEN}/${year}Q${quarter}`, { year, quarter, amount: 100_000_00, weights: null });
  const running = await issue('--year', String(year), '--quarter', String(quarter));
  expect(running).toContain(`the quarter is under way: figures as of ${localDate(localDay(now))}`);
  expect(running).toContain('0 in tier 10, 0 in tier 20, 0 letters');
  expect(read('bulletin.html')).toContain('(季度进行中)');
  await expect(issue('--year', String(year + 1))).rejects.toThrow(
    `${year + 1}Q3 begins on ${year + 1}-07-01: a bulletin is of a quarter that is under way or over.`,
  );
});

test('what is missing is said in a sentence', async () => {
  await expect(issue('--quarter', '5')).rejects.toThrow('--quarter is 5: expected a whole number from 1 to 4');
  await expect(issue('--quarter', '1')).rejects.toThrow('no institution has a budget in 2026Q1');
});
