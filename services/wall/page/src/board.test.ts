import { describe, expect, it } from 'vitest';
import { Board, type Choice, listed, stateOf } from './board.ts';
import { collapse, namedIn } from './history.ts';
import type { Alert, Step } from './wire.ts';

const everything: Choice = {
  tab: 'active',
  level: null,
  district: null,
  grid: null,
  detector: null,
  institution: null,
  search: '',
};

function alert(id: string, over: Partial<Alert> = {}): Alert {
  return {
    alert_id: id,
    version: 1,
    detector: 'd',
    rule_version: 'r',
    level: 2,
    state: { raised: true, acked: false, shelved: false, disposed: false },
    fixmedins_code: 'P32110200001',
    grid: ['镇江市', '京口区', '大市口街道', '网格01'],
    subject: { kind: 'settlement', ref: `S${id}` },
    window: { start: '', end: '' },
    event_time: `2026-11-23T12:00:0${id.length}+08:00`,
    detected_at: '',
    updated_at: '2026-11-23T12:00:00+08:00',
    amount: null,
    title: { zh: '未核验', en: 'Not checked' },
    facts: {},
    evidence: [],
    transition: { action: 'raise', by: 'system', reason: '' },
    ...over,
  };
}

const ids = (alerts: Alert[]) => alerts.map((a) => a.alert_id);

describe('listed', () => {
  it('puts the gravest first, then the newest, and what stands under another right after it', () => {
    const alerts = [
      alert('old'),
      alert('newest'),
      alert('child', { facts: { under: 'grave' } }),
      alert('grave', { level: 1 }),
      alert('orphan', { facts: { under: 'gone' }, level: 3 }),
    ];
    expect(ids(listed(alerts, everything))).toEqual(['grave', 'child', 'newest', 'old', 'orphan']);
  });

  it('joins what is chosen by and', () => {
    const alerts = [
      alert('a', { state: { raised: true, acked: true, shelved: false, disposed: false } }),
      alert('b', { level: 1 }),
      alert('c', { grid: ['镇江市', '丹阳市'], detector: 'e' }),
    ];
    const chosen = (choice: Partial<Choice>) => ids(listed(alerts, { ...everything, ...choice }));
    expect(chosen({ tab: 'open' })).toEqual(['b', 'c']);
    expect(chosen({ tab: 'acked' })).toEqual(['a']);
    expect(chosen({ level: 1, district: '京口区' })).toEqual(['b']);
    expect(chosen({ grid: '镇江市/丹阳市' })).toEqual(['c']);
    expect(chosen({ detector: 'e' })).toEqual(['c']);
    expect(chosen({ search: '丹阳 not' })).toEqual(['c']);
    expect(chosen({ search: 'nothing' })).toEqual([]);
  });
});

