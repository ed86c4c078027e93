// Process: writes the registry of detectors and the generated pages of docs/generated; with --check it only says which are stale, and
// fails.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REGISTRY, registrySource } from './registry.ts';

const check = process.argv.includes('--check');
const stale: string[] = [];
// The registry first: the pages are read from it.
keep(REGISTRY, registrySource());
const { pages } = await import('./pages.ts');
for (const [name, text] of await pages()) keep(`docs/generated/${name}`, text);
if (stale.length > 0) {
  process.stderr.write(`stale: ${stale.join(', ')}; npm run docs writes them anew\n`);
  process.exit(1);
}

function keep(name: string, text: string): void {
  const file = join(import.meta.dirname, '../..', name);
  if (current(file) === text) return;
  if (check) stale.push(name);
  else writeFileSync(file, text);
}

function current(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
