// Personal data leaves the raw topics only as keyed hashes or masks: the pseudonym of a person, and the masking of unknown fields.
import { createHmac, createSecretKey } from 'node:crypto';
import { hidingOf } from './personal-fields.ts';

const PSEUDONYM_LENGTH = 22;
const CACHE_SIZE = 200_000;

/** An object, or an array that may hold one. */
const ENCODED = /^\s*[{[][\s\S]*\}/;

export interface Pseudonymiser {
  /** 22 characters of base64url(HMAC-SHA256(key, psn_no)). */
  person(psnNo: string): string;
  /** A copy of unknown fields, names sorted, in which personal ones, at any depth, are hashed or masked. */
  mask(extra: Record<string, unknown>): Record<string, unknown>;
  /** A value of any shape, likewise; itself where nothing in it is personal. */
  maskWithin(value: unknown): unknown;
}

/** @param key secret of the installation; the same key gives the same pseudonyms for ever. */
export function createPseudonymiser(key: string): Pseudonymiser {
  const cache = new Map<string, string>();
  const secret = createSecretKey(key, 'utf8');
  const person = (psnNo: string): string => {
    const known = cache.get(psnNo);
    if (known !== undefined) return known;
    const made = createHmac('sha256', secret).update(psnNo).digest('base64url').slice(0, PSEUDONYM_LENGTH);
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(psnNo, made);
    return made;
  };
  /** Values that were hashed or masked so far. */
  let hidden = 0;
  /** @param around field or type of event that the field stands in */
  const maskValue = (name: string, value: unknown, around: string): unknown => {
    if (value === null || value === undefined) return value;
    const hiding = hidingOf(name, around);
    if (hiding === 'hash' || hiding === 'mask' || (hiding === 'maskText' && typeof value === 'string')) {
      hidden++;
      if (hiding === 'hash') return person(typeof value === 'string' ? value : JSON.stringify(value));
      return typeof value === 'string' ? maskName(value) : '**';
    }
    if (Array.isArray(value)) return value.map((item) => maskValue(name, item, around));
    if (typeof value === 'string') return maskEncoded(name, value, around);
    return typeof value === 'object' ? maskFields(value as Record<string, unknown>, name) : value;
  };
  /** National interfaces nest JSON as text (`exp_content`): personal fields in it are as clear as any. */
  const maskEncoded = (name: string, text: string, around: string): string => {
    if (!ENCODED.test(text)) return text;
    const before = hidden;
    try {
      const masked = maskValue(name, JSON.parse(text), around);
      return hidden === before ? text : JSON.stringify(masked);
    } catch (error) {
      return error instanceof SyntaxError ? text : '**';
    }
  };
  const maskFields = (fields: Record<string, unknown>, around: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => [name, maskValue(name, value, around)]),
    );
  return {
    person,
    mask: (extra) => maskFields(extra, typeof extra.event_type === 'string' ? extra.event_type : ''),
    maskWithin: (value) => {
      const before = hidden;
      const masked = maskValue('', value, '');
      return hidden === before ? value : masked;
    },
  };
}

function maskName(name: string): string {
  const [first = ''] = name;
  return `${first}**`;
}
