import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';

interface Line {
  level: string;
  msg: string;
  [field: string]: unknown;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const limit = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`not met within 10 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function run(behaviour: string, port?: number) {
  const at = port ?? (await freePort());
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'service.process.ts')], {
    env: { PATH: process.env.PATH, YJ_PORT: String(at), BEHAVIOUR: behaviour },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: Line[] = [];
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => lines.push(JSON.parse(line)));
  const get = (path: string) => fetch(`http://127.0.0.1:${at}${path}`);
  const ready = async () => {
    const response = await get('/readyz');
    return { ...((await response.json()) as { reasons: string[]; progress: string }), status: response.status };
  };
  const said = (message: string) => lines.filter(({ msg }) => msg === message);
  return { child, port: at, lines, get, ready, said, exit: () => until(() => child.exitCode !== null) };
}

test('a service answers health and metrics, and tells a dependency away once and back once', async () => {
  const service = await run('well');
  await until(() => service.said('started').length === 1);
  expect(await service.ready()).toMatchObject({ status: 200, reasons: [], progress: 'moving' });
  expect((await service.get('/livez')).status).toBe(200);
  expect((await service.get('/nowhere')).status).toBe(404);
  const metrics = await (await service.get('/metrics')).text();
  expect(metrics).toContain('yunjian_dependency_up{dependency="kafka",service="probe"} 1');
  expect(metrics).toContain('yunjian_process_cpu_seconds_total');
  await service.get('/switch');
  for (let i = 0; i < 3; i++)
    expect(await service.ready()).toMatchObject({ status: 503, reasons: ['kafka: connection refused'] });
  expect((await service.get('/livez')).status).toBe(200);
  await service.get('/switch');
  expect((await service.ready()).status).toBe(200);
  // The log comes by another way than the answer.
  await until(() => service.said('dependency is back').length > 0);
  expect(service.said('dependency is away, waiting for it')).toMatchObject([
    { dependency: 'kafka', reason: 'connection refused', level: 'warn' },
  ]);
  expect(service.said('dependency is back')).toHaveLength(1);
});

test('a dependency away at start is said, and the service is alive but not ready', async () => {
  const service = await run('away');
  await until(() => service.said('started').length === 1);
  expect(service.said('dependency is away, waiting for it')).toHaveLength(1);
  expect(await service.ready()).toMatchObject({ status: 503, reasons: ['kafka: connection refused'] });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s fails readiness first, then drains, then ends with 0', async (signal) => {
  const service = await run('well');
  await until(() => service.said('started').length === 1);
  service.child.kill(signal);
  await until(async () => (await service.ready()).reasons.includes('stopping'));
  expect(service.child.exitCode).toBeNull();
  await service.exit();
  expect(service.child.exitCode).toBe(0);
  expect(service.said('stopped')).toHaveLength(1);
});

test('draining that does not end is cut off with code 1 and a line that says so', async () => {
  const service = await run('hanging');
  await until(() => service.said('started').length === 1);
  service.child.kill('SIGTERM');
  await service.exit();
  expect(service.child.exitCode).toBe(1);
  expect(service.said('not drained in time, ending anyway')).toMatchObject([{ level: 'error', seconds: 1 }]);
});

test('a rejection that nobody caught, and a start that fails, end the process with 1 and their reason', async () => {
  const rejecting = await run('well');
  await until(() => rejecting.said('started').length === 1);
  await rejecting.get('/reject').catch(() => {});
  await rejecting.exit();
  const failing = await run('failing');
  await failing.exit();
  for (const [{ child, said }, reason] of [
    [rejecting, 'nobody caught this'],
    [failing, 'the topic has the wrong partitions'],
  ] as const) {
    expect(child.exitCode).toBe(1);
    expect(said('service failed')).toMatchObject([{ level: 'fatal', reason: expect.stringContaining(reason) }]);
  }
});

test('a target that is no path answers 400', async () => {
  const service = await run('well');
  await until(() => service.said('started').length === 1);
  for (const target of ['//', 'http://[']) {
    const socket = connect(service.port, '127.0.0.1', () =>
      socket.end(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1.1 400 /);
  }
  expect(service.said('request failed')).toEqual([]);
});

test('a route that throws answers 500 and the service goes on', async () => {
  const service = await run('well');
  await until(() => service.said('started').length === 1);
  expect((await service.get('/throw')).status).toBe(500);
  expect((await service.ready()).status).toBe(200);
});

test('a taken port is named, with the remedy', async () => {
  const first = await run('well');
  await until(() => first.said('started').length === 1);
  const second = await run('well', first.port);
  await second.exit();
  expect(second.said('service failed')).toMatchObject([
    { reason: expect.stringContaining(`port ${first.port} on 127.0.0.1 is taken: set YJ_PORT`) },
  ]);
});
