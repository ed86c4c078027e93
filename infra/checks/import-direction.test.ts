// The check of import direction refuses what it is there to refuse, in a small tree that breaks one rule at a time.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');
const CRUISER = join(REPOSITORY, 'node_modules/.bin/depcruise');
const CONFIG = join(REPOSITORY, '.dependency-cruiser.mjs');

let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'yunjian-direction-'));
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
}

/** Names of the rules that the tree breaks. */
async function broken(): Promise<string[]> {
  const args = ['--config', CONFIG, '--output-type', 'json', '.'];
  const { stdout } = await promisify(execFile)(CRUISER, args, { cwd: tree, maxBuffer: 64 << 20 }).catch(
    (error: { stdout: string }) => error,
  );
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].filter((name) => name !== 'unresolvable').sort();
}

it('accepts the direction of the design', async () => {
  write({
    'packages/contracts/src/index.ts': 'export const a: number = 1;',
    'packages/detection/src/index.ts': "export * from '../../contracts/src/index.ts';",
    'packages/detectors/src/index.ts': "export * from '../../detection/src/index.ts';",
    'packages/kafka/src/index.ts': "import { Kafka } from 'kafkajs';\nexport const k = Kafka;",
    'services/ingest/src/main.ts': "import { k } from '../../../packages/kafka/src/index.ts';\nk;",
  });
  expect(await broken()).toEqual([]);
});

it.each([
  ['contracts-imports-too-much', 'packages/contracts/src/index.ts', "import '../../detection/src/index.ts';"],
  ['detection-imports-too-much', 'packages/detection/src/index.ts', "import '../../detectors/src/index.ts';"],
  ['alerting-imports-too-much', 'packages/alerting/src/index.ts', "import '../../detection/src/index.ts';"],
  ['service-imports-service', 'services/ingest/src/main.ts', "import '../../wall/src/main.ts';"],
  ['infra-imports-service', 'infra/local/stack.ts', "import '../../services/wall/src/main.ts';"],
  ['past-the-entry', 'services/ingest/src/main.ts', "import '../../../packages/kafka/src/producer.ts';"],
  ['kafkajs-outside-packages-kafka', 'services/ingest/src/main.ts', "import { Kafka } from 'kafkajs';\nKafka;"],
  [
    'clickhouse-client-outside-packages-clickhouse',
    'services/archiver/src/main.ts',
    "import { createClient } from '@clickhouse/client';\ncreateClient;",
  ],
  ['pure-package-does-io', 'packages/detectors/src/index.ts', "import { readFileSync } from 'node:fs';\nreadFileSync;"],
  ['processor-does-io', 'packages/processor/src/index.ts', "import { createServer } from 'node:http';\ncreateServer;"],
])('refuses %s', async (rule, path, text) => {
  write({
    'packages/contracts/src/index.ts': 'export {};',
    'packages/detection/src/index.ts': 'export {};',
    'packages/detectors/src/index.ts': 'export {};',
    'packages/kafka/src/producer.ts': 'export {};',
    'services/wall/src/main.ts': 'export {};',
    [path]: text,
  });
  expect(await broken()).toEqual([rule]);
});

it('sees imports of types alone', async () => {
  write({
    'packages/detection/src/index.ts': 'export interface A { a: number }',
    'packages/alerting/src/index.ts': "import type { A } from '../../detection/src/index.ts';\nexport type B = A;",
  });
  expect(await broken()).toEqual(['alerting-imports-too-much']);
});
