// Metrics: a thin layer over prom-client that holds names and help texts to our rules.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'yunjian_';
/** Seconds, from a millisecond to a minute. */
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface MetricRow {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: string[];
}

export interface Metrics {
  registry: Registry;
  counter(name: string, help: string, labels?: readonly string[]): Counter<string>;
  gauge(
    name: string,
    help: string,
    labels?: readonly string[],
    collect?: (gauge: Gauge<string>) => void | Promise<void>,
  ): Gauge<string>;
  histogram(name: string, help: string, labels?: readonly string[], buckets?: number[]): Histogram<string>;
  /** Rows of the generated metrics page. */
  rows(): MetricRow[];
}

/** @param service label of every metric of the process. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  const own: MetricRow[] = [];
  const named = (type: MetricRow['type'], name: string, help: string, labels: readonly string[]) => {
    if (!help.endsWith('.'))
      throw new Error(`help of metric ${name} must be a full sentence, got ${JSON.stringify(help)}`);
    if (type === 'counter' && !name.endsWith('_total')) throw new Error(`counter ${name} must end in _total`);
    const full = `${PREFIX}${name}`;
    own.push({ name: full, type, help, labels: [...labels] });
    return { name: full, help, labelNames: labels, registers: [registry] };
  };
  return {
    registry,
    counter: (name, help, labels = []) => new Counter(named('counter', name, help, labels)),
    gauge: (name, help, labels = [], collect) =>
      new Gauge({
        ...named('gauge', name, help, labels),
        ...(collect === undefined
          ? {}
          : {
              collect(this: Gauge<string>) {
                return collect(this);
              },
            }),
      }),
    histogram: (name, help, labels = [], buckets = SECONDS_BUCKETS) =>
      new Histogram({ ...named('histogram', name, help, labels), buckets }),
    rows: () => own,
  };
}
