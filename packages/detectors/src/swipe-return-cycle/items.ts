// Which items a settlement is of, as a short text that is equal where they are: the same bought again soon is a correction.
import { digest } from '@yunjian/contracts';
import type { Bills, Note } from '../bills.ts';

/** Digests are remembered of so many texts: most settlements are of a few items that are often sold. */
const REMEMBERED = 4096;

export function itemsNoteOf(bills: Bills): Note<string> {
  const digests = new Map<string, string>();
  return bills.note('items', (lines) => {
    if (lines.length === 0) return null;
    const first = lines[0]?.item ?? '';
    const text = lines.every(({ item }) => item === first)
      ? first
      : [...new Set(lines.map(({ item }) => item))].sort().join(' ');
    let known = digests.get(text);
    if (known === undefined) {
      if (digests.size >= REMEMBERED) digests.clear();
      known = digest(text, 11);
      digests.set(text, known);
    }
    return known;
  });
}
