// Reading a request's body: plain or gzip, within a limit, without cutting off the answer to who sends too much.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { said } from '@yunjian/contracts';
import { Refusal } from './refusal.ts';

/** Largest body, unpacked (contract). */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Of a body over its limit this much is kept in `rejected`; one within it that is refused is kept whole. */
const KEPT_BYTES = 64 * 1024;
/** By so much more than its content a gzip stream may hold: headers, and blocks that are only stored. */
const MAX_PACKING_BYTES = 64 * 1024;
/** Of a refused body this much more is read away, so that the sender gets to read the answer. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;

/** The sender went away in the middle. */
export class Aborted extends Error {}

/** A body that cannot be unpacked, as it came. */
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
 * @param limit bytes, unpacked; a longer body gives its beginning of at most 64 KiB.
 * @param onBytes told how many more bytes are held; a refusal that it throws ends the reading.
 * @throws Unreadable 400 for a broken gzip stream, 415 for another encoding; Aborted.
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  onBytes: (count: number) => void = () => {},
): Promise<Body> {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return received(request, limit, onBytes);
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    const { bytes } = await received(request, limit, onBytes);
    throw new Unreadable(
      415,
      said('Content-Encoding 只能为 gzip 或不填', 'expected no Content-Encoding, or gzip'),
      bytes,
    );
  }
  const packed = await received(request, limit + MAX_PACKING_BYTES, onBytes);
  if (!packed.complete) return packed;
  const unpacking = createGunzip();
  unpacking.end(packed.bytes);
  try {
    return await collect(unpacking, limit, onBytes);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Unreadable(400, said('gzip 数据不完整或已损坏', 'expected a whole gzip stream'), packed.bytes);
  } finally {
    unpacking.destroy();
  }
}

/** The body as it comes. @throws Aborted */
async function received(request: IncomingMessage, limit: number, onBytes: (count: number) => void): Promise<Body> {
  try {
    return await collect(request, limit, onBytes);
  } catch (error) {
    throw error instanceof Refusal ? error : new Aborted();
  }
}

/** Rejects when the source fails or closes before its end, or when `onBytes` throws. */
function collect(source: Readable, limit: number, onBytes: (count: number) => void): Promise<Body> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (act: () => void): void => {
      source.off('data', take).off('end', end).off('error', fail).off('close', closed);
      act();
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      try {
        onBytes(chunk.length);
      } catch (error) {
        done(() => reject(error));
        return;
      }
      if (size > limit)
        done(() => resolve({ bytes: Buffer.concat(chunks, size).subarray(0, KEPT_BYTES), complete: false }));
    };
    const end = (): void => done(() => resolve({ bytes: Buffer.concat(chunks, size), complete: true }));
    const fail = (error: Error): void => done(() => reject(error));
    const closed = (): void => fail(new Error('closed before its end'));
    source.on('data', take).on('end', end).on('error', fail).on('close', closed);
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
