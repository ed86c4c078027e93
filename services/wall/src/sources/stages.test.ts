import { describe, expect, it } from 'vitest';
import { StageWatch } from './stages.ts';

describe('StageWatch', () => {
  it('tells when the slowest partition last moved', () => {
    const watch = new StageWatch();
    expect(watch.observe([10, 20], 1000)).toBe(null);
    expect(watch.observe([11, 20], 2000)).toBe(null);
    expect(watch.observe([11, 21], 3000)).toBe(2000);
    expect(watch.observe([11, 22], 9000)).toBe(2000);
    expect(watch.observe([12, 23], 10_000)).toBe(10_000);
  });

  it('says nothing of a stage with a partition that has never committed, or with none', () => {
    const watch = new StageWatch();
    watch.observe([1, null], 1000);
    expect(watch.observe([2, null], 2000)).toBe(null);
    expect(watch.observe([], 3000)).toBe(null);
  });
});
