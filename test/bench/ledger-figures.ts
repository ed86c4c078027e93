// What the ledger and ClickHouse say of themselves after a run: batches, statements, CPU.
import { rounded } from './figures.ts';

/** Batches of a lane by the upper edge of the bucket they fell into, seconds. */
interface Batches {
  count: number;
  sum: number;
  buckets: { edge: number; below: number }[];
}

function batchesOf(metrics: string, lane: string): Batches {
  const of = (suffix: string) =>
    new RegExp(`^yunjian_ledger_batch_seconds_${suffix}\\{(?=[^}]*lane="${lane}")([^}]*)\\} (\\S+)$`, 'gm');
  const one = (suffix: string) => Number([...metrics.matchAll(of(suffix))][0]?.[2] ?? 0);
  const buckets = [...metrics.matchAll(of('bucket'))].map(([, labels = '', below]) => ({
    edge: Number((/le="([^"]+)"/.exec(labels)?.[1] ?? '').replace('+Inf', 'Infinity')),
    below: Number(below),
  }));
  return { count: one('count'), sum: one('sum'), buckets };
}

/** The metrics of a stretch of work: what was counted at its end less what was at its beginning. Of gauges this says nothing. */
export function counted(before: string, after: string): string {
  const samples = (text: string) =>
    [...text.matchAll(/^(\w+\{[^}]*\}) (\S+)$/gm)].map(([, key, value]) => [key, Number(value)] as const);
  const known = new Map(samples(before));
  return samples(after)
    .map(([key, value]) => `${key} ${value - (known.get(key) ?? 0)}`)
    .join('\n');
}

/** Batches, how long they took, and how often and how long each statement was asked. @param metrics of the ledger, as `counted` */
export function ledgerFigures(metrics: string, lane: string): Record<string, number> {
  const { count, sum, buckets } = batchesOf(metrics, lane);
  const figures: Record<string, number> = {
    batches: count,
    batch_mean_ms: rounded((sum * 1_000) / count),
    // A histogram knows buckets: the p99 lies at or below this edge.
    batch_p99_at_most_ms: (buckets.find(({ below }) => below >= 0.99 * count)?.edge ?? Number.NaN) * 1_000,
  };
  const statement = /^yunjian_ledger_clickhouse_seconds_(count|sum)\{[^}]*statement="([^"]+)"[^}]*\} (\S+)$/gm;
  const asked = new Map<string, { count: number; sum: number }>();
  for (const [, what, name = '', value] of metrics.matchAll(statement)) {
    const known = asked.get(name) ?? { count: 0, sum: 0 };
    asked.set(name, { ...known, [what as 'count' | 'sum']: Number(value) });
  }
  for (const [name, { count: times, sum: seconds }] of asked) {
    if (times === 0) continue;
    const key = name.replace(' ', '_');
    figures[`${key}_count`] = times;
    figures[`${key}_mean_ms`] = rounded((seconds * 1_000) / times);
  }
  return figures;
}
