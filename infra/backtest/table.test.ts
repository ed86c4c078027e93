// A result as people read it: columns under their heads, and of the difference the first alerts by their ids.
import { expect, test } from 'vitest';
import { backtestTable } from './table.ts';

const sample = (n: number) => ({
  alert_id: `large-amount:${n}`,
  institution: n === 1 ? 'P32110000001' : null,
  subject: `settlement S${n}`,
  event_time: `2026-11-20T10:0${n}:00+08:00`,
  level: 2,
  title: '大额结算',
});

test('a detector a line, what was gained and lost below', () => {
  const text = backtestTable({
    'large-amount': {
      today: { raised: 12, stands: 10, withdrawn: 2 },
      proposed: { raised: 109, stands: 109, withdrawn: 0 },
      gained: 100,
      lost: 1,
      same: 9,
      relevelled: 3,
      examples: { gained: [sample(1), sample(2)], lost: [sample(3)] },
    },
    'trace-repeated': {
      today: { raised: 0, stands: 0, withdrawn: 0 },
      proposed: { raised: 0, stands: 0, withdrawn: 0 },
      gained: 0,
      lost: 0,
      same: 0,
      relevelled: 0,
      examples: { gained: [], lost: [] },
    },
  });
  expect(text).toBe(
    [
      'detector                    today  proposed  gained  lost  same  other level',
      'large-amount    10 (+2 withdrawn)       109     100     1     9            3',
      'trace-repeated                  0         0       0     0     0            0',
      '',
      'large-amount: gained 100, the first 2',
      '  large-amount:1  2026-11-20T10:01:00+08:00  P32110000001  level 2  settlement S1  大额结算',
      '  large-amount:2  2026-11-20T10:02:00+08:00  -  level 2  settlement S2  大额结算',
      '',
      'large-amount: lost 1',
      '  large-amount:3  2026-11-20T10:03:00+08:00  -  level 2  settlement S3  大额结算',
      '',
    ].join('\n'),
  );
});
