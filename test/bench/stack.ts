// A whole stack for one benchmark: own data, free ports, no simulated city; and what its processes cost.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '@yunjian/contracts';
import { Stack } from '@yunjian/infra/local/bring-up.ts';
import { planOf, urlOf } from '@yunjian/infra/local/plan.ts';
import { ProcessRecord } from '@yunjian/infra/local/process-record.ts';
import { secretsOf } from '@yunjian/infra/local/secrets.ts';
import { type StackDescription, StackFile } from '@yunjian/infra/local/stack-file.ts';
import { closeAdmin, type KafkaSettings } from '@yunjian/kafka';
import { cpuSeconds } from './figures.ts';

export interface BenchStack extends StackDescription {
  settings: KafkaSettings;
  names: ReturnType<typeof topicNames>;
  /** Base address of a service, without a trailing slash. */
  url(service: string): string;
  /** Seconds of CPU used so far by each process: the services, the broker, ClickHouse. */
  cpu(): Record<string, number>;
  stop(): Promise<void>;
}

/** Starts every service but the simulator, or those named, with its data in `directory`. Ctrl-C ends it. */
export async function startStack(directory: string, say: (line: string) => void, only?: string[]): Promise<BenchStack> {
  const data = join(directory, 'stack');
  mkdirSync(data, { recursive: true });
  const options = {
    data,
    simulator: false,
    speed: 1,
    autoPorts: true,
    only,
    kafkaBrokers: undefined,
    clickhouseUrl: undefined,
  };
  const plan = await planOf(options);
  const asked = new AbortController();
  const record = new ProcessRecord(data);
  const file = new StackFile(data);
  const stack = new Stack({ options, plan, secrets: secretsOf(data), record, file, say, signal: asked.signal });
  let stopping: Promise<void> | null = null;
  let settings: KafkaSettings | null = null;
  const stop = () => {
    stopping ??= (async () => {
      asked.abort();
      if (settings !== null) await closeAdmin(settings).catch(() => {});
      await stack.down();
      record.release();
    })();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  try {
    await stack.up();
  } catch (error) {
    await stop();
    throw error;
  }
  const description = JSON.parse(readFileSync(join(data, 'stack.json'), 'utf8')) as StackDescription;
  settings = { brokers: description.kafka.split(','), clientId: 'bench' };
  return {
    ...description,
    settings,
    names: topicNames(description.namespace),
    url: (service) => urlOf(plan, service),
    cpu: () =>
      Object.fromEntries(
        (JSON.parse(readFileSync(join(data, 'processes.json'), 'utf8')) as { name: string; pid: number }[]).map(
          ({ name, pid }) => [name, cpuSeconds(pid) ?? 0],
        ),
      ),
    stop,
  };
}
