// A socket to the broker that hands over whole responses: bytes are read into one buffer that is used again and again, and each response is
// put together in a buffer of its own. The library's own way makes a buffer of 64 KiB for each read and another for the whole, which is
// twice the bytes for the garbage collector to count, and a mark of all that lives whenever they add up to 64 MiB.
// Layout: https://kafka.apache.org/documentation/#protocol_common (a response: its size in four bytes, then as many bytes)
import { connect, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

/** What a read takes at most. */
const READ_BYTES = 256 * 1024;
const SIZE_BYTES = 4;
const KEEP_ALIVE_MS = 60_000;
/** A response larger than this is refused: no fetch of ours asks for as much. */
const LARGEST = 512 * 1024 * 1024;

/** Puts bytes together to frames: four bytes of size, and as many bytes. A frame is handed over with its size, in a buffer of its own. */
export class Frames {
  readonly #take: (frame: Buffer) => void;
  readonly #size = Buffer.alloc(SIZE_BYTES);
  #sized = 0;
  #frame: Buffer | null = null;
  #filled = 0;

  constructor(take: (frame: Buffer) => void) {
    this.#take = take;
  }

  /** @throws Error on a size that no response has: what speaks there is no broker */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#frame === null) {
        while (this.#sized < SIZE_BYTES && at < bytes.length) this.#size[this.#sized++] = bytes[at++] as number;
        if (this.#sized < SIZE_BYTES) return;
        this.#begin();
      }
      const frame = this.#frame as unknown as Buffer;
      const part = Math.min(frame.length - this.#filled, bytes.length - at);
      frame.set(bytes.subarray(at, at + part), this.#filled);
      this.#filled += part;
      at += part;
      if (this.#filled < frame.length) return;
      this.#frame = null;
      this.#sized = 0;
      this.#take(frame);
    }
  }

  #begin(): void {
    const size = this.#size.readInt32BE(0);
    if (size < 0 || size > LARGEST)
      throw new Error(`expected a response of at most ${LARGEST} bytes, got size ${size}`);
    this.#frame = Buffer.allocUnsafe(SIZE_BYTES + size);
    this.#size.copy(this.#frame, 0);
    this.#filled = SIZE_BYTES;
  }
}

/** For the library: it listens to `data`, which comes once for each response here. Without TLS, as everything in this package. */
export const framedSocket: ISocketFactory = ({ host, port, onConnect }): Socket => {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const frames = new Frames((frame) => socket.emit('data', frame));
  const socket = connect({
    host,
    port,
    onread: {
      buffer,
      callback: (length) => {
        try {
          frames.add(buffer.subarray(0, length));
        } catch (error) {
          socket.destroy(error as Error);
        }
        return true;
      },
    },
  });
  socket.once('connect', onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
};
