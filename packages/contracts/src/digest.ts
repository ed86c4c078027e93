// Short content digests: identities of documents and alerts.
import { hash } from 'node:crypto';

/** `length` characters (6 bits each, at most 27) of the base64url SHA-1 of a text. An identity, not a protection. */
export function digest(text: string, length = 22): string {
  return hash('sha1', text, 'base64url').slice(0, length);
}
