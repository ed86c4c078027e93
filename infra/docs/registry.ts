// The registry of detectors as source text, from the folders of packages/detectors: a new detector is a new folder and nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const REGISTRY = 'packages/detectors/src/index.ts';
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'packages/detectors/src');

/** @throws Error naming the folder whose index.ts defines no detector */
export function registrySource(): string {
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const isLedgerRule = (id: string) => {
    const kind = /^export const detector = define(Windowed|Spoken|LedgerRule)\(/m.exec(
      readFileSync(join(folder, id, 'index.ts'), 'utf8'),
    )?.[1];
    if (kind === undefined)
      throw new Error(
        `packages/detectors/src/${id}/index.ts exports no detector, expected "export const detector = defineWindowed(…", defineSpoken or defineLedgerRule`,
      );
    return kind === 'LedgerRule';
  };
  const rules = ids.filter(isLedgerRule);
  return [
    '// The registry of detectors, written from the folders beside it by `npm run docs`; do not edit.',
    ...ids.map((id) => `import { detector as ${camel(id)} } from './${id}/index.ts';`),
    '',
    ...list(
      'detectors',
      ids.filter((id) => !rules.includes(id)),
    ),
    '',
    '/** Rules of the ledger. */',
    ...list('ledgerRules', rules),
    '',
    '/** Whoever tells of a box counts its sales as the rules do. */',
    "export { allSales, isNet, type Sale } from './code-sales.ts';",
    '',
  ].join('\n');
}

/** As the formatter would lay it out, which breaks lines over 120 characters. */
function list(name: string, ids: readonly string[]): string[] {
  const short = `export const ${name} = [${ids.map(camel).join(', ')}] as const;`;
  if (short.length <= 120) return [short];
  return [`export const ${name} = [`, ...ids.map((id) => `  ${camel(id)},`), '] as const;'];
}

function camel(id: string): string {
  return id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
