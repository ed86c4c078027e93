// What the topics with clear personal data are kept for.
import { expect, test } from 'vitest';
import { topicNames, topicRegistry } from './topics.ts';

const HOUR_MS = 3_600_000;
const names = topicNames('yj');
const ofRaw = (replay: boolean) =>
  topicRegistry({ namespace: 'yj', rawPartitions: 1, lanePartitions: 1, replay }).filter(
    ({ name }) => name === names.rejected || name.startsWith('yj.raw.'),
  );

test('clear personal data is over after 72 hours, and its segments close soon enough for that', () => {
  expect(ofRaw(false)).toHaveLength(5);
  for (const { config } of ofRaw(false)) {
    expect(Number(config['retention.ms'])).toBe(72 * HOUR_MS);
    expect(Number(config['segment.ms'])).toBeLessThanOrEqual(6 * HOUR_MS);
  }
});

test('a replay keeps what it reads, and makes no file for every hour of years', () => {
  for (const { config } of ofRaw(true)) {
    expect(config['retention.ms']).toBe('-1');
    expect(config).not.toHaveProperty('segment.ms');
  }
});
