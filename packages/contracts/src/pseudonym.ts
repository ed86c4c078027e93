// Personal data leaves the raw topics only as keyed hashes or masks: the pseudonym of a person, and the masking of unknown fields.
import { createHmac, createSecretKey } from 'node:crypto';

const PSEUDONYM_LENGTH = 22;
const CACHE_SIZE = 200_000;

/** Fields that identify a person: replaced by a keyed hash (domain: privacy; PIPL art. 28). Letters and digits alone, in lower case. */
const HASHED = new Set([
  'psnno',
  'certno',
  'mdtrtcertno',
  'psncertno',
  'cardsn',
  'cardno',
  'idno',
  'idcard',
  'idnumber',
  'tel',
  'telno',
  'mobile',
  'phone',
  'agntercertno',
  'agntertel',
  'faceid',
  'openid',
]);
/** Names, addresses and days of birth: the first character stays, the rest is masked (张**). */
const MASKED = new Set([
  'psnname',
  'opername',
  'optername',
  'agntername',
  'patnname',
  'nameofperson',
  'agentname',
  'addr',
  'address',
  'liveaddr',
  'brdy',
  'birthday',
  'birthdate',
]);

const NO_LETTER_OR_DIGIT = /[^a-z0-9]/g;
/** An object, or an array that may hold one. */
const ENCODED = /^\s*[{[][\s\S]*\}/;

export interface Pseudonymiser {
  /** 22 characters of base64url(HMAC-SHA256(key, psn_no)). */
  person(psnNo: string): string;
  /** A copy of unknown fields, names sorted, in which personal ones, at any depth, are hashed or masked. */
  mask(extra: Record<string, unknown>): Record<string, unknown>;
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
  const maskValue = (name: string, value: unknown): unknown => {
    if (value === null || value === undefined) return value;
    const field = name.toLowerCase().replace(NO_LETTER_OR_DIGIT, '');
    if (HASHED.has(field) || MASKED.has(field)) {
      hidden++;
      if (HASHED.has(field)) return person(typeof value === 'string' ? value : JSON.stringify(value));
      return typeof value === 'string' ? maskName(value) : '**';
    }
    if (Array.isArray(value)) return value.map((item) => maskValue('', item));
    if (typeof value === 'string') return maskEncoded(value);
    return typeof value === 'object' ? mask(value as Record<string, unknown>) : value;
  };
  /** National interfaces nest JSON as text (`exp_content`): personal fields in it are as clear as any. */
  const maskEncoded = (text: string): string => {
    if (!ENCODED.test(text)) return text;
    const before = hidden;
    try {
      const masked = maskValue('', JSON.parse(text));
      return hidden === before ? text : JSON.stringify(masked);
    } catch (error) {
      return error instanceof SyntaxError ? text : '**';
    }
  };
  const mask = (extra: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(extra)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => [name, maskValue(name, value)]),
    );
  return { person, mask };
}

function maskName(name: string): string {
  const [first = ''] = name;
  return `${first}**`;
}
