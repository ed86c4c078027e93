// The registry and the generated pages are those that the code would write now.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pages } from './pages.ts';
import { REGISTRY, registrySource } from './registry.ts';

const root = join(import.meta.dirname, '../..');

test('the registry holds the detectors that have a folder; npm run docs writes it anew', () => {
  expect(readFileSync(join(root, REGISTRY), 'utf8')).toBe(registrySource());
});

test('docs/generated is fresh; npm run docs writes it anew', async () => {
  for (const [name, text] of await pages())
    expect(readFileSync(join(root, 'docs/generated', name), 'utf8'), name).toBe(text);
});
