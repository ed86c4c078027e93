// Refused records as rows: what they were refused for, and what came as far as personal data in it can be hidden.
import { createHash } from 'node:crypto';
import type { Pseudonymiser, RejectedRecord } from '@yunjian/contracts';
import { row, type TableRow } from './table-row.ts';
import { REJECTED } from './tables.ts';

/** A refused record; what came is kept only as far as known personal fields can be hashed or masked in it. */
export function rejectedRow(rejected: RejectedRecord, position: number, pseudonymiser: Pseudonymiser): TableRow {
  const bytes = Buffer.from(rejected.bytes, 'base64');
  return row(REJECTED, [
    position,
    rejected.origin?.topic ?? null,
    rejected.origin?.partition ?? null,
    rejected.origin?.offset ?? null,
    rejected.reason,
    JSON.stringify(rejected.issues),
    maskedEvent(bytes, pseudonymiser),
    bytes.length,
    createHash('sha256').update(bytes).digest('hex'),
    Date.parse(rejected.arrived_at),
  ]);
}

/** The event as JSON with personal fields hashed or masked; empty when it is no JSON object, since then nothing can be masked in it. */
function maskedEvent(bytes: Buffer, pseudonymiser: Pseudonymiser): string {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
    return JSON.stringify(pseudonymiser.mask(value as Record<string, unknown>));
  } catch {
    return '';
  }
}
