// One ingest in a namespace of its own, seen from outside: what its door answers, what stands in the topics.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeLane,
  FEEDS,
  type Feed,
  LANES,
  type Lane,
  type LaneEvent,
  type Mark,
  originAbove,
  type RejectedRecord,
  type TopicNames,
} from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, type LogProducer, type LogRecord, readRange, watermarks } from '@yunjian/kafka';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { type Namespace, type NamespaceOptions, namespace } from '../support/stack.ts';

export const PARTITIONS = 2;
export const KEYS = [
  { key: 'everywhere-key', name: 'bureau', institutions: '*' },
  { key: 'only-one-key', name: 'one pharmacy', institutions: ['P32110000001'] },
  {
    key: 'no-reference-key',
    name: 'its till',
    institutions: ['P32110000001'],
    event_types: ['settlement', 'heartbeat'],
  },
];

export interface Answer {
  status: number;
  headers: Headers;
  body: {
    accepted: number;
    rejected: { index: number; event_id: string | null; issues: { path: string; message: string }[] }[];
    status?: number;
    detail?: string;
  };
}

export interface PostOptions {
  key?: string | null;
  type?: string;
  headers?: Record<string, string>;
}

/** A raw partition's events, as one lane partition has them. */
export interface Laid {
  event: LaneEvent;
  partition: number;
  /** Behind which lane offset. */
  offset: number;
}

export class IngestWorld {
  readonly namespace: Namespace;
  readonly producer: LogProducer;
  readonly #directory: string;
  readonly #started: ServiceProcess[] = [];

  private constructor(made: Namespace, producer: LogProducer) {
    this.namespace = made;
    this.producer = producer;
    this.#directory = mkdtempSync(join(tmpdir(), 'yunjian-ingest-'));
  }

  static async open(options: NamespaceOptions = {}): Promise<IngestWorld> {
    const made = await namespace({ partitions: PARTITIONS, ...options });
    const brokers = made.env.KAFKA_BROKERS?.split(',') ?? [];
    return new IngestWorld(made, await createProducer({ brokers, clientId: 'test' }));
  }

  get names(): TopicNames {
    return this.namespace.topics;
  }

  get settings() {
    return { brokers: this.namespace.env.KAFKA_BROKERS?.split(',') ?? [], clientId: 'test' };
  }

  /** Starts an ingest; resolves when it is ready, unless told not to wait. */
  async start(env: Record<string, string> = {}, wait = true): Promise<ServiceProcess> {
    const log = this.#logOf(this.#started.length);
    const service = await startProcess(
      'ingest',
      {
        ...this.namespace.env,
        YJ_API_KEYS: JSON.stringify(KEYS),
        YJ_PSEUDONYM_KEY: 'test-pseudonym-key',
        YJ_TICK_MS: '200',
        YJ_MARK_MS: '100',
        ...env,
      },
      log,
    );
    this.#started.push(service);
    if (wait) await service.ready();
    return service;
  }

  /** What the ingest that was started last has logged. */
  lastLog(): string {
    return readFileSync(this.#logOf(this.#started.length - 1), 'utf8');
  }

  #logOf(index: number): string {
    return join(this.#directory, `ingest-${index}.log`);
  }

  async close(): Promise<void> {
    for (const service of this.#started) await service.kill();
    await this.producer.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Values of a whole topic, in order of partition and offset. */
  async read(topic: string): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    for (const { partition, low, high } of await watermarks(this.settings, topic))
      await readRange(this.settings, topic, partition, low, high, (record) => void records.push(record));
    return records;
  }

  async rejected(): Promise<RejectedRecord[]> {
    return (await this.read(this.names.rejected)).map(({ value }) => JSON.parse(String(value)) as RejectedRecord);
  }

  /** What a lane's reader takes: repeats, told by their origins, left out. */
  async lane(
    lane: Lane,
  ): Promise<{ taken: Laid[]; repeats: number; marks: { mark: Mark; partition: number; offset: number }[] }> {
    const taken: Laid[] = [];
    const marks: { mark: Mark; partition: number; offset: number }[] = [];
    const last = new Map<string, LaneEvent['origin']>();
    let repeats = 0;
    for (const { value, partition, offset } of await this.read(this.names.lane(lane))) {
      const record = decodeLane(value as Buffer);
      if (record.kind === 'mark') marks.push({ mark: record, partition, offset });
      if (record.kind === 'mark' || record.kind === 'ruleChange') continue;
      const key = `${partition}/${record.origin.feed}/${record.origin.partition}`;
      const before = last.get(key);
      if (before !== undefined && !originAbove(record.origin, before)) repeats++;
      else {
        last.set(key, record.origin);
        taken.push({ event: record, partition, offset });
      }
    }
    return { taken, repeats, marks };
  }

  /** Waits until a mark in every partition of every lane says that all that now stands in the raw topics is merged. */
  async merged(limitMs = 30_000): Promise<void> {
    const wanted = new Map<string, number>();
    for (const feed of FEEDS)
      for (const { partition, high } of await watermarks(this.settings, this.names.raw(feed)))
        if (high > 0) wanted.set(`${feed}/${partition}`, high);
    await until(
      async () => {
        for (const lane of LANES) {
          const { marks } = await this.lane(lane);
          for (let partition = 0; partition < PARTITIONS; partition++) {
            const reached = new Map<string, number>();
            for (const { mark, partition: of } of marks)
              if (of === partition) for (const e of mark.entries) reached.set(`${e.feed}/${e.partition}`, e.next);
            for (const [key, next] of wanted) if ((reached.get(key) ?? 0) < next) return false;
          }
        }
        return true;
      },
      limitMs,
      () => 'marks do not reach the end of the raw topics',
    );
  }

  /** Appends to a raw topic as a foreign producer would. */
  async append(feed: Feed, values: (Buffer | string | null)[], partition = 0): Promise<void> {
    await this.producer.send(
      this.names.raw(feed),
      values.map((value) => ({ value, partition })),
    );
  }
}

/** POST /v1/events. */
export async function post(
  service: ServiceProcess,
  body: string | Uint8Array<ArrayBuffer>,
  { key = 'everywhere-key', type = 'application/x-ndjson', headers = {} }: PostOptions = {},
): Promise<Answer> {
  const response = await fetch(`${service.url}/v1/events`, {
    method: 'POST',
    body,
    headers: { 'content-type': type, ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

let sequence = 0;

/** A valid settlement of now, fields replaced. */
export function settlement(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const id = `S${++sequence}`;
  return {
    event_id: `e-${id}`,
    event_type: 'settlement',
    event_time: new Date().toISOString().replace('Z', '+00:00'),
    source: 'pos',
    fixmedins_code: 'P32110000001',
    setl_id: id,
    psn_no: 'PERSON-IN-CLEAR-1',
    mdtrt_cert_type: '02',
    med_type: '41',
    medfee_sumamt: '35.50',
    fund_pay_sumamt: 30,
    ...fields,
  };
}

export function heartbeat(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event_id: `h-${++sequence}`,
    event_type: 'heartbeat',
    event_time: new Date().toISOString(),
    source: 'camera',
    fixmedins_code: 'P32110000001',
    device_id: '34020000001320000001',
    ...fields,
  };
}

export const lines = (...events: unknown[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');
