// Responses put together from bytes cut anywhere.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frames } from './frames.ts';

const framed = (body: Uint8Array): Buffer => {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length, 0);
  frame.set(body, 4);
  return frame;
};

test('come out whole and in order, however the bytes were cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1, maxLength: 20 }),
      (bodies, cuts) => {
        const frames = bodies.map(framed);
        const bytes = Buffer.concat(frames);
        const taken: Buffer[] = [];
        const read = Buffer.alloc(17);
        const reader = new Frames((frame) => taken.push(frame));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = bytes.copy(read, 0, at, at + (cuts[i % cuts.length] as number));
          reader.add(read.subarray(0, length));
          // The reader's buffer is used again: nothing taken may lie in it.
          read.fill(0xff);
          at += length;
        }
        expect(taken).toEqual(frames);
      },
    ),
  );
});

test('a size that no response has is refused', () => {
  const reader = new Frames(() => {});
  expect(() => reader.add(Buffer.from('HTTP/1.1 400 Bad Request'))).toThrow(/^expected a response of at most /);
});
