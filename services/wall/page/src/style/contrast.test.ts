// Every text colour can be read on every ground that it stands on: WCAG 2.2, 1.4.3, at least 4.5 to 1; the levels' shapes too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8');
const css = read('base.css');
const colourIn = (text: string, name: string) => text.match(new RegExp(`--${name}: (#[0-9a-f]{6});`))?.[1];
const colour = (name: string) => colourIn(css, name) as string;

/** A colour that is not wholly there, over another one. */
function over(top: string, share: number, ground: string): string {
  const mixed = [1, 3, 5].map((at) => {
    const [a, b] = [top, ground].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number];
    return Math.round(a * share + b * (1 - share))
      .toString(16)
      .padStart(2, '0');
  });
  return `#${mixed.join('')}`;
}

/** Relative luminance of `#rrggbb`. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const TEXTS = ['text', 'soft', 'faint', 'brand', 'ok', 'level-1', 'level-2', 'level-3', 'level-4'];
const GROUNDS = ['ground', 'panel', 'raised'];

test.each(GROUNDS)('texts on %s', (ground) => {
  const weak = TEXTS.filter((text) => contrast(colour(text), colour(ground)) < 4.5);
  expect(weak).toEqual([]);
});

test.each(['brand', 'level-1', 'level-2', 'level-3', 'level-4'])('numbers on %s', (ground) => {
  expect(contrast(colour('on-level'), colour(ground))).toBeGreaterThan(4.5);
});

test('texts and levels on old data', () => {
  const old = read('frame.css').match(/\.old \.tiles,[^}]*}/)?.[0] as string;
  const share = Number(old.match(/opacity: ([\d.]+);/)?.[1]);
  const levels = ['level-1', 'level-2', 'level-3', 'level-4'].map((name) => colourIn(old, name) as string);
  const shown = [...['text', 'soft', 'faint'].map(colour), ...levels].map((each) => over(each, share, colour('panel')));
  expect(shown.map((each) => contrast(each, colour('panel'))).filter((each) => !(each >= 4.5))).toEqual([]);
  const greys = levels.map(luminance);
  expect(greys).toEqual(greys.toSorted((a, b) => b - a));
});
