// A document's identity and content as words: digests as they come in a lane, any other text digested first.
import { digest } from '@yunjian/contracts';

const SIX_BITS = new Uint8Array(128);
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].entries())
  SIX_BITS[character.charCodeAt(0)] = value;

/** 128 of the 132 bits of an identity's 22 characters, into the first four words. */
export function readIdentity(document: string, words: Uint32Array): void {
  const text = document.length === 22 ? document : digest(document);
  readFirst64(text, words, 0);
  words[2] =
    ((six(text, 10) & 3) << 30) |
    (six(text, 11) << 24) |
    (six(text, 12) << 18) |
    (six(text, 13) << 12) |
    (six(text, 14) << 6) |
    six(text, 15);
  words[3] =
    (six(text, 16) << 26) |
    (six(text, 17) << 20) |
    (six(text, 18) << 14) |
    (six(text, 19) << 8) |
    (six(text, 20) << 2) |
    (six(text, 21) >> 4);
}

/** 64 of the 66 bits of a content's 11 characters, into the fifth and sixth word. */
export function readContent(content: string, words: Uint32Array): void {
  readFirst64(content.length === 11 ? content : digest(content, 11), words, 4);
}

function readFirst64(text: string, words: Uint32Array, into: number): void {
  words[into] =
    (six(text, 0) << 26) |
    (six(text, 1) << 20) |
    (six(text, 2) << 14) |
    (six(text, 3) << 8) |
    (six(text, 4) << 2) |
    (six(text, 5) >> 4);
  words[into + 1] =
    ((six(text, 5) & 15) << 28) |
    (six(text, 6) << 22) |
    (six(text, 7) << 16) |
    (six(text, 8) << 10) |
    (six(text, 9) << 4) |
    (six(text, 10) >> 2);
}

function six(text: string, i: number): number {
  return SIX_BITS[text.charCodeAt(i) & 127] as number;
}
