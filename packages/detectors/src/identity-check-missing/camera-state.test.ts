// What verification-unavailable tells of a camera is the same whatever arrived first.
import { Timeline } from '@yunjian/detection';
import { expect, test } from 'vitest';
import { detector as unavailable } from '../verification-unavailable/index.ts';
import { detector as missing } from './index.ts';

const darkShop = () => new Timeline([missing, unavailable]).at('08:00:00', 'institution');
const shop = () => darkShop().beats('09:00:00', '11:00:00');

test.each([
  ['the end of an outage', () => shop().at('09:31:00', 'cameraStatus'), '10:20:00', 'cameraStatus', 'online'],
  [
    'what fills a gap behind the deadline',
    () => darkShop().beats('09:00:00', '10:01:40').beats('10:02:50', '10:10:00').at('09:31:00', 'cameraStatus'),
    '10:02:10',
    'heartbeat',
    null,
  ],
  ['a first check behind the window', darkShop, '10:20:00', 'identityCheck', null],
  ['an earlier beginning', () => darkShop().beats('10:20:00', '10:30:00'), '10:15:00', 'heartbeat', null],
  ['a later end before the window', () => darkShop().beats('09:00:00', '09:10:00'), '09:20:00', 'heartbeat', null],
] as const)('%s is in the state that is told, known before or afterwards', (_name, story, time, kind, status) => {
  const told = (late: number) =>
    story()
      .at('10:00:00', 'settlement', { settlementId: 'S1' }, 2000)
      .at(time, kind, { eventId: 'it', ...(status === null ? {} : { status }) }, late)
      .standing('11:30:00')
      .map(({ facts }) => facts.camera_state);
  expect(told(4000)).toEqual(told(1));
});
