// The HTTP way out: nothing is lost while ingest is away or busy, and its refusals are counted.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger, createMetrics } from '@yunjian/service';
import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatedEvent } from './life/items.ts';
import { createSimulatorMetrics } from './metrics.ts';
import { httpOutlet, type Outlet, splitOutlet } from './outlet.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

const item = (id: string, topic: SimulatedEvent['topic'] = 'settlement'): SimulatedEvent => ({
  type: 'event',
  arrivalMs: 0,
  topic,
  event: { event_id: id },
  bytes: null,
});

/** A door that answers with each status in turn, then 202. */
async function door(statuses: number[], port = 0): Promise<{ url: string; taken: string[][] }> {
  const taken: string[][] = [];
  const listening = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = statuses.shift() ?? 202;
      if (status !== 202) {
        response.writeHead(status, status === 429 ? { 'retry-after': '0.01' } : {});
        response.end();
        return;
      }
      const lines = Buffer.concat(chunks).toString().trim().split('\n');
      taken.push(lines.map((line) => JSON.parse(line).event_id));
      response.writeHead(202, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ accepted: lines.length - 1, rejected: [{ index: 0 }] }));
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, taken };
}

function outletTo(url: string): { outlet: Outlet; metrics: ReturnType<typeof createMetrics> } {
  const metrics = createMetrics('simulator');
  const options = {
    url,
    key: 'k',
    logger: createLogger('simulator', 'silent'),
    metrics: createSimulatorMetrics(metrics),
  };
  return { outlet: httpOutlet({ ...options, signal: new AbortController().signal }), metrics };
}

describe('the HTTP way out', () => {
  test('sends again what was not taken, in order, and counts refusals', async () => {
    const { url, taken } = await door([503, 429, 500]);
    const { outlet, metrics } = outletTo(url);
    await outlet.deliver([item('a'), item('b')]);
    await outlet.deliver([item('c')]);
    expect(taken).toEqual([['a', 'b'], ['c']]);
    expect(outlet.health.ok).toBe(true);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/yunjian_simulator_retries_total\{[^}]*\} 3/);
    expect(text).toMatch(/yunjian_simulator_events_rejected_total\{[^}]*\} 2/);
  });

  test('waits for a door that is not there yet', async () => {
    const first = await door([]);
    const port = Number(new URL(first.url).port);
    await new Promise((resolve) => server?.close(resolve));
    const { outlet } = outletTo(first.url);
    const sent = outlet.deliver([item('a')]);
    await expect.poll(() => outlet.health.ok).toBe(false);
    const { taken } = await door([], port);
    await sent;
    expect(taken).toEqual([['a']]);
  });

  test('surveillance is acknowledged before anything else leaves', async () => {
    const order: string[] = [];
    const way = (name: string): Outlet => ({
      deliver: async (events) => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} ${events.map(({ event }) => event?.event_id).join('')}`);
      },
      health: { ok: true, reason: '' },
    });
    await splitOutlet(way('video'), way('door')).deliver([item('s'), item('c', 'surveillance'), item('t', 'trace')]);
    expect(order).toEqual(['video c', 'door st']);
  });
});
