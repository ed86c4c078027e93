// What the notifier takes for an alert.
import { describe, expect, test } from 'vitest';
import { alertOf, NoAlert } from './alert.ts';
import { messageOf } from './message.ts';
import { NOON, version } from './testing/alerts.ts';

const record = (value: unknown) => ({ value: Buffer.from(JSON.stringify(value)), timestamp: NOON });
const alert = version('a', 2, 'raise');

describe('a record of the alert log', () => {
  test('is an alert by id, version, level and state, whatever else a later release has changed', () => {
    const { alert_id, level, state } = alert;
    const read = alertOf(
      record({ alert_id, version: 2, level, state: { ...state, muted: true }, transition: 'reopen' }),
    );
    expect(read).toMatchObject({ alert_id: 'a', version: 2, level: 2, grid: [], fixmedins_code: null });
    expect(messageOf({ kind: 'raised', alert: read }, 'https://w.example').text).toContain(
      'Time: 2026-11-23 12:00 (Beijing time)',
    );
    const reopened = {
      ...alert,
      transition: { action: 'reopen', by: 'system', reason: '' },
      facts: 'none',
      evidence: 1,
    };
    expect(alertOf(record(reopened))).toMatchObject({ title: alert.title, transition: { action: 'reopen' } });
  });

  test.each([
    [null, /^record: /],
    [{ ...alert, alert_id: 7 }, /^alert_id: /],
    [{ ...alert, version: 0 }, /^version: /],
    [{ ...alert, level: 5 }, /^level: /],
    [{ ...alert, state: { raised: true } }, /^state\.acked: /],
  ])('%# is none: the field is named, not what stands in it', (value, expected) => {
    expect(() => alertOf(record(value))).toThrow(NoAlert);
    expect(() => alertOf(record(value))).toThrow(expected);
  });

  test('without a value, or without JSON, is none', () => {
    expect(() => alertOf({ value: null, timestamp: NOON })).toThrow(NoAlert);
    expect(() => alertOf({ value: Buffer.from('{"alert_id":'), timestamp: NOON })).toThrow('record: expected JSON');
  });
});
