// A device's life, against a plain reading of its rule over random records in random order of arrival.
import { ColdPart, type Heartbeat } from '@yunjian/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDevices } from './devices.ts';
import { KeyedState } from './state.ts';

const book = () => createDevices(new KeyedState());
const beat = (eventTime: number, arrival = eventTime): Heartbeat => ({
  kind: 'heartbeat',
  device: 'd',
  eventTime,
  arrival,
  institution: 'P',
  document: '',
  content: '',
  origin: { feed: 'surveillance', partition: 0, offset: 0, index: 0 },
  cold: ColdPart.of({ eventId: '', source: '' }),
});
const seconds = fc.integer({ min: 0, max: 600 }).map((s) => s * 1000);

describe('liveness', () => {
  test('is what a scan over all records says, in whatever order they arrived', () => {
    fc.assert(
      fc.property(fc.array(seconds, { minLength: 1, maxLength: 40 }), seconds, seconds, (times, a, b) => {
        const devices = book();
        // All arrive after everything happened, so that no clock seems to run ahead.
        for (const [i, time] of times.entries()) devices.take(beat(time, 600_000 + i));
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const sorted = [...times].sort((x, y) => x - y);
        const before = sorted.filter((t) => t <= start).at(-1);
        const after = sorted.find((t) => t >= end);
        const between =
          before === undefined || after === undefined ? [] : sorted.filter((t) => t >= before && t <= after);
        const alive =
          before !== undefined &&
          after !== undefined &&
          between.every((t, i) => i === 0 || t - (between[i - 1] as number) <= 60_000);
        expect(devices.liveness('d', start, end).alive).toBe(alive);
      }),
      { numRuns: 400 },
    );
  });

  test('a device that never spoke is not alive, and says so', () => {
    expect(book().liveness('d', 0, 1)).toMatchObject({ alive: false, cause: 'never-seen' });
  });

  test('what lies more than 48 h behind is forgotten, what lasts is not', () => {
    const devices = book();
    const hour = 3_600_000;
    devices.take(beat(0));
    devices.take({ ...beat(1000), kind: 'cameraStatus', status: 'offline' });
    for (let t = 50 * hour; t < 60 * hour; t += 30_000) devices.take(beat(t));
    devices.prune(105 * hour);
    expect(devices.liveness('d', 58 * hour, 59 * hour)).toMatchObject({ alive: false, cause: 'offline' });
  });
});
