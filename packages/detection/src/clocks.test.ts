// A feed's clock is the slowest of its raw partitions, never goes back, and is unknown until each has been marked. Timers follow it.
import type { Mark } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { FeedClocks } from './clocks.ts';
import { KeyedState } from './state.ts';
import { Timers } from './timers.ts';

const mark = (...entries: [Mark['entries'][number]['feed'], number, number, (number | null)?][]): Mark => ({
  kind: 'mark',
  entries: entries.map(([feed, partition, arrival, lastEvent = null]) => ({
    feed,
    partition,
    next: 0,
    arrival,
    lastEvent,
  })),
  partitions: { settlement: 2, surveillance: 1, trace: 1, reference: 1 },
});
const clocks = (state = new KeyedState()) => {
  const made = new FeedClocks((name) => state.table(name));
  made.restore();
  return made;
};

describe('clocks', () => {
  test('unknown until every raw partition has been marked, then the slowest', () => {
    const c = clocks();
    c.apply(mark(['settlement', 0, 100]));
    expect(c.at('settlement')).toBe(Number.NEGATIVE_INFINITY);
    c.apply(mark(['settlement', 1, 80], ['surveillance', 0, 90]));
    expect([c.at('settlement'), c.at('observed')]).toEqual([80, 80]);
    c.apply(mark(['settlement', 1, 200]));
    expect([c.at('settlement'), c.at('observed')]).toEqual([100, 90]);
  });

  test('a mark that is behind, a zombie’s, moves nothing back, nor does one without a last event', () => {
    const c = clocks();
    c.apply(mark(['surveillance', 0, 100, 95]));
    c.apply(mark(['surveillance', 0, 50]));
    expect([c.at('surveillance'), c.lastEvent('surveillance')]).toEqual([100, 95]);
  });

  test('are part of the state', () => {
    const state = new KeyedState();
    clocks(state).apply(mark(['surveillance', 0, 100, 95]));
    expect(clocks(state).at('surveillance')).toBe(100);
  });
});

describe('timers', () => {
  test('fire once their clock is above them, in order of instant and id; the last arming counts', () => {
    const c = clocks();
    const timers = new Timers();
    timers.arm('b', 'surveillance', 10);
    timers.arm('a', 'surveillance', 10);
    timers.arm('moved', 'surveillance', 5);
    timers.arm('moved', 'surveillance', 20);
    timers.arm('gone', 'surveillance', 1);
    timers.cancel('gone');
    c.apply(mark(['surveillance', 0, 10]));
    expect(timers.takeDue(c)).toEqual([]);
    c.apply(mark(['surveillance', 0, 11]));
    expect(timers.takeDue(c)).toEqual(['a', 'b']);
    c.apply(mark(['surveillance', 0, 21]));
    expect(timers.takeDue(c)).toEqual(['moved']);
    expect(timers.size).toBe(0);
  });
});
