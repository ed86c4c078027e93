// Alert records for tests.
import { type AlertRecord, type DetectorId, isoShanghai } from '@yunjian/contracts';
import { type Entry, entryOf } from '../alerts/entry.ts';

export const NOON = Date.parse('2026-11-23T12:00:00+08:00');

export interface Sketch {
  id: string;
  version?: number;
  detector?: DetectorId;
  level?: 1 | 2 | 3 | 4;
  state?: Partial<AlertRecord['state']>;
  institution?: string | null;
  grid?: string[];
  subject?: AlertRecord['subject'];
  eventTime?: number;
  amount?: string | null;
  action?: AlertRecord['transition']['action'];
}

export function alertOf(sketch: Sketch): AlertRecord {
  const at = isoShanghai(sketch.eventTime ?? NOON);
  return {
    alert_id: sketch.id,
    version: sketch.version ?? 1,
    detector: sketch.detector ?? 'identity-check-missing',
    rule_version: 'r1',
    level: sketch.level ?? 2,
    state: { raised: true, acked: false, shelved: false, disposed: false, ...sketch.state },
    fixmedins_code: sketch.institution === undefined ? 'P32110200001' : sketch.institution,
    grid: sketch.grid ?? ['镇江市', '京口区', '大市口街道', '网格01'],
    subject: sketch.subject ?? { kind: 'settlement', ref: `S-${sketch.id}` },
    window: { start: at, end: at },
    event_time: at,
    detected_at: at,
    updated_at: at,
    amount: sketch.amount === undefined ? '120.50' : sketch.amount,
    title: { zh: '未核验身份结算', en: 'Settled without an identity check' },
    facts: {},
    evidence: [],
    transition: { action: sketch.action ?? 'raise', by: 'system', reason: 'test' },
  };
}

export function entryAt(position: number, sketch: Sketch): Entry {
  return entryOf(position, alertOf(sketch));
}