describe('Board', () => {
  it('keeps what is on the board and what happened, and tells it once for many changes', () => {
    const scheduled: (() => void)[] = [];
    const board = new Board((run) => scheduled.push(run));
    let told = 0;
    board.listen(() => told++);
    board.replace([alert('a')]);
    board.apply([
      { op: 'put', alert: alert('b') },
      { op: 'del', alert_id: 'a' },
      { op: 'del', alert_id: 'never-there' },
    ]);
    expect(scheduled).toHaveLength(1);
    scheduled[0]?.();
    expect(told).toBe(1);
    expect([...board.alerts.keys()]).toEqual(['b']);
    expect(board.happenings.map(({ action, alert: of }) => [action, of.alert_id])).toEqual([
      ['closed', 'a'],
      ['raise', 'b'],
      ['raise', 'a'],
    ]);
  });

  it('tells no news of figures that moved, and remembers who came to the first level while it watched', () => {
    const board = new Board(() => {});
    const evidence = [{ kind: 'settlement', ref: 'S1' }];
    const amended = (over: Partial<Alert>) =>
      alert('a', { transition: { action: 'amend', by: 'system', reason: '' }, ...over });
    const put = (of: Alert) => board.apply([{ op: 'put', alert: of }]);
    board.replace([alert('a'), alert('old', { level: 1 }), alert('b', { transition: amended({}).transition })]);
    expect(board.happenings.map(({ alert: of }) => of.alert_id).sort()).toEqual(['a', 'old']);
    expect(board.gravest).toBe(null);

    put(amended({ version: 2, amount: '7.00' }));
    expect(board.happenings).toHaveLength(2);
    expect(board.alerts.get('a')?.amount).toBe('7.00');
    put(amended({ version: 3, evidence }));
    expect(board.happenings).toHaveLength(3);
    put(amended({ version: 4, evidence, level: 1 }));
    expect([board.happenings.length, board.gravest?.alert.alert_id]).toEqual([4, 'a']);
    put(alert('acked', { level: 1, state: { raised: true, acked: true, shelved: false, disposed: false } }));
    put(alert('mild', { level: 2 }));
    expect(board.gravest?.alert.alert_id).toBe('a');
  });

  it('takes what a later picture brings at the first level as one piece of news, the newest', () => {
    const board = new Board(() => {});
    const grave = (id: string, minute: number) =>
      alert(id, { level: 1, updated_at: `2026-11-23T12:0${minute}:00+08:00` });
    board.replace([grave('a', 1), alert('b')]);
    expect(board.gravest).toBe(null);
    board.replace([grave('a', 9), alert('b')]);
    expect(board.gravest).toBe(null);
    board.replace([grave('a', 9), grave('b', 2), grave('c', 3)]);
    expect(board.gravest?.alert.alert_id).toBe('c');
  });

  it('learns an outcome only when it is newer than what it has', () => {
    const board = new Board(() => {});
    board.replace([alert('a', { version: 3 })]);
    board.learn(alert('a', { version: 2, level: 1 }));
    expect(board.alerts.get('a')?.level).toBe(2);
    board.learn(alert('a', { version: 4, level: 1 }));
    expect(board.alerts.get('a')?.level).toBe(1);
    board.learn(alert('z'));
    expect(board.alerts.has('z')).toBe(false);
  });
});

describe('stateOf', () => {
  it('tells the one word for the flags', () => {
    const of = (state: Partial<Alert['state']>) =>
      stateOf(alert('a', { state: { raised: true, acked: false, shelved: false, disposed: false, ...state } }));
    expect([of({}), of({ acked: true }), of({ acked: true, shelved: true })]).toEqual(['open', 'acked', 'shelved']);
    expect([of({ raised: false, acked: true }), of({ raised: false, disposed: true })]).toEqual([
      'withdrawn',
      'disposed',
    ]);
  });
});

describe('collapse', () => {
  it('shows a run of amendments as one line', () => {
    const step = (version: number, action: string) => ({ version, transition: { action, by: '', reason: '' } }) as Step;
    const steps = [step(1, 'raise'), step(2, 'amend'), step(3, 'amend'), step(4, 'ack'), step(5, 'amend')];
    expect(collapse(steps).map((line) => [line.step.version, line.amendments])).toEqual([
      [1, 0],
      [3, 2],
      [4, 0],
      [5, 1],
    ]);
  });
});

describe('what an order named', () => {
  const step = (action: string) =>
    ({
      transition: { action, by: '王芳', reason: '' },
      assignee: '李雷',
      disposal: 'unfounded',
      shelved_until: '2026-11-24T12:00:00+08:00',
    }) as Step;
  it.each([
    ['assign', '李雷'],
    ['shelve', '2026-11-24 12:00:00'],
    ['dispose', '不属实'],
    ['ack', null],
  ])('%s', (action, named) => {
    expect(namedIn(step(action), { unfounded: '不属实' })).toBe(named);
  });

  it('is told as it came where it has no name here', () => {
    expect(namedIn(step('dispose'), {})).toBe('unfounded');
  });
});
