// Reading in step: nobody runs ahead, nobody waits for ever.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSteps, STEP_MS } from './steps.ts';

const at = (...timestamps: number[]) => timestamps.map((timestamp) => ({ timestamp }));

/** Shows records and reads what is allowed; returns how many. */
function read(steps: ReturnType<typeof createSteps>, key: string, timestamps: number[], atEnd = false): number {
  const records = at(...timestamps);
  const { length } = steps.within(key, records);
  steps.read(key, records, length, atEnd);
  return length;
}

describe('steps', () => {
  it('a partition may be exactly a step ahead of the slowest', () => {
    const steps = createSteps(false, 100);
    read(steps, 'slow', [0]);
    expect(read(steps, 'fast', [50, 100, 101])).toBe(2);
    expect(steps.takeReleased()).toEqual([]);
    read(steps, 'slow', [1]);
    expect(steps.takeReleased()).toEqual(['fast']);
    expect(steps.takeReleased()).toEqual([]);
  });

  it('nobody reads before a partition with a backlog has shown how far behind it is', () => {
    const steps = createSteps(false, 100);
    steps.expect('backlog', true);
    steps.expect('empty', false);
    expect(read(steps, 'fast', [1000])).toBe(0);
    expect(steps.takeReleased()).toEqual([]);
    expect(read(steps, 'backlog', [0])).toBe(1);
    expect(steps.takeReleased()).toEqual([]);
    read(steps, 'backlog', [950]);
    expect(steps.takeReleased()).toEqual(['fast']);
  });

  it('live, a partition read to its end holds nobody back; in a replay it does, to its last record', () => {
    for (const [endHolds, count] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const steps = createSteps(endHolds, 100);
      read(steps, 'ended', [0], true);
      expect(read(steps, 'other', [1000])).toBe(count);
    }
  });

  it('gaps far wider than a step in every partition stop nobody', () => {
    const steps = createSteps(true, 100);
    expect(read(steps, 'a', [0])).toBe(1);
    expect(read(steps, 'b', [0])).toBe(1);
    expect(read(steps, 'a', [10_000])).toBe(0);
    expect(read(steps, 'b', [20_000])).toBe(0);
    expect(steps.takeReleased()).toEqual(['a']);
  });

  it('a partition taken away is waited for no more', () => {
    const steps = createSteps(true, 100);
    read(steps, 'gone', [0]);
    expect(read(steps, 'other', [1000])).toBe(0);
    steps.forget('gone');
    expect(steps.takeReleased()).toEqual(['other']);
  });

  it('is five minutes', () => {
    expect(STEP_MS).toBe(300_000);
  });

  it('reads any backlog to its end, never further ahead than a step and a batch allow', () => {
    const partition = fc.array(fc.nat(2000), { minLength: 1, maxLength: 30 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        fc.array(partition, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 7 }),
        (logs, choices, size) => {
          const steps = createSteps(false, 100);
          const next = logs.map(() => 0);
          const paused = new Set<string>();
          for (const i of logs.keys()) steps.expect(String(i), true);
          const remaining = () => logs.flatMap((log, i) => ((next[i] as number) < log.length ? [i] : []));
          for (let guard = 0; remaining().length > 0; guard++) {
            expect(guard).toBeLessThan(5000);
            const open = remaining().filter((i) => !paused.has(String(i)));
            expect(open.length).toBeGreaterThan(0);
            const i = open[(choices.next().value as number) % open.length] as number;
            const log = logs[i] as number[];
            const shown = log.slice(next[i], (next[i] as number) + size);
            const slowest = Math.min(
              ...remaining()
                .filter((j) => j !== i)
                .map((j) => (logs[j] as number[])[next[j] as number] as number),
            );
            const count = read(steps, String(i), shown, (next[i] as number) + shown.length === log.length);
            for (const timestamp of shown.slice(0, count)) expect(timestamp).toBeLessThanOrEqual(slowest + 100);
            next[i] = (next[i] as number) + count;
            if (count < shown.length) paused.add(String(i));
            for (const key of steps.takeReleased()) paused.delete(key);
          }
        },
      ),
    );
  });
});
