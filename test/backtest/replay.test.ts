// A city's morning with late, repeated and contradicted events, read back from the archive: the alerts and their states as they were live.
import type { LaneKind } from '@yunjian/contracts';
import { archivedEvents } from '@yunjian/infra/backtest/archive.ts';
import { TABLES } from '@yunjian/infra/backtest/archived-rows.ts';
import type { Outcomes } from '@yunjian/infra/backtest/outcome.ts';
import { expect, test } from 'vitest';
import { live } from '../simulation/city.ts';
import { pseudonymiser } from '../simulation/readings.ts';
import { archived, judged } from './archived.ts';

const FROM = Date.parse('2026-05-12T07:00:00+08:00');
const HOUR_MS = 3_600_000;
const TO = FROM + 2 * HOUR_MS;

test('an archived history gives the alert ids and final states that it gave live', async () => {
  const { events } = live(7, FROM, TO);
  const end = Math.max(TO, events.at(-1)?.arrival ?? 0) + HOUR_MS;
  const clocks = { start: FROM - HOUR_MS, end };
  const then = statesOf(await judged(events, clocks));
  expect(Object.values(then)).toContain('raised');
  expect(Object.values(then)).toContain('withdrawn');
  expect(new Set(Object.keys(then).map((alert) => alert.split(' ')[0])).size).toBeGreaterThan(10);

  const clickhouse = await archived(events, pseudonymiser);
  try {
    // Merged to the end, so that it does not depend on when ClickHouse last did.
    for (const table of TABLES) await clickhouse.command(`OPTIMIZE TABLE ${table.name} FINAL`);
    const kinds = new Set(events.map(({ kind }) => kind as LaneKind));
    const read = archivedEvents(clickhouse, { from: 0, to: end, kinds });
    expect(statesOf(await judged(each(read), clocks))).toEqual(then);
  } finally {
    await clickhouse.close();
  }
});

/**
 * Detector, alert, level and event time → as what it stands at the end. A silence begins at the last arrival, and the archive keeps a
 * document's first alone: where the last record was a repeated one, `source-silent` tells an earlier beginning.
 */
function statesOf({ byId }: Outcomes): Record<string, string> {
  return Object.fromEntries(
    [...byId.values()].map(({ finding: { detector, alert_id, level, event_time }, stands }) => [
      `${detector} ${alert_id} level ${level}${detector === 'source-silent' ? '' : ` ${event_time}`}`,
      stands ? 'raised' : 'withdrawn',
    ]),
  );
}

async function* each<T>(portions: AsyncIterable<T[]>): AsyncGenerator<T> {
  for await (const portion of portions) yield* portion;
}
