// The metrics page, from the places in the sources where metrics are made.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');
const MADE = /\.(counter|gauge|histogram)\(\s*'([a-z_]+)',\s*(?:'([^']+)'|"([^"]+)")\s*(?:,\s*\[([^\]]*)\])?/g;

interface Row {
  name: string;
  type: string;
  help: string;
  labels: string;
  where: string;
}

export function metricsPage(): string {
  const rows = globSync(['services/*/src/**/*.ts', 'packages/service/src/**/*.ts'], { cwd: REPOSITORY })
    .filter((file) => !file.includes('.test.') && !file.includes('node_modules'))
    .flatMap(metricsOf)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '# Metrics',
    '',
    'Generated from the sources; do not edit. Every service serves them at `GET /metrics`, with the label `service`, beside the usual process metrics.',
    '',
    '| metric | type | labels | meaning | made in |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ name, type, labels, help, where }) => `| \`${name}\` | ${type} | ${labels || '–'} | ${help} | ${where} |`,
    ),
    '',
  ].join('\n');
}

function metricsOf(file: string): Row[] {
  const text = readFileSync(join(REPOSITORY, file), 'utf8');
  const where = file.split(/[\\/]/).slice(0, 2).join('/');
  return [...text.matchAll(MADE)].map(([, type = '', name = '', single, double, labels = '']) => ({
    name: `yunjian_${name}`,
    type,
    help: single ?? double ?? '',
    labels: [...labels.matchAll(/'([^']+)'/g)].map(([, label]) => `\`${label}\``).join(', '),
    where,
  }));
}
