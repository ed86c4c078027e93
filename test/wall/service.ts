// The wall service as a process of its own, on free ports, with its log in a directory of the test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, launch } from '@yunjian/infra/local/launch.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { until } from '@yunjian/infra/local/until.ts';

const ENTRY = join(import.meta.dirname, '../../services/wall/src/main.ts');
export const TOKEN = 'wall-test-token';
export const OPERATOR = '李明';

export interface WallProcess {
  url: string;
  /** Starts it, again after a kill; resolves when it is ready. */
  start(): Promise<void>;
  kill(): void;
  /** Asks its API. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Status of /readyz, null without an answer. */
  ready(): Promise<number | null>;
  /** SIGTERM, and SIGKILL after 10 s; resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** @param env of the namespace it works in */
export async function wallProcess(env: Record<string, string>): Promise<WallProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'yunjian-wall-'));
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  let child: ReturnType<typeof launch>;
  const ready = async () => (await fetch(`${url}/readyz`).catch(() => null))?.status ?? null;
  return {
    url,
    ready,
    async start() {
      const settings = {
        YJ_PORT: String(port),
        YJ_WALL_TOKENS: JSON.stringify([{ token: TOKEN, name: OPERATOR }]),
        YJ_WALL_PING_MS: '200',
      };
      const log = join(directory, 'wall.log');
      child = launch({ file: process.execPath, args: [ENTRY], env: { ...env, ...settings } }, log);
      await until(
        async () => (await ready()) === 200,
        30_000,
        () => `the wall is not ready, see ${log}`,
      );
    },
    kill: () => void child.kill('SIGKILL'),
    ask: (path, init = {}) =>
      fetch(url + path, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } }),
    async stop() {
      await end(child, 10_000);
      await rm(directory, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}
