// Process: writes the registry of detectors and the generated pages of docs/generated; with --check it only says which are stale, and
// fails.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, readArguments } from '../local/arguments.ts';
import { REGISTRY, registrySource } from './registry.ts';

const HELP = `npm run docs -- [--check]

  Writes the registry of detectors and the pages of docs/generated. --check only says which are stale, and ends with code 1 if any is.
`;

process.exitCode = await codeOf(async () => {
  const { values } = readArguments('npm run docs --', {
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const stale: string[] = [];
  const keep = (name: string, text: string) => {
    const file = join(import.meta.dirname, '../..', name);
    if (current(file) === text) return;
    if (values.check) stale.push(name);
    else writeFileSync(file, text);
  };
  // The registry first: the pages are read from it.
  keep(REGISTRY, registrySource());
  const { pages } = await import('./pages.ts');
  for (const [name, text] of await pages()) keep(`docs/generated/${name}`, text);
  if (stale.length === 0) return 0;
  process.stderr.write(`stale: ${stale.join(', ')}; npm run docs writes them anew\n`);
  return 1;
});

function current(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
