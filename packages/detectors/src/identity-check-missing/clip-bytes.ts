// Where a check's clip stands in the bytes of its record's cold part, written as nearly every cold part is: copied, it needs no parsing.

const [QUOTE, COMMA, CLOSE, BACKSLASH] = [34, 44, 125, 92];
const BEFORE_SOURCE = Buffer.from('{"eventId":');
const BEFORE_EVIDENCE = Buffer.from(',"source":');
const BEFORE_URI = Buffer.from(',"evidence":{"uri":');
const BEFORE_HASH = Buffer.from(',"sha256":');
const NULL = Buffer.from('null');
/** Behind `,"evidence":` the clip begins with its bracket. */
const URI_KEY = '{"uri":'.length;

/** Of the clip found last: where it begins, and behind its hash. */
export const clipSpan = new Int32Array(2);

/** Fills `clipSpan`, without the clip's last bracket; false where the cold part that begins at `from` is written otherwise, or has no clip. */
export function findClip(record: Buffer, from: number): boolean {
  let at = behind(record, from, BEFORE_SOURCE);
  at = behindValue(record, at);
  at = behind(record, at, BEFORE_EVIDENCE);
  at = behindValue(record, at);
  at = behind(record, at, BEFORE_URI);
  clipSpan[0] = at - URI_KEY;
  at = behindValue(record, at);
  at = behind(record, at, BEFORE_HASH);
  at = behindValue(record, at);
  clipSpan[1] = at;
  return at >= 0 && (record[at] === COMMA || record[at] === CLOSE);
}

/** Behind that text; -1 where it does not stand there. */
function behind(record: Buffer, at: number, text: Buffer): number {
  if (at < 0) return -1;
  for (let i = 0; i < text.length; i++) if (record[at + i] !== text[i]) return -1;
  return at + text.length;
}

/** Behind a text without escapes, or null; -1 where neither stands there. */
function behindValue(record: Buffer, at: number): number {
  if (at < 0 || record[at] !== QUOTE) return behind(record, at, NULL);
  for (let i = at + 1; i < record.length; i++) {
    if (record[i] === BACKSLASH) return -1;
    if (record[i] === QUOTE) return i + 1;
  }
  return -1;
}
