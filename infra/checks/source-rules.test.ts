// The rules for sources catch what they are for and leave alone what looks like it.
import { expect, it } from 'vitest';
import { breaches } from './source-rules.ts';

const HEAD = '// What it is for.\n';

it('limits the length of a file, not of a test', () => {
  const long = HEAD + 'a;\n'.repeat(300);
  expect(breaches('services/wall/src/main.ts', long)).toHaveLength(1);
  expect(breaches('services/wall/src/main.test.ts', long)).toEqual([]);
  expect(breaches('services/wall/src/main.ts', HEAD + 'a;\n'.repeat(299))).toEqual([]);
});

it('asks for a first line that says what the file is for', () => {
  expect(breaches('services/wall/src/main.ts', 'export {};\n')).toHaveLength(1);
});

it.each(['Date.now()', 'new Date()', 'performance.now()', 'Math.random()', 'process.env.X', 'setTimeout(f, 1)'])(
  'refuses %s in a pure package and nowhere else',
  (text) => {
    expect(breaches('packages/detection/src/clocks.ts', `${HEAD}const a = ${text};\n`)).toHaveLength(1);
    expect(breaches('packages/kafka/src/group.ts', `${HEAD}const a = ${text};\n`)).toEqual([]);
    expect(breaches('packages/detection/src/clocks.ts', `${HEAD}// not ${text}\nnew Date(at);\n`)).toEqual([]);
  },
);
