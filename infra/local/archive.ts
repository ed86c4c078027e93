// Which ClickHouse a command about the archive asks: the one named, or that of the running stack.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClickHouse, createClickHouse } from '@yunjian/clickhouse';
import { clickhouseAnswers } from './clickhouse.ts';
import { Refusal } from './refusal.ts';
import type { StackDescription } from './stack-file.ts';

export interface ArchiveChoice {
  /** Null: as the running stack says. */
  clickhouse: string | null;
  namespace: string | null;
  /** Folder of the running stack. */
  data: string;
}

/** @throws Refusal where no stack runs and none is named, or nothing answers. */
export async function openArchive({ clickhouse, namespace, data }: ArchiveChoice): Promise<ClickHouse> {
  const file = join(data, 'stack.json');
  const stack = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackDescription) : null;
  const url = clickhouse ?? stack?.clickhouse;
  if (url === undefined)
    throw new Refusal(
      `No stack runs here (${file} is not there): start one, or name an archive with --clickhouse URL.`,
    );
  if (!(await clickhouseAnswers(url))) throw new Refusal(`No ClickHouse answers at ${url}: is it up?`);
  return createClickHouse({
    url,
    database: namespace ?? stack?.namespace ?? 'yj',
    username: process.env.CLICKHOUSE_USER ?? 'default',
    password: process.env.CLICKHOUSE_PASSWORD ?? '',
  });
}
