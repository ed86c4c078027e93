// The configuration page, from each service's own schema of its environment.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commonEnv, describeEnv, type EnvRow } from '@yunjian/service';
import { z } from 'zod';
import { SERVICES } from '../local/services.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

export async function configurationPage(): Promise<string> {
  const common = describeEnv(commonEnv);
  const shared = new Set(common.map(({ name }) => name));
  const parts = [
    '# Configuration',
    '',
    'Generated from the services’ schemas; do not edit. Everything is set by environment variables; nothing secret has a default that production accepts.',
    '',
    '## Every service',
    '',
    ...table(common),
  ];
  for (const { name } of SERVICES) {
    const own = describeEnv(await schemaOf(name)).filter((row) => !shared.has(row.name));
    parts.push(`## ${name}`, '', ...table(own));
  }
  return parts.join('\n');
}

/** Every service's env.ts exports one zod object. */
async function schemaOf(service: string): Promise<z.ZodObject> {
  const module = (await import(pathToFileURL(join(REPOSITORY, 'services', service, 'src/env.ts')).href)) as Record<
    string,
    unknown
  >;
  const schema = Object.values(module).find(
    (exported): exported is z.ZodObject => exported instanceof z.ZodObject && 'YJ_PORT' in exported.shape,
  );
  if (schema === undefined) throw new Error(`services/${service}/src/env.ts exports no zod object with YJ_PORT`);
  return schema;
}

function table(rows: EnvRow[]): string[] {
  const shown = ({ secret, default: value }: EnvRow) =>
    secret ? 'a development secret, refused in production' : value === null || value === '' ? '–' : `\`${value}\``;
  return [
    '| variable | default | meaning |',
    '|---|---|---|',
    ...rows.map((row) => `| \`${row.name}\` | ${shown(row)} | ${row.description.replaceAll('|', '\\|')} |`),
    '',
  ];
}
