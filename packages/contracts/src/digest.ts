// Short content digests, and the texts that identities are taken of.
import { hash } from 'node:crypto';

/** `length` characters (6 bits each, at most 27) of the base64url SHA-1 of a text. An identity, not a protection. */
export function digest(text: string, length = 22): string {
  return hash('sha1', text, 'base64url').slice(0, length);
}

/**
 * One text of several, no two lists of as many parts alike. With "|" between them, unless one before the last holds one: then with a
 * control character, which no text from outside holds.
 */
export function joined(...parts: string[]): string {
  const separable = parts.slice(0, -1).every((part) => !part.includes('|'));
  return parts.join(separable ? '|' : '\u001f');
}
