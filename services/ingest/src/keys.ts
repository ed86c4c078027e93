// API keys of the HTTP door: who sends, and for which institutions.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './env.ts';

export interface Sender {
  name: string;
  /** Whether it may send events of this institution or authority. */
  covers(institution: string): boolean;
}

/** @returns the sender of an Authorization header, or null; takes the same time whichever key it was. */
export function createKeyring(keys: readonly ApiKey[]): (authorization: string | undefined) => Sender | null {
  const ring = keys.map(({ key, name, institutions }) => {
    const scope = institutions === '*' ? null : new Set(institutions);
    return { digest: digestOf(key), sender: { name, covers: (code: string) => scope === null || scope.has(code) } };
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
