// Ingest while the broker is away: at its start, and for a while under load. It says so, answers soon, waits, and loses nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@yunjian/infra/local/until.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalServer, SHORT_LIVED, startBroker } from '../support/broker.ts';
import { lanesAreComplete } from './expected.ts';
import { IngestWorld, lines, post, settlement } from './world.ts';

const directory = mkdtempSync(join(tmpdir(), 'yunjian-ingest-broker-'));
let broker: LocalServer;
let world: IngestWorld;

beforeAll(async () => {
  broker = await startBroker(directory, SHORT_LIVED);
  world = await IngestWorld.open({ brokers: [broker.address] });
});
afterAll(async () => {
  await world.close();
  await broker.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('waits for a broker that is away at the start, and again later; 503 soon, everything acknowledged stays', async () => {
  await broker.kill();
  const ingest = await world.start({}, false);
  const saysSo = () =>
    until(
      async () => {
        const state = await ingest.readyz();
        return state?.status === 503 && JSON.stringify(state.body).includes('kafka: ');
      },
      15_000,
      () => 'readyz does not say that kafka is away',
    );
  const refusedSoon = async () => {
    const before = performance.now();
    const answer = await post(ingest, lines(settlement()));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(performance.now() - before).toBeLessThan(5_000);
  };
  await saysSo();
  await refusedSoon();

  await broker.start();
  await ingest.ready(60_000);
  let accepted = 0;
  const send = async (count: number) => {
    const body = lines(...Array.from({ length: count }, () => settlement()));
    // As a client does that is told to send again: the door opens when a send of its own was acknowledged, a moment behind readiness.
    await until(
      async () => {
        const answer = await post(ingest, body);
        if (answer.status === 202) accepted += answer.body.accepted;
        else expect(answer.status).toBe(503);
        return answer.status === 202;
      },
      30_000,
      () => 'the door stays closed',
    );
  };
  await send(100);

  await broker.kill();
  await refusedSoon();
  await saysSo();
  await refusedSoon();
  await broker.start();
  await ingest.ready(60_000);
  await send(100);
  await world.merged(60_000);
  await lanesAreComplete(world);
  const settled = (await world.lane('institution')).taken.filter(({ event }) => event.kind === 'settlement').length;
  expect(settled).toBeGreaterThanOrEqual(accepted);
  const said = world.lastLog().split('\n');
  expect(said.filter((line) => line.includes('kafka does not answer')).length).toBe(2);
  expect(said.filter((line) => line.includes('kafka answers again')).length).toBe(2);
}, 300_000);
