// A broker of a test's own, to kill and to bring back on the same port and data.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { brokerAnswers, brokerCommand } from '@yunjian/infra/local/broker.ts';
import { end, launch } from '@yunjian/infra/local/launch.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { until } from '@yunjian/infra/local/until.ts';

export interface LocalServer {
  /** host:port of the broker, URL of ClickHouse. */
  address: string;
  /** Of the process that runs now. */
  pid(): number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts again on the same port and data; resolves when it answers. */
  start(): Promise<void>;
  /** SIGTERM, then SIGKILL after 10 s. */
  stop(): Promise<void>;
}

/** Starts a single-node broker on free ports with its data and log in `directory`. */
export async function startBroker(directory: string): Promise<LocalServer> {
  const [port, controllerPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const options = { directory: join(directory, 'kafka'), port: port!, controllerPort: controllerPort!, say: () => {} };
  const command = await brokerCommand(options);
  return serverOf(
    address,
    () => launch(command, join(directory, 'kafka.log')),
    () => brokerAnswers(address),
  );
}

/** Starts `spawn` and waits for `answers`; the start is repeatable. */
export async function serverOf(
  address: string,
  spawn: () => ChildProcess,
  answers: () => Promise<boolean>,
): Promise<LocalServer> {
  let child: ChildProcess;
  const start = async () => {
    const started = spawn();
    child = started;
    await until(
      () => {
        if (started.exitCode !== null) throw new Error(`${address}: ended with code ${started.exitCode} at its start`);
        return answers();
      },
      60_000,
      () => `${address}: no answer within 60 s of its start`,
    );
  };
  await start();
  return {
    address,
    pid: () => child.pid as number,
    start,
    stop: () => end(child, 10_000),
    async kill() {
      const gone = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await gone;
      }
    },
  };
}
