// A broker of a test's own, to kill and to bring back on the same port and data.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokerAnswers, brokerCommand } from '@yunjian/infra/local/broker.ts';
import type { Command } from '@yunjian/infra/local/command.ts';
import { end, launch } from '@yunjian/infra/local/launch.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { until } from '@yunjian/infra/local/until.ts';

/** A broker takes 6 s on two free cores, and a minute was seen where twenty processes shared them. */
const START_MS = 120_000;

/** A broker that lives for a few minutes is compiled quickly, not well: it starts for three fifths of the CPU. */
export const SHORT_LIVED = ['-XX:TieredStopAtLevel=1'];

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

/**
 * Starts a single-node broker on free ports with its data and log in `directory`.
 * @param jvm flags before its own
 */
export async function startBroker(directory: string, jvm: readonly string[] = []): Promise<LocalServer> {
  const [port, controllerPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const options = { directory: join(directory, 'kafka'), port: port!, controllerPort: controllerPort!, say: () => {} };
  const { args, ...command } = await brokerCommand(options);
  return serverOf(address, { ...command, args: [...jvm, ...args] }, join(directory, 'kafka.log'), () =>
    brokerAnswers(address),
  );
}

/** Starts `command` with its output in `log` and waits for `answers`; the start is repeatable. */
export async function serverOf(
  address: string,
  command: Command,
  log: string,
  answers: () => Promise<boolean>,
): Promise<LocalServer> {
  let child: ChildProcess;
  const failure = (what: string) => `${address}: ${what}; the end of its log:\n${lastLines(log)}`;
  const start = async () => {
    const started = launch(command, log);
    child = started;
    await until(
      () => {
        const ended = started.exitCode ?? started.signalCode;
        if (ended !== null) throw new Error(failure(`ended with ${ended} at its start`));
        return answers();
      },
      START_MS,
      () => failure(`no answer within ${START_MS / 1000} s of its start`),
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

function lastLines(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-30).join('\n');
}
