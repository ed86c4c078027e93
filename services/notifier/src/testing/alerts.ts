// Versions of alerts for tests.
import { type AlertRecord, isoShanghai } from '@yunjian/contracts';

/** A Monday, 12:00 in Beijing. */
export const NOON = Date.parse('2026-11-23T12:00:00+08:00');

export interface Sketch
  extends Partial<
    Pick<AlertRecord, 'detector' | 'level' | 'grid' | 'fixmedins_code' | 'facts' | 'title' | 'escalation'>
  > {
  state?: Partial<AlertRecord['state']>;
}

export function version(
  id: string,
  number: number,
  action: AlertRecord['transition']['action'],
  { state, ...given }: Sketch = {},
): AlertRecord {
  const at = isoShanghai(NOON);
  return {
    alert_id: id,
    version: number,
    detector: 'identity-check-missing',
    rule_version: 'r1',
    level: 2,
    state: { raised: action !== 'withdraw', acked: action === 'ack', shelved: false, disposed: false, ...state },
    fixmedins_code: 'P32110200001',
    grid: ['镇江市', '京口区', '大市口街道', '网格01'],
    subject: { kind: 'person', ref: 'pseudonym-of-somebody' },
    window: { start: at, end: at },
    event_time: at,
    detected_at: at,
    updated_at: at,
    amount: '120.50',
    title: { zh: '未核验身份结算', en: 'Settled without an identity check' },
    facts: { psn_name: '张三' },
    evidence: [{ kind: 'settlement', ref: 'S1' }],
    transition: { action, by: 'system', reason: 'test' },
    ...given,
  };
}
