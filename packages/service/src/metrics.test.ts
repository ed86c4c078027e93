import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { createProgress } from './progress.ts';

test('names carry the prefix, labels the service; rows describe what was declared', async () => {
  const metrics = createMetrics('probe');
  metrics.counter('records_total', 'Records that were read.', ['lane']).inc({ lane: 'person' }, 3);
  expect(await metrics.registry.metrics()).toContain('yunjian_records_total{lane="person",service="probe"} 3');
  expect(metrics.rows()).toEqual([
    { name: 'yunjian_records_total', type: 'counter', help: 'Records that were read.', labels: ['lane'] },
  ]);
});

test('a help text that is no sentence and a counter without _total are refused', () => {
  const metrics = createMetrics('probe');
  expect(() => metrics.gauge('lag', 'the lag')).toThrow('must be a full sentence, got "the lag"');
  expect(() => metrics.counter('records', 'Records.')).toThrow('must end in _total');
});

test('progress: never-ran, moving and idle without work; stuck when work waits and nothing moves, also when nothing ever moved', () => {
  let now = 0;
  const progress = createProgress(createMetrics('probe'), () => now);
  const after = (ms: number) => {
    now += ms;
    return progress.state();
  };
  expect(after(60_000)).toBe('never-ran');
  progress.lag(5);
  expect(after(29_000)).toBe('never-ran');
  expect(after(2_000)).toBe('stuck');
  progress.moved(5);
  expect(after(1_000)).toBe('moving');
  progress.lag(0);
  expect(after(60_000)).toBe('idle');
  progress.lag(1);
  expect(after(29_000)).toBe('idle');
  progress.lag(2);
  expect(after(2_000)).toBe('stuck');
  progress.moved(0);
  expect(after(0)).toBe('stuck');
  progress.lag(0);
  expect(after(0)).toBe('idle');
});
