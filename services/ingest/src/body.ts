// Reading a request's body: plain or gzip, within a limit, without cutting off the answer to who sends too much.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Refusal } from './refusal.ts';

/** Largest body, unpacked (contract). */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Of a body that is refused as a whole this much is kept in `rejected`. */
export const KEPT_BYTES = 64 * 1024;
/** Of a refused body this much more is read away, so that the sender gets to read the answer. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;

/** The sender went away in the middle. */
export class Aborted extends Error {}

/** A body that cannot be unpacked, with its beginning as it came. */
export class Unreadable extends Refusal {
  readonly bytes: Buffer;

  constructor(status: number, message: string, bytes: Buffer) {
    super(status, message);
    this.bytes = bytes;
  }
}

export interface Body {
  bytes: Buffer;
  /** False when the body goes on beyond `limit`: `bytes` is its beginning. */
  complete: boolean;
}

/**
 * @param limit bytes; a longer body gives its beginning of at most 64 KiB.
 * @param onBytes told how many more bytes are held.
 * @throws Unreadable 400 for a broken gzip stream, 415 for another encoding; Aborted.
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  onBytes: (count: number) => void = () => {},
): Promise<Body> {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return collect(request, request, limit, onBytes);
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    const { bytes } = await collect(request, request, KEPT_BYTES, onBytes);
    throw new Unreadable(415, 'expected no Content-Encoding, or gzip', bytes);
  }
  const beginning = keepBeginning(request);
  const unpacked = request.pipe(createGunzip());
  try {
    return await collect(request, unpacked, limit, onBytes);
  } catch (error) {
    throw error instanceof Aborted ? error : new Unreadable(400, 'expected a whole gzip stream', beginning());
  } finally {
    request.unpipe(unpacked);
    unpacked.destroy();
  }
}

/** @returns what gives the first bytes of the request as they came */
function keepBeginning(request: IncomingMessage): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    if (size < KEPT_BYTES) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, KEPT_BYTES);
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
    const fail = (error: Error): void => done(() => reject(source === request ? new Aborted() : error));
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
