// What a till asks about: a settlement that is not made yet has no id, and is no event yet.
import { randomUUID } from 'node:crypto';

/**
 * Fills in what only a made settlement has: `setl_id`, `event_id`, `event_type`, `event_time` (now) and `source`. Bytes that are no JSON
 * object come back as they are, to be refused as such.
 * @param now ms
 */
export function askedOf(bytes: Buffer, now: number): Buffer {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return bytes;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bytes;
  const given = value as Record<string, unknown>;
  const id = randomUUID();
  const missing = Object.entries({
    setl_id: id,
    event_id: id,
    event_type: 'settlement',
    event_time: new Date(now).toISOString(),
    source: 'review',
  }).filter(([field]) => given[field] === undefined || given[field] === null || given[field] === '');
  return missing.length === 0 ? bytes : Buffer.from(JSON.stringify({ ...given, ...Object.fromEntries(missing) }));
}
