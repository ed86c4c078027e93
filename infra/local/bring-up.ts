// Brings the local stack up in order, keeps its processes running, and takes it down in the reverse order.
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { brokerAnswers, brokerCommand } from './broker.ts';
import { clickhouseAnswers, clickhouseCommand } from './clickhouse.ts';
import type { Command } from './command.ts';
import type { StackOptions } from './options.ts';
import { commonEnv, type Plan, serviceCommand, urlOf } from './plan.ts';
import type { ProcessRecord } from './process-record.ts';
import { readyWhen } from './readiness.ts';
import type { Secrets } from './secrets.ts';
import type { Service } from './services.ts';
import type { StackFile } from './stack-file.ts';
import { buildPage, runSetup } from './steps.ts';
import { Supervised } from './supervised.ts';
import { until } from './until.ts';

/** A service drains within 10 s of SIGTERM. */
const SERVICE_GRACE_MS = 11_000;
const SERVER_GRACE_MS = 15_000;
const SERVER_START_MS = 60_000;

export interface StackParts {
  options: StackOptions;
  plan: Plan;
  secrets: Secrets;
  record: ProcessRecord;
  file: StackFile;
  say: (line: string) => void;
  /** Aborted when the start is to be given up. */
  signal: AbortSignal;
}

export class Stack {
  readonly #parts: StackParts;
  readonly #logs: string;
  readonly #servers: Supervised[] = [];
  readonly #services: Supervised[] = [];

  constructor(parts: StackParts) {
    this.#parts = parts;
    this.#logs = join(parts.options.data, 'logs');
    setAsideLogs(this.#logs);
  }

  /** Resolves when everything answers and stack.json is written; rejects when a part cannot be started at all. */
  async up(): Promise<void> {
    const { file, plan, secrets, signal } = this.#parts;
    await Promise.all([this.#kafka(), this.#clickhouse(), buildPage(plan, this.#logs, signal)]);
    const setup = this.#timed('topics and tables');
    await runSetup(commonEnv(plan), this.#logs, signal);
    setup('');
    await this.#start(plan.services.filter((service) => service.name !== 'simulator'));
    // The city comes last: its backfill would slow down the start of those that it is for.
    await this.#start(plan.services.filter((service) => service.name === 'simulator'));
    file.publish({
      kafka: plan.kafka,
      clickhouse: plan.clickhouse,
      ingest: { url: urlOf(plan, 'ingest'), api_key: secrets.apiKey },
      wall: { url: urlOf(plan, 'wall'), token: secrets.wallToken },
      namespace: commonEnv(plan).YJ_NAMESPACE,
    });
  }

  /** Ends every process that was started, services first. */
  async down(): Promise<void> {
    this.#parts.file.remove();
    await Promise.all(this.#services.map((service) => service.stop(SERVICE_GRACE_MS)));
    await Promise.all(this.#servers.map((server) => server.stop(SERVER_GRACE_MS)));
  }

  async #kafka(): Promise<void> {
    const { options, plan, say, signal } = this.#parts;
    if (!plan.ownKafka) {
      say(`  kafka                at ${plan.kafka}, as KAFKA_BROKERS says`);
      return;
    }
    const command = await brokerCommand({
      directory: join(options.data, 'kafka'),
      port: plan.ports.get('kafka')!,
      controllerPort: plan.ports.get('kafka controller')!,
      say: (line) => say(`  ${line}`),
      signal,
    });
    await this.#server('kafka', command, plan.kafka, () => brokerAnswers(plan.kafka));
  }

  async #clickhouse(): Promise<void> {
    const { options, plan, say } = this.#parts;
    if (!plan.ownClickhouse) {
      say(`  clickhouse           at ${plan.clickhouse}, as CLICKHOUSE_URL says`);
      return;
    }
    const command = clickhouseCommand(join(options.data, 'clickhouse'), plan.ports.get('clickhouse')!);
    await this.#server('clickhouse', command, plan.clickhouse, () => clickhouseAnswers(plan.clickhouse));
  }

  async #server(name: string, command: Command, address: string, answers: () => Promise<boolean>): Promise<void> {
    const ready = this.#timed(name);
    this.#servers.push(this.#supervise(name, command, () => {}));
    const why = () => `${name} does not answer at ${address}; the end of its log:\n${this.#endOfLog(name)}`;
    await until(answers, SERVER_START_MS, why, this.#parts.signal);
    ready(address);
  }

  async #start(services: readonly Service[]): Promise<void> {
    const { file, options, plan, secrets, say, signal } = this.#parts;
    await Promise.all(
      services.map(async (service) => {
        const ready = this.#timed(service.name);
        const command = serviceCommand(plan, service, options, secrets);
        const keepCurrent = (pid: number | undefined) => file.setProcess(service.name, pid);
        this.#services.push(this.#supervise(service.name, command, keepCurrent));
        await readyWhen(service.name, urlOf(plan, service.name), say, signal);
        ready(urlOf(plan, service.name));
      }),
    );
  }

  #supervise(name: string, command: Command, onChange: (pid: number | undefined) => void): Supervised {
    const { record, say, signal } = this.#parts;
    signal.throwIfAborted();
    const supervised = new Supervised({
      name,
      command,
      log: join(this.#logs, `${name}.log`),
      say,
      onChange(pid) {
        if (pid === undefined) record.ended(name);
        else record.started(name, pid);
        onChange(pid);
      },
    });
    supervised.start();
    return supervised;
  }

  #timed(name: string): (where: string) => void {
    const begun = performance.now();
    return (where) => {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      this.#parts.say(`  ${name.padEnd(20)} ready in ${seconds} s${where && ` at ${where}`}`);
    };
  }

  #endOfLog(name: string): string {
    return readFileSync(join(this.#logs, `${name}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-6)
      .join('\n');
  }
}

/** Each start has logs of its own; those of the start before are kept beside them. */
function setAsideLogs(directory: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.log'))) {
    renameSync(join(directory, name), join(directory, `${name}.before`));
  }
}
