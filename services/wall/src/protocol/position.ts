// Positions as clients see them: opaque texts. Whoever stands at a whole one holds what the log said there, whichever gateway brought him.
import { randomBytes } from 'node:crypto';

/** A position that a client may come back with. */
export interface Standing {
  /** Everything whose newest version lies below this offset of the log has been sent. */
  next: number;
  /** Offset as of which those versions were the newest: a gateway that has read less cannot go on from here. */
  asOf: number;
}

/** Where everything below an offset is held. */
export const wholePosition = (next: number): string => String(next);

/**
 * Between two frames of one step: what has a newer version further on is still to come, so nobody else's picture is this one, and no other
 * position reads like it.
 */
export const partPosition = ({ next, asOf }: Standing): string =>
  `${next}~${asOf}~${randomBytes(6).toString('base64url')}`;

/** Null where the text is no position. */
export function readPosition(text: string): Standing | null {
  const found = /^(\d{1,15})(?:~(\d{1,15})~[\w-]{8})?$/.exec(text);
  if (found === null) return null;
  const next = Number(found[1]);
  return { next, asOf: found[2] === undefined ? next : Number(found[2]) };
}
