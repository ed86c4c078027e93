// What is filled in of a settlement about to be made, and what is left as it came.
import { expect, test } from 'vitest';
import { askedOf } from './asked.ts';

const NOW = Date.parse('2026-11-23T10:00:00+08:00');
const filled = (value: unknown) => JSON.parse(askedOf(Buffer.from(JSON.stringify(value)), NOW).toString('utf8'));

test('what only a made settlement has is filled in, each time under another id', () => {
  const till = { fixmedins_code: 'P32110000001', psn_no: 'x', setl_id: '', event_id: null };
  expect(filled(till)).toEqual({
    ...till,
    setl_id: expect.stringMatching(/^.{36}$/),
    event_id: expect.stringMatching(/^.{36}$/),
    event_type: 'settlement',
    event_time: '2026-11-23T02:00:00.000Z',
    source: 'review',
  });
  expect(filled(till).setl_id).not.toBe(filled(till).setl_id);
});

test('what is given stays, byte by byte where nothing is missing', () => {
  const whole = { setl_id: 'S1', event_id: 'e', event_type: 'trace', event_time: 'never', source: 's' };
  const bytes = Buffer.from(JSON.stringify(whole, null, 2));
  expect(askedOf(bytes, NOW)).toBe(bytes);
  expect(filled({ ...whole, setl_id: undefined })).toMatchObject({ event_id: 'e', event_type: 'trace' });
});

test.each(['{', '[]', 'null', '1', ''])('%j is no settlement and is left to be refused', (text) => {
  const bytes = Buffer.from(text);
  expect(askedOf(bytes, NOW)).toBe(bytes);
});
