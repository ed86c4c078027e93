// `npm start` as a person uses it: what it prints and writes, what it does when something dies, and how it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerAnswers } from '@yunjian/infra/local/broker.ts';
import { clickhouseAnswers } from '@yunjian/infra/local/clickhouse.ts';
import type { StackDescription } from '@yunjian/infra/local/stack-file.ts';
import { until } from '@yunjian/infra/local/until.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');
const START_MS = 180_000;

const directory = mkdtempSync(join(tmpdir(), 'yunjian-stack-'));
const stackFile = join(directory, 'stack.json');

/** `npm start` in a process group of its own, as a terminal starts it. */
class Terminal {
  readonly #npm: ChildProcess;
  output = '';

  constructor(...args: string[]) {
    const words = ['start', '--', '--data', directory, '--ports', 'auto', '--only', 'ingest,wall', ...args];
    this.#npm = spawn('npm', words, { cwd: REPOSITORY, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#npm.stdout, this.#npm.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.output += data.toString();
      });
    }
  }

  async ready(): Promise<StackDescription> {
    await this.says('Everything is ready');
    return readStack();
  }

  says(text: string): Promise<void> {
    return until(
      () => this.output.includes(text),
      START_MS,
      () => `npm start never said ${JSON.stringify(text)}:\n${this.output}`,
    );
  }

  /** Ctrl-C: SIGINT to everything in the foreground. Returns npm's exit code. */
  async interrupt(): Promise<number | null> {
    const gone = this.ended();
    if (this.#npm.exitCode === null) process.kill(-this.#npm.pid!, 'SIGINT');
    return gone;
  }

  async ended(): Promise<number | null> {
    return this.#npm.exitCode ?? (await once(this.#npm, 'exit'))[0];
  }
}

function readStack(): StackDescription {
  return JSON.parse(readFileSync(stackFile, 'utf8')) as StackDescription;
}

/** Everything that the stack has started and that has not died. */
function record(): { name: string; pid: number }[] {
  return JSON.parse(readFileSync(join(directory, 'processes.json'), 'utf8'));
}

function started(): number[] {
  return record().map(({ pid }) => pid);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('npm start', { timeout: 2 * START_MS }, () => {
  let terminal: Terminal;
  let stack: StackDescription;
  beforeAll(async () => {
    terminal = new Terminal();
    stack = await terminal.ready();
  }, 2 * START_MS);
  afterAll(async () => {
    await terminal.interrupt();
    rmSync(directory, { recursive: true, force: true });
  }, START_MS);

  it('describes a stack that answers at every address', async () => {
    expect(terminal.output).toContain(`${stack.wall.url}/#token=${stack.wall.token}`);
    expect(Object.keys(stack.processes).sort()).toEqual(['ingest', 'wall']);
    expect(stack.namespace).toBe('yj');
    expect((await fetch(`${stack.clickhouse}/ping`)).ok).toBe(true);
    expect((await fetch(`${stack.wall.url}/readyz`)).ok).toBe(true);
    const events = (key: string) =>
      fetch(`${stack.ingest.url}/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '[]',
      });
    expect((await events(stack.ingest.api_key)).status).toBe(202);
    expect((await events('wrong')).status).toBe(401);
  });

  it('starts a killed service again on its port, and says so in the file and in words', async () => {
    const [before] = stack.processes.ingest!;
    process.kill(before!, 'SIGKILL');
    await terminal.says('ingest ended (signal SIGKILL), starts again in 1 s');
    const pid = () => readStack().processes.ingest?.[0];
    await until(
      () => pid() !== undefined && pid() !== before,
      START_MS,
      () => 'no new pid',
    );
    expect(alive(pid()!)).toBe(true);
    const answers = () =>
      fetch(`${stack.ingest.url}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
    await until(answers, START_MS, () => 'not ready again');
    expect(readStack()).toMatchObject({ ingest: stack.ingest, wall: stack.wall, kafka: stack.kafka });
  });

  it('brings a killed broker and a killed ClickHouse back to their addresses', async () => {
    for (const { name, pid } of record()) if (!(name in stack.processes)) process.kill(pid, 'SIGKILL');
    await terminal.says('kafka ended (signal SIGKILL), starts again in 1 s');
    await terminal.says('clickhouse ended (signal SIGKILL), starts again in 1 s');
    const back = async () => (await brokerAnswers(stack.kafka)) && (await clickhouseAnswers(stack.clickhouse));
    await until(back, START_MS, () => 'not back');
    await until(
      () => started().length === 4,
      START_MS,
      () => 'not all four recorded',
    );
  });

  it('refuses a second start on the same data in one sentence', async () => {
    const second = new Terminal();
    expect(await second.ended()).toBe(1);
    expect(second.output).toMatch(/A stack runs already on .* \(process \d+\): stop it with Ctrl-C/);
    expect(second.output).not.toContain('    at ');
    expect(existsSync(stackFile)).toBe(true);
  });

  it('ends what a killed supervisor left behind, and finds its data', async () => {
    const left = started();
    const { pid } = JSON.parse(readFileSync(join(directory, 'supervisor.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await terminal.ended();
    expect(left.some(alive)).toBe(true);
    terminal = new Terminal();
    const again = await terminal.ready();
    expect(terminal.output).toContain('Ended what an earlier start left running');
    expect(left.filter(alive)).toEqual([]);
    expect(again.ingest.api_key).toBe(stack.ingest.api_key);
  });

  it('ends everything it started on Ctrl-C', async () => {
    const running = started();
    expect(running).toHaveLength(4);
    await terminal.interrupt();
    expect(terminal.output).toContain('Stopped');
    expect(running.filter(alive)).toEqual([]);
    expect(existsSync(stackFile)).toBe(false);
  });
});
