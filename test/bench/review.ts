// Pre-settlement reviews at a steady rate against ledgers that hold a history: how long a till waits.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ReviewAnswer, type TopicNames, topicNames, topicRegistry } from '@yunjian/contracts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { until } from '@yunjian/infra/local/until.ts';
import { closeAdmin, ensureTopics, groupOffsets, type KafkaSettings, watermarks } from '@yunjian/kafka';
import { startBroker } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { type RawEvent, visitEvents } from './city.ts';
import { quantile, rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';

const [NAMESPACE, PARTITIONS, API_KEY] = ['bench', 4, 'bench-api-key'];
const RATE = 200;
const BATCH = 500;
const WARM_UP_S = 5;
/** Of the tills' gateway; a request that finds none free waits, and that counts. */
const CONNECTIONS = 64;
const LIMIT_MS = 900_000;

export async function benchReview({ directory, say, options }: Bench): Promise<Results> {
  const [broker, clickhouse] = await Promise.all([startBroker(directory), startClickhouse(directory)]);
  const settings: KafkaSettings = { brokers: [broker.address], clientId: 'bench' };
  const names = topicNames(NAMESPACE);
  try {
    await Promise.all([
      ensureTopics(
        settings,
        topicRegistry({ namespace: NAMESPACE, rawPartitions: PARTITIONS, lanePartitions: PARTITIONS }),
      ),
      migrate({ url: clickhouse.address, database: NAMESPACE }),
    ]);
    const env = { YJ_NAMESPACE: NAMESPACE, KAFKA_BROKERS: broker.address, CLICKHOUSE_URL: clickhouse.address };
    const keys = JSON.stringify([{ key: API_KEY, name: 'bench', institutions: '*' }]);
    const ledger = await startProcess('ledger', env, `${directory}/ledger.log`);
    const ingest = await startProcess(
      'ingest',
      { ...env, YJ_API_KEYS: keys, YJ_REVIEW_URL: ledger.url },
      `${directory}/ingest.log`,
    );
    await Promise.all([ledger.ready(), ingest.ready()]);
    const settlements = options.events;
    await fill(ingest.url, settlements);
    await drained(settings, names);
    say(`  the ledgers hold ${settlements.toLocaleString('en')} settlements with their codes`);
    await steady(ingest.url, settlements, WARM_UP_S);
    const before = await cpuOf(ingest, ledger);
    const { waits, findings, degraded } = await steady(ingest.url, settlements, options.seconds);
    const cpu = (await cpuOf(ingest, ledger)) - before;
    await Promise.all([ingest.stop(), ledger.stop()]);
    return {
      review_requests_per_s: RATE,
      review_p50_ms: rounded(quantile(waits, 0.5)),
      review_p99_ms: rounded(quantile(waits, 0.99)),
      review_max_ms: rounded(Math.max(...waits)),
      review_cpu_ms_per_request: rounded((cpu * 1_000) / waits.length, 2),
      review_degraded_share: rounded(degraded / waits.length, 4),
      review_with_findings_share: rounded(findings / waits.length, 4),
    };
  } finally {
    await closeAdmin(settings).catch(() => {});
    await Promise.all([broker.stop(), clickhouse.stop()]);
  }
}

/** Seconds of CPU that the services have used so far, ClickHouse not among them. */
async function cpuOf(...services: ServiceProcess[]): Promise<number> {
  const texts = await Promise.all(services.map((service) => service.metrics()));
  const used = texts.map((text) => Number(/^yunjian_process_cpu_seconds_total\{[^}]*\} (\S+)$/m.exec(text)?.[1]));
  return used.reduce((sum, each) => sum + each, 0);
}

const START = Date.now() - 20 * 86_400_000;
const settlementOf = (visit: number): RawEvent => visitEvents(visit, START + visit * 1_000).settlement;

async function fill(url: string, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/x-ndjson' };
  for (let from = 0; from < count; from += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => settlementOf(from + i));
    const body = events.map((event) => JSON.stringify(event)).join('\n');
    const send = () => fetch(`${url}/v1/events`, { method: 'POST', headers, body });
    let response = await send();
    while (response.status === 503 || response.status === 429) {
      await sleep(1_000 * Number(response.headers.get('retry-after') ?? 1));
      response = await send();
    }
    await response.body?.cancel();
    if (response.status !== 202) throw new Error(`POST /v1/events answered ${response.status}`);
  }
}

/** Everything sent is in the lanes, judged, stored and committed. */
async function drained(settings: KafkaSettings, names: TopicNames): Promise<void> {
  await until(
    async () => {
      for (const [lane, group] of [
        ['code', 'ledger.code'],
        ['person', 'ledger.person'],
      ] as const) {
        const topic = names.lane(lane);
        const marks = await watermarks(settings, topic);
        const offsets = await groupOffsets(settings, names.group(group), topic);
        // Marks go on being written: what is less than a few seconds of them is the end.
        if (marks.some(({ partition, high }) => high - (offsets[partition] ?? 0) > 10)) return false;
      }
      return true;
    },
    LIMIT_MS,
    () => 'the ledger does not reach the end of its lanes',
  );
}

interface Measured {
  /** From the instant at which a request was due until its answer was whole, ms. */
  waits: number[];
  findings: number;
  degraded: number;
}

/** Requests begin when they are due, whether those before them are answered or not. */
async function steady(url: string, known: number, seconds: number): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const measured: Measured = { waits: [], findings: 0, degraded: 0 };
  const started = performance.now();
  const under: Promise<void>[] = [];
  const failures: Error[] = [];
  for (let n = 0; n < RATE * seconds; n++) {
    const due = started + (n * 1_000) / RATE;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    under.push(
      post(agent, `${url}/v1/review`, JSON.stringify(aboutToBeMade(n, known)))
        .then(({ result, degraded }) => {
          measured.waits.push(performance.now() - due);
          if (degraded) measured.degraded++;
          else if (result.length > 0) measured.findings++;
        })
        .catch((error: Error) => void failures.push(error)),
    );
  }
  await Promise.all(under);
  agent.destroy();
  if (failures[0] !== undefined) throw failures[0];
  return measured;
}

/** Somebody known buys; every second time a box that was sold before. */
function aboutToBeMade(n: number, known: number): RawEvent {
  const earlier = settlementOf((n * 7_919) % known);
  const boxes = n % 2 === 0 ? earlier : settlementOf(known + n);
  const id = `R${n}-${START}`;
  const event_time = new Date().toISOString();
  return { ...earlier, event_id: id, setl_id: id, event_time, feedetl: boxes.feedetl };
}

function post(agent: Agent, url: string, body: string): Promise<ReviewAnswer> {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`POST /v1/review answered ${response.statusCode}`));
        else resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as ReviewAnswer);
      });
    });
    // The door had just closed a connection that had rested: as any client, again on another.
    sent.on('error', (error) => {
      if (sent.reusedSocket) resolve(post(agent, url, body));
      else reject(error);
    });
    sent.end(body);
  });
}
