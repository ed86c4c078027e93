// The archive as the router's events again: portion by portion in the order in which they arrived.
import type { ClickHouse } from '@yunjian/clickhouse';
import type { LaneKind, YunjianEvent } from '@yunjian/contracts';
import { type ArchivedRow, type ArchiveTable, TABLES } from './archived-rows.ts';

/** Rows held at once; minutes are never split. */
const PORTION = 50_000;
const MINUTE_MS = 60_000;

export interface Wanted {
  /** Arrival from which events are read, ms; reference is read from its beginning. */
  from: number;
  /** Exclusive, ms. */
  to: number;
  kinds: ReadonlySet<LaneKind>;
}

/** Events in order of arrival and origin. An event's origin is a place in the archive's order: offsets count from 0 in each feed. */
export async function* archivedEvents(clickhouse: ClickHouse, wanted: Wanted): AsyncGenerator<YunjianEvent[]> {
  const offsets = new Map<string, number>();
  for (const { from, to } of await portions(clickhouse, wanted)) {
    const rows: { table: ArchiveTable; row: ArchivedRow }[] = [];
    await Promise.all(
      TABLES.filter((table) => wants(table, wanted.kinds)).map(async (table) => {
        const read = `SELECT ${table.columns} FROM ${table.name} WHERE ${condition(table)}`;
        for await (const portion of clickhouse.stream<ArchivedRow>(read, {
          from: table.reference ? from : Math.max(from, wanted.from),
          to,
          kinds: [...wanted.kinds],
        }))
          for (const row of portion) rows.push({ table, row });
      }),
    );
    rows.sort((a, b) => inOrder(a.row, b.row));
    const events: YunjianEvent[] = [];
    let before: ArchivedRow | null = null;
    for (const { table, row } of rows) {
      // A row inserted again, which ClickHouse has not merged yet.
      const again = before !== null && inOrder(before, row) === 0 && before.document === row.document;
      before = row;
      if (again) continue;
      const offset = offsets.get(table.feed) ?? 0;
      offsets.set(table.feed, offset + 1);
      events.push(table.event(row, { feed: table.feed, partition: 0, offset, index: 0 }));
    }
    yield events;
  }
}

async function portions(clickhouse: ClickHouse, { from, to, kinds }: Wanted): Promise<{ from: number; to: number }[]> {
  const minutes = new Map<number, number>();
  for (const table of TABLES.filter((table) => wants(table, kinds))) {
    const counts = await clickhouse.query<{ minute: number; n: number }>(
      `SELECT intDiv(toUnixTimestamp64Milli(arrival), ${MINUTE_MS}) AS minute, count() AS n FROM ${table.name}
       WHERE ${condition(table)} GROUP BY minute`,
      { from: table.reference ? 0 : from, to, kinds: [...kinds] },
    );
    for (const { minute, n } of counts) minutes.set(minute, (minutes.get(minute) ?? 0) + n);
  }
  const found: { from: number; to: number; rows: number }[] = [];
  for (const [minute, n] of [...minutes].sort(([a], [b]) => a - b)) {
    const last = found.at(-1);
    const end = Math.min(to, (minute + 1) * MINUTE_MS);
    if (last !== undefined && last.rows + n <= PORTION) Object.assign(last, { to: end, rows: last.rows + n });
    else found.push({ from: minute * MINUTE_MS, to: end, rows: n });
  }
  return found;
}

function wants({ holds }: ArchiveTable, kinds: ReadonlySet<LaneKind>): boolean {
  return holds.some((kind) => kinds.has(kind));
}

function condition({ byKind }: ArchiveTable): string {
  const arrived =
    "arrival >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND arrival < fromUnixTimestamp64Milli({to:Int64}, 'UTC')";
  return byKind !== true ? arrived : `${arrived} AND kind IN {kinds:Array(String)}`;
}

function inOrder(a: ArchivedRow, b: ArchivedRow): number {
  return (
    a.arrived - b.arrived || a.feed - b.feed || a.partition - b.partition || a.offset - b.offset || a.index - b.index
  );
}
