// Applies infra/clickhouse/migrations/*.sql to one database, each file once, in the order of their names.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MIGRATIONS = join(import.meta.dirname, 'migrations');

export interface MigrationTarget {
  /** Without a trailing slash. */
  url: string;
  user?: string | undefined;
  password?: string | undefined;
  /** Created when missing; replaces `{database}` in the files. Letters, digits and underscores. */
  database: string;
}

/**
 * Brings `database` up to date and returns the names of the files that were applied now. A file is recorded after its
 * last statement, so one that was interrupted runs again: statements are written with IF NOT EXISTS.
 * @throws Error when ClickHouse refuses a statement, or when a file that was applied has been changed since.
 */
export async function migrate(target: MigrationTarget): Promise<string[]> {
  const { database } = target;
  if (!/^\w+$/.test(database)) {
    throw new Error(`database name ${JSON.stringify(database)}: expected letters, digits and underscores`);
  }
  const run = (statement: string) => query(target, statement);
  await run(`CREATE DATABASE IF NOT EXISTS ${database}`);
  await run(
    `CREATE TABLE IF NOT EXISTS ${database}.schema_migrations
     (name String, sha256 String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
     ENGINE = ReplacingMergeTree ORDER BY name`,
  );
  const applied = new Map<string, string>();
  for (const line of (await run(`SELECT name, sha256 FROM ${database}.schema_migrations`)).split('\n')) {
    const [name, sha256] = line.split('\t');
    if (name && sha256) applied.set(name, sha256);
  }
  const now: string[] = [];
  for (const { name, text } of migrationFiles()) {
    const sha256 = createHash('sha256').update(text).digest('hex');
    const before = applied.get(name);
    if (before === sha256) continue;
    if (before !== undefined) {
      throw new Error(`migration ${name} was changed after ${database} had it: put it back and add a new file instead`);
    }
    for (const statement of statements(text.replaceAll('{database}', database))) await run(statement);
    await run(`INSERT INTO ${database}.schema_migrations (name, sha256) VALUES ('${name}', '${sha256}')`);
    now.push(name);
  }
  return now;
}

/** The statements of a file: a statement ends with a semicolon at the end of a line. */
export function statements(text: string): string[] {
  return text
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/^--.*$/gm, '').trim() !== '');
}

function migrationFiles(): { name: string; text: string }[] {
  const names = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => ({ name, text: readFileSync(join(MIGRATIONS, name), 'utf8') }));
}

async function query(target: MigrationTarget, statement: string): Promise<string> {
  const user = target.user ? { 'x-clickhouse-user': target.user } : {};
  const password = target.password ? { 'x-clickhouse-key': target.password } : {};
  const response = await fetch(target.url, { method: 'POST', body: statement, headers: { ...user, ...password } });
  const text = await response.text();
  if (!response.ok) throw new Error(`ClickHouse refused ${JSON.stringify(statement.slice(0, 120))}: ${text.trim()}`);
  return text;
}
