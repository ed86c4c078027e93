// The registry holds every folder of detectors under its own id, and whatever speaks for another is registered with it.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { detectors, ledgerRules } from './index.ts';

test('every folder is registered under its own name, and nothing else is', () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect([...detectors, ...ledgerRules].map(({ id }) => id).sort()).toEqual(folders.sort());
});

test('who is spoken for names who speaks, and the other way round', () => {
  const spoken = detectors.flatMap((d) => (d.kind === 'spoken' ? [`${d.spokenBy} for ${d.id}`] : []));
  const speaking = detectors.flatMap((d) => (d.alsoSpeaksFor ?? []).map((id) => `${d.id} for ${id}`));
  expect(spoken.sort()).toEqual(speaking.sort());
});
