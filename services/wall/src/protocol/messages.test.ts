// What the gateway sends is what the contract's schemas describe.
import { wallServerMessage } from '@yunjian/contracts';
import { expect, it } from 'vitest';
import { alertOf } from '../testing/alerts.ts';
import { delOp, deltaTail, encode, encodeDelta, encodeSnapshotPart, putOp, type ServerMessage } from './messages.ts';

const alert = JSON.stringify(alertOf({ id: 'a' }));
const source = { name: 'trace', state: 'never' as const, last_event_at: null, clock_at: '2026-11-23T10:00:00+08:00' };
const standing = {
  server_time: '2026-11-23T02:00:00.000Z',
  sources: [source],
  gateway: { state: 'live' as const, behind: 0, current_at: null },
};
const small: Exclude<ServerMessage, { t: 'snap' } | { t: 'delta' }>[] = [
  { t: 'welcome', session: 's', ping_ms: 2000, operator: 'o', ...standing },
  { t: 'ping', ...standing },
  { t: 'reset', id: 'm', reason: 'position_unknown' },
  { t: 'ack', id: 'm' },
  { t: 'ack', id: 'c', idem: 'i', alert: null },
  { t: 'err', id: null, code: 'not_greeted', message: 'expected hello', temporary: false },
  { t: 'bye', code: 4501, reconnect_after_ms: null },
];
const frames: [string, Buffer][] = [
  ...small.map((message): [string, Buffer] => [message.t, encode(message)]),
  ['snap', encodeSnapshotPart({ id: 'm', part: 0, last: true, epoch: 'e', to: '7' }, [alert, alert])],
  ['delta', encodeDelta('m', '7', deltaTail('e', '9', [putOp(alert), delOp('b')], false))],
  ['delta', encodeDelta('m', '7', deltaTail('e', '8~9~AAAAAAAA', [putOp(alert)], true))],
];

it.each(frames)('%s', (t, frame) => {
  const value: unknown = JSON.parse(frame.toString());
  const parsed = wallServerMessage.safeParse(value);
  expect(parsed.error?.issues ?? []).toEqual([]);
  expect(parsed.data).toEqual(value);
  expect(parsed.data?.t).toBe(t);
});
