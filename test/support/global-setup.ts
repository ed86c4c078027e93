// One broker and one ClickHouse for a whole run of the integration tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { SHORT_LIVED, startBroker } from './broker.ts';
import { startClickhouse } from './clickhouse.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kafkaBrokers: string[];
    clickhouseUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-test-'));
  const [broker, clickhouse] = await Promise.all([startBroker(directory, SHORT_LIVED), startClickhouse(directory)]);
  project.provide('kafkaBrokers', [broker.address]);
  project.provide('clickhouseUrl', clickhouse.address);
  return async () => {
    await Promise.all([broker.stop(), clickhouse.stop()]);
    rmSync(directory, { recursive: true, force: true });
  };
}
