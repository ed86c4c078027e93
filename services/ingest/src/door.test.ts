// The HTTP door against a broker that stalls or refuses, played by a producer that does as it is told.
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { topicNames } from '@yunjian/contracts';
import type { LogProducer, OutRecord } from '@yunjian/kafka';
import { createMetrics } from '@yunjian/service';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDoor, type Door } from './door.ts';
import { createIngestMetrics } from './metrics.ts';

const EVENT = () =>
  JSON.stringify({
    event_id: 'e1',
    event_type: 'heartbeat',
    event_time: new Date().toISOString(),
    source: 's',
    fixmedins_code: 'P32110000001',
    device_id: '34020000001320000001',
  });

let server: Server;
let door: Door;
let sent: [topic: string, records: OutRecord[]][];
let acknowledge: (() => void)[];
let refusing: Error | null;
let healthy: boolean;
const defects: Error[] = [];

beforeEach(async () => {
  sent = [];
  acknowledge = [];
  refusing = null;
  healthy = true;
  const producer: LogProducer = {
    get healthy() {
      return healthy;
    },
    send: (topic, records) => {
      if (refusing !== null) return Promise.reject(refusing);
      sent.push([topic, records]);
      return new Promise((resolve) => void acknowledge.push(() => resolve([])));
    },
    close: async () => {},
  };
  door = createDoor({
    keys: [{ key: 'the-key', name: 'n', institutions: '*' }],
    producer,
    names: topicNames('t'),
    metrics: createIngestMetrics(createMetrics('test')),
    replay: false,
    maxInFlightBytes: 1000,
    onDefect: (error) => void defects.push(error),
  });
  server = createServer((request, response) => void door.handle(request, response)).listen(0);
});
afterEach(() => {
  for (const act of acknowledge) act();
  server.closeAllConnections();
  server.close();
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/events`;
const HEADERS = { authorization: 'Bearer the-key', 'content-type': 'application/x-ndjson' };
const post = (body: string | NonSharedBuffer, headers: Record<string, string> = {}) =>
  fetch(url(), { method: 'POST', body, headers: { ...HEADERS, ...headers } });

/** A request whose body has begun and does not say how long it will be. */
function begin(body: string) {
  const sending = request(url(), { method: 'POST', headers: HEADERS });
  const answer = new Promise<IncomingMessage>((resolve) => sending.on('response', resolve));
  sending.write(body);
  return { answer, end: () => sending.end() };
}

/** Resolves when so many sends are under way. */
async function sends(count: number): Promise<void> {
  while (sent.length < count) await new Promise((resolve) => setImmediate(resolve));
}

it('answers only after every acknowledgement, of what was refused too', async () => {
  let answered = false;
  const answer = post(`${EVENT()}\nnot json\n`).then((response) => {
    answered = true;
    return response;
  });
  await sends(2);
  expect(sent.map(([topic]) => topic).sort()).toEqual(['t.raw.surveillance', 't.rejected']);
  acknowledge[0]?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(answered).toBe(false);
  acknowledge[1]?.();
  expect((await answer).status).toBe(202);
});

it('puts off what is too much, and takes it when there is room again', async () => {
  const first = post(`${EVENT()}${' '.repeat(700)}`);
  await sends(1);
  const second = await post(`${EVENT()}${' '.repeat(700)}`);
  expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
  acknowledge[0]?.();
  expect((await first).status).toBe(202);
  const third = post(EVENT());
  await sends(2);
  acknowledge[1]?.();
  expect((await third).status).toBe(202);
});

it('puts off what outgrows the room while it is read, packed or begun together with others', async () => {
  const packed = await post(gzipSync(`${EVENT()}${' '.repeat(5000)}`), { 'content-encoding': 'gzip' });
  expect([packed.status, packed.headers.get('retry-after')]).toEqual([429, '1']);

  const both = [begin(`${EVENT()}${' '.repeat(700)}`), begin(`${EVENT()}${' '.repeat(700)}`)];
  const refused = await Promise.race(
    both.map(async ({ answer }, index) => ({ index, status: (await answer).statusCode })),
  );
  expect(refused.status).toBe(429);
  const other = both[1 - refused.index];
  other?.end();
  await sends(1);
  acknowledge[0]?.();
  expect((await other?.answer)?.statusCode).toBe(202);
  expect(defects).toEqual([]);
});

it('waits for a broker that stalls for seconds only, and lets nobody wait after that until it answers', async () => {
  const first = await post(EVENT());
  expect([first.status, first.headers.get('retry-after')]).toEqual([503, '1']);
  const before = performance.now();
  expect((await post(EVENT())).status).toBe(503);
  expect(performance.now() - before).toBeLessThan(1000);
  expect(sent).toHaveLength(1);
  acknowledge[0]?.();
  const third = post(EVENT());
  await sends(2);
  acknowledge[1]?.();
  expect((await third).status).toBe(202);
}, 15_000);

it('says 503 while the broker is away, while it ends, and when the broker refuses; a refusal is told as a defect', async () => {
  healthy = false;
  expect((await post(EVENT())).status).toBe(503);
  healthy = true;
  refusing = new Error('refused');
  expect((await post(EVENT())).status).toBe(503);
  expect(defects.at(-1)?.message).toBe('refused');
  refusing = null;
  const last = post(EVENT());
  await sends(1);
  const closed = door.close();
  expect((await post(EVENT())).status).toBe(503);
  acknowledge[0]?.();
  await closed;
  expect((await last).status).toBe(202);
});
