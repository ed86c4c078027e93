// Process: writes the generated pages of docs/generated; with --check it only says which are stale, and fails.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './pages.ts';

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [name, text] of await pages()) {
  const file = join(import.meta.dirname, '../../docs/generated', name);
  if (check && current(file) !== text) stale.push(name);
  if (!check) writeFileSync(file, text);
}
if (stale.length > 0) {
  process.stderr.write(
    `stale: ${stale.map((name) => `docs/generated/${name}`).join(', ')}; npm run docs writes them anew\n`,
  );
  process.exit(1);
}

function current(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
