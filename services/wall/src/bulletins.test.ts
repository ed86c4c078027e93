// When the bulletin of the quarter before is due, what keeps it from being issued by itself, and what does not.
import type { ClickHouse } from '@yunjian/clickhouse';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dueAt, issueByItself } from './bulletins.ts';

test.each([
  ['2026-10-01T00:00:00+08:00', '2026-10-05T09:00:00+08:00'],
  ['2026-12-31T23:59:59+08:00', '2026-10-05T09:00:00+08:00'],
  ['2027-01-01T00:00:00+08:00', '2027-01-05T09:00:00+08:00'],
])('at %s the quarter before is due from %s', (now, due) => {
  expect(dueAt(Date.parse(now), { days: 5, hour: 9 })).toBe(Date.parse(due));
});

describe('by itself', () => {
  const DUE = '2026-10-05T09:00:00+08:00';
  const HOSPITAL = 'H32110000001';
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  /** An archive with one budget, and the revisions of 2026Q3 that were issued before, as complete or not. */
  function world(...issued: boolean[]) {
    const revisions = issued.map((complete, i) => ({
      revision: i + 1,
      issued_at: '2026-08-15T09:00:00+08:00',
      figures: JSON.stringify({ year: 2026, quarter: 3, asOf: '2026-08-15', complete, rows: [] }),
      changes: '[]',
    }));
    const answers: [RegExp, () => unknown[]][] = [
      [/FROM bulletins/, () => revisions.slice(-1)],
      [
        /FROM reference_current/,
        () => [{ subject: `${HOSPITAL}/2026Q3`, detail: JSON.stringify({ amount: 100_00, weights: null }) }],
      ],
      [/FROM settlements_current/, () => [{ institution: HOSPITAL, fund: 90_00 }]],
    ];
    const made: { revision: number; complete: boolean }[] = [];
    const clickhouse = {
      healthy: true,
      query: async (sql: string) => answers.find(([asked]) => asked.test(sql))?.[1]() ?? [],
      insert: async (_table: string, _columns: string[], [row]: unknown[][]) => {
        const [, , revision, issued_at, , figures, changes] = row as [number, number, number, ...string[]];
        made.push({ revision, complete: JSON.parse(figures as string).complete });
        revisions.push({ revision, issued_at, figures, changes } as (typeof revisions)[number]);
      },
    } as unknown as ClickHouse;
    const told: string[] = [];
    const logger = { info: () => {}, warn: (fields: object) => told.push((fields as { reason: string }).reason) };
    return { clickhouse, made, told, logger };
  }

  const everything = () => async () => true;

  test('the final one is issued once, at its hour and no earlier', async () => {
    const { clickhouse, made, logger } = world();
    vi.setSystemTime(Date.parse(DUE) - 60_000);
    const end = issueByItself(clickhouse, everything, { days: 5, hour: 9 }, logger);
    await vi.advanceTimersByTimeAsync(0);
    expect(made).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(made).toEqual([{ revision: 1, complete: true }]);
    end();
  });

  test('one that was drawn while the quarter was running is followed by the final one', async () => {
    const { clickhouse, made, logger } = world(false);
    vi.setSystemTime(Date.parse(DUE));
    const end = issueByItself(clickhouse, everything, { days: 5, hour: 9 }, logger);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(made).toEqual([{ revision: 2, complete: true }]);
    end();
  });

  test('the office’s own after the quarter’s end is left as it is', async () => {
    const { clickhouse, made, logger } = world(false, true);
    vi.setSystemTime(Date.parse(DUE));
    const end = issueByItself(clickhouse, everything, { days: 5, hour: 9 }, logger);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(made).toEqual([]);
    end();
  });

  test('it waits for the archive to have what had come, says so once, and goes on when it has', async () => {
    const { clickhouse, made, told, logger } = world();
    let archived = false;
    let watches = 0;
    vi.setSystemTime(Date.parse(DUE));
    const watch = () => {
      watches++;
      return async () => archived;
    };
    const end = issueByItself(clickhouse, watch, { days: 5, hour: 9 }, logger);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(made).toEqual([]);
    expect(told).toEqual(['the archive does not hold yet what had come when the bulletin was due']);
    archived = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made).toEqual([{ revision: 1, complete: true }]);
    expect(watches).toBe(1);
    end();
  });
});
