// What a start refuses before it has started anything.
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { planOf } from './plan.ts';

const options = {
  data: '/unused',
  simulator: false,
  speed: 1,
  autoPorts: false,
  only: ['ingest'],
  kafkaBrokers: 'a:9092',
  clickhouseUrl: 'http://b:8123',
};

it('names a port that is taken', async () => {
  const server = createServer();
  // Someone else's listener does as well as this one.
  await new Promise<void>((resolve) => server.once('error', () => resolve()).listen(8081, '127.0.0.1', resolve));
  await expect(planOf(options)).rejects.toThrow(
    'Port 8081 (ingest) is taken by another program: stop that, or start with npm start -- --ports auto.',
  );
  server.close();
});

it('names a service that there is not', async () => {
  await expect(planOf({ ...options, only: ['inggest'] })).rejects.toThrow(
    '--only names inggest: the services are ingest',
  );
});

it('gives every part a port of its own', async () => {
  const { ports, kafka, clickhouse } = await planOf({ ...options, autoPorts: true });
  expect(new Set(ports.values()).size).toBe(ports.size);
  expect([kafka, clickhouse]).toEqual(['a:9092', 'http://b:8123']);
});
