// One string for equal strings that come again and again: every decoded record brings its own copy of its institution and device, and a
// map that is asked with a fresh copy has to find the known one first.

/** A power of two, several times as many as a city has institutions and devices. */
const PLACES = 65_536;
/** Codes of one kind differ at their end. */
const CHARACTERS = 8;

/** Bounded: what takes another's place only costs a copy. */
const known: string[] = new Array<string>(PLACES).fill('');

/** The string that was met first of those that equal `text`, as far as it is remembered. */
export function same(text: string): string {
  let hash = text.length;
  for (let i = Math.max(0, text.length - CHARACTERS); i < text.length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x9e3779b1);
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
  const first = known[place] as string;
  if (first === text) return first;
  known[place] = text;
  return text;
}
