import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { createProgress } from './progress.ts';

function processor() {
  const metrics = createMetrics('probe');
  let now = 1_000;
  const progress = createProgress(metrics, () => now);
  return {
    progress,
    passes: (seconds: number) => {
      now += seconds * 1000;
    },
    stateMetric: async () =>
      /progress_state\{state="([a-z-]+)",service="probe"\} 1/.exec(await metrics.registry.metrics())?.[1],
  };
}

test('never ran: nothing has come, nothing waits, however long', () => {
  const { progress, passes } = processor();
  expect(progress.state()).toBe('never-ran');
  passes(3600);
  progress.lag(0);
  expect(progress.state()).toBe('never-ran');
});

test('idle: it has run, and nothing waits', () => {
  const { progress, passes } = processor();
  progress.moved(5);
  progress.lag(0);
  expect(progress.state()).toBe('moving');
  passes(31);
  progress.lag(0);
  expect(progress.state()).toBe('idle');
});

test('stuck: work waits and nothing moves, also where nothing ever has', async () => {
  const { progress, passes, stateMetric } = processor();
  progress.lag(1);
  passes(31);
  progress.lag(500);
  expect(progress.state()).toBe('stuck');
  expect(await stateMetric()).toBe('stuck');
  progress.moved(1);
  expect(await stateMetric()).toBe('moving');
});

test('work that has only just come after a long rest is not stuck', () => {
  const { progress, passes } = processor();
  progress.moved(1);
  progress.lag(0);
  passes(3600);
  progress.lag(10);
  passes(20);
  progress.lag(12);
  expect(progress.state()).toBe('idle');
  passes(11);
  expect(progress.state()).toBe('stuck');
});

test('behind and working is moving, however long it takes', () => {
  const { progress, passes } = processor();
  for (let i = 0; i < 100; i++) {
    progress.lag(1_000_000);
    progress.moved(1);
    passes(20);
  }
  expect(progress.state()).toBe('moving');
});
