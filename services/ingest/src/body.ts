// Reading a request's body: plain or gzip, within a limit, without cutting off the answer to who sends too much.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Refusal } from './refusal.ts';

/** Largest body, unpacked (contract). */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Of a body that is refused as a whole this much is kept in `rejected`. */
const KEPT_BYTES = 64 * 1024;
/** Of a refused body this much more is read away, so that the sender gets to read the answer. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;

/** The sender went away in the middle. */
export class Aborted extends Error {}

export interface Body {
  bytes: Buffer;
  /** False when the body goes on beyond `limit`: `bytes` is its beginning. */
  complete: boolean;
}

/**
 * @param limit bytes; a longer body gives its beginning of at most 64 KiB.
 * @param onBytes told how many more bytes are held.
 * @throws Refusal 400 for a broken gzip stream, 415 for another encoding; Aborted.
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  onBytes: (count: number) => void = () => {},
): Promise<Body> {
  const source = decoded(request);
  try {
    return await collect(request, source, limit, onBytes);
  } finally {
    if (source !== request) {
      request.unpipe(source as unknown as NodeJS.WritableStream);
      source.destroy();
    }
  }
}

function decoded(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return request;
  if (encoding === 'gzip' || encoding === 'x-gzip') return request.pipe(createGunzip());
  throw new Refusal(415, 'expected no Content-Encoding, or gzip');
}

function collect(
  request: IncomingMessage,
  source: Readable,
  limit: number,
  onBytes: (count: number) => void,
): Promise<Body> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (act: () => void): void => {
      source.off('data', take).off('end', end).off('error', fail);
      request.off('close', aborted);
      act();
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      onBytes(chunk.length);
      if (size > limit)
        done(() => resolve({ bytes: Buffer.concat(chunks, size).subarray(0, KEPT_BYTES), complete: false }));
    };
    const end = (): void => done(() => resolve({ bytes: Buffer.concat(chunks, size), complete: true }));
    const fail = (): void =>
      done(() => reject(source === request ? new Aborted() : new Refusal(400, 'expected a whole gzip stream')));
    const aborted = (): void => {
      if (!request.complete) done(() => reject(new Aborted()));
    };
    source.on('data', take).on('end', end).on('error', fail);
    request.on('close', aborted);
  });
}

/** Reads the rest of a refused body away, up to a bound. */
export function drain(request: IncomingMessage): void {
  if (request.complete) return;
  let drained = 0;
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > MAX_DRAINED_BYTES) request.destroy();
  });
  request.on('error', () => {});
  request.resume();
}
