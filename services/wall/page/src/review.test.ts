import { expect, test } from 'vitest';
import { begin, follow, type Review } from './review.ts';
import type { Alert } from './wire.ts';

const alert = (version: number, over: Partial<Alert> = {}) =>
  ({
    alert_id: 'a',
    version,
    level: 2,
    state: { raised: true, acked: false, shelved: false, disposed: false },
    evidence: [],
    transition: { action: 'amend', by: 'system', reason: '' },
    ...over,
  }) as unknown as Alert;
const after = (...versions: Alert[]): Review => versions.reduce(follow, begin(alert(1)));
const told = ({ latest, steps, looked }: Review) => [latest.version, steps.map(({ version }) => version), looked];

test('what could change a mind is looked at once more, also when figures move after it', () => {
  const comment = { transition: { action: 'comment', by: '王芳', reason: '' } };
  expect(told(after(alert(2)))).toEqual([2, [], true]);
  expect(told(after(alert(2, comment), alert(3)))).toEqual([3, [2], false]);
  expect(told(after(alert(2, { assignee: '王芳' })))).toEqual([2, [2], false]);
  expect(told(after(alert(2, { level: 1 }), alert(1)))).toEqual([2, [2], false]);
  const looked = { ...after(alert(2, comment)), looked: true };
  expect(told(follow(looked, alert(3)))).toEqual([3, [2], true]);
  expect(told(follow(looked, alert(3, comment)))).toEqual([3, [2, 3], false]);
});
