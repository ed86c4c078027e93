// Stocks and months in ClickHouse. What lies behind is summed there, what is on its way there is added from memory.
import type { ClickHouse } from '@yunjian/clickhouse';
import { gathering } from '../gathering.ts';
import type { StockRow } from './entries.ts';
import type { MonthRow } from './months.ts';
import { type BookStore, type WantedStock, waitsForClock } from './store.ts';

/** Nobody waits for these rows but the lane's offset: many go into one insert, ms. */
const INSERT_EVERY_MS = 500;
const COLUMNS = [
  'subject',
  'institution',
  'item',
  'partition',
  'position',
  'n',
  'kind',
  'split',
  'at',
  'arrival',
  'count',
  'amount',
  'ref',
];
/** Settlements wait for seconds: those of the last positions are all that a start can find. */
const WAITING_POSITIONS = 2_000_000;

type Summed = Pick<StockRow, 'subject' | 'kind' | 'split' | 'at' | 'count' | 'amount' | 'ref'>;

/**
 * Each day of counting box by box; of the rest one sum for what was added and one for what was taken off. Settlements that were taken back
 * are in neither; one of which only that counts so far stands apart.
 */
const IN_SUMS = `
  SELECT subject, of_kind AS kind, parts AS split, sum(net) AS count, sum(value) AS amount,
    max(instant) AS at, argMax(what, (instant, what)) AS ref
  FROM (
    SELECT subject, of_kind, parts, what, instant, sum(quantity) AS net, sum(fen) AS value,
      of_kind = 'stocktake' OR of_kind = 'settled' AND net < 0 AS apart
    FROM (
      SELECT DISTINCT subject, institution, position, n, kind AS of_kind, split AS parts, at AS instant, arrival AS arrived,
        count AS quantity, amount AS fen, ref AS what, maxIf(at, kind = 'stocktake') OVER (PARTITION BY subject) AS counted
      FROM ledger_stock
      WHERE subject IN {subjects: Array(String)} AND partition = {partition: UInt16} AND position <= {upTo: Int64}
    )
    WHERE if(of_kind = 'stocktake', instant > counted - 86400000,
        instant > counted
        AND (instant >= transform(institution, {institutions: Array(String)}, {since: Array(Int64)}, toInt64(0))
          OR counted >= transform(institution, {institutions: Array(String)}, {stocktakes: Array(Int64)}, toInt64(0)) AND counted > 0)
        AND NOT (of_kind = 'settled' AND quantity > 0 AND arrived > {arrivedBy: Int64}))
    GROUP BY subject, of_kind, parts, what, instant
    HAVING net != 0 OR of_kind = 'stocktake'
  )
  GROUP BY subject, of_kind, parts, net > 0, if(apart, what, ''), if(apart, instant, 0)`;

const WHOLE = `
  SELECT DISTINCT subject, institution, item, position, n, kind, split, at, arrival, count, amount, ref
  FROM ledger_stock
  WHERE subject IN {subjects: Array(String)} AND partition = {partition: UInt16} AND position <= {upTo: Int64}`;

