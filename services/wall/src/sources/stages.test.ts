import { describe, expect, it } from 'vitest';
import { StageWatch } from './stages.ts';

describe('StageWatch', () => {
  it('tells up to when everything in the lane was done, by the slowest partition', () => {
    const watch = new StageWatch();
    expect(watch.observe(1000, [10, 20], [10, 19])).toBe(null);
    expect(watch.observe(4000, [13, 23], [12, 20])).toBe(1000);
    expect(watch.observe(7000, [16, 26], [13, 25])).toBe(4000);
    expect(watch.observe(10_000, [19, 29], [19, 29])).toBe(10_000);
  });

  it('stands still for a stage that works and is far behind, until it has caught up', () => {
    const watch = new StageWatch();
    expect(watch.observe(0, [1000], [1000])).toBe(0);
    for (let n = 1; n < 100; n++) expect(watch.observe(n * 3000, [1000 + n * 100], [1000 + n])).toBe(0);
    expect(watch.observe(300_000, [11_000], [10_900])).toBe(297_000);
  });

  it('is as of now where nothing waits, also in a partition where nothing was ever written; and never where nothing was done', () => {
    const watch = new StageWatch();
    expect(watch.observe(0, [0, 0], [null, null])).toBe(null);
    expect(watch.observe(0, [0, 0], [])).toBe(null);
    expect(watch.observe(1000, [0, 5], [null, 5])).toBe(1000);
    expect(watch.observe(4000, [1, 5], [null, 5])).toBe(1000);
  });
});
