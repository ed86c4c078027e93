// What `npm run bulletin` was asked for.
import { resolve } from 'node:path';
import type { Quarter } from '@yunjian/contracts';
import { readArguments } from '../local/arguments.ts';
import { Refusal } from '../local/refusal.ts';

export interface BulletinOptions {
  quarter: Quarter;
  /** Folder for the files, made where it is missing. */
  out: string;
  /** Folder with reminder.md and summons.md. */
  templates: string;
  /** Null: as the running stack says. */
  clickhouse: string | null;
  namespace: string | null;
  /** Folder of the stack, where its stack.json is. */
  data: string;
}

const TEMPLATES = resolve(import.meta.dirname, '../../packages/bulletin/templates');

export const HELP = `npm run bulletin -- --year Y --quarter Q [--out DIR] [--templates DIR] [--data DIR] [--clickhouse URL] [--namespace NAME]

  Issues the bulletin of a quarter from the archive: a page to print, CSV, XLSX, and a letter for each institution more than 10 %
  or 20 % ahead of schedule. Figures that have changed since the last time become the next revision; the same again issues nothing
  and writes the files once more. Of a quarter under way the figures are as of today, and its final bulletin is another revision.
  Letters are made of reminder.md and summons.md in --templates (default: packages/bulletin/templates).

  --data DIR         the running stack whose DIR/stack.json is read, default .data
  --clickhouse URL   instead of the stack's
  --namespace NAME   the archive's database, instead of the stack's
`;

/** @throws Refusal naming the option that is wrong */
export function readBulletinOptions(args: string[], env: NodeJS.ProcessEnv): BulletinOptions | undefined {
  const { values } = readArguments('npm run bulletin --', {
    args,
    options: {
      year: { type: 'string' },
      quarter: { type: 'string' },
      out: { type: 'string' },
      templates: { type: 'string' },
      clickhouse: { type: 'string' },
      namespace: { type: 'string' },
      data: { type: 'string', default: '.data' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return undefined;
  const year = number('--year', values.year, 2000, 2100);
  const quarter = number('--quarter', values.quarter, 1, 4) as Quarter['quarter'];
  const from = (folder: string) => resolve(env.INIT_CWD ?? '.', folder);
  return {
    quarter: { year, quarter },
    out: from(values.out ?? `bulletin-${year}Q${quarter}`),
    templates: values.templates === undefined ? TEMPLATES : from(values.templates),
    clickhouse: values.clickhouse ?? env.CLICKHOUSE_URL ?? null,
    namespace: values.namespace ?? null,
    data: from(values.data),
  };
}

function number(option: string, text: string | undefined, least: number, most: number): number {
  const value = Number(text);
  if (text !== undefined && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Refusal(`${option} is ${text ?? 'missing'}: expected a whole number from ${least} to ${most}`);
}
