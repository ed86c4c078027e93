// The generated pages are those that the code would write now.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pages } from './pages.ts';

test('docs/generated is fresh; npm run docs writes it anew', async () => {
  for (const [name, text] of await pages())
    expect(readFileSync(join(import.meta.dirname, '../../docs/generated', name), 'utf8'), name).toBe(text);
});
