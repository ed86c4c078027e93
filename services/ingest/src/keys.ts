// API keys of the HTTP door: who sends, for which institutions, and what.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './env.ts';

export interface Sender {
  name: string;
  /** Whether it may send events of this institution or authority. */
  covers(institution: string): boolean;
  /** Whether it may send events of this type. */
  sends(eventType: string): boolean;
}

/** @returns the sender of an Authorization header, or null; takes the same time whichever key it was. */
export function createKeyring(keys: readonly ApiKey[]): (authorization: string | undefined) => Sender | null {
  const ring = keys.map(({ key, name, institutions, event_types = null }) => {
    const scope = institutions === '*' ? null : new Set(institutions);
    const types = event_types === null ? null : new Set<string>(event_types);
    const sender: Sender = {
      name,
      covers: (code) => scope === null || scope.has(code),
      sends: (type) => types === null || types.has(type),
    };
    return { digest: digestOf(key), sender };
  });
  return (authorization) => {
    const given = digestOf(/^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '');
    let found: Sender | null = null;
    for (const { digest, sender } of ring) if (timingSafeEqual(digest, given)) found ??= sender;
    return found;
  };
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