export function clickhouseBooks(clickhouse: ClickHouse): BookStore {
  const onTheWay = new Map<number, Set<readonly StockRow[]>>();
  const insertStock = gathering(
    async (batches: { partition: number; rows: readonly StockRow[] }[]): Promise<null[]> => {
      const values = batches.flatMap(({ partition, rows }) =>
        rows.map((r) => [
          r.subject,
          r.institution,
          r.item,
          partition,
          r.position,
          r.n,
          r.kind,
          r.split,
          r.at,
          r.arrival,
          r.count,
          r.amount,
          r.ref,
        ]),
      );
      await clickhouse.insert('ledger_stock', COLUMNS, values);
      return batches.map(() => null);
    },
    INSERT_EVERY_MS,
  );
  const insertMonths = gathering(async (batches: unknown[][][]): Promise<null[]> => {
    await clickhouse.insert('ledger_month', ['partition', 'position', 'n', 'record'], batches.flat());
    return batches.map(() => null);
  }, INSERT_EVERY_MS);
  const recentOf = (partition: number) => [...(onTheWay.get(partition) ?? [])].flat();

  const stock = async (partition: number, wanted: WantedStock): Promise<Map<string, StockRow[]>> => {
    const recent = recentOf(partition).filter(({ position }) => position < wanted.below);
    // Rows are acknowledged in order: what lies below the first on its way is stored.
    const upTo = Math.min(wanted.below, ...recent.map(({ position }) => position)) - 1;
    const found = new Map<string, StockRow[]>(wanted.subjects.map((subject) => [subject, []]));
    const bound = { partition, upTo, arrivedBy: toStored(wanted.arrivedBy) };
    const summed = wanted.subjects.filter((subject) => !wanted.whole.has(subject));
    const whole = wanted.subjects.filter((subject) => wanted.whole.has(subject));
    const [sums, rows] = await Promise.all([
      summed.length === 0
        ? []
        : clickhouse.query<Summed>(IN_SUMS, {
            ...bound,
            subjects: summed,
            institutions: [...wanted.uploading.keys()],
            since: [...wanted.uploading.values()].map(({ from }) => from),
            stocktakes: [...wanted.uploading.values()].map(({ stocktakesFrom }) => stocktakesFrom),
          }),
      whole.length === 0 ? [] : clickhouse.query<StockRow>(WHOLE, { ...bound, subjects: whole }),
    ]);
    const arrived = (row: StockRow) => !waitsForClock(row) || row.arrival <= wanted.arrivedBy;
    for (const row of sums) found.get(row.subject)?.push(asRow(row));
    for (const row of [...rows.filter(arrived), ...recent.filter(arrived)]) found.get(row.subject)?.push(row);
    return found;
  };

  return {
    stock: async (partition, wanted) => {
      // A stocktake on its way cuts off what is stored, a settlement taken back may be the latest: then the rows themselves are needed.
      const counted = recentOf(partition).filter(
        ({ kind, count }) => kind === 'stocktake' || (kind === 'settled' && count < 0),
      );
      return stock(partition, {
        ...wanted,
        whole: new Set([...wanted.whole, ...counted.map(({ subject }) => subject)]),
      });
    },
    addStock: async (partition, rows) => {
      if (rows.length === 0) return;
      const known = onTheWay.get(partition) ?? new Set();
      onTheWay.set(partition, known.add(rows));
      await insertStock({ partition, rows });
      known.delete(rows);
    },
    stocksOf: async (partition, institutions) => {
      if (institutions.length === 0) return [];
      const prefixes = [...new Set(institutions)].map((institution) => `${institution}|`);
      const conditions = prefixes.map((_, n) => `startsWith(subject, {p${n}: String})`).join(' OR ');
      const stored = await clickhouse.query<{ subject: string }>(
        `SELECT DISTINCT subject FROM ledger_stock WHERE (${conditions}) AND partition = {partition: UInt16}`,
        { partition, ...Object.fromEntries(prefixes.map((prefix, n) => [`p${n}`, prefix])) },
      );
      const recent = recentOf(partition).filter(({ subject }) => prefixes.some((prefix) => subject.startsWith(prefix)));
      return [...new Set([...stored, ...recent].map(({ subject }) => subject))];
    },
    splitStocksOf: async (partition, items) => {
      if (items.length === 0) return [];
      const stored = await clickhouse.query<{ subject: string }>(
        `SELECT DISTINCT subject FROM ledger_stock
         WHERE partition = {partition: UInt16} AND split AND item IN {items: Array(String)}`,
        { partition, items: [...new Set(items)] },
      );
      const recent = recentOf(partition).filter(({ split, item }) => split && items.includes(item));
      return [...new Set([...stored, ...recent].map(({ subject }) => subject))];
    },
    settledAfter: (partition, below, arrival) =>
      clickhouse.query<StockRow>(
        `SELECT DISTINCT subject, institution, item, position, n, kind, split, at, arrival, count, amount, ref
         FROM ledger_stock
         WHERE partition = {partition: UInt16} AND position < {below: UInt64} AND position >= {from: UInt64}
           AND kind = 'settled' AND count > 0 AND arrival > {arrival: Int64}
         ORDER BY position, n`,
        { partition, below, from: Math.max(0, below - WAITING_POSITIONS), arrival: toStored(arrival) },
      ),
    addMonths: async (partition, rows) => {
      if (rows.length > 0) await insertMonths(rows.map((row) => [partition, row.position, row.n, JSON.stringify(row)]));
    },
    months: async (partition) => {
      const rows = await clickhouse.query<{ record: string }>(
        'SELECT DISTINCT position, n, record FROM ledger_month WHERE partition = {partition: UInt16} ORDER BY position, n',
        { partition },
      );
      return rows.map(({ record }) => JSON.parse(record) as MonthRow);
    },
  };
}

/** A clock that was never shown lies before every instant. */
function toStored(ms: number): number {
  return Math.max(ms, 0);
}

/** A sum stands behind whatever cuts off: it was made so. */
function asRow(summed: Summed): StockRow {
  const bar = summed.subject.indexOf('|');
  const [institution, item] = [summed.subject.slice(0, bar), summed.subject.slice(bar + 1)];
  return { ...summed, institution, item, position: -1, n: 0, arrival: 0 };
}
