// What outlives the process: how far life has been told, and the truth so far.
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Truth } from './life/truth.ts';

const told = z.object({
  seed: z.number(),
  rate: z.number(),
  /** Start of the life that is being told, ms. */
  lifeFrom: z.number(),
  /** Everything that arrives up to here was acknowledged, ms. */
  toldUntil: z.number(),
});
export type Told = z.output<typeof told>;

/** @returns null where nothing was told yet. @throws Error for a file that is no such state */
export function readTold(path: string): Told | null {
  if (!existsSync(path)) return null;
  const result = told.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!result.success) throw new Error(`${path} is not a simulator's state: remove it, then life is told anew`);
  return result.data;
}

export function writeTold(path: string, state: Told): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}

/** Appends truths to a file, each once, across restarts. */
export class TruthFile {
  readonly #path: string;
  readonly #known = new Set<string>();

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').split('\n')) if (line.endsWith('}')) this.#known.add(line);
  }

  /** @returns those that were new */
  append(truths: readonly Truth[]): Truth[] {
    const fresh = truths.filter((truth) => {
      const line = JSON.stringify(truth);
      return !this.#known.has(line) && this.#known.add(line);
    });
    if (fresh.length > 0) appendFileSync(this.#path, fresh.map((truth) => `${JSON.stringify(truth)}\n`).join(''));
    return fresh;
  }
}
