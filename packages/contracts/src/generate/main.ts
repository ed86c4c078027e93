// Process: writes the contract documents below docs/generated/contracts; with --check it writes nothing and ends with code 1 when they are stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documents, staleDocuments } from './documents.ts';

const TARGET = join(import.meta.dirname, '../../../../docs/generated/contracts');

if (process.argv.includes('--check')) {
  const stale = staleDocuments(TARGET, (path) => readFileSync(path, 'utf8'));
  for (const name of stale)
    process.stdout.write(`${name} is stale: run node packages/contracts/src/generate/main.ts\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [name, text] of documents()) {
    const path = join(TARGET, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  process.stdout.write(`${documents().size} documents written\n`);
}
