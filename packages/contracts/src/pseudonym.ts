// Personal data leaves the raw topics only as keyed hashes or masks: the pseudonym of a person, and the masking of unknown fields.
import { createHmac } from 'node:crypto';

const PSEUDONYM_LENGTH = 22;
const CACHE_SIZE = 200_000;

/** Fields that identify a person: replaced by a keyed hash (domain: privacy; PIPL art. 28). */
const HASHED = new Set([
  'psn_no',
  'certno',
  'mdtrt_cert_no',
  'psn_cert_no',
  'card_sn',
  'idnumber',
  'id_number',
  'tel',
  'mobile',
  'phone',
  'agnter_certno',
  'agnter_tel',
  'face_id',
  'faceid',
]);
/** Names: the first character stays, the rest is masked (张**). */
const MASKED = new Set([
  'psn_name',
  'opter_name',
  'agnter_name',
  'patn_name',
  'name_of_person',
  'agent_name',
  'addr',
  'address',
  'live_addr',
]);

export interface Pseudonymiser {
  /** 22 characters of base64url(HMAC-SHA256(key, psn_no)). */
  person(psnNo: string): string;
  /** A copy of unknown fields in which personal ones, at any depth, are hashed or masked. */
  mask(extra: Record<string, unknown>): Record<string, unknown>;
}

/** @param key secret of the installation; the same key gives the same pseudonyms for ever. */
export function createPseudonymiser(key: string): Pseudonymiser {
  const cache = new Map<string, string>();
  const person = (psnNo: string): string => {
    const known = cache.get(psnNo);
    if (known !== undefined) return known;
    const made = createHmac('sha256', key).update(psnNo).digest('base64url').slice(0, PSEUDONYM_LENGTH);
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(psnNo, made);
    return made;
  };
  const maskValue = (name: string, value: unknown): unknown => {
    if (value === null || value === undefined) return value;
    const field = name.toLowerCase();
    if (HASHED.has(field)) return person(typeof value === 'string' ? value : JSON.stringify(value));
    if (MASKED.has(field)) return typeof value === 'string' ? maskName(value) : '**';
    if (Array.isArray(value)) return value.map((item) => maskValue('', item));
    return typeof value === 'object' ? mask(value as Record<string, unknown>) : value;
  };
  const mask = (extra: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(extra).map(([name, value]) => [name, maskValue(name, value)]));
  return { person, mask };
}

function maskName(name: string): string {
  const [first = ''] = name;
  return `${first}**`;
}
