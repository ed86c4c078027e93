// One string for equal strings that come again and again: every decoded record brings its own copy of its institution and device, and a
// map that is asked with a fresh copy has to find the known one first.

/** A power of two, several times as many as a city has institutions and devices. */
const PLACES = 65_536;
/** Codes of one kind differ at their end. */
const CHARACTERS = 8;
const QUOTE = 34;

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

/** As `same`, of the JSON value in bytes from `start` to before `end`: a plain text in quotes, or null. */
export function sameText(bytes: Buffer, start: number, end: number): string | null {
  if (bytes[start] !== QUOTE) return null;
  const [from, to] = [start + 1, end - 1];
  let hash = to - from;
  for (let i = Math.max(from, to - CHARACTERS); i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x9e3779b1);
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
  const first = known[place] as string;
  if (isText(bytes, from, to, first)) return first;
  const text = bytes.toString('latin1', from, to);
  known[place] = text;
  return text;
}

function isText(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (text.length !== to - from) return false;
  for (let i = from; i < to; i++) if (bytes[i] !== text.charCodeAt(i - from)) return false;
  return true;
}
