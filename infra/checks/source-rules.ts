// Process: rules for sources that no other check knows. Prints each breach and ends with code 1 when there is one.
import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const LONGEST_FILE = 300;
const PURE = /^packages\/(detection|detectors|alerting)\/src\//;
/** What reads the clock, chance or the environment; `new Date(x)` of a given instant does not. */
const IMPURE =
  /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(|\bMath\.random\(|\bprocess\.|\bset(Timeout|Interval)\(/;

/** Breaches of one file, as `path:line: what to do`. */
export function breaches(path: string, text: string): string[] {
  if (/\.test\.tsx?$/.test(path)) return [];
  const lines = text.split('\n');
  const found: string[] = [];
  if (lines.length - 1 > LONGEST_FILE) {
    found.push(`${path}: ${lines.length - 1} lines, at most ${LONGEST_FILE}: split it by what its parts are for`);
  }
  if (!/^\s*(\/\/|\/\*|#!)/.test(text))
    found.push(`${path}:1: starts without a comment that says what the file is for`);
  if (PURE.test(path)) {
    lines.forEach((line, index) => {
      const impure = IMPURE.exec(line.replace(/\/\/.*$|^\s*\*.*$/, ''))?.[0];
      if (impure) found.push(`${path}:${index + 1}: ${impure} in a pure package: take the value from the record`);
    });
  }
  return found;
}

function main(): void {
  const root = join(import.meta.dirname, '../..');
  const files = globSync('{packages,services,infra,test}/**/*.{ts,tsx,mjs}', {
    cwd: root,
    exclude: (path) => /(^|[\\/])(node_modules|dist|\.data|generated)$/.test(String(path)),
  });
  const found = files
    .sort()
    .flatMap((file) => breaches(file.split(sep).join('/'), readFileSync(join(root, file), 'utf8')));
  for (const breach of found) process.stdout.write(`${breach}\n`);
  process.stdout.write(`${files.length} files looked at, ${found.length} breaches\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
