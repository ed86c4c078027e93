// A service as a process of its own, to kill, to stop like a machine that hangs, and to ask how it is.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { end, launch } from '@yunjian/infra/local/launch.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { entryOf } from '@yunjian/infra/local/services.ts';
import { until } from '@yunjian/infra/local/until.ts';

export interface ServiceProcess {
  url: string;
  /** GET /readyz: status and body; null when it does not answer within a second. */
  readyz(): Promise<{ status: number; body: Record<string, unknown> } | null>;
  /** Resolves when it is ready. */
  ready(limitMs?: number): Promise<void>;
  metrics(): Promise<string>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Its exit code once it has ended by itself, else null. */
  ended(): number | null;
  pid: number;
}

/** Starts a service with an environment on a free port, or on that of one before it; its output goes to `log`. */
export async function startProcess(
  service: string,
  env: Record<string, string>,
  log: string,
  onPort?: number,
): Promise<ServiceProcess> {
  const port = onPort ?? (await freePorts(1))[0];
  const url = `http://127.0.0.1:${port}`;
  const child: ChildProcess = launch(
    { file: process.execPath, args: [entryOf(service)], env: { ...env, YJ_PORT: String(port) } },
    log,
  );
  const gone = once(child, 'exit');
  const readyz: ServiceProcess['readyz'] = async () => {
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    } catch {
      return null;
    }
  };
  return {
    url,
    readyz,
    ready: (limitMs = 30_000) => {
      let last: Awaited<ReturnType<typeof readyz>> = null;
      return until(
        async () => {
          if (child.exitCode !== null) throw new Error(`${service} ended with code ${child.exitCode}: see ${log}`);
          last = await readyz();
          return last?.status === 200;
        },
        limitMs,
        () => `${service} is not ready after ${limitMs} ms: see ${log}; /readyz says ${JSON.stringify(last)}`,
      );
    },
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    stop: async () => {
      await end(child, 15_000);
      return child.exitCode;
    },
    ended: () => child.exitCode,
    pid: child.pid as number,
  };
}
